/*
 * The state file: what was provisioned, as bytes on a disk.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"

#include <errno.h>
#include <glib/gstdio.h>

enum { FILE_MODE = 0600 };   /* it may hold private keys */

static bool bad_file(const char *path, const char *what, const char *why,
                     GError **errp)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE,
                "%s: the state file cannot be %s: %s", path, what, why);
    return false;
}

/* Better said at the start than at the first SET_CERTIFICATE. */
static bool check_directory(const char *path, GError **errp)
{
    g_autofree char *dir = g_path_get_dirname(path);

    return g_access(dir, W_OK | X_OK) == 0 ||
           bad_file(path, "made", g_strerror(errno), errp);
}

static bool check_kind(const char *path, const GStatBuf *st, GError **errp)
{
    if (!S_ISREG(st->st_mode)) {
        return bad_file(path, "read", "it is no regular file", errp);
    }
    if (st->st_size > SPDM_IDENTITY_STATE_MAX) {
        return bad_file(path, "read", "it is larger than any state is",
                        errp);
    }
    return true;
}

/* A restart is a reset, too. */
static bool after_restart(SpdmSoftProvider *soft, GError **errp)
{
    bool waits = soft->tags.waiting || soft->staged->len ||
                 soft_staged_slots(soft);

    soft_platform_reset(soft);
    return !waits || soft_state_write(soft, errp);
}

bool soft_state_read(SpdmSoftProvider *soft, GError **errp)
{
    const char *path = soft->state_file;
    g_autoptr(GError) local = NULL;
    g_autofree char *data = NULL;
    GStatBuf st;
    gsize len;
    bool ok;

    if (!path) {
        return true;
    }
    if (!check_directory(path, errp)) {
        return false;
    }
    if (g_stat(path, &st) < 0) {
        return errno == ENOENT ||
               bad_file(path, "read", g_strerror(errno), errp);
    }
    if (!check_kind(path, &st, errp)) {
        return false;
    }
    if (!g_file_get_contents(path, &data, &len, &local)) {
        return bad_file(path, "read", local->message, errp);
    }
    ok = soft_state_load(soft, SPDM_BYTES(data, len), path, errp);
    spdm_wipe(data, len);
    return ok && after_restart(soft, errp);
}

/* A requester may try all day, and a log is a disk too. */
static void tell(SpdmSoftProvider *soft, const GError *err)
{
    if (!soft->state_told && soft->config.trouble) {
        soft->config.trouble(soft->config.opaque, err->message);
    }
    soft->state_told = true;
}

/*
 * GLib writes a new file, syncs it, renames it over the old one and syncs the
 * directory: whenever it is interrupted, the name means one of the two.
 */
static bool write_it(const SpdmSoftProvider *soft, GError **errp)
{
    g_autoptr(GBytes) state = soft_state_save(soft);
    g_autoptr(GError) local = NULL;

    return g_file_set_contents_full(
               soft->state_file, g_bytes_get_data(state, NULL),
               (gssize)g_bytes_get_size(state),
               G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
               FILE_MODE, &local) ||
           bad_file(soft->state_file, "written", local->message, errp);
}

bool soft_state_write(SpdmSoftProvider *soft, GError **errp)
{
    g_autoptr(GError) local = NULL;

    if (!soft->state_file) {
        return true;
    }
    if (write_it(soft, &local)) {
        soft->state_told = false;
        return true;
    }
    if (!errp) {
        tell(soft, local);
    }
    g_propagate_error(errp, g_steal_pointer(&local));
    return false;
}
