/*
 * What rules do: the keys of [rule] that are actions.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/plan.h"

#include <string.h>

typedef struct ActionKey ActionKey;

struct ActionKey {
    FaultKeyDoc doc;
    FaultActionKind kind;
    bool (*parse)(const FaultReader *r, const ActionKey *key,
                  const char *text, FaultAction *a);
    bool list;               /* several, with ";" between them */
};

void fault_action_clear(FaultAction *a)
{
    g_free(a->target.field);
    g_free(a->text);
    g_clear_pointer(&a->value.bytes, g_bytes_unref);
}

GArray *fault_actions_new(void)
{
    GArray *actions = g_array_new(FALSE, FALSE, sizeof(FaultAction));

    g_array_set_clear_func(actions, (GDestroyNotify)fault_action_clear);
    return actions;
}

/* --- forms of values ------------------------------------------------------ */

/* TARGET=VALUE */
static bool parse_edit(const FaultReader *r, const ActionKey *key,
                       const char *text, FaultAction *a)
{
    g_auto(GStrv) parts = g_strsplit(text, "=", 2);

    if (!parts[0] || !parts[1]) {
        return fault_complain(r, "\"%s\" is not %s", text, key->doc.value);
    }
    return fault_parse_target(r, parts[0], &a->target) &&
           fault_parse_value(r, parts[1], &a->value);
}

/* FIELD=NUMBER, with a sign. */
static bool parse_add(const FaultReader *r, const ActionKey *key,
                      const char *text, FaultAction *a)
{
    g_auto(GStrv) parts = g_strsplit(text, "=", 2);

    if (!parts[0] || !parts[1]) {
        return fault_complain(r, "\"%s\" is not %s", text, key->doc.value);
    }
    return fault_parse_target(r, parts[0], &a->target) &&
           fault_integer(r, g_strstrip(parts[1]), &a->number);
}

/* TARGET, or a number of bytes to stay (below 0: to go). */
static bool parse_part(const FaultReader *r, const ActionKey *key,
                       const char *text, FaultAction *a)
{
    if (g_ascii_isdigit(text[0]) || text[0] == '-') {
        a->target.nth = 1;
        return fault_integer(r, text, &a->target.offset);
    }
    return fault_parse_target(r, text, &a->target);
}

static bool parse_whole(const FaultReader *r, const ActionKey *key,
                        const char *text, FaultAction *a)
{
    if (!fault_parse_value(r, text, &a->value)) {
        return false;
    }
    if (a->value.kind == FAULT_VALUE_NUMBER ||
        a->value.kind == FAULT_VALUE_BIG ||
        a->value.kind == FAULT_VALUE_PREVIOUS ||
        (a->value.kind != FAULT_VALUE_BYTES && !a->value.count)) {
        return fault_complain(r, "\"%s\" does not say how many bytes: "
                              "hex:..., text:..., zeros:N, ones:N or "
                              "random:N", text);
    }
    return true;
}

static bool parse_yes(const FaultReader *r, const ActionKey *key,
                      const char *text, FaultAction *a)
{
    return fault_yes(r, text);
}

/* Of a responder's messages only those can be made up or remembered. */
static bool parse_message(const FaultReader *r, const ActionKey *key,
                          const char *text, FaultAction *a)
{
    int code;

    if (!fault_message(r, text, &code)) {
        return false;
    }
    if (code < 0 || code >= 0x80) {
        return fault_complain(r, "%s is no response", text);
    }
    a->code = (uint8_t)code;
    return true;
}

static bool parse_time(const FaultReader *r, const ActionKey *key,
                       const char *text, FaultAction *a)
{
    return fault_duration(r, text, &a->number);
}

static bool parse_skew(const FaultReader *r, const ActionKey *key,
                       const char *text, FaultAction *a)
{
    if (!fault_integer(r, text, &a->number)) {
        return false;
    }
    if (a->number == 0 || a->number > UINT16_MAX || a->number < -UINT16_MAX) {
        return fault_complain(r, "\"%s\" is not -65535 to -1 or 1 to 65535",
                              text);
    }
    return true;
}

static const char *error_at(const void *list, unsigned i)
{
    return spdm_error_name_at(i);
}

static bool parse_error_code(const FaultReader *r, const char *text,
                             FaultAction *a)
{
    int code = spdm_error_by_name(text);
    uint64_t number;

    if (code >= 0) {
        a->code = (uint8_t)code;
        return true;
    }
    if (!g_ascii_isdigit(text[0])) {
        return fault_unknown(r, "ERROR code", text, error_at, NULL);
    }
    if (!fault_number(r, text, 0, UINT8_MAX, &number)) {
        return false;
    }
    a->code = (uint8_t)number;
    return true;
}

/* NAME or number, Param2, ExtendedErrorData. */
static bool parse_error(const FaultReader *r, const ActionKey *key,
                        const char *text, FaultAction *a)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", 3);
    uint64_t param2 = 0;

    if (!parse_error_code(r, parts[0] ? g_strstrip(parts[0]) : "", a)) {
        return false;
    }
    if (parts[0] && parts[1] &&
        !fault_number(r, g_strstrip(parts[1]), 0, UINT8_MAX, &param2)) {
        return false;
    }
    a->param2 = (uint8_t)param2;
    if (parts[0] && parts[1] && parts[2]) {
        a->value.kind = FAULT_VALUE_BYTES;
        a->value.bytes = fault_hex(r, parts[2]);
        return a->value.bytes != NULL;
    }
    return true;
}

static bool parse_when(const FaultReader *r, const ActionKey *key,
                       const char *text, FaultAction *a)
{
    static const char *const words[] = { "now", "after", NULL };
    int i = fault_choose(r, "moment", text, words);

    a->number = i == 0 ? SPDM_FAULT_NOW : SPDM_FAULT_AFTER;
    return i >= 0;
}

static bool parse_session_end(const FaultReader *r, const ActionKey *key,
                              const char *text, FaultAction *a)
{
    static const char *const words[] = { "now", "after", "all", NULL };
    int i = fault_choose(r, "way to end a session", text, words);

    a->number = i;
    return i >= 0;
}

static bool parse_switch(const FaultReader *r, const ActionKey *key,
                         const char *text, FaultAction *a)
{
    static const char *const words[] = { "off", "on", NULL };
    int i = fault_choose(r, "switch", text, words);

    a->number = i;
    return i >= 0;
}

/* "[pending:]N:text:..." or "...:hex:..."; the device checks the rest. */
static bool parse_measurement(const FaultReader *r, const ActionKey *key,
                              const char *text, FaultAction *a)
{
    if (!strstr(text, ":text:") && !strstr(text, ":hex:")) {
        return fault_complain(r, "\"%s\" is not %s", text, key->doc.value);
    }
    a->text = g_strdup(text);
    return true;
}

/* What the device's user could write; it is the device that understands it. */
static bool parse_change(const FaultReader *r, const ActionKey *key,
                         const char *text, FaultAction *a)
{
    static const char marks[] = {
        [FAULT_CERTIFICATE] = ':', [FAULT_PSK] = '=',
    };
    char mark = key->kind < G_N_ELEMENTS(marks) ? marks[key->kind] : 0;

    if (!*text || (mark && !strchr(text, mark))) {
        return fault_complain(r, "\"%s\" is not %s", text, key->doc.value);
    }
    a->text = g_strdup(text);
    return true;
}

static bool parse_doe_number(const FaultReader *r, const char *text,
                             FaultAction *a)
{
    SpdmDoeOrders *doe = &a->doe;
    uint64_t number;

    if (doe->faults == SPDM_DOE_BUSY) {
        return fault_duration(r, text, &doe->busy_us);
    }
    if (doe->faults != SPDM_DOE_READY_LOST &&
        doe->faults != SPDM_DOE_ABORT_SLOW) {
        return fault_complain(r, "there is nothing to say after the colon");
    }
    if (!fault_number(r, text, 1, 1 << 18, &number)) {
        return false;
    }
    doe->ready_dwords = (unsigned)number;
    doe->abort_reads = (unsigned)number;
    return true;
}

static bool parse_doe(const FaultReader *r, const ActionKey *key,
                      const char *text, FaultAction *a)
{
    static const char *const words[] = {
        "busy", "error", "never-ready", "ready-lost", "no-interrupt",
        "early-interrupt", "abort-ignored", "abort-slow", "ones", NULL,
    };
    g_auto(GStrv) parts = g_strsplit(text, ":", 2);
    int i = fault_choose(r, "fault of a DOE mailbox",
                         parts[0] ? parts[0] : "", words);

    if (i < 0) {
        return false;
    }
    a->doe = (SpdmDoeOrders){ .faults = 1u << i, .busy_us = -1,
                              .ready_dwords = 1, .abort_reads = 16 };
    return !parts[1] || parse_doe_number(r, parts[1], a);
}

/* --- the table ------------------------------------------------------------ */

#define EDIT "TARGET=VALUE; ..."

static const ActionKey action_keys[] = {
    { { "set", EDIT, "puts the value there", FAULT_ON_TAPS },
      FAULT_SET, parse_edit, true },
    { { "xor", EDIT, "turns the bits of the value over", FAULT_ON_TAPS },
      FAULT_XOR, parse_edit, true },
    { { "or", EDIT, "sets the bits of the value", FAULT_ON_TAPS },
      FAULT_OR, parse_edit, true },
    { { "clear", EDIT, "clears the bits of the value", FAULT_ON_TAPS },
      FAULT_CLEAR, parse_edit, true },
    { { "add", "TARGET=N; ...", "adds to a little-endian number of up to 8 "
        "bytes; N may be below 0", FAULT_ON_TAPS },
      FAULT_ADD, parse_add, true },
    { { "insert", EDIT, "puts the value in front of it", FAULT_ON_TAPS },
      FAULT_INSERT, parse_edit, true },
    { { "delete", "TARGET; ...", "takes it out", FAULT_ON_TAPS },
      FAULT_DELETE, parse_part, true },
    { { "splice", EDIT, "puts the value in its place, longer or shorter",
        FAULT_ON_TAPS }, FAULT_SPLICE, parse_edit, true },
    { { "truncate", "TARGET or N", "ends the message where the target "
        "begins, after N bytes, or (N below 0) so many before its end",
        FAULT_ON_TAPS }, FAULT_TRUNCATE, parse_part, false },
    { { "extend", "BYTES", "appends", FAULT_ON_TAPS },
      FAULT_EXTEND, parse_whole, false },
    { { "replace", "BYTES", "the whole message becomes this",
        FAULT_ON_TAPS }, FAULT_REPLACE, parse_whole, false },
    { { "drop", "true", "nothing is answered", FAULT_ON_TAPS },
      FAULT_DROP, parse_yes, false },
    { { "answer", "BYTES", "these bytes are the answer; the request is not "
        "looked at", FAULT_ON_RX_MSG }, FAULT_ANSWER, parse_whole, false },
    { { "error", "NAME or N[, Param2[, HEX]]", "an ERROR is the answer, with "
        "this ExtendedErrorData; at rx-msg the request is not looked at, at "
        "tx-msg it was served", FAULT_ON_RX_MSG | FAULT_ON_TX_MSG },
      FAULT_ERROR, parse_error, false },
    { { "swap", "MESSAGE", "the answer's code becomes that of another "
        "message; at rx-msg a header of it is the answer",
        FAULT_ON_RX_MSG | FAULT_ON_TX_MSG }, FAULT_SWAP, parse_message,
      false },
    { { "replay", "MESSAGE", "the latest such answer before this one is "
        "sent; at tx-frame its whole frame",
        FAULT_ON_RX_MSG | FAULT_ON_TX_MSG | FAULT_ON_TX_FRAME },
      FAULT_REPLAY, parse_message, false },
    { { "duplicate", "true", "the frame is sent twice", FAULT_ON_TX_FRAME },
      FAULT_DUPLICATE, parse_yes, false },
    { { "delay", "TIME", "the answer is held back, on the device's clock",
        FAULT_ON_TAPS }, FAULT_DELAY, parse_time, false },
    { { "plain", "true", "the answer of a session goes in the clear",
        FAULT_ON_TX_MSG }, FAULT_PLAIN, parse_yes, false },
    { { "sequence", "N", "adds to the sequence number of the record and "
        "those after it", FAULT_ON_TX_MSG }, FAULT_SEQUENCE, parse_skew,
      false },
    { { "inner-length", "N", "adds to the length of the message that is "
        "inside the record", FAULT_ON_TX_MSG }, FAULT_INNER_LENGTH,
      parse_skew, false },
    { { "session-end", "now, after or all", "the device forgets the session "
        "and its keys: unanswered, once the answer has gone, or all sessions "
        "unanswered", FAULT_ON_TAPS }, FAULT_SESSION_END, parse_session_end,
      false },
    { { "doe", "FAULT[:N]", "what the mailbox does wrong; see below",
        FAULT_ON_ANY }, FAULT_DOE, parse_doe, false },
    { { "reset", "now or after", "the function resets itself: unanswered, "
        "or once the answer is there", FAULT_ON_TAPS },
      FAULT_RESET, parse_when, false },
    { { "unplug", "now or after", "the device asks to be unplugged",
        FAULT_ON_ANY }, FAULT_UNPLUG, parse_when, false },
    { { "surprise", "now or after", "the device is gone: what is read of it "
        "is all ones", FAULT_ON_ANY }, FAULT_SURPRISE, parse_when, false },
    { { "measurement", "[pending:]N:text:... or N:hex:...", "a measurement "
        "of the device changes, truthfully told", FAULT_ON_ANY },
      FAULT_MEASUREMENT, parse_measurement, false },
    { { "firmware-version", "[pending:]VERSION", "likewise the one of "
        "``type=firmware-version``", FAULT_ON_ANY },
      FAULT_FIRMWARE_VERSION, parse_change, false },
    { { "certificate", "SLOT:CHAIN.pem[:KEY.pem] or SLOT:erase", "a "
        "certificate slot gets another chain, or none", FAULT_ON_ANY },
      FAULT_CERTIFICATE, parse_change, false },
    { { "psk", "HINT=KEY or HINT=remove", "a pre-shared key comes, changes "
        "or goes", FAULT_ON_ANY }, FAULT_PSK, parse_change, false },
    { { "capabilities", "NAME;..., +NAME;-NAME or profile", "what the next "
        "CAPABILITIES says", FAULT_ON_ANY }, FAULT_CAPABILITIES,
      parse_change, false },
    { { "lies", "on or off", "the lies of [provider] begin or end",
        FAULT_ON_ANY }, FAULT_LIES, parse_switch, false },
};

const FaultKeyDoc *fault_action_doc(unsigned i)
{
    return i < G_N_ELEMENTS(action_keys) ? &action_keys[i].doc : NULL;
}

static const ActionKey *find_key(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(action_keys); i++) {
        if (!strcmp(action_keys[i].doc.name, name)) {
            return &action_keys[i];
        }
    }
    return NULL;
}

static const char *rule_key_at(const void *list, unsigned i)
{
    const FaultKeyDoc *doc = fault_selector_doc(i);
    unsigned selectors = 0;

    if (doc) {
        return doc->name;
    }
    while (fault_selector_doc(selectors)) {
        selectors++;
    }
    doc = fault_action_doc(i - selectors);
    return doc ? doc->name : NULL;
}

static bool parse_one(const FaultReader *r, const ActionKey *key,
                      const char *text, GArray *actions)
{
    FaultAction a = { .kind = key->kind };

    if (!key->parse(r, key, text, &a)) {
        fault_action_clear(&a);
        return false;
    }
    g_array_append_val(actions, a);
    return true;
}

static bool parse_key(const FaultReader *r, const ActionKey *key,
                      const char *text, GArray *actions)
{
    g_auto(GStrv) parts = key->list ? g_strsplit(text, ";", -1) : NULL;

    if (!parts) {
        return parse_one(r, key, text, actions);
    }
    for (unsigned i = 0; parts[i]; i++) {
        if (!parse_one(r, key, g_strstrip(parts[i]), actions)) {
            return false;
        }
    }
    return parts[0] || fault_complain(r, "is empty");
}

bool fault_parse_action(const FaultReader *r, FaultRule *rule,
                        const char *text)
{
    const ActionKey *key = find_key(r->key);

    if (!key) {
        return fault_unknown(r, "key of a rule", r->key, rule_key_at, NULL);
    }
    if (rule->shown->len) {
        g_string_append(rule->shown, "; ");
    }
    g_string_append_printf(rule->shown, "%s = %s", r->key, text);
    return parse_key(r, key, text, rule->actions);
}

bool fault_parse_edit(const FaultReader *r, const char *name,
                      const char *text, GArray *actions)
{
    const ActionKey *key = find_key(name);

    if (!key || key->kind > FAULT_REPLACE) {
        return fault_complain(r, "no such edit of a chain");
    }
    return parse_key(r, key, text, actions);
}
