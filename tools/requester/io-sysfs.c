/*
 * A DOE host driver in user space: the mailbox registers through a PCI
 * function's config file in sysfs (PCIe 6.30).
 *
 * A dword costs one system call each way: that is what bounds an exchange.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/tool-io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "spdm/doe-mailbox.h"

enum {
    EXT_CAP_START = 0x100,
    EXT_CAP_END = 0x1000,
    EXT_CAP_MIN = 8,             /* bytes a capability takes at least */
    EXT_CAP_DSN = 0x03,
    PCI_HEADER_TYPE = 0x0e,
    PCI_CLASS = 0x08,
    PCI_SUBSYSTEM = 0x2c,
    DWORD = 4,
    OBJECT_HEADER = 8,
    OBJECT_DWORDS_MASK = 0x3ffff,
    SPIN_POLLS = 200,            /* before it sleeps between polls */
    FIRST_SLEEP_US = 20,
    LONGEST_SLEEP_US = 2000,
    ABORT_LIMIT_US = 1000000,    /* PCIe 6.30: an abort takes at most 1 s */
};

#define ALL_ONES 0xffffffffu

typedef struct SysfsIo {
    ToolIo io;
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

static bool write_dword(SysfsIo *s, unsigned at, uint32_t v, GError **errp)
{
    uint32_t le = GUINT32_TO_LE(v);

    return pwrite(s->fd, &le, DWORD, at) == DWORD ||
           fail(s, errp, "config space cannot be written");
}

static bool read_status(SysfsIo *s, uint32_t *status, GError **errp)
{
    if (!read_dword(s, s->doe + DOE_REG_STATUS, status, errp)) {
        return false;
    }
    return *status != ALL_ONES ||
           fail(s, errp, "config space reads all ones: the device is gone");
}

/*
 * Polls until a bit of @want is set (or, @want 0, all of @clear are clear).
 * Ready comes in some 100 us: spin first, then sleep longer and longer.
 */
static bool poll_status(SysfsIo *s, uint32_t want, uint32_t clear,
                        int64_t timeout_us, uint32_t *status, GError **errp)
{
    int64_t deadline = g_get_monotonic_time() + timeout_us;
    gulong sleep_us = FIRST_SLEEP_US;

    for (unsigned polls = 0;; polls++) {
        bool late = g_get_monotonic_time() >= deadline;

        if (!read_status(s, status, errp)) {
            return false;
        }
        if (want ? (*status & want) != 0 : !(*status & clear)) {
            return true;
        }
        if (late) {
            return fail(s, errp, *status & DOE_STATUS_BUSY
                        ? "the DOE mailbox stays Busy"
                        : "no answer in the DOE mailbox");
        }
        if (polls >= SPIN_POLLS) {
            g_usleep(sleep_us);
            sleep_us = MIN(2 * sleep_us, (gulong)LONGEST_SLEEP_US);
        }
    }
}

static bool abort_mailbox(SysfsIo *s, GError **errp)
{
    uint32_t status;

    return write_dword(s, s->doe + DOE_REG_CONTROL, DOE_CONTROL_ABORT,
                       errp) &&
           poll_status(s, 0, DOE_STATUS_BUSY | DOE_STATUS_ERROR |
                       DOE_STATUS_READY, ABORT_LIMIT_US, &status, errp);
}

/* spec: anything left over from somebody else goes by an abort. */
static bool make_idle(SysfsIo *s, GError **errp)
{
    uint32_t status;

    if (!read_status(s, &status, errp)) {
        return false;
    }
    return !(status & (DOE_STATUS_BUSY | DOE_STATUS_ERROR |
                       DOE_STATUS_READY)) || abort_mailbox(s, errp);
}

static bool write_object(SysfsIo *s, const uint8_t *frame, size_t len,
                         GError **errp)
{
    unsigned at = s->doe + DOE_REG_WRITE;

    for (size_t i = 0; i + DWORD <= len; i += DWORD) {
        if (pwrite(s->fd, frame + i, DWORD, at) != DWORD) {
            return fail(s, errp, "config space cannot be written");
        }
    }
    return write_dword(s, s->doe + DOE_REG_CONTROL, DOE_CONTROL_GO, errp);
}

/* Reads the next dword of the answer as it is, and pops it. */
static bool pop(SysfsIo *s, uint8_t *to, GError **errp)
{
    static const uint32_t any;
    unsigned at = s->doe + DOE_REG_READ;

    if (pread(s->fd, to, DWORD, at) != DWORD ||
        pwrite(s->fd, &any, DWORD, at) != DWORD) {
        return fail(s, errp, "config space cannot be accessed");
    }
    return true;
}

/* Ready has to hold up to the last dword (else what was read is not data). */
static bool still_ready(SysfsIo *s, GError **errp)
{
    uint32_t status;

    if (!read_status(s, &status, errp)) {
        return false;
    }
    if (status & DOE_STATUS_ERROR) {
        return fail(s, errp, "the DOE mailbox reports an Error");
    }
    return (status & DOE_STATUS_READY) ||
           fail(s, errp, "the DOE object ends before its length");
}

static bool object_size(SysfsIo *s, const uint8_t *header, size_t *size,
                        GError **errp)
{
    uint32_t dwords = (header[4] | (uint32_t)header[5] << 8 |
                       (uint32_t)header[6] << 16) & OBJECT_DWORDS_MASK;

    *size = DWORD * (size_t)(dwords ? dwords : OBJECT_DWORDS_MASK + 1);
    return *size >= OBJECT_HEADER ||
           fail(s, errp, "a DOE object is shorter than its header");
}

static bool read_object(SysfsIo *s, GByteArray *reply, GError **errp)
{
    size_t start = reply->len, size = OBJECT_HEADER;
    uint32_t status;

    g_byte_array_set_size(reply, (guint)(start + size));
    for (size_t i = 0; i < size; i += DWORD) {
        if ((i + DWORD == size && !still_ready(s, errp)) ||
            !pop(s, reply->data + start + i, errp)) {
            return false;
        }
        if (i + DWORD == OBJECT_HEADER) {
            if (!object_size(s, reply->data + start, &size, errp)) {
                return false;
            }
            g_byte_array_set_size(reply, (guint)(start + size));
        }
    }
    if (!read_status(s, &status, errp)) {
        return false;
    }
    return !(status & DOE_STATUS_READY) ||
           fail(s, errp, "the DOE mailbox holds more than the answer");
}

static bool exchange(SysfsIo *s, const uint8_t *frame, size_t len,
                     GByteArray *reply, int64_t timeout_us, GError **errp)
{
    uint32_t status;

    if (!make_idle(s, errp) || !write_object(s, frame, len, errp) ||
        !poll_status(s, DOE_STATUS_READY | DOE_STATUS_ERROR, 0, timeout_us,
                     &status, errp)) {
        return false;
    }
    if (status & DOE_STATUS_ERROR) {
        return fail(s, errp, "the DOE mailbox reports an Error");
    }
    return read_object(s, reply, errp);
}

static bool send_receive(ToolIo *io, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us, GError **errp)
{
    SysfsIo *s = (SysfsIo *)io;

    if (exchange(s, frame, len, reply, timeout_us, errp)) {
        return true;
    }
    /* Leave the mailbox usable for whoever comes next. */
    abort_mailbox(s, NULL);
    return false;
}

static bool abandon(ToolIo *io, const uint8_t *frame, size_t len,
                    GError **errp)
{
    SysfsIo *s = (SysfsIo *)io;

    return make_idle(s, errp) && write_object(s, frame, len, errp) &&
           abort_mailbox(s, errp);
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
    return abort_mailbox(s, errp);
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
