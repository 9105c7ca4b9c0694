/*
 * Fault plans: the file, and what a plan that was taken does to messages.
 * A plan of its own harms whom it is meant for, never who carries it out.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/fuzz.h"
#include "core/conn.h"
#include "spdm/fault.h"
#include "transport/transport.h"

enum { MAX_MESSAGE = 1 << 20 };

/* Messages that most plans speak of, as request and answer. */
static const struct {
    const char *bytes;
    size_t len;
} messages[] = {
#define ROW(text) { text, sizeof(text) - 1 }
    ROW("\x10\x84\0\0"),
    ROW("\x10\x04\0\0\0\3\0\x12\0\x13\0\x14"),
    ROW("\x12\xe1\0\0\0\x14\0\0\xc6\x76\0\0\0\x12\0\0\0\x12\0\0"),
    ROW("\x12\x61\0\0\0\x14\0\0\xf7\xfb\x01\0\0\x12\0\0\0\x12\0\0"),
    ROW("\x12\x01\1\1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaa"),
    ROW("\x12\xe0\0\1"),
    ROW("\x12\x60\2\1\1\0\1\7\0\0\0\1\1\4\0\1\1\0\xff"
        "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\0\0"),
    ROW("\x12\xe8\0\0"),
    ROW("\x12\x7f\1\0"),
#undef ROW
};

static void tap(const SpdmTap *t, SpdmTapEvent event, SpdmBytes message,
                const SpdmWireCtx *layout)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    SpdmTapContext context = {
        .event = event, .responder = true, .outgoing = event >= 2,
        .version = SPDM_VERSION_12, .secured = true, .session_id = 0x12345,
        .phase = "established", .code = message.data[1],
        .request_code = message.data[1] | 0x80, .layout = layout,
        .transport = spdm_transport(SPDM_TRANSPORT_PCI_DOE), .bytes = bytes,
    };

    fuzz_put(bytes, message);
    t->call(t->opaque, &context);
    fuzz_check(bytes->len <= MAX_MESSAGE, "a message without end");
}

static void use(SpdmFaults *f)
{
    static const SpdmTapEvent events[] = {
        SPDM_TAP_RX_FRAME, SPDM_TAP_RX_MSG, SPDM_TAP_COMPOSE,
        SPDM_TAP_TX_MSG, SPDM_TAP_TX_FRAME,
    };
    SpdmWireCtx layout = { .hash_size = 48, .sig_size = 96 };

    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
        SpdmBytes m = SPDM_BYTES(messages[i].bytes, messages[i].len);
        g_auto(SpdmFaultOrders) orders = { .frames = NULL };

        for (size_t j = 0; j < G_N_ELEMENTS(events); j++) {
            tap(spdm_faults_tap(f), events[j], m,
                j == 0 || j == 4 ? NULL : &layout);
        }
        spdm_faults_take(f, &orders);
    }
}

/* Counters survive, under the same plan only. */
static void save(SpdmFaults *f, const char *text)
{
    g_autoptr(GBytes) state = spdm_faults_save(f);
    g_autofree char *before = spdm_faults_counts_json(f);
    g_autofree char *after = NULL;

    spdm_faults_set_plan(f, spdm_fault_plan_parse(text, "fuzz.ini", NULL));
    fuzz_check(spdm_faults_load(f, state, NULL),
               "a saved engine does not load");
    after = spdm_faults_counts_json(f);
    fuzz_check(strcmp(before, after) == 0, "an engine loads as another");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree char *text = g_strndup((const char *)data, len);
    g_autoptr(GError) err = NULL;
    SpdmFaultPlan *plan = spdm_fault_plan_parse(text, "fuzz.ini", &err);
    g_autoptr(SpdmFaults) f = NULL;

    fuzz_check_error(plan != NULL, err);
    if (!plan) {
        return 0;
    }
    f = spdm_faults_new();
    spdm_faults_set_plan(f, plan);
    use(f);
    save(f, text);
    spdm_faults_reset(f);
    use(f);
    return 0;
}

void fuzz_seeds(const FuzzSeeds *seeds)
{
    fuzz_seed_files(seeds, "configs/faults");
}
