/*
 * The preloaded object: finds out what it was loaded into, and loads the
 * plug-in proper, or says in words why not.
 *
 * It is kept apart because it must load anywhere: whatever QEMU lacks is then
 * reported by dlopen() here, and not by the dynamic linker as a crash.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config-host.h"

#include <dlfcn.h>
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin-name.h"

/* As QEMU's QAPI lays them out, in every version so far. */
typedef struct VersionTriple {
    int64_t major;
    int64_t minor;
    int64_t micro;
} VersionTriple;

typedef struct VersionInfo {
    VersionTriple *qemu;
    char *package;
} VersionInfo;

typedef VersionInfo *QueryVersion(void **errp);

static G_GNUC_PRINTF(1, 2) G_NORETURN void refuse(const char *format, ...)
{
    va_list args;

    fputs("qemu-spdm: this QEMU does not fit the plug-in: ", stderr);
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it was begun */
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

/* Whatever QEMU starts (network scripts, helpers) must not inherit us. */
static void leave_environment(const char *self)
{
    const char *list = g_getenv("LD_PRELOAD");
    g_auto(GStrv) names = g_strsplit_set(list ? list : "", ": ", -1);
    g_autoptr(GString) rest = g_string_new(NULL);

    for (char **name = names; *name; name++) {
        g_autofree char *base = g_path_get_basename(*name);

        if (**name && strcmp(*name, self) && strcmp(base, PRELOAD_NAME)) {
            g_string_append_printf(rest, "%s%s", rest->len ? ":" : "", *name);
        }
    }
    if (rest->len) {
        g_setenv("LD_PRELOAD", rest->str, TRUE);
    } else {
        g_unsetenv("LD_PRELOAD");
    }
}

static void check_version(void)
{
    QueryVersion *query = (QueryVersion *)dlsym(RTLD_DEFAULT,
                                                "qmp_query_version");
    VersionInfo *v;

    if (!query || !dlsym(RTLD_DEFAULT, "register_module_init")) {
        refuse("it exports no symbols (built without --enable-modules, or "
               "not a QEMU system emulator); scripts/build-qemu builds one "
               "with the devices inside");
    }
    v = query(NULL);
    if (v->qemu->major != QEMU_VERSION_MAJOR ||
        v->qemu->minor != QEMU_VERSION_MINOR ||
        v->qemu->micro != QEMU_VERSION_MICRO) {
        refuse("it is version %d.%d.%d %s, and the plug-in was built for "
               "%d.%d.%d; build it anew with scripts/build",
               (int)v->qemu->major, (int)v->qemu->minor, (int)v->qemu->micro,
               v->package ? v->package : "", QEMU_VERSION_MAJOR,
               QEMU_VERSION_MINOR, QEMU_VERSION_MICRO);
    }
    g_free(v->package);
    g_free(v->qemu);
    g_free(v);
}

static __attribute__((constructor)) void preload(void)
{
    g_autofree char *dir = NULL;
    g_autofree char *path = NULL;
    Dl_info self;

    if (!dladdr((void *)preload, &self)) {
        refuse("the preloaded object cannot find itself");
    }
    leave_environment(self.dli_fname);
    check_version();
    dir = g_path_get_dirname(self.dli_fname);
    path = g_build_filename(dir, PLUGIN_NAME, NULL);
    /* cppcheck-suppress leakReturnValNotUsed; it stays loaded */
    if (!dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        refuse("%s", dlerror());
    }
}
