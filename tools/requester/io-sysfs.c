/*
 * A PCI function through its config file in sysfs: where its DOE mailbox is,
 * and what the function is called.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/tool-io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "requester/doe-host.h"

enum {
    EXT_CAP_START = 0x100,
    EXT_CAP_END = 0x1000,
    EXT_CAP_MIN = 8,             /* bytes a capability takes at least */
    EXT_CAP_DSN = 0x03,
    PCI_HEADER_TYPE = 0x0e,
    PCI_CLASS = 0x08,
    PCI_SUBSYSTEM = 0x2c,
    DWORD = 4,
};

#define ALL_ONES 0xffffffffu

typedef struct SysfsIo {
    ToolIo io;
    DoeHost host;
    int fd;
    unsigned doe;                /* offset of the capability */
    char *name;
} SysfsIo;

static bool fail(const SysfsIo *s, GError **errp, const char *why)
{
    g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s", s->name, why);
    return false;
}

static bool read_dword(SysfsIo *s, unsigned at, uint32_t *v, GError **errp)
{
    uint32_t le;

    if (pread(s->fd, &le, DWORD, at) != DWORD) {
        return fail(s, errp, "config space cannot be read (root only, and "
                             "4096 bytes of it are needed)");
    }
    *v = GUINT32_FROM_LE(le);
    return true;
}

/* One system call a register: that is what bounds an exchange. */
static bool read_reg(void *opaque, unsigned reg, uint32_t *value)
{
    SysfsIo *s = opaque;
    uint32_t le;
    bool ok = pread(s->fd, &le, DWORD, s->doe + reg) == DWORD;

    *value = ok ? GUINT32_FROM_LE(le) : 0;
    return ok;
}

static bool write_reg(void *opaque, unsigned reg, uint32_t value)
{
    SysfsIo *s = opaque;
    uint32_t le = GUINT32_TO_LE(value);

    return pwrite(s->fd, &le, DWORD, s->doe + reg) == DWORD;
}

static int64_t now_us(void *opaque)
{
    return g_get_monotonic_time();
}

static void sleep_us(void *opaque, int64_t us)
{
    g_usleep((gulong)us);
}

static bool send_receive(ToolIo *io, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us, GError **errp)
{
    SysfsIo *s = (SysfsIo *)io;

    return doe_host_exchange(&s->host, frame, len, reply, timeout_us, errp);
}

static bool abandon(ToolIo *io, const uint8_t *frame, size_t len,
                    GError **errp)
{
    SysfsIo *s = (SysfsIo *)io;

    return doe_host_abandon(&s->host, frame, len, errp);
}

static void sysfs_free(ToolIo *io)
{
    SysfsIo *s = (SysfsIo *)io;

    if (s->fd >= 0) {
        close(s->fd);
    }
    g_free(s->name);
    g_free(s);
}

/* The nth capability @id; *at is 0 when there is none. */
static bool find_capability(SysfsIo *s, uint16_t id, unsigned nth,
                            unsigned *at, uint32_t *header, GError **errp)
{
    unsigned next = EXT_CAP_START;

    *at = 0;
    for (unsigned i = 0; next >= EXT_CAP_START &&
         i < (EXT_CAP_END - EXT_CAP_START) / EXT_CAP_MIN; i++) {
        if (!read_dword(s, next, header, errp)) {
            return false;
        }
        if (*header == 0 || *header == ALL_ONES) {
            return true;
        }
        if ((*header & 0xffff) == id && nth-- == 0) {
            *at = next;
            return true;
        }
        next = *header >> 20 & ~3u;
    }
    return true;
}

static bool find_mailbox(SysfsIo *s, unsigned instance, GError **errp)
{
    uint32_t header;

    if (!find_capability(s, DOE_CAP_ID, instance, &s->doe, &header, errp)) {
        return false;
    }
    if (!s->doe) {
        return fail(s, errp, instance ? "no such DOE instance"
                    : "no DOE capability");
    }
    s->io.discovery_version = (header >> 16 & 0xf) >= 2 ? 2 : 0;
    return doe_host_abort(&s->host, errp);
}

/* PCIe CMA: what the leaf certificate of this function has to be called. */
static bool read_name(SysfsIo *s, GError **errp)
{
    uint32_t ids, class, type, sub, header, low, high;
    GString *name;
    unsigned dsn;

    if (!read_dword(s, 0, &ids, errp) ||
        !read_dword(s, PCI_CLASS, &class, errp) ||
        !read_dword(s, PCI_HEADER_TYPE & ~3u, &type, errp) ||
        !read_dword(s, PCI_SUBSYSTEM, &sub, errp) ||
        !find_capability(s, EXT_CAP_DSN, 0, &dsn, &header, errp)) {
        return false;
    }
    name = g_string_new(NULL);
    g_string_printf(name, "Vendor=%04x:Device=%04x:CC=%06x:REV=%02x",
                    ids & 0xffff, ids >> 16, class >> 8, class & 0xff);
    if ((type >> 16 & 0x7f) == 0) {
        g_string_append_printf(name, ":SSVID=%04x:SSID=%04x", sub & 0xffff,
                               sub >> 16);
    }
    s->io.cma_name = g_string_free(name, FALSE);
    if (dsn && read_dword(s, dsn + 4, &low, errp) &&
        read_dword(s, dsn + 8, &high, errp)) {
        s->io.cma_name_serial = g_strdup_printf("%s:SN=%08x%08x",
                                                s->io.cma_name, high, low);
    }
    return true;
}

static char *config_path(const char *device)
{
    if (strchr(device, '/')) {
        return g_strdup(device);
    }
    return g_strdup_printf("/sys/bus/pci/devices/%s%s/config",
                           strlen(device) <= strlen("01:00.0") ? "0000:" : "",
                           device);
}

ToolIo *tool_io_sysfs(const char *device, unsigned instance,
                      int64_t timeout_us, GError **errp)
{
    g_autofree char *path = config_path(device);
    SysfsIo *s = g_new0(SysfsIo, 1);
    g_autoptr(ToolIo) io = &s->io;

    s->io = (ToolIo){
        .send_receive = send_receive,
        .abandon = abandon,
        .free = sysfs_free,
        .transport = SPDM_TRANSPORT_PCI_DOE,
    };
    s->name = g_strdup(device);
    s->host = (DoeHost){
        .read = read_reg, .write = write_reg, .now_us = now_us,
        .sleep_us = sleep_us, .opaque = s, .name = s->name,
    };
    s->fd = open(path, O_RDWR | O_CLOEXEC);
    if (s->fd < 0) {
        g_set_error(errp, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    if (!find_mailbox(s, instance, errp) || !read_name(s, errp)) {
        return NULL;
    }
    return g_steal_pointer(&io);
}
