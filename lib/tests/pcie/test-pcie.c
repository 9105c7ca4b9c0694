/*
 * IDE_KM and TDISP, as talks: what is said to the device, and what it says.
 *
 * A line that begins with a session ("1", "2"; "0" for none, "h" for a
 * handshake; "C", "D": 1 and 2, and CXL's vendor) is a payload for the device,
 * in hex; "=" is its answer, in hex or
 * as a word; "!" is something that happens.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcie/pcie-int.h"

#include <string.h>

#define KEY "0001020304050607 08090a0b0c0d0e0f 1011121314151617" \
            "18191a1b1c1d1e1f"
#define IFV "0000000001000000"
#define NONCE "a5a5a5a5a5a5a5a5 a5a5a5a5a5a5a5a5 a5a5a5a5a5a5a5a5" \
              "a5a5a5a5a5a5a5a5"
#define WRONG "a5a5a5a5a5a5a5a5 a5a5a5a5a5a5a5a5 a5a5a5a5a5a5a5a5" \
              "a5a5a5a5a5a5a5a4"
#define PROG(stream, sub, port) \
    "00 02 0000" stream "00" sub port KEY IFV
#define KP_ACK(stream, status, sub, port) \
    "= 00 03 0000" stream status sub port
#define GO(stream, sub, port) "00 04 0000" stream "00" sub port
#define STOP(stream, sub, port) "00 05 0000" stream "00" sub port
#define ACK(stream, sub, port) "= 00 06 0000" stream "00" sub port

/* TDISP: FunctionID beef, as nobody is on a bus. */
#define HEAD(type) "01 10" type "0000 efbe0000 0000000000000000"
#define TERR(code, data) "=" HEAD("7f") code data
#define NO_DATA "00000000"
#define INVALID_REQUEST TERR("01000000", NO_DATA)
#define INVALID_STATE TERR("04000000", NO_DATA)
#define INVALID_CONFIG TERR("04010000", NO_DATA)
#define LOCK(flags, stream, offset) \
    HEAD("83") flags stream "00" offset "0000000000000000"
#define LOCK_0 LOCK("0700", "00", "000000d000000000")
#define LOCKED "=" HEAD("03") NONCE
#define STATE(session) session HEAD("85")
#define IS(state) "=" HEAD("05") state
#define START(nonce) HEAD("86") nonce
#define STOP_TDI HEAD("87")
#define REPORT(offset, length) HEAD("84") offset length

typedef struct Talk {
    const char *name;
    const char *lines[40];
} Talk;

typedef struct Fx {
    SpdmProfile profile;
    SpdmPcie *pcie;
    SpdmPciFunction function;
    size_t room;
    SpdmVendorResult result;
    GByteArray *reply;
} Fx;

static void fill(void *opaque, uint8_t *buf, size_t len)
{
    memset(buf, 0xa5, len);
}

static const SpdmRng rng = { .fill = fill };

static GByteArray *unhex(const char *s)
{
    GByteArray *out = g_byte_array_new();

    for (; *s; s++) {
        uint8_t byte;

        if (*s == ' ') {
            continue;
        }
        g_assert_true(g_ascii_isxdigit(s[0]) && g_ascii_isxdigit(s[1]));
        byte = (uint8_t)(g_ascii_xdigit_value(s[0]) << 4 |
                         g_ascii_xdigit_value(s[1]));
        g_byte_array_append(out, &byte, 1);
        s++;
    }
    return out;
}

static void ask(Fx *fx, char who, SpdmBytes payload)
{
    static const uint8_t vendors[][2] = { { 1, 0 }, { 0x98, 0x1e } };
    bool cxl = who == 'C' || who == 'D';
    char session = who == 'C' ? '1' : who == 'D' ? '2' : who;
    const SpdmVendorRequest request = {
        .standard = 3,
        .vendor_id = SPDM_BYTES(vendors[cxl], 2),
        .payload = payload,
        .session_id = session == '0' ? 0 : session == 'h' ? '1'
                                                          : (uint32_t)session,
        .established = session != '0' && session != 'h',
        .room = fx->room,
    };

    g_assert_true(spdm_pcie_is_for(&request));
    g_byte_array_set_size(fx->reply, 0);
    spdm_pcie_set_function(fx->pcie, &fx->function);
    fx->result = spdm_pcie_vendor(fx->pcie, &request, fx->reply);
}

static void ask_hex(Fx *fx, char session, const char *hex)
{
    g_autoptr(GByteArray) payload = unhex(hex);

    ask(fx, session, SPDM_BYTES(payload->data, payload->len));
}

static const char *const words[] = {
    [SPDM_VENDOR_SILENT] = "silent",
    [SPDM_VENDOR_UNSERVED] = "unserved",
    [SPDM_VENDOR_MALFORMED] = "malformed",
    [SPDM_VENDOR_NEEDS_SESSION] = "needs-session",
    [SPDM_VENDOR_TOO_LARGE] = "too-large",
};

static void expect(Fx *fx, const char *line)
{
    g_autoptr(GByteArray) want = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (words[i] && strcmp(line, words[i]) == 0) {
            g_assert_cmpint(fx->result, ==, i);
            return;
        }
    }
    g_assert_cmpint(fx->result, ==, SPDM_VENDOR_ANSWERED);
    want = unhex(line);
    g_assert_cmpmem(fx->reply->data, fx->reply->len, want->data, want->len);
}

/* "K0" or "K1" of stream 0 of port 0, by a session: programmed, and on. */
static void key(Fx *fx, const char *set, char session)
{
    static const uint8_t subs[] = { 0x00, 0x10, 0x20, 0x02, 0x12, 0x22 };

    for (size_t i = 0; i < G_N_ELEMENTS(subs); i++) {
        uint8_t sub = subs[i] | (set[1] - '0');
        g_autofree char *hex = g_strdup_printf("%02x", sub);
        g_autofree char *prog = g_strconcat("00 02 0000 00 00", hex, "00",
                                            KEY IFV, NULL);
        g_autofree char *go = g_strconcat("00 04 0000 00 00", hex, "00",
                                          NULL);

        ask_hex(fx, session, prog);
        g_assert_cmpint(fx->result, ==, SPDM_VENDOR_ANSWERED);
        g_assert_cmpuint(fx->reply->data[5], ==, SPDM_IDE_OK);
        ask_hex(fx, session, go);
        g_assert_cmpint(fx->result, ==, SPDM_VENDOR_ANSWERED);
    }
}

/* Into a new device: what is loaded is all that it has. */
static void save_and_load(Fx *fx)
{
    static const uint32_t sessions[] = { '1', '2' };
    g_autoptr(GBytes) state = spdm_pcie_save(fx->pcie);
    g_autoptr(GError) err = NULL;
    gsize len;
    const uint8_t *data = g_bytes_get_data(state, &len);

    spdm_pcie_free(fx->pcie);
    fx->pcie = spdm_pcie_new(&fx->profile, &rng);
    g_assert_true(spdm_pcie_load(fx->pcie, SPDM_BYTES(data, len), sessions,
                                 G_N_ELEMENTS(sessions), &err));
    g_assert_no_error(err);
}

static void happen(Fx *fx, const char *what)
{
    SpdmPciFunction on_bus = {
        .known = true, .requester_id = 0xbeef, .command = 6,
        .msix_control = 0x8001,
        .bars = { { .address = 0xfe000000, .size = 0x4000 },
                  [4] = { .address = 0xfd000000, .size = 0x1000,
                          .msix_table = true } },
    };

    if (g_str_has_prefix(what, "K")) {
        key(fx, what, what[3]);
    } else if (g_str_has_prefix(what, "end ")) {
        spdm_pcie_session_ended(fx->pcie, (uint32_t)what[4]);
    } else if (strcmp(what, "reset") == 0) {
        spdm_pcie_reset(fx->pcie);
    } else if (strcmp(what, "snapshot") == 0) {
        save_and_load(fx);
    } else if (g_str_has_prefix(what, "room ")) {
        fx->room = (size_t)atoi(what + 5);
    } else if (strcmp(what, "bus") == 0) {
        fx->function = on_bus;
    } else if (g_str_has_prefix(what, "command ")) {
        fx->function.command = (uint16_t)atoi(what + 8);
    } else if (strcmp(what, "bar") == 0) {
        fx->function.bars[0].address += 0x10000;
    } else if (strcmp(what, "no-ide") == 0) {
        fx->profile.pcie.ide = false;
    } else if (g_str_has_prefix(what, "psk ")) {
        uint8_t psk[SPDM_MAX_PSK];
        size_t len = 0;
        bool found = spdm_pcie_psk(fx->pcie,
                                   SPDM_BYTES("SECONDARY_SESSION_0_PSK", 24),
                                   psk, &len);

        g_assert_cmpint(found, ==, what[4] == 'y');
        g_assert_cmpuint(len, ==, found ? 32 : 0);
        g_assert_cmpuint(found ? psk[0] : 0x42, ==, 0x42);
    } else if (strcmp(what, "no-cxl") == 0) {
        fx->profile.pcie.cxl = false;
    } else if (strcmp(what, "no-tdisp") == 0) {
        fx->profile.pcie.tdisp = false;
    } else {
        g_assert_not_reached();
    }
}

static Fx *fx_new(void)
{
    static const char info[] = "emu";
    Fx *fx = g_new0(Fx, 1);

    fx->profile.pcie = (SpdmProfilePcie){
        .ide = true, .ide_ports = 2, .ide_streams = 2, .tdisp = true,
        .cxl = true, .lock_flags = 7, .interface_info = 3,
        .device_info = g_bytes_new_static(info, 3),
    };
    fx->pcie = spdm_pcie_new(&fx->profile, &rng);
    fx->room = 1024;
    fx->reply = g_byte_array_new();
    return fx;
}

static void fx_free(Fx *fx)
{
    spdm_pcie_free(fx->pcie);
    g_bytes_unref(fx->profile.pcie.device_info);
    g_byte_array_unref(fx->reply);
    g_free(fx);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fx, fx_free)

static void test_talk(gconstpointer data)
{
    const Talk *talk = data;
    g_autoptr(Fx) fx = fx_new();

    for (const char *const *line = talk->lines; *line; line++) {
        const char *rest = *line + 1;

        rest += strspn(rest, " ");
        if (**line == '=') {
            expect(fx, rest);
        } else if (**line == '!') {
            happen(fx, rest);
        } else {
            ask_hex(fx, **line, rest);
        }
    }
}

/* QUERY_RESP of port 0 with its two streams' status and control. */
#define QUERY "00 00 00 00"
#define REGISTERS(c0, s0, c1, s1) \
    "= 00 01 00 00 00 00 00 01 42000101 00000000" \
    "00000000" c0 s0 "00000000 00000000" \
    "00000000" c1 s1 "00000000 00000000"
#define OFF "00000000"
#define INSECURE "00000000"
#define SECURE "02000000"
#define ON_0 "01000000"
#define DEFAULT_0 "01004000"

static const Talk ide_talks[] = {
    { "QUERY-shows-the-registers",
      { "1" QUERY, REGISTERS(OFF, INSECURE, OFF, INSECURE) } },
    { "QUERY-of-a-downstream-port",
      { "!bus", "1 00 00 00 01",
        "= 00 01 00 01 00 bf 00 01 42000101 00000000"
        "00000000 00000000 00000000 00000000 00000000"
        "00000000 00000000 00000000 00000000 00000000" } },
    { "QUERY-of-no-port-is-not-answered", { "1 00 00 00 02", "=silent" } },
    { "six-keys-make-a-stream-secure",
      { "!K0 1", "1" QUERY, REGISTERS(ON_0, SECURE, OFF, INSECURE) } },
    { "five-keys-do-not",
      { "!K0 1", "1" STOP("00", "22", "00"), ACK("00", "22", "00"),
        "1" QUERY, REGISTERS(ON_0, INSECURE, OFF, INSECURE) } },
    { "a-programmed-key-is-not-yet-in-use",
      { "1" PROG("00", "00", "00"), KP_ACK("00", "00", "00", "00"),
        "1" QUERY, REGISTERS(ON_0, INSECURE, OFF, INSECURE) } },
    { "a-programmed-key-may-be-replaced",
      { "1" PROG("00", "00", "00"), KP_ACK("00", "00", "00", "00"),
        "1" PROG("00", "00", "00"), KP_ACK("00", "00", "00", "00") } },
    { "a-key-in-use-may-not",
      { "!K0 1", "1" PROG("00", "00", "00"),
        KP_ACK("00", "04", "00", "00") } },
    { "the-other-key-set-refreshes-it",
      { "!K0 1", "1" PROG("00", "01", "00"),
        KP_ACK("00", "00", "01", "00"), "1" GO("00", "01", "00"),
        ACK("00", "01", "00"), "1" QUERY,
        REGISTERS(ON_0, SECURE, OFF, INSECURE) } },
    { "and-frees-the-first",
      { "!K0 1", "!K1 1", "1" PROG("00", "00", "00"),
        KP_ACK("00", "00", "00", "00") } },
    { "GO-without-a-key-is-insecure",
      { "!K0 1", "1" GO("00", "01", "00"), ACK("00", "01", "00"),
        "1" QUERY, REGISTERS(ON_0, INSECURE, OFF, INSECURE) } },
    { "GO-of-no-stream-is-acknowledged",
      { "1" GO("07", "00", "00"), ACK("07", "00", "00"),
        "1" QUERY, REGISTERS(OFF, INSECURE, OFF, INSECURE) } },
    { "GO-of-no-port-is-not-answered", { "1" GO("00", "00", "02"),
      "=silent" } },
    { "GO-of-a-reserved-sub-stream-is-not-answered",
      { "1" GO("00", "30", "00"), "=silent", "1" GO("00", "04", "00"),
        "=silent" } },
    { "STOP-of-no-port-is-not-answered", { "1" STOP("00", "00", "02"),
      "=silent" } },
    { "KEY_PROG-of-no-port-says-so",
      { "1" PROG("00", "00", "02"), KP_ACK("00", "02", "00", "02") } },
    { "KEY_PROG-of-a-reserved-sub-stream-says-so",
      { "1" PROG("00", "30", "00"), KP_ACK("00", "03", "30", "00"),
        "1" PROG("00", "08", "00"), KP_ACK("00", "03", "08", "00") } },
    { "KEY_PROG-of-one-stream-too-many-says-so",
      { "1" PROG("10", "00", "00"), KP_ACK("10", "00", "00", "00"),
        "1" PROG("11", "00", "00"), KP_ACK("11", "00", "00", "00"),
        "1" PROG("12", "00", "00"), KP_ACK("12", "03", "00", "00"),
        "1" PROG("12", "00", "01"), KP_ACK("12", "00", "00", "01") } },
    { "a-stopped-stream-makes-room",
      { "1" PROG("10", "00", "00"), "1" PROG("11", "00", "00"),
        "1" STOP("10", "00", "00"), ACK("10", "00", "00"),
        "1" PROG("12", "00", "00"), KP_ACK("12", "00", "00", "00") } },
    { "keys-outlive-their-session",
      { "!K0 1", "!end 1", "2" QUERY,
        REGISTERS(ON_0, SECURE, OFF, INSECURE) } },
    { "a-reset-wipes-them",
      { "!K0 1", "!reset", "1" QUERY,
        REGISTERS(OFF, INSECURE, OFF, INSECURE) } },
    { "a-snapshot-keeps-them",
      { "!K0 1", "!snapshot", "1" QUERY,
        REGISTERS(ON_0, SECURE, OFF, INSECURE) } },
    { "responses-are-not-answered",
      { "1 00 03 000000000000", "=silent", "1 00 06 000000000000",
        "=silent", "1 00 01 00 00 00000000", "=silent" } },
    { "unknown-objects-are-not-answered", { "1 00 09 0000", "=silent" } },
    { "no-object-is-not-answered", { "1 00", "=silent" } },
    { "outside-a-session-it-is-refused", { "0" QUERY, "=needs-session" } },
    { "in-a-handshake-it-is-refused", { "h" QUERY, "=needs-session" } },
    { "without-IDE-it-is-not-served",
      { "!no-ide", "1" QUERY, "=unserved" } },
    { "an-unknown-protocol-is-not-served", { "1 02 00", "=unserved" } },
    { "an-empty-payload-is-malformed", { "1", "=malformed" } },
    { "an-answer-without-room-changes-nothing",
      { "!room 7", "1" PROG("00", "00", "00"), "=too-large", "!room 8",
        "1" PROG("00", "00", "00"), KP_ACK("00", "00", "00", "00"),
        "!room 7", "1" GO("00", "00", "00"), "=too-large",
        "!room 55", "1" QUERY, "=too-large", "!room 56", "1" QUERY,
        REGISTERS(ON_0, INSECURE, OFF, INSECURE) } },
};

static const Talk tdisp_talks[] = {
    { "GET_TDISP_VERSION-is-1.0",
      { "1" HEAD("81"), "=" HEAD("01") "01 10" } },
    { "GET_TDISP_VERSION-of-any-version",
      { "1 01 20 81 0000 efbe0000 0000000000000000",
        "=" HEAD("01") "01 10" } },
    { "GET_TDISP_CAPABILITIES-names-what-is-served",
      { "1" HEAD("82") "00000000",
        "=" HEAD("02") "00000000 fe00000000000000 0000000000000000"
        "0700 000000 30 01 01" } },
    { "the-life-of-an-interface",
      { "!K0 1", STATE("1"), IS("00"), "1" LOCK_0, LOCKED, STATE("1"),
        IS("01"), "1" START(NONCE), "=" HEAD("06"), STATE("1"), IS("02"),
        "1" STOP_TDI, "=" HEAD("07"), STATE("1"), IS("00") } },
    { "the-report-of-a-device-on-no-bus",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" REPORT("0000", "4000"),
        "=" HEAD("04") "2700 0000 0300 0000 0000 0000 00000000 01000000"
        "00000d0000000000 10000000 0000 0000 03000000 656d75" } },
    { "the-report-of-a-device-on-a-bus",
      { "!bus", "!K0 1", "1" LOCK_0, LOCKED, "1" REPORT("0000", "0001"),
        "=" HEAD("04") "3700 0000 0300 0000 0180 0000 00000000 02000000"
        "00e01c0000000000 04000000 0000 0000"
        "00d01c0000000000 01000000 0300 0400 03000000 656d75" } },
    { "the-report-in-portions",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" REPORT("0000", "1000"),
        "=" HEAD("04") "1000 1700 0300 0000 0000 0000 00000000 01000000",
        "1" REPORT("2600", "1000"), "=" HEAD("04") "0100 0000 75" } },
    { "the-report-in-portions-of-the-room",
      { "!K0 1", "1" LOCK_0, LOCKED, "!room 23", "1" REPORT("0000", "4000"),
        "=too-large", "!room 25", "1" REPORT("0000", "4000"),
        "=" HEAD("04") "0400 2300 03000000" } },
    { "a-report-past-its-end",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" REPORT("2700", "1000"),
        INVALID_REQUEST } },
    { "a-report-of-no-length",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" REPORT("0000", "0000"),
        INVALID_REQUEST } },
    { "a-report-needs-a-lock",
      { "!K0 1", "1" REPORT("0000", "4000"), INVALID_STATE } },
    { "a-report-while-it-runs",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" START(NONCE), "=" HEAD("06"),
        "1" REPORT("2600", "1000"), "=" HEAD("04") "0100 0000 75" } },
    { "a-lock-needs-an-IDE-stream", { "1" LOCK_0, INVALID_CONFIG } },
    { "a-lock-needs-that-IDE-stream",
      { "!K0 1", "1" LOCK("0700", "01", "0000000000000000"),
        INVALID_CONFIG } },
    { "a-lock-needs-a-secure-stream",
      { "!K0 1", "1" STOP("00", "12", "00"), "1" LOCK_0, INVALID_CONFIG } },
    { "a-lock-needs-keys-of-its-session",
      { "!K0 1", "2" LOCK_0, INVALID_CONFIG, "!end 1", "1" LOCK_0,
        INVALID_CONFIG, "!K1 2", "2" LOCK_0, LOCKED } },
    { "without-IDE-a-lock-needs-none", { "!no-ide", "1" LOCK_0, LOCKED } },
    { "a-lock-of-unsupported-flags",
      { "!K0 1", "1" LOCK("0f00", "00", "0000000000000000"),
        INVALID_REQUEST, STATE("1"), IS("00") } },
    { "a-lock-with-an-offset-inside-a-page",
      { "!K0 1", "1" LOCK("0700", "00", "0008000000000000"),
        INVALID_REQUEST } },
    { "a-second-lock",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" LOCK_0, INVALID_STATE } },
    { "a-start-without-lock", { "1" START(NONCE), INVALID_STATE } },
    { "a-start-with-a-wrong-nonce",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" START(WRONG),
        TERR("02010000", NO_DATA), STATE("1"), IS("01"), "1" START(NONCE),
        "=" HEAD("06") } },
    { "a-second-start",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" START(NONCE), "=" HEAD("06"),
        "1" START(NONCE), INVALID_STATE } },
    { "a-stop-without-lock", { "1" STOP_TDI, INVALID_STATE } },
    { "another-session-sees-the-state-and-no-more",
      { "!K0 1", "1" LOCK_0, LOCKED, STATE("2"), IS("01"),
        "2" START(NONCE), INVALID_STATE, "2" REPORT("0000", "4000"),
        INVALID_STATE, "2" STOP_TDI, INVALID_STATE, "1" START(NONCE),
        "=" HEAD("06") } },
    { "the-end-of-the-session-is-an-ERROR",
      { "!K0 1", "1" LOCK_0, LOCKED, "!end 1", STATE("2"), IS("03"),
        "2" START(NONCE), INVALID_STATE, "2" LOCK_0, INVALID_STATE,
        "2" STOP_TDI, "=" HEAD("07"), STATE("2"), IS("00") } },
    { "the-end-of-another-session-is-not",
      { "!K0 1", "1" LOCK_0, LOCKED, "!end 2", STATE("1"), IS("01") } },
    { "an-insecure-stream-is-an-ERROR",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" START(NONCE), "=" HEAD("06"),
        "1" STOP("00", "00", "00"), ACK("00", "00", "00"), STATE("1"),
        IS("03") } },
    { "a-refreshed-stream-is-not",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" START(NONCE), "=" HEAD("06"),
        "!K1 1", STATE("1"), IS("02") } },
    { "another-stream-is-not",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" PROG("05", "00", "00"),
        "1" STOP("05", "00", "00"), STATE("1"), IS("01") } },
    { "the-registers-show-the-default-stream",
      { "!K0 1", "1" LOCK_0, LOCKED, "1" QUERY,
        REGISTERS(DEFAULT_0, SECURE, OFF, INSECURE) } },
    { "a-reset-unlocks",
      { "!K0 1", "1" LOCK_0, LOCKED, "!reset", STATE("1"), IS("00") } },
    { "bus-mastering-lost-is-an-ERROR",
      { "!bus", "!K0 1", "1" LOCK_0, LOCKED, "!command 2", STATE("1"),
        IS("03") } },
    { "memory-space-lost-is-an-ERROR",
      { "!bus", "!K0 1", "1" LOCK_0, LOCKED, "!command 4", STATE("1"),
        IS("03") } },
    { "a-BAR-that-moves-is-an-ERROR",
      { "!bus", "!K0 1", "1" LOCK_0, LOCKED, "!bar", STATE("1"),
        IS("03") } },
    { "unlocked-it-may-all-change",
      { "!bus", "!command 0", "!bar", STATE("1"), IS("00") } },
    { "a-snapshot-while-locked",
      { "!K0 1", "1" LOCK_0, LOCKED, "!snapshot", STATE("1"), IS("01"),
        "1" REPORT("2600", "1000"), "=" HEAD("04") "0100 0000 75",
        "1" START(NONCE), "=" HEAD("06") } },
    { "a-snapshot-while-it-runs",
      { "!bus", "!K0 1", "1" LOCK_0, LOCKED, "1" START(NONCE),
        "=" HEAD("06"), "!snapshot", STATE("1"), IS("02"),
        "1" START(NONCE), INVALID_STATE } },
    { "a-version-of-no-TDISP",
      { "1 01 20 85 0000 efbe0000 0000000000000000",
        TERR("41000000", NO_DATA) } },
    { "types-that-are-not-served",
      { "1" HEAD("88") "00", TERR("07000000", "88000000"),
        "1" HEAD("8b"), TERR("07000000", "8b000000"),
        "1" HEAD("05") "00", TERR("07000000", "05000000") } },
    { "another-function-on-a-bus",
      { "!bus", "1 01 10 85 0000 eebe0000 0000000000000000",
        "= 01 10 7f 0000 eebe0000 0000000000000000 01010000 00000000" } },
    { "another-segment-on-a-bus",
      { "!bus", "1 01 10 85 0000 efbe0101 0000000000000000",
        "= 01 10 7f 0000 efbe0101 0000000000000000 01010000 00000000",
        "1 01 10 85 0000 efbe0001 0000000000000000",
        "= 01 10 05 0000 efbe0001 0000000000000000 00" } },
    { "another-name-while-locked",
      { "!K0 1", "1" LOCK_0, LOCKED,
        "1 01 10 85 0000 eebe0000 0000000000000000",
        "= 01 10 7f 0000 eebe0000 0000000000000000 01010000 00000000" } },
    { "outside-a-session-it-is-refused", { STATE("0"), "=needs-session" } },
    { "in-a-handshake-it-is-refused", { STATE("h"), "=needs-session" } },
    { "without-TDISP-it-is-not-served",
      { "!no-tdisp", STATE("1"), "=unserved" } },
    { "a-lock-without-room-changes-nothing",
      { "!K0 1", "!room 48", "1" LOCK_0, "=too-large", "!room 49",
        STATE("1"), IS("00"), "1" LOCK_0, LOCKED } },
};

#define Z4 "00000000"
#define Z32 Z4 Z4 Z4 Z4 Z4 Z4 Z4 Z4
#define IV "000000800000000001000000"
#define MADE_KEY "a5a5a5a5a5a5a5a5 a5a5a5a5a5a5a5a5 a5a5a5a5a5a5a5a5" \
                 "a5a5a5a5a5a5a5a5"
#define CXL_PROG(sub, port) "00 02 0000 00 00" sub port KEY IV
#define CXL_KEY(code, sub, port) "00" code "0000 00 00" sub port
#define TSP(code) "01 10" code "0000"
#define TSP_ERROR(code) "= 01 10 7f 0000" code Z4
#define CONFIG "0100 02000000 00000000 16000000 00000000 00000000 01000000" \
               Z4
#define SET_CONFIG "01 10 83" CONFIG Z32 Z32 Z32 Z32 Z32 "01000000" Z4 Z4 \
    Z4 Z4 Z4 Z4 Z4 "42000000" Z4 Z4 Z4 Z4 Z4 Z4 Z4 Z32 Z32 Z32
#define CONFIGURATION(state) "= 01 10 04" CONFIG Z4 state Z4 Z4 Z4 Z4 Z4 Z4 \
    Z32 Z32 Z32 Z32
#define TE(state, count) "01 10 8d" state count Z4 Z4 Z4 \
    "0000100000000000 0000010000000000"
#define DONE(code) "=" TSP(code)

static const Talk cxl_talks[] = {
    { "QUERY", { "C 00 00 00 01", "= 00 01 00 01 00 00 00 01 71" Z32 Z4 } },
    { "QUERY-of-no-port-is-not-answered", { "C 00 00 00 02", "=silent" } },
    { "QUERY-of-another-length-is-not-answered",
      { "C 00 00 00", "=silent", "C 00 00 00 0000", "=silent" } },
    { "GET_KEY-makes-a-key",
      { "C" CXL_KEY("07", "80", "00"),
        "=" CXL_KEY("08", "80", "00") MADE_KEY IV } },
    { "the-keys-of-a-link",
      { "C" CXL_PROG("88", "00"), "=" CXL_KEY("03", "88", "00"),
        "C" CXL_PROG("82", "00"), "=" CXL_KEY("03", "82", "00"),
        "C" CXL_KEY("04", "80", "00"), "=" CXL_KEY("06", "80", "00"),
        "C" CXL_KEY("04", "82", "00"), "=" CXL_KEY("06", "82", "00"),
        "!snapshot", "C" CXL_KEY("05", "80", "00"),
        "=" CXL_KEY("06", "80", "00") } },
    { "KEY_PROG-says-what-is-wrong",
      { "C" CXL_PROG("80", "02"), "= 00 03 0000 00 02 80 02",
        "C" CXL_PROG("00", "00"), "= 00 03 0000 00 03 00 00",
        "C" CXL_PROG("80", "00") "00", "= 00 03 0000 00 01 80 00",
        "C" CXL_KEY("02", "80", "00"), "= 00 03 0000 00 01 80 00",
        "C 00 02 0000 00 00 80", "=silent" } },
    { "the-others-do-not",
      { "C" CXL_KEY("04", "80", "02"), "=silent",
        "C" CXL_KEY("04", "00", "00"), "=silent",
        "C" CXL_KEY("05", "80", "00") "00", "=silent",
        "C" CXL_KEY("07", "84", "00"), "=silent",
        "C" CXL_KEY("09", "80", "00"), "=silent", "C 00", "=silent" } },
    { "TSP-version", { "C" TSP("81"), "=" TSP("01") "01 10" } },
    { "TSP-capabilities",
      { "C" TSP("82"),
        "= 01 10 02 0100 02000000 00000000 16000000 00000000 01000000"
        "03000000 00000000 01000000" Z4 Z4 Z4 Z4 } },
    { "TSP-configuration-is-set-and-locked",
      { "!psk no", "C" SET_CONFIG, DONE("03"), "!psk yes", "C" TSP("84"),
        CONFIGURATION(Z4), "C" TSP("86"), DONE("06"), "!snapshot",
        "D" TSP("84"), CONFIGURATION("01000000"), "!psk yes",
        "C" TE("01", "01"), DONE("0d"), "D" TE("00", "01"), DONE("0d") } },
    { "TSP-configuration-is-the-primary-session's",
      { "C" SET_CONFIG, DONE("03"), "D" SET_CONFIG, TSP_ERROR("01000000"),
        "D" TSP("86"), TSP_ERROR("01000000"), "!end 2", "!psk yes",
        "!end 1", "!psk no", "D" SET_CONFIG, DONE("03") } },
    { "TSP-locked-is-locked",
      { "C" TSP("86"), TSP_ERROR("01000000"), "C" SET_CONFIG, DONE("03"),
        "C" TSP("86"), DONE("06"), "C" TSP("86"), TSP_ERROR("01000000"),
        "C" SET_CONFIG, TSP_ERROR("01000000"), "!reset", "!psk no",
        "C" SET_CONFIG, DONE("03") } },
    { "TSP-report-in-portions",
      { "C" TSP("85") "0000 0400", "=" TSP("05") "0400 d800 01000000",
        "C" TSP("85") "d800 0002", "=" TSP("05") "0400 0000" Z4,
        "C" TSP("85") "dc00 0002", TSP_ERROR("01000000"),
        "C" TSP("85") "0000 0000", TSP_ERROR("01000000") } },
    { "TSP-lengths",
      { "C" TSP("81") "00", TSP_ERROR("01000000"), "C 01 10 81 00",
        "=malformed", "C" SET_CONFIG "00", TSP_ERROR("01000000"),
        "C" TSP("84") "00", TSP_ERROR("01000000"), "C" TSP("85") "0000 04",
        TSP_ERROR("01000000"), "C" TE("01", "01"), TSP_ERROR("01000000"),
        "C" SET_CONFIG, "C" TSP("86"), "C" TE("01", "02"),
        TSP_ERROR("01000000"), "C" TE("01", "00"), TSP_ERROR("01000000"),
        "C" TE("02", "01"), TSP_ERROR("01000000"),
        "C" TE("01", "01") "00", TSP_ERROR("01000000"),
        "C" TSP("8d") Z4, TSP_ERROR("01000000") } },
    { "TSP-of-another-version", { "C 01 20 84 0000",
      TSP_ERROR("41000000") } },
    { "TSP-unknown-request", { "C" TSP("90"), TSP_ERROR("07000000") } },
    { "no-such-protocol", { "C 02 00", "=unserved" } },
    { "without-CXL-it-is-not-served",
      { "!no-cxl", "C 00 00 00 00", "=unserved" } },
    { "an-answer-without-room-changes-nothing",
      { "!room 51", "C" CXL_PROG("88", "00"), "=too-large", "!room 228",
        "C" SET_CONFIG, "=too-large", "!psk no" } },
};

/* An object of each kind, with a stream to lock to. */
static const char *const objects[] = {
    "00 00 00 00", PROG("01", "00", "00"), GO("00", "00", "00"),
    STOP("01", "00", "00"), HEAD("81"), HEAD("82") "00000000", LOCK_0,
    REPORT("0000", "4000"), HEAD("85"), START(NONCE), STOP_TDI,
};

/* What is left to say of an object that has not its size. */
static void check_refusal(Fx *fx, SpdmBytes payload)
{
    bool tdisp = payload.len && payload.data[0] == SPDM_PROTOCOL_TDISP;

    if (payload.len == 0 ||
        (tdisp && payload.len < 1 + SPDM_TDISP_HEADER_SIZE)) {
        expect(fx, "malformed");
    } else if (tdisp) {
        expect(fx, INVALID_REQUEST + 1);
    } else if (payload.len >= 8 && payload.data[1] == SPDM_IDE_KEY_PROG) {
        expect(fx, "00 03 0000 01 01 00 00");
    } else {
        expect(fx, "silent");
    }
}

static void test_lengths(gconstpointer data)
{
    g_autoptr(GByteArray) whole = unhex(data);

    g_byte_array_append(whole, (const uint8_t *)"", 1);
    for (guint len = 0; len <= whole->len; len++) {
        g_autoptr(Fx) fx = fx_new();
        SpdmBytes payload = SPDM_BYTES(whole->data, len);
        bool locked = len > 2 && whole->data[0] == SPDM_PROTOCOL_TDISP &&
            (whole->data[2] == SPDM_TDISP_GET_DEVICE_INTERFACE_REPORT ||
             whole->data[2] == SPDM_TDISP_START_INTERFACE ||
             whole->data[2] == SPDM_TDISP_STOP_INTERFACE);

        happen(fx, "K0 1");
        if (locked) {
            ask_hex(fx, '1', LOCK_0);
        }
        ask(fx, '1', payload);
        if (len == whole->len - 1) {
            g_assert_cmpint(fx->result, ==, SPDM_VENDOR_ANSWERED);
        } else {
            check_refusal(fx, payload);
        }
    }
}

/* Every byte of a snapshot is bent in turn: refused or sound, never worse. */
static void test_bent_snapshots(void)
{
    static const uint32_t sessions[] = { '1' };
    g_autoptr(Fx) fx = fx_new();
    g_autoptr(GBytes) state = NULL;
    gsize len;

    happen(fx, "K0 1");
    ask_hex(fx, '1', LOCK_0);
    state = spdm_pcie_save(fx->pcie);
    len = g_bytes_get_size(state);
    for (gsize i = 0; i < len; i++) {
        g_autofree uint8_t *bent = g_memdup2(g_bytes_get_data(state, NULL),
                                             len);

        bent[i] ^= 0xff;
        if (spdm_pcie_load(fx->pcie, SPDM_BYTES(bent, len), sessions, 1,
                           NULL)) {
            ask_hex(fx, '1', QUERY);
            ask_hex(fx, '1', REPORT("0000", "4000"));
        }
        g_assert_false(spdm_pcie_load(fx->pcie, SPDM_BYTES(bent, i),
                                      sessions, 1, NULL));
    }
}

/* A TDI that is locked by a session that is not there. */
static void test_lost_session(void)
{
    static const uint32_t others[] = { '2', '3' };
    g_autoptr(Fx) fx = fx_new();
    g_autoptr(GBytes) state = NULL;
    g_autoptr(GError) err = NULL;
    SpdmBytes bytes;

    happen(fx, "K0 1");
    ask_hex(fx, '1', LOCK_0);
    state = spdm_pcie_save(fx->pcie);
    bytes.data = g_bytes_get_data(state, &bytes.len);
    g_assert_false(spdm_pcie_load(fx->pcie, bytes, others, 2, &err));
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE);
    ask_hex(fx, '2', HEAD("85"));
    expect(fx, HEAD("05") "00");
}

static void test_nothing_there(void)
{
    SpdmProfile profile = { .pcie = { .ide_ports = 1, .ide_streams = 1 } };

    g_assert_null(spdm_pcie_new(&profile, &rng));
    spdm_pcie_free(NULL);
}

/* Only PCI-SIG's VENDOR_DEFINED is for the device. */
static void test_addressee(void)
{
    static const struct {
        uint16_t standard;
        uint8_t id[3], len;
        bool ours;
    } rows[] = {
        { 3, { 1, 0 }, 2, true }, { 3, { 2, 0 }, 2, false },
        { 3, { 1, 1 }, 2, false }, { 3, { 1, 0 }, 1, false },
        { 4, { 1, 0 }, 2, false }, { 3, { 0x98, 0x1e }, 2, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const SpdmVendorRequest request = {
            .standard = rows[i].standard,
            .vendor_id = SPDM_BYTES(rows[i].id, rows[i].len),
        };

        g_assert_cmpint(spdm_pcie_is_for(&request), ==, rows[i].ours);
    }
}

static void add_talks(const char *area, const Talk *talks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("/pcie/%s/%s", area,
                                                talks[i].name);

        g_test_add_data_func(path, &talks[i], test_talk);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_talks("ide-km", ide_talks, G_N_ELEMENTS(ide_talks));
    add_talks("tdisp", tdisp_talks, G_N_ELEMENTS(tdisp_talks));
    add_talks("cxl", cxl_talks, G_N_ELEMENTS(cxl_talks));
    for (size_t i = 0; i < G_N_ELEMENTS(objects); i++) {
        g_autofree char *path = g_strdup_printf("/pcie/every-length/%zu", i);

        g_test_add_data_func(path, objects[i], test_lengths);
    }
    g_test_add_func("/pcie/snapshot/bent", test_bent_snapshots);
    g_test_add_func("/pcie/snapshot/lost-session", test_lost_session);
    g_test_add_func("/pcie/no-such-device", test_nothing_there);
    g_test_add_func("/pcie/addressee", test_addressee);
    return g_test_run();
}
