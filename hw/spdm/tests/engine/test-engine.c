/*
 * The engine and its workers in a process of their own, with threads in the
 * place of vCPUs: what sanitizers, valgrind and coverage cannot see in QEMU.
 * A sanitizer of threads has most to say of it (scripts/test --sanitize).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "machine.h"
#include "spdm-engine.h"
#include "spdm/requester.h"

enum { DEVICES = 5, HANDSHAKES = 3, MEDDLINGS = 40, UNPLUGS = 12 };

/* One device, and the guest's driver of it in a thread. */
typedef struct Dev {
    unsigned number;
    bool run_inline;
    SpdmEngine *engine;         /* with the big lock, as all below */
    GCond answered;
    uint64_t generation;
    bool waiting;
    GBytes *reply;              /* NULL: no answer */
    int64_t now_us;
    unsigned finished;          /* handshakes */
} Dev;

/* --- what the engine asks of a device ------------------------------------- */

static void done(void *opaque, const SpdmEngineResult *result)
{
    Dev *dev = opaque;

    if (dev->waiting && result->generation == dev->generation) {
        dev->reply = result->reply ? g_bytes_ref(result->reply) : NULL;
        dev->waiting = false;
        g_cond_signal(&dev->answered);
    }
}

static void tick_at(void *opaque, int64_t time_us)
{
}

static GBytes *config_space(void *opaque)
{
    const Dev *dev = opaque;
    uint8_t bytes[64] = { (uint8_t)dev->number };

    return g_bytes_new(bytes, sizeof(bytes));
}

static void pci_function(void *opaque, SpdmPciFunction *function)
{
    const Dev *dev = opaque;

    *function = (SpdmPciFunction) {
        .known = true, .requester_id = (uint16_t)(dev->number << 3),
    };
}

static int64_t now_us(void *opaque)
{
    Dev *dev = opaque;

    return dev->now_us += 1000;
}

static void plug(Dev *dev)
{
    g_autofree char *label = g_strdup_printf("device %u", dev->number);
    g_autoptr(GError) err = NULL;
    SpdmEngineConfig config = {
        .profile = spdm_profile_builtin("gpu", &err),
        .pci = { .vendor = 0x1b36, .device = 0x10 },
        .seed = "engine",
        .seed_label = label,
        .run_inline = dev->run_inline,
        .done = done,
        .tick_at = tick_at,
        .config_space = config_space,
        .pci_function = pci_function,
        .now_us = now_us,
        .opaque = dev,
    };

    g_assert_no_error(err);
    dev->engine = spdm_engine_new(&config, &error_abort);
    spdm_engine_prepare(dev->engine);
}

/* Who waits for an answer is told that there is none. */
static void disappoint(Dev *dev)
{
    if (dev->waiting) {
        dev->waiting = false;
        g_cond_signal(&dev->answered);
    }
}

static void unplug(Dev *dev)
{
    g_clear_pointer(&dev->engine, spdm_engine_release);
    disappoint(dev);
}

/* --- the driver ----------------------------------------------------------- */

static bool send_receive(void *opaque, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us, GError **errp)
{
    Dev *dev = opaque;
    g_autoptr(GBytes) answer = NULL;

    machine_lock();
    if (dev->engine) {
        dev->waiting = true;
        spdm_engine_submit(dev->engine, ++dev->generation,
                           g_bytes_new(frame, len));
        while (dev->waiting) {
            machine_wait(&dev->answered);
        }
        answer = g_steal_pointer(&dev->reply);
    }
    machine_unlock();
    if (!answer) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_AGAIN, "no answer");
        return false;
    }
    g_byte_array_append(reply, g_bytes_get_data(answer, NULL),
                        (guint)g_bytes_get_size(answer));
    return true;
}

static void sleep_us(void *opaque, int64_t us)
{
}

static SpdmRequester *driver_of(Dev *dev)
{
    SpdmRequesterConfig config;
    SpdmRequester *rq;
    g_autoptr(GError) err = NULL;

    spdm_requester_config_init(&config);
    config.transport = SPDM_TRANSPORT_PCI_DOE;
    config.io = (SpdmRequesterIo) {
        .send_receive = send_receive, .sleep_us = sleep_us, .opaque = dev,
    };
    rq = spdm_requester_new(&config, &err);
    g_assert_no_error(err);
    return rq;
}

static bool handshake(SpdmRequester *rq, GError **errp)
{
    const SpdmKeyExchangeParams params = { 0 };
    uint32_t session;

    return spdm_requester_connect(rq, errp) &&
           spdm_requester_digests(rq, 0, errp) &&
           spdm_requester_certificate(rq, 0, 0, 0x1000, errp) &&
           spdm_requester_key_exchange(rq, &params, &session, errp) &&
           spdm_requester_finish(rq, session, errp) &&
           spdm_requester_key_update(rq, session, true, errp) &&
           spdm_requester_end_session(rq, session, false, errp);
}

/* Each has to succeed. */
static void *drive_well(void *opaque)
{
    Dev *dev = opaque;
    g_autoptr(SpdmRequester) rq = driver_of(dev);

    for (unsigned i = 0; i < HANDSHAKES; i++) {
        g_autoptr(GError) err = NULL;

        handshake(rq, &err);
        g_assert_no_error(err);
        dev->finished++;
    }
    return NULL;
}

static bool is_plugged(Dev *dev)
{
    bool plugged;

    machine_lock();
    plugged = dev->engine != NULL;
    machine_unlock();
    return plugged;
}

/* Somebody is in the way; until the device is gone for good. */
static void *drive_on(void *opaque)
{
    Dev *dev = opaque;
    g_autoptr(SpdmRequester) rq = driver_of(dev);

    do {
        g_autoptr(GError) err = NULL;

        dev->finished += handshake(rq, &err);
    } while (is_plugged(dev));
    return NULL;
}

/* --- the rows ------------------------------------------------------------- */

typedef struct Machine {
    Dev devices[DEVICES];
    GThread *drivers[DEVICES];
} Machine;

static void start(Machine *m, void *(*drive)(void *))
{
    machine_lock();
    for (unsigned i = 0; i < DEVICES; i++) {
        Dev *dev = &m->devices[i];

        g_cond_init(&dev->answered);
        dev->number = i;
        plug(dev);
    }
    machine_unlock();
    for (unsigned i = 0; i < DEVICES; i++) {
        m->drivers[i] = g_thread_new("vcpu", drive, &m->devices[i]);
    }
}

static void unplug_all(Machine *m)
{
    machine_lock();
    for (unsigned i = 0; i < DEVICES; i++) {
        unplug(&m->devices[i]);
    }
    machine_unlock();
}

static void join(Machine *m)
{
    for (unsigned i = 0; i < DEVICES; i++) {
        g_thread_join(m->drivers[i]);
        g_cond_clear(&m->devices[i].answered);
    }
}

static void test_at_once(gconstpointer run_inline)
{
    Machine m = { 0 };

    for (unsigned i = 0; i < DEVICES; i++) {
        m.devices[i].run_inline = GPOINTER_TO_INT(run_inline);
    }
    start(&m, drive_well);
    join(&m);
    unplug_all(&m);
    for (unsigned i = 0; i < DEVICES; i++) {
        g_assert_cmpuint(m.devices[i].finished, ==, HANDSHAKES);
    }
}

static void meddle_reset(Dev *dev)
{
    spdm_engine_reset(dev->engine);
    disappoint(dev);
}

static void meddle_tick(Dev *dev)
{
    spdm_engine_tick(dev->engine);
}

static void meddle_prepare(Dev *dev)
{
    spdm_engine_prepare(dev->engine);
}

static void meddle_info(Dev *dev)
{
    SpdmResponderInfo info;

    spdm_engine_info(dev->engine, &info);
    g_assert_cmpuint(info.session_count, <=, 1);
}

static void meddle_save(Dev *dev)
{
    g_autoptr(GBytes) state = NULL;

    spdm_engine_settle(dev->engine);
    state = spdm_engine_save(dev->engine);
    spdm_engine_load(dev->engine, state, &error_abort);
}

static void meddle_abort(Dev *dev)
{
    const SpdmAbort all = { .manner = SPDM_ABORT_SILENT };

    spdm_engine_abort(dev->engine, &all, &error_abort);
}

static void meddle_end(Dev *dev)
{
    spdm_engine_end_sessions(dev->engine, "the test ends it");
}

static void meddle_faults(Dev *dev)
{
    g_auto(SpdmFaultOrders) orders = { 0 };
    g_autofree char *counts = spdm_engine_fault_counts(dev->engine);

    g_assert_nonnull(counts);
    spdm_engine_reset_faults(dev->engine, &orders);
}

static void (*const meddlings[])(Dev *dev) = {
    meddle_reset, meddle_tick, meddle_prepare, meddle_info, meddle_save,
    meddle_abort, meddle_end, meddle_faults,
};

static void test_in_the_way(void)
{
    Machine m = { 0 };

    start(&m, drive_on);
    for (unsigned i = 0; i < MEDDLINGS * DEVICES; i++) {
        machine_lock();
        meddlings[i / DEVICES % G_N_ELEMENTS(meddlings)](
            &m.devices[i % DEVICES]);
        machine_unlock();
        machine_breathe();
    }
    /* And nothing of it lasts. */
    for (unsigned i = 0; i < DEVICES; i++) {
        machine_await(&m.devices[i].generation, 40);
    }
    unplug_all(&m);
    join(&m);
    for (unsigned i = 0; i < DEVICES; i++) {
        g_assert_cmpuint(m.devices[i].finished, >, 0);
    }
}

static void test_unplugged(void)
{
    for (unsigned i = 0; i < UNPLUGS; i++) {
        Machine m = { 0 };

        start(&m, drive_on);
        machine_await(&m.devices[i % DEVICES].generation, i);
        unplug_all(&m);
        join(&m);
    }
}

/* Last: nothing begins any more. */
static void test_exit(void)
{
    Dev dev = { .number = DEVICES };

    machine_lock();
    plug(&dev);
    machine_exit();
    unplug(&dev);
    machine_unlock();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    machine_start();
    g_test_add_data_func("/engine/devices answer at once, by workers",
                         GINT_TO_POINTER(false), test_at_once);
    g_test_add_data_func("/engine/devices answer at once, inline",
                         GINT_TO_POINTER(true), test_at_once);
    g_test_add_func("/engine/resets, snapshots and aborts at any moment",
                    test_in_the_way);
    g_test_add_func("/engine/unplugged at any moment", test_unplugged);
    g_test_add_func("/engine/QEMU ends while keys are made", test_exit);
    return g_test_run();
}
