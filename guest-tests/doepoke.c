/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doepoke - read and write the registers of a PCI device's DOE mailbox
 *
 * It does what a driver must not do as readily as what it should: writes
 * without GO, bytes and words, reads of an empty mailbox.  Everything goes
 * through /sys/bus/pci/devices/BDF/config, an access of 1, 2 or 4 bytes at
 * a time, which the kernel passes on as it is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    EXT_CAP_START = 0x100,
    EXT_CAP_DOE = 0x2e,

    DOE_CONTROL = 0x08,
    DOE_STATUS = 0x0c,
    DOE_WRITE = 0x10,
    DOE_READ = 0x14,

    STATUS_BUSY = 1 << 0,
    STATUS_ERROR = 1 << 2,

    TYPE_DISCOVERY = 0,
    TYPE_CMA = 1,
    GET_VERSION = 0x8410,   /* DSP0274, as bytes: 10 84 00 00 */
    VERSION = 0x0410,

    VENDOR_PCI_SIG = 1,
    HEADER_DWORDS = 2,
    MAX_DWORDS = 1 << 18,
    WAIT_SECONDS = 60,      /* a hang guard: an emulated CPU is slow */
    ABORT_SECONDS = 5,      /* PCIe 6.30 has 1, and is not what is tested */
};

#define CONTROL_ABORT (1u << 0)
#define CONTROL_GO (1u << 31)
#define STATUS_READY (1u << 31)

static const char usage[] =
    "usage: doepoke BDF COMMAND\n"
    "  find                 the capability's offset in config space\n"
    "  ops OP...            accesses relative to the capability:\n"
    "                       wSIZE:OFFSET=VALUE[*COUNT]  rSIZE:OFFSET[*COUNT]\n"
    "                       (sizes 1, 2, 4; numbers hex, the count decimal;\n"
    "                       of several reads the last is printed)\n"
    "  send TYPE HEX        write an object and GO; read nothing\n"
    "  wait                 until the answer is ready or in error\n"
    "  exchange TYPE HEX    send, and print the payload of the answer\n"
    "  time N TYPE HEX      do that N times: microseconds, as JSON\n"
    "  probe                is it of use to the next: discovery and\n"
    "                       GET_VERSION, after an Abort when it needs one\n";

typedef struct Mailbox {
    int fd;
    int offset;
} Mailbox;

static void __attribute__((noreturn)) fail(const char *what)
{
    fprintf(stderr, "doepoke: %s\n", what);
    exit(1);
}

static void fail_errno(const char *what)
{
    fprintf(stderr, "doepoke: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint32_t read_reg(const Mailbox *m, int reg, int size)
{
    uint32_t value = 0;

    ssize_t n = pread(m->fd, &value, size, m->offset + reg);

    if (n < 0) {
        fail_errno("config read");
    }
    if (n != size) {
        fail("the device has no extended config space");
    }
    return value;
}

static void write_reg(const Mailbox *m, int reg, int size, uint32_t value)
{
    if (pwrite(m->fd, &value, size, m->offset + reg) != size) {
        fail_errno("config write");
    }
}

static Mailbox open_mailbox(const char *bdf)
{
    Mailbox m = { .offset = 0 };
    char path[128];
    int at = EXT_CAP_START;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
    m.fd = open(path, O_RDWR | O_CLOEXEC);
    if (m.fd < 0) {
        fail_errno(path);
    }
    /* A list that goes in a circle must not hold us: 960 dwords at most. */
    for (int i = 0; i < 960 && at >= EXT_CAP_START; i++) {
        uint32_t header = read_reg(&m, at, 4);

        if ((header & 0xffff) == EXT_CAP_DOE) {
            m.offset = at;
            return m;
        }
        at = header >> 20;
    }
    fail("the device has no DOE capability");
}

/* ---- objects -------------------------------------------------------- */

static size_t parse_hex(const char *hex, uint32_t *dwords, size_t max)
{
    size_t bytes = strlen(hex) / 2;
    uint8_t *to = (uint8_t *)dwords;

    if (strlen(hex) % 2 || bytes > max * 4) {
        fail("the payload is not hex, or too long");
    }
    memset(dwords, 0, (bytes + 3) / 4 * 4);
    for (size_t i = 0; i < bytes; i++) {
        unsigned int byte;

        if (sscanf(hex + i * 2, "%2x", &byte) != 1) {
            fail("the payload is not hex");
        }
        to[i] = byte;
    }
    return (bytes + 3) / 4;
}

static void send_object(const Mailbox *m, unsigned type, const uint32_t *data,
                        size_t dwords)
{
    write_reg(m, DOE_WRITE, 4, VENDOR_PCI_SIG | type << 16);
    write_reg(m, DOE_WRITE, 4, dwords + HEADER_DWORDS);
    for (size_t i = 0; i < dwords; i++) {
        write_reg(m, DOE_WRITE, 4, data[i]);
    }
    write_reg(m, DOE_CONTROL, 4, CONTROL_GO);
}

static uint32_t wait_answer(const Mailbox *m)
{
    time_t end = time(NULL) + WAIT_SECONDS;
    uint32_t status;

    do {
        status = read_reg(m, DOE_STATUS, 4);
        if (status & (STATUS_READY | STATUS_ERROR)) {
            return status;
        }
    } while (time(NULL) < end);
    fail("no answer");
}

static uint32_t pop(const Mailbox *m)
{
    uint32_t value = read_reg(m, DOE_READ, 4);

    write_reg(m, DOE_READ, 4, 0);
    return value;
}

static size_t receive_object(const Mailbox *m, uint32_t *data)
{
    uint32_t length;

    if (wait_answer(m) & STATUS_ERROR) {
        fail("the mailbox is in error");
    }
    pop(m);
    length = pop(m) & (MAX_DWORDS - 1);
    length = length ? length : MAX_DWORDS;
    if (length < HEADER_DWORDS) {
        fail("the answer's length makes no sense");
    }
    for (uint32_t i = HEADER_DWORDS; i < length; i++) {
        data[i - HEADER_DWORDS] = pop(m);
    }
    return length - HEADER_DWORDS;
}

/* ---- commands ------------------------------------------------------- */

static uint32_t buffer[MAX_DWORDS];

static void run_send(const Mailbox *m, char **argv)
{
    size_t n = parse_hex(argv[1], buffer, MAX_DWORDS);

    send_object(m, strtoul(argv[0], NULL, 16), buffer, n);
}

static void run_exchange(const Mailbox *m, char **argv)
{
    size_t n;
    const uint8_t *bytes = (const uint8_t *)buffer;

    run_send(m, argv);
    n = receive_object(m, buffer);
    for (size_t i = 0; i < n * 4; i++) {
        printf("%02x", bytes[i]);
    }
    putchar('\n');
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void run_time(const Mailbox *m, char **argv)
{
    static uint32_t request[1024];
    int count = atoi(argv[0]);
    unsigned type = strtoul(argv[1], NULL, 16);
    size_t n = parse_hex(argv[2], request, 1024);
    double *took = calloc(count > 0 ? count : 1, sizeof(double));

    if (count < 1 || !took) {
        fail("how many times?");
    }
    for (int i = 0; i < count; i++) {
        double start = now_us();

        send_object(m, type, request, n);
        receive_object(m, buffer);
        took[i] = now_us() - start;
    }
    qsort(took, count, sizeof(double), compare_doubles);
    printf("{\"count\": %d, \"min_us\": %.1f, \"median_us\": %.1f, "
           "\"max_us\": %.1f}\n", count, took[0], took[count / 2],
           took[count - 1]);
    free(took);
}

/* True: it was not idle, and is now. */
static bool make_idle(const Mailbox *m)
{
    const uint32_t not_idle = STATUS_BUSY | STATUS_ERROR | STATUS_READY;
    time_t end = time(NULL) + ABORT_SECONDS;

    if (!(read_reg(m, DOE_STATUS, 4) & not_idle)) {
        return false;
    }
    write_reg(m, DOE_CONTROL, 4, CONTROL_ABORT);
    while (read_reg(m, DOE_STATUS, 4) & not_idle) {
        if (time(NULL) > end) {
            fail("an Abort does not make it idle");
        }
    }
    return true;
}

static void run_probe(const Mailbox *m)
{
    uint32_t request = 0;       /* index 0: discovery itself, by PCIe 6.30 */
    bool aborted = make_idle(m);

    send_object(m, TYPE_DISCOVERY, &request, 1);
    if (receive_object(m, buffer) != 1 ||
        (buffer[0] & 0xffffff) != (VENDOR_PCI_SIG | TYPE_DISCOVERY << 16)) {
        fail("discovery is not answered with itself");
    }
    request = GET_VERSION;
    send_object(m, TYPE_CMA, &request, 1);
    if (receive_object(m, buffer) < 2 || (buffer[0] & 0xffff) != VERSION) {
        fail("GET_VERSION is not answered with VERSION");
    }
    puts(aborted ? "usable after an Abort" : "usable");
}

static void run_op(const Mailbox *m, const char *op)
{
    char kind;
    int size, used;
    unsigned reg, value = 0;
    unsigned long count = 1;
    bool writes;

    if (sscanf(op, "%c%d:%x%n", &kind, &size, &reg, &used) != 3 ||
        (kind != 'w' && kind != 'r') ||
        (size != 1 && size != 2 && size != 4)) {
        fail("an operation is like w4:10=0 or r4:0c");
    }
    op += used;
    writes = kind == 'w';
    if (writes) {
        if (sscanf(op, "=%x%n", &value, &used) != 1) {
            fail("a write needs =VALUE");
        }
        op += used;
    }
    if (*op == '*') {
        count = strtoul(op + 1, NULL, 10);
    }
    while (count--) {
        if (writes) {
            write_reg(m, reg, size, value);
        } else {
            value = read_reg(m, reg, size);
        }
    }
    if (!writes) {
        printf("%0*x\n", size * 2, value);
    }
}

int main(int argc, char **argv)
{
    const char *command = argc > 2 ? argv[2] : "";
    int extra = argc - 3;
    Mailbox m;

    if (argc < 3) {
        fputs(usage, stderr);
        return 2;
    }
    m = open_mailbox(argv[1]);
    if (!strcmp(command, "find")) {
        printf("%03x\n", m.offset);
    } else if (!strcmp(command, "wait")) {
        printf("%08x\n", wait_answer(&m));
    } else if (!strcmp(command, "ops")) {
        for (int i = 3; i < argc; i++) {
            run_op(&m, argv[i]);
        }
    } else if (!strcmp(command, "probe") && !extra) {
        run_probe(&m);
    } else if (!strcmp(command, "send") && extra == 2) {
        run_send(&m, argv + 3);
    } else if (!strcmp(command, "exchange") && extra == 2) {
        run_exchange(&m, argv + 3);
    } else if (!strcmp(command, "time") && extra == 3) {
        run_time(&m, argv + 3);
    } else {
        fputs(usage, stderr);
        return 2;
    }
    return 0;
}
