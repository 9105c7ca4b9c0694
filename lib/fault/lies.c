/*
 * [provider]: the keys of lies that the identity tells.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/plan.h"

#include <string.h>

static bool parse_start(const FaultReader *r, FaultLies *lies,
                        const char *text)
{
    static const char *const words[] = { "off", "on", NULL };
    int i = fault_choose(r, "switch", text, words);

    lies->from_start = i == 1;
    return i >= 0;
}

/* "slot N" */
static bool parse_slot(const FaultReader *r, const char *text, uint8_t *slot,
                       bool *known)
{
    uint64_t n = 0;

    *known = g_str_has_prefix(text, "slot ");
    if (*known && !fault_number(r, text + strlen("slot "), 0,
                                SPDM_SLOT_COUNT - 1, &n)) {
        return false;
    }
    *slot = (uint8_t)n;
    return true;
}

static bool parse_key(const FaultReader *r, FaultLies *lies, const char *text)
{
    static const char *const words[] = { "other", "slot N", NULL };
    bool slot;

    if (!parse_slot(r, text, &lies->sign_slot, &slot)) {
        return false;
    }
    lies->sign = slot ? FAULT_SIGN_SLOT : FAULT_SIGN_OTHER_KEY;
    return slot || fault_choose(r, "key", text, words) >= 0;
}

static bool parse_sign(const FaultReader *r, FaultLies *lies,
                       const char *text)
{
    static const char *const words[] = { "context", "hash", "stale", "fail",
                                         NULL };
    int i = fault_choose(r, "way to sign", text, words);

    lies->sign = (FaultSign)(FAULT_SIGN_CONTEXT + MAX(i, 0));
    return i >= 0;
}

static bool parse_chain(const FaultReader *r, FaultLies *lies,
                        const char *text)
{
    static const char *const words[] = {
        "other", "other-device", "expired", "not-yet-valid", "requester",
        "root-alone", "no-issuer", "key-usage", "no-key-usage", "not-a-ca",
        "no-constraints", "no-cert-sign", "leaf-ca", "critical-extension",
        "slot N", NULL,
    };
    bool slot;
    int i;

    if (!parse_slot(r, text, &lies->chain_slot, &slot)) {
        return false;
    }
    if (slot) {
        lies->chain = FAULT_CHAIN_SLOT;
        return true;
    }
    i = fault_choose(r, "chain", text, words);
    lies->chain = (FaultChain)(FAULT_CHAIN_OTHER + MAX(i, 0));
    return i >= 0;
}

/* "3:text:..." or "3:hex:...", several with ";" between them. */
static bool parse_measurement(const FaultReader *r, FaultLies *lies,
                              const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ";", -1);

    for (unsigned i = 0; parts[i]; i++) {
        g_auto(GStrv) halves = g_strsplit(g_strstrip(parts[i]), ":", 2);
        FaultValue value = { .bytes = NULL };
        uint64_t index;

        if (!halves[0] || !halves[1]) {
            return fault_complain(r, "\"%s\" is not N:text:... or N:hex:...",
                                  parts[i]);
        }
        if (!fault_number(r, halves[0], 1, 0xfe, &index) ||
            !fault_parse_value(r, halves[1], &value)) {
            return false;
        }
        if (!value.bytes) {
            return fault_complain(r, "\"%s\" is not N:text:... or N:hex:...",
                                  parts[i]);
        }
        g_hash_table_insert(lies->measurements, GSIZE_TO_POINTER(index),
                            value.bytes);
    }
    return true;
}

static bool parse_psk(const FaultReader *r, FaultLies *lies, const char *text)
{
    static const char *const words[] = { "wrong", "unknown", NULL };
    int i = fault_choose(r, "PSK", text, words);

    lies->psk_wrong = i == 0;
    lies->psk_unknown = i == 1;
    return i >= 0;
}

static bool parse_nonce(const FaultReader *r, FaultLies *lies,
                        const char *text)
{
    static const char *const words[] = { "repeat", NULL };

    lies->nonce_repeat = true;
    return fault_choose(r, "nonce", text, words) >= 0;
}

static bool parse_clock(const FaultReader *r, FaultLies *lies,
                        const char *text)
{
    bool minus = text[0] == '-';

    if (!fault_duration(r, text + (minus || text[0] == '+'),
                        &lies->clock_us)) {
        return false;
    }
    lies->clock_us *= minus ? -1 : 1;
    return true;
}

static bool parse_kex(const FaultReader *r, FaultLies *lies, const char *text)
{
    static const char *const words[] = { "leading-zero", NULL };

    lies->leading_zero = true;
    return fault_choose(r, "kind of ephemeral key", text, words) >= 0;
}

static const struct {
    FaultKeyDoc doc;
    bool (*parse)(const FaultReader *r, FaultLies *lies, const char *text);
} lie_keys[] = {
    { { "start", "on or off", "whether the lies are told before a rule with "
        "``lies`` says so; on by itself", 0 }, parse_start },
    { { "key", "other or slot N", "signatures are by a key that is none of "
        "the device's, or that of another slot", 0 }, parse_key },
    { { "sign", "context, hash, stale or fail", "signatures are over another "
        "context string (1.2), by another hash, are those of the time "
        "before, or cannot be made", 0 }, parse_sign },
    { { "chain", "other, other-device, expired, not-yet-valid, requester, "
        "root-alone, no-issuer, key-usage, no-key-usage, not-a-ca, "
        "no-constraints, no-cert-sign, leaf-ca, critical-extension or slot N",
        "the chain of every slot is another, and its key signs (but for "
        "slot N): of an unknown root, with another device's CMA name, out of "
        "date, for requesters, without all below the root, without what "
        "issued the leaf; the leaf's keyUsage is only keyEncipherment, or "
        "missing; the issuer of the leaf says CA=FALSE, has no "
        "basicConstraints, or no keyCertSign; the leaf says CA=TRUE, or has "
        "a critical extension that nobody knows; or it is that of slot N",
        0 }, parse_chain },
    { { "measurement", "N:text:...; N:hex:...", "measurements are told with "
        "these values", 0 }, parse_measurement },
    { { "psk", "wrong or unknown", "the pre-shared key is another one, or "
        "there is none", 0 }, parse_psk },
    { { "nonce", "repeat", "nonces and RandomData are the same each time",
        0 }, parse_nonce },
    { { "clock", "+TIME or -TIME", "the device's clock is off", 0 },
      parse_clock },
    { { "kex", "leading-zero", "ephemeral keys are chosen so that the shared "
        "secret begins with a zero byte: legal, and must succeed", 0 },
      parse_kex },
};

static const FaultKeyDoc edit_doc = {
    "chain-EDIT", "as the action EDIT",
    "set, xor, or, clear, add, insert, delete, splice, truncate, extend and "
    "replace on the certificate chain structure (fields Length, Reserved, "
    "RootHash, Certificates): what DIGESTS and signatures are over is the "
    "edited one", 0,
};

const FaultKeyDoc *fault_lie_doc(unsigned i)
{
    if (i < G_N_ELEMENTS(lie_keys)) {
        return &lie_keys[i].doc;
    }
    return i == G_N_ELEMENTS(lie_keys) ? &edit_doc : NULL;
}

static const char *lie_at(const void *list, unsigned i)
{
    const FaultKeyDoc *doc = fault_lie_doc(i);

    return doc ? doc->name : NULL;
}

/* chain-set and so on; names are those of the structure. */
static bool parse_chain_edit(const FaultReader *r, FaultLies *lies,
                             const char *text)
{
    static const char *const names[] = { "Length", "Reserved", "RootHash",
                                         "Certificates", NULL };
    guint before = lies->chain_edits->len;

    if (!fault_parse_edit(r, r->key + strlen("chain-"), text,
                          lies->chain_edits)) {
        return false;
    }
    for (guint i = before; i < lies->chain_edits->len; i++) {
        const char *field = g_array_index(lies->chain_edits, FaultAction,
                                          i).target.field;

        if (field && fault_choose(r, "field of a certificate chain", field,
                                  names) < 0) {
            return false;
        }
    }
    return true;
}

static bool is_chain_edit(const char *key)
{
    if (!g_str_has_prefix(key, "chain-")) {
        return false;
    }
    for (unsigned i = 0; i <= FAULT_REPLACE; i++) {
        if (!strcmp(key + strlen("chain-"), fault_action_doc(i)->name)) {
            return true;
        }
    }
    return false;
}

bool fault_parse_lie(const FaultReader *r, FaultLies *lies, const char *text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(lie_keys); i++) {
        if (!strcmp(lie_keys[i].doc.name, r->key)) {
            return lie_keys[i].parse(r, lies, text);
        }
    }
    if (is_chain_edit(r->key)) {
        return parse_chain_edit(r, lies, text);
    }
    return fault_unknown(r, "key of [provider]", r->key, lie_at, NULL);
}
