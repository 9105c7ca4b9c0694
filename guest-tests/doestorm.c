/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doestorm - treat a PCI device's DOE mailbox as badly as config space allows
 *
 * Random reads and writes of 1, 2 and 4 bytes, aligned or not, in the DOE
 * capability and around it; between them objects that make sense, floods,
 * aborts, function level resets and D3hot.  Config space is reached as
 * mapped memory where the kernel allows it (iomem=relaxed), which is fast
 * and keeps accesses as they are; else through sysfs.
 *
 * Every now and then it waits until a session with the device is open
 * (lull()).  It ends when the stop file is there, and prints what it did as
 * JSON.  The progress file has the number of accesses so far.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    CONFIG_SIZE = 4096,
    CAP_POINTER = 0x34,
    CAP_PM = 0x01,
    CAP_PCIE = 0x10,
    EXT_CAP_START = 0x100,
    EXT_CAP_DOE = 0x2e,
    DOE_CAP_SIZE = 0x18,
    AROUND = 0x20,

    DOE_CONTROL = 0x08,
    DOE_STATUS = 0x0c,
    DOE_WRITE = 0x10,
    DOE_READ = 0x14,

    PM_CONTROL = 4,
    PCIE_DEVICE_CONTROL = 8,
    FLOOD_DWORDS = 4096,
    PATIENCE = 5000,        /* reads of the status, then it goes on */
    GUSTS = 400,            /* between two lulls */
    LULL_POLLS = 1000,
    LULL_POLL_US = 10000,
};

#define CONTROL_ABORT (1u << 0)
#define CONTROL_INTERRUPT (1u << 1)
#define CONTROL_GO (1u << 31)
#define STATUS_READY (1u << 31)
#define START_FLR 0x8000

static struct {
    unsigned long reads[5], writes[5], unaligned;
    unsigned long objects, answers, floods, aborts, flrs, d3s, lulls;
    unsigned long victims, absent;
} count;

static volatile uint8_t *mapped;
static int config_fd = -1;
static int doe, pm, pcie;
static uint64_t state;

static void __attribute__((noreturn)) fail(const char *what)
{
    fprintf(stderr, "doestorm: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* xorshift64*: the same storm for the same seed. */
static uint32_t roll(uint32_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 0x2545f4914f6cdd1dull) >> 32) % n;
}

/* --- accesses ------------------------------------------------------------- */

typedef uint16_t __attribute__((may_alias, aligned(1))) any16;
typedef uint32_t __attribute__((may_alias, aligned(1))) any32;

static uint32_t get(int at, int size)
{
    uint32_t value = 0;

    count.reads[size]++;
    count.unaligned += (at & (size - 1)) != 0;
    if (mapped) {
        return size == 1 ? mapped[at] :
               size == 2 ? *(volatile any16 *)(mapped + at) :
               *(volatile any32 *)(mapped + at);
    }
    if (pread(config_fd, &value, size, at) != size) {
        count.absent++;         /* unplugged: that is part of it */
        return UINT32_MAX;
    }
    return value;
}

static void put(int at, int size, uint32_t value)
{
    count.writes[size]++;
    count.unaligned += (at & (size - 1)) != 0;
    if (!mapped) {
        if (pwrite(config_fd, &value, size, at) != size) {
            count.absent++;
        }
    } else if (size == 1) {
        mapped[at] = value;
    } else if (size == 2) {
        *(volatile any16 *)(mapped + at) = value;
    } else {
        *(volatile any32 *)(mapped + at) = value;
    }
}

static uint32_t reg(int offset)
{
    return get(doe + offset, 4);
}

static void set_reg(int offset, uint32_t value)
{
    put(doe + offset, 4, value);
}

/* --- what it does --------------------------------------------------------- */

static uint32_t any_value(void)
{
    static const uint32_t likely[] = {
        0, UINT32_MAX, CONTROL_GO, CONTROL_ABORT, CONTROL_INTERRUPT,
        CONTROL_GO | CONTROL_INTERRUPT, CONTROL_GO | CONTROL_ABORT,
        0x00000001, 0x00010001, 0x00020001, 3, 4, 5, 0x3ffff, 0x40000,
        0x00008410, 0x0000e111, 0x0000e112,
    };
    uint32_t pick = roll(2 * sizeof(likely) / sizeof(likely[0]));

    return pick < sizeof(likely) / sizeof(likely[0]) ? likely[pick] :
           roll(UINT32_MAX);
}

/* A size of 1, 2 or 4, and where: any offset, but not past the edges. */
static int any_place(int *size)
{
    int first = doe - AROUND, last = doe + DOE_CAP_SIZE + AROUND;

    *size = 1 << roll(3);
    return first + (int)roll(last - first - *size + 1);
}

static void random_accesses(void)
{
    for (int n = 1 + roll(256); n--;) {
        int size, at = any_place(&size);

        if (roll(2)) {
            get(at, size);
        } else {
            put(at, size, any_value());
        }
    }
}

static void send(uint32_t header, const uint32_t *data, uint32_t dwords)
{
    set_reg(DOE_WRITE, header);
    set_reg(DOE_WRITE, dwords + 2);
    for (uint32_t i = 0; i < dwords; i++) {
        set_reg(DOE_WRITE, data[i]);
    }
    set_reg(DOE_CONTROL, CONTROL_GO);
    count.objects++;
}

static void receive(void)
{
    int left = PATIENCE;

    while (left-- && !(reg(DOE_STATUS) & STATUS_READY)) {
    }
    if (left <= 0 || reg(DOE_STATUS) == UINT32_MAX) {
        return;
    }
    count.answers++;
    for (int n = roll(64); n--;) {
        reg(DOE_READ);
        set_reg(DOE_READ, 0);
    }
}

/* Right, or nearly so: garbage ends too early to get anywhere. */
static void sensible_object(void)
{
    uint32_t data[64];
    uint32_t n = 1 + roll(64);

    for (uint32_t i = 0; i < n; i++) {
        data[i] = roll(UINT32_MAX);
    }
    set_reg(DOE_CONTROL, CONTROL_ABORT);
    switch (roll(4)) {
    case 0:     /* discovery */
        data[0] = roll(4);
        send(0x00000001, data, 1);
        break;
    case 1:     /* GET_VERSION */
        data[0] = 0x00008410;
        send(0x00010001, data, 1);
        break;
    case 2:     /* any request code */
        data[0] = (0x80 + roll(0x80)) << 8 | (0x10 + roll(5));
        send(0x00010001, data, n);
        break;
    default:    /* a record of some session */
        send(0x00020001, data, n);
    }
    if (roll(2)) {
        receive();
    }
}

static void flood(void)
{
    uint32_t value = any_value();
    int offset = roll(2) ? DOE_WRITE : DOE_CONTROL;

    count.floods++;
    for (int n = roll(FLOOD_DWORDS); n--;) {
        set_reg(offset, value);
    }
}

static void discovery_and_abort(void)
{
    static const uint32_t first = 0;

    for (int n = roll(64); n--;) {
        send(0x00000001, &first, 1);
        set_reg(DOE_CONTROL, CONTROL_ABORT);
        count.aborts++;
    }
}

static void function_level_reset(void)
{
    put(pcie + PCIE_DEVICE_CONTROL, 2, START_FLR);
    count.flrs++;
}

static void d3hot_and_back(void)
{
    put(pm + PM_CONTROL, 2, 3);
    if (roll(2)) {
        random_accesses();
    }
    put(pm + PM_CONTROL, 2, 0);
    count.d3s++;
}

/*
 * Calm, until somebody in a session with the device says so by a file; then
 * the file is removed, and that session is in the next gust.
 */
static void lull(const char *victim)
{
    count.lulls++;
    set_reg(DOE_CONTROL, CONTROL_ABORT);
    for (int left = LULL_POLLS; left--;) {
        if (!unlink(victim)) {
            count.victims++;
            return;
        }
        usleep(LULL_POLL_US);
    }
}

static void a_reset_of_each_kind(void)
{
    if (pcie) {
        function_level_reset();
    }
    if (pm) {
        d3hot_and_back();
    }
}

static void one_gust(void)
{
    uint32_t what = roll(1000);

    if (what < 700) {
        random_accesses();
    } else if (what < 900) {
        sensible_object();
    } else if (what < 950) {
        discovery_and_abort();
    } else if (what < 990) {
        flood();
    } else if (what < 995 && pcie) {
        function_level_reset();
    } else if (pm) {
        d3hot_and_back();
    }
}

/* --- begin and end -------------------------------------------------------- */

static int find_capability(int id)
{
    int at = get(CAP_POINTER, 1);

    for (int i = 0; i < 48 && at >= 0x40; i++) {
        if ((int)get(at, 1) == id) {
            return at;
        }
        at = get(at + 1, 1) & ~3;
    }
    return 0;
}

static int find_doe(void)
{
    int at = EXT_CAP_START;

    for (int i = 0; i < 960 && at >= EXT_CAP_START; i++) {
        uint32_t header = get(at, 4);

        if ((header & 0xffff) == EXT_CAP_DOE) {
            return at;
        }
        at = header >> 20;
    }
    errno = ENODEV;
    fail("no DOE capability");
}

/* Where config space is in memory; 0 when the kernel does not tell. */
static unsigned long ecam_base(void)
{
    char line[256];
    unsigned long base = 0;
    FILE *f = fopen("/proc/iomem", "re");

    while (f && !base && fgets(line, sizeof(line), f)) {
        if (strstr(line, "PCI MMCONFIG 0000")) {
            base = strtoul(line, NULL, 16);
        }
    }
    if (f) {
        fclose(f);
    }
    return base;
}

static void open_config(const char *bdf)
{
    char path[128];
    unsigned bus, slot, function;
    unsigned long base = ecam_base();
    int fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
    void *p = MAP_FAILED;

    if (sscanf(bdf, "0000:%x:%x.%x", &bus, &slot, &function) != 3) {
        errno = EINVAL;
        fail(bdf);
    }
    if (fd >= 0 && base) {
        p = mmap(NULL, CONFIG_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                 base + (bus << 20 | slot << 15 | function << 12));
    }
    if (p != MAP_FAILED) {
        mapped = p;
        return;
    }
    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
    config_fd = open(path, O_RDWR | O_CLOEXEC);
    if (config_fd < 0) {
        fail(path);
    }
}

static unsigned long accesses(void)
{
    return count.reads[1] + count.reads[2] + count.reads[4] +
           count.writes[1] + count.writes[2] + count.writes[4];
}

/* Renamed, so that nobody reads half of one number and half of the next. */
static void tell_progress(const char *path)
{
    char text[32], next[256];
    int n = snprintf(text, sizeof(text), "%lu\n", accesses());
    int fd;

    snprintf(next, sizeof(next), "%s.next", path);
    fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, n) != n || close(fd) != 0 ||
        rename(next, path) != 0) {
        fail(path);
    }
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs("usage: doestorm BDF SEED PROGRESS-FILE STOP-FILE "
              "VICTIM-FILE\n", stderr);
        return 2;
    }
    state = strtoull(argv[2], NULL, 10) * 2 + 1;
    open_config(argv[1]);
    doe = find_doe();
    pm = find_capability(CAP_PM);
    pcie = find_capability(CAP_PCIE);
    for (unsigned long n = 0; access(argv[4], F_OK); n++) {
        if (n % GUSTS == 0) {
            lull(argv[5]);
        }
        if (n % GUSTS == GUSTS / 2) {   /* however short, each has been */
            a_reset_of_each_kind();
        }
        one_gust();
        if (n % 64 == 0) {
            tell_progress(argv[3]);
        }
    }
    printf("{\"mapped\": %s, \"reads\": [%lu, %lu, %lu], "
           "\"writes\": [%lu, %lu, %lu], \"unaligned\": %lu, "
           "\"objects\": %lu, \"answers\": %lu, \"floods\": %lu, "
           "\"aborts\": %lu, \"flrs\": %lu, \"d3s\": %lu, \"lulls\": %lu, "
           "\"victims\": %lu, \"absent\": %lu}\n",
           mapped ? "true" : "false", count.reads[1], count.reads[2],
           count.reads[4], count.writes[1], count.writes[2], count.writes[4],
           count.unaligned, count.objects, count.answers, count.floods,
           count.aborts, count.flrs, count.d3s, count.lulls,
           count.victims, count.absent);
    return 0;
}
