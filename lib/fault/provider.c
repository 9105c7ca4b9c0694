/*
 * The provider that lies: the device's own, with answers changed as
 * [provider] says. What there is no lie about is passed on.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/engine.h"

#include "crypto/dhe.h"

#include <string.h>

/*
 * Nothing of the provider may be left behind here: what is new there needs a
 * PASS below and a line in lying_ops, or a word there why not.
 */
G_STATIC_ASSERT(sizeof(SpdmProviderOps) == 40 * sizeof(void (*)(void)));

#define INNER(f) ((f)->provider.inner.ops)
#define OPAQUE(f) ((f)->provider.inner.opaque)

static const FaultLies *lies(const SpdmFaults *f)
{
    return f->plan && f->lying ? &f->plan->lies : NULL;
}

/* Keys of [provider], as they are told of. */
typedef enum Lie {
    LIE_CHAIN,
    LIE_CLOCK,
    LIE_KEX,
    LIE_MEASUREMENT,
    LIE_NONCE,
    LIE_PSK,
    LIE_SIGN,
} Lie;

static const char *const lie_names[] = {
    [LIE_CHAIN] = "chain", [LIE_CLOCK] = "clock", [LIE_KEX] = "kex",
    [LIE_MEASUREMENT] = "measurement", [LIE_NONCE] = "nonce",
    [LIE_PSK] = "psk", [LIE_SIGN] = "key or sign",
};

/* Once a frame: a chain is asked for many times. */
static void tell(SpdmFaults *f, Lie lie)
{
    const SpdmFaultFired what = {
        .rule = "[provider]", .action = lie_names[lie], .at = "provider",
        .message = "",
    };

    if (f->fired && !(f->provider.told_of & 1u << lie)) {
        f->provider.told_of |= 1u << lie;
        f->fired(f->fired_opaque, &what);
    }
}

/* Counts an answer for which there is a lie, and one that was told. */
static void note(SpdmFaults *f, bool told, Lie lie)
{
    f->provider.asked++;
    f->provider.told += told;
    if (told) {
        tell(f, lie);
    }
}

static void identity_free(FaultIdentity *identity)
{
    g_ptr_array_unref(identity->der);
    spdm_private_key_free(identity->key);
    g_free(identity);
}

void fault_provider_clear(FaultProvider *p)
{
    g_clear_pointer(&p->identities, g_ptr_array_unref);
    g_clear_pointer(&p->chain, g_bytes_unref);
    if (p->scalar) {
        spdm_wipe(p->scalar, p->scalar_len);
    }
    g_free(p->scalar);
    *p = (FaultProvider){ .inner = p->inner };
}

/* --- randomness and time -------------------------------------------------- */

static void inner_random(void *opaque, uint8_t *buf, size_t len)
{
    SpdmFaults *f = opaque;

    INNER(f)->random(OPAQUE(f), buf, len);
}

/* The scalar that was chosen, or a nonce for the second time. */
static void fill_random(void *opaque, void *buf, size_t len)
{
    SpdmFaults *f = opaque;
    FaultProvider *p = &f->provider;
    const FaultLies *l = lies(f);

    if (p->scalar && len == p->scalar_len) {
        memcpy(buf, p->scalar, len);
        spdm_wipe(p->scalar, len);
        g_clear_pointer(&p->scalar, g_free);
        note(f, true, LIE_KEX);
        return;
    }
    inner_random(f, buf, len);
    if (!l || !l->nonce_repeat || len != SPDM_NONCE_SIZE) {
        return;
    }
    if (!p->has_nonce) {
        memcpy(p->nonce, buf, len);
        /* It may become a private value: below the order of every curve. */
        p->nonce[0] &= 0x7f;
    }
    note(f, p->has_nonce, LIE_NONCE);
    p->has_nonce = true;
    memcpy(buf, p->nonce, len);
}

static int64_t now_us(void *opaque)
{
    SpdmFaults *f = opaque;
    const FaultLies *l = lies(f);
    int64_t skew = l ? l->clock_us : 0;

    if (skew) {
        note(f, true, LIE_CLOCK);
    }
    return INNER(f)->now_us(OPAQUE(f)) + skew;
}

/* One draw of a candidate, then whatever. */
typedef struct Draw {
    SpdmFaults *f;
    const uint8_t *first;    /* NULL once it is drawn */
    size_t len;
    bool again;              /* the candidate was no private value */
} Draw;

static void draw(void *opaque, uint8_t *buf, size_t len)
{
    Draw *d = opaque;

    if (d->first && len == d->len) {
        memcpy(buf, d->first, len);
        d->first = NULL;
        return;
    }
    d->again = true;
    inner_random(d->f, buf, len);
}

static bool secret_begins_with_zero(SpdmFaults *f, const SpdmDheAlg *alg,
                                    const uint8_t *scalar, SpdmBytes peer)
{
    Draw d = { .f = f, .first = scalar, .len = f->provider.scalar_len };
    const SpdmRng rng = { draw, &d };
    g_autoptr(SpdmDhe) dhe = spdm_dhe_new(alg, &rng);
    SpdmSharedSecret secret = { .len = 0 };
    bool zero = !d.again && spdm_dhe_compute(dhe, peer, &secret) &&
                secret.data[0] == 0;

    spdm_wipe(&secret, sizeof(secret));
    return zero;
}

void fault_provider_choose(SpdmFaults *f, const SpdmTapContext *c)
{
    enum { MOST_TRIES = 4096 };      /* 256 are enough on the average */
    FaultProvider *p = &f->provider;
    const SpdmDheAlg *alg;
    SpdmResponderInfo info;
    SpdmMsg m;

    if (!c->device || c->code != SPDM_KEY_EXCHANGE || !p->inner.ops ||
        !spdm_msg_decode(c->layout, SPDM_BYTES(c->bytes->data, c->bytes->len),
                         &m, NULL, NULL)) {
        return;
    }
    spdm_responder_info(c->device, &info);
    alg = spdm_dhe_by_name(info.dhe);
    if (!alg) {
        return;
    }
    g_free(p->scalar);
    p->scalar_len = alg->private_size;
    p->scalar = g_malloc(p->scalar_len);
    for (unsigned i = 0; i < MOST_TRIES; i++) {
        inner_random(f, p->scalar, p->scalar_len);
        if (secret_begins_with_zero(f, alg, p->scalar,
                                    m.key_exchange.exchange)) {
            return;
        }
    }
    g_clear_pointer(&p->scalar, g_free);
}

/* --- chains --------------------------------------------------------------- */

static SpdmBytes view(GBytes *bytes)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);

    return SPDM_BYTES(data, len);
}

/* The certificates of the device's own chain in @slot. */
static GPtrArray *own_certificates(SpdmFaults *f, uint8_t slot, uint32_t asym,
                                   const SpdmHashAlg *hash)
{
    SpdmBytes chain = INNER(f)->cert_chain(OPAQUE(f), slot, asym, hash->bit);
    size_t head = 4 + hash->size;

    return chain.len > head
        ? spdm_x509_split_der(SPDM_BYTES(chain.data + head, chain.len - head))
        : NULL;
}

enum { DAY = 24 * 3600 };

static const SpdmChainFlaw flaws[] = {
    [FAULT_CHAIN_KEY_USAGE] = SPDM_CHAIN_FLAW_KEY_USAGE,
    [FAULT_CHAIN_NO_KEY_USAGE] = SPDM_CHAIN_FLAW_NO_KEY_USAGE,
    [FAULT_CHAIN_NOT_A_CA] = SPDM_CHAIN_FLAW_NOT_A_CA,
    [FAULT_CHAIN_NO_CONSTRAINTS] = SPDM_CHAIN_FLAW_NO_CONSTRAINTS,
    [FAULT_CHAIN_NO_CERT_SIGN] = SPDM_CHAIN_FLAW_NO_CERT_SIGN,
    [FAULT_CHAIN_LEAF_CA] = SPDM_CHAIN_FLAW_LEAF_CA,
    [FAULT_CHAIN_EXTENSION] = SPDM_CHAIN_FLAW_EXTENSION,
};

/* Right in everything but what the plan wants wrong. */
static void describe_chain(FaultChain kind, const char *own_name,
                           SpdmChainSpec *spec)
{
    static const char *const other_name =
        "Vendor=ffff:Device=ffff:CC=ff0000:REV=ff:SSVID=ffff:SSID=ffff";

    spec->common_name = "qemu-spdm fault";
    spec->cma_name = kind == FAULT_CHAIN_OTHER_DEVICE ? other_name : own_name;
    spec->requester = kind == FAULT_CHAIN_REQUESTER;
    spec->flaw = kind < (int)G_N_ELEMENTS(flaws) ? flaws[kind]
                                                 : SPDM_CHAIN_FLAWLESS;
    spec->not_before = INT64_C(1577836800);     /* 2020 */
    spec->not_after = INT64_C(4102444800);      /* 2100 */
    if (kind == FAULT_CHAIN_EXPIRED) {
        spec->not_after = spec->not_before + DAY;
    } else if (kind == FAULT_CHAIN_NOT_YET_VALID) {
        spec->not_before = spec->not_after - DAY;
    }
}

static FaultIdentity *make_identity(SpdmFaults *f, uint8_t slot,
                                    uint32_t asym, const SpdmHashAlg *hash)
{
    g_autoptr(GPtrArray) own = own_certificates(f, slot, asym, hash);
    g_autofree char *name = own ? spdm_x509_cma_name(own) : NULL;
    const SpdmRng rng = { inner_random, f };
    SpdmChainSpec spec = { .alg = spdm_asym_by_bit(asym), .hash = hash };
    FaultIdentity *identity = g_new0(FaultIdentity, 1);

    describe_chain(f->plan->lies.chain, name, &spec);
    identity->asym = asym;
    identity->der = spdm_x509_generate(&spec, &rng, &identity->key, NULL);
    if (!identity->der) {
        g_free(identity);
        return NULL;
    }
    return identity;
}

static const FaultIdentity *get_identity(SpdmFaults *f, uint8_t slot,
                                         uint32_t asym, uint32_t hash)
{
    FaultProvider *p = &f->provider;
    FaultIdentity *identity;

    if (!p->identities) {
        p->identities = g_ptr_array_new_with_free_func(
            (GDestroyNotify)identity_free);
    }
    for (guint i = 0; i < p->identities->len; i++) {
        identity = g_ptr_array_index(p->identities, i);
        if (identity->asym == asym) {
            return identity;
        }
    }
    identity = make_identity(f, slot, asym, spdm_hash_by_bit(hash));
    if (identity) {
        g_ptr_array_add(p->identities, identity);
    }
    return identity;
}

static GBytes *other_chain(SpdmFaults *f, uint8_t slot, uint32_t asym,
                           uint32_t hash)
{
    const FaultIdentity *identity = get_identity(f, slot, asym, hash);
    FaultChain kind = f->plan->lies.chain;
    g_autoptr(GPtrArray) told = g_ptr_array_new();

    for (guint i = 0; identity && i < identity->der->len; i++) {
        bool last = i + 1 == identity->der->len;
        bool skip = (kind == FAULT_CHAIN_ROOT_ALONE && i > 0) ||
                    (kind == FAULT_CHAIN_NO_ISSUER && i > 0 && !last);

        if (!skip) {
            g_ptr_array_add(told, g_ptr_array_index(identity->der, i));
        }
    }
    return told->len ? spdm_x509_build_chain(told, spdm_hash_by_bit(hash))
                     : NULL;
}

/* DSP0274 "certificate chain": Length, Reserved, RootHash, certificates. */
static void chain_fields(const void *opaque, SpdmBytes bytes,
                         const SpdmFieldSink *sink)
{
    const SpdmHashAlg *hash = opaque;
    const struct {
        const char *name;
        size_t len;
    } pieces[] = {
        { "Length", 2 }, { "Reserved", 2 }, { "RootHash", hash->size },
        { "Certificates", SIZE_MAX },
    };
    size_t at = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(pieces) && at < bytes.len; i++) {
        size_t len = MIN(pieces[i].len, bytes.len - at);

        sink->field(sink->opaque, pieces[i].name, at, len);
        at += len;
    }
}

static GBytes *edit_chain(SpdmFaults *f, SpdmBytes truth, uint32_t hash)
{
    const FaultPlace place = { chain_fields, spdm_hash_by_bit(hash) };
    const GArray *edits = f->plan->lies.chain_edits;
    GByteArray *bytes = g_byte_array_new();
    bool done = false;

    g_byte_array_append(bytes, truth.data, (guint)truth.len);
    for (guint i = 0; i < edits->len; i++) {
        done |= fault_edit(&g_array_index(edits, FaultAction, i), &place,
                           bytes, NULL, &f->rng);
    }
    note(f, done, LIE_CHAIN);
    return g_byte_array_free_to_bytes(bytes);
}

static SpdmBytes cert_chain(void *opaque, uint8_t slot, uint32_t asym,
                            uint32_t hash)
{
    SpdmFaults *f = opaque;
    const FaultLies *l = lies(f);
    FaultChain kind = l ? l->chain : FAULT_CHAIN_TRUE;
    g_autoptr(GBytes) made = NULL;
    SpdmBytes chain;

    if (kind != FAULT_CHAIN_TRUE && kind != FAULT_CHAIN_SLOT) {
        made = other_chain(f, slot, asym, hash);
    }
    if (kind != FAULT_CHAIN_TRUE) {
        note(f, made || kind == FAULT_CHAIN_SLOT, LIE_CHAIN);
    }
    chain = made ? view(made) : INNER(f)->cert_chain(
        OPAQUE(f), kind == FAULT_CHAIN_SLOT ? l->chain_slot : slot, asym,
        hash);
    if (l && l->chain_edits->len && chain.len) {
        GBytes *edited = edit_chain(f, chain, hash);

        g_clear_pointer(&made, g_bytes_unref);
        made = edited;
    }
    if (!made) {
        return chain;
    }
    g_clear_pointer(&f->provider.chain, g_bytes_unref);
    f->provider.chain = g_steal_pointer(&made);
    return view(f->provider.chain);
}

/* --- signatures ----------------------------------------------------------- */

/* Where the context string ends in what is signed from 1.2 on. */
enum { PREFIX_SIZE = 100 };

static bool sign_other_context(SpdmFaults *f, const SpdmSignRequest *q,
                               uint8_t *sig)
{
    g_autofree char *context = g_strdup(q->context);
    g_autofree uint8_t *message = g_malloc(q->message.len);
    SpdmSignRequest changed = *q;
    bool prefixed = q->message.len > PREFIX_SIZE && context && *context;

    if (prefixed) {
        memcpy(message, q->message.data, q->message.len);
        context[strlen(context) - 1] ^= 1;
        message[PREFIX_SIZE - 1] ^= 1;
        changed.context = context;
        changed.message.data = message;
    }
    note(f, prefixed, LIE_SIGN);
    return INNER(f)->sign(OPAQUE(f), &changed, sig);
}

static bool sign_other_hash(SpdmFaults *f, const SpdmSignRequest *q,
                            uint8_t *sig)
{
    const SpdmHashAlg *other = spdm_hash_by_name("SHA-256");
    SpdmSignRequest changed = *q;

    if (other->bit == q->hash) {
        other = spdm_hash_by_name("SHA-384");
    }
    changed.hash = other->bit;
    note(f, true, LIE_SIGN);
    return INNER(f)->sign(OPAQUE(f), &changed, sig);
}

/* The first one is true: there is none before it. */
static bool sign_stale(SpdmFaults *f, const SpdmSignRequest *q, uint8_t *sig)
{
    FaultProvider *p = &f->provider;
    size_t size = spdm_asym_by_bit(q->asym)->sig_size;
    uint8_t fresh[SPDM_MAX_SIGNATURE];

    if (!INNER(f)->sign(OPAQUE(f), q, fresh)) {
        return false;
    }
    note(f, p->has_signature, LIE_SIGN);
    memcpy(sig, p->has_signature ? p->signature : fresh, size);
    memcpy(p->signature, fresh, size);
    p->has_signature = true;
    return true;
}

static bool sign_by_other_key(SpdmFaults *f, const SpdmSignRequest *q,
                              uint8_t *sig)
{
    const FaultIdentity *identity = get_identity(f, q->slot, q->asym,
                                                 q->hash);
    const SpdmRng rng = { inner_random, f };

    note(f, identity, LIE_SIGN);
    return identity &&
           spdm_sign(identity->key, spdm_asym_by_bit(q->asym),
                     spdm_hash_by_bit(q->hash), q->context, &q->message, 1,
                     &rng, sig);
}

static bool sign_by_slot(SpdmFaults *f, const SpdmSignRequest *q,
                         uint8_t *sig)
{
    SpdmSignRequest changed = *q;

    changed.slot = f->plan->lies.sign_slot;
    note(f, changed.slot != q->slot, LIE_SIGN);
    return INNER(f)->sign(OPAQUE(f), &changed, sig);
}

static bool sign(void *opaque, const SpdmSignRequest *q, uint8_t *sig)
{
    SpdmFaults *f = opaque;
    const FaultLies *l = lies(f);
    bool forged = l && l->chain != FAULT_CHAIN_TRUE &&
                  l->chain != FAULT_CHAIN_SLOT;

    switch (l ? l->sign : FAULT_SIGN_TRUE) {
    case FAULT_SIGN_OTHER_KEY:
        return sign_by_other_key(f, q, sig);
    case FAULT_SIGN_SLOT:
        return sign_by_slot(f, q, sig);
    case FAULT_SIGN_CONTEXT:
        return sign_other_context(f, q, sig);
    case FAULT_SIGN_HASH:
        return sign_other_hash(f, q, sig);
    case FAULT_SIGN_STALE:
        return sign_stale(f, q, sig);
    case FAULT_SIGN_FAILS:
        note(f, true, LIE_SIGN);
        return false;
    default:
        return forged ? sign_by_other_key(f, q, sig)
                      : INNER(f)->sign(OPAQUE(f), q, sig);
    }
}

/* --- measurements, PSK ---------------------------------------------------- */

static GPtrArray *measurements(void *opaque)
{
    SpdmFaults *f = opaque;
    const FaultLies *l = lies(f);
    GPtrArray *list = INNER(f)->measurements(OPAQUE(f));

    for (guint i = 0; l && i < list->len; i++) {
        SpdmMeasurement *m = g_ptr_array_index(list, i);
        GBytes *value = g_hash_table_lookup(l->measurements,
                                            GSIZE_TO_POINTER(m->index));

        if (value) {
            g_bytes_unref(m->raw);
            m->raw = g_bytes_ref(value);
            note(f, true, LIE_MEASUREMENT);
        }
    }
    return list;
}

static bool psk(void *opaque, SpdmBytes hint, SpdmBytes data, uint32_t hash,
                uint8_t *key, size_t *len)
{
    SpdmFaults *f = opaque;
    const FaultLies *l = lies(f);
    bool ok = INNER(f)->psk(OPAQUE(f), hint, data, hash, key, len);

    if (l && (l->psk_wrong || l->psk_unknown)) {
        note(f, ok, LIE_PSK);
    }
    if (ok && l && l->psk_wrong && *len) {
        key[0] ^= 1;
    }
    return ok && !(l && l->psk_unknown);
}

/* --- no lies about these -------------------------------------------------- */

#define PASS0(type, name) \
    static type name(void *opaque) \
    { \
        SpdmFaults *f = opaque; \
        return INNER(f)->name(OPAQUE(f)); \
    }
#define PASS(type, name, params, args) \
    static type name params \
    { \
        SpdmFaults *f = opaque; \
        return INNER(f)->name args; \
    }

PASS(bool, application,
     (void *opaque, SpdmBytes message, GByteArray *reply),
     (OPAQUE(f), message, reply))
PASS0(SpdmCsrTags, csr_tags)
PASS(bool, set_csr_tags, (void *opaque, const SpdmCsrTags *tags),
     (OPAQUE(f), tags))
PASS(bool, bank, (void *opaque, uint8_t id, SpdmBank *bank_info),
     (OPAQUE(f), id, bank_info))
PASS(bool, set_bank,
     (void *opaque, uint8_t id, uint32_t asym, uint32_t pqc),
     (OPAQUE(f), id, asym, pqc))
PASS(uint8_t, slots, (void *opaque, uint32_t asym), (OPAQUE(f), asym))
PASS(bool, slot_key, (void *opaque, uint8_t slot, uint32_t asym,
                      SpdmSlotKey *key), (OPAQUE(f), slot, asym, key))
PASS(SpdmBytes, public_key, (void *opaque, uint32_t asym), (OPAQUE(f), asym))
PASS(bool, key_pair, (void *opaque, uint8_t id, SpdmKeyPair *pair),
     (OPAQUE(f), id, pair))
PASS(SpdmKeyPairResult, set_key_pair,
     (void *opaque, const SpdmKeyPairChange *change), (OPAQUE(f), change))
PASS0(GPtrArray *, new_measurements)
PASS0(GPtrArray *, mel)
PASS(GBytes *, endpoint_info, (void *opaque, uint8_t sub_code),
     (OPAQUE(f), sub_code))
PASS(SpdmVendorResult, vendor,
     (void *opaque, const SpdmVendorRequest *request, GByteArray *reply),
     (OPAQUE(f), request, reply))
PASS0(GBytes *, vendor_save)
PASS(bool, vendor_load,
     (void *opaque, SpdmBytes state, const uint32_t *sessions,
      unsigned session_count, GError **errp),
     (OPAQUE(f), state, sessions, session_count, errp))
PASS(bool, csr, (void *opaque, const SpdmCsrRequest *ask, GByteArray *csr),
     (OPAQUE(f), ask, csr))
PASS(SpdmProvisionStatus, set_certificate,
     (void *opaque, const SpdmSetCertificate *ask), (OPAQUE(f), ask))
PASS0(uint8_t, staged_slots)
PASS0(uint8_t, platform_reset)
PASS0(GBytes *, identity_save)
PASS(bool, identity_load, (void *opaque, SpdmBytes state, GError **errp),
     (OPAQUE(f), state, errp))
PASS0(uint32_t, flags)
PASS(bool, flags_possible, (void *opaque, uint32_t some), (OPAQUE(f), some))
PASS0(GBytes *, user_save)
PASS(bool, user_load, (void *opaque, SpdmBytes state, GError **errp),
     (OPAQUE(f), state, errp))
PASS0(uint64_t, random_tell)
PASS(bool, trusts_requester, (void *opaque, SpdmBytes chain, uint32_t asym,
                              uint32_t hash, const char **why),
     (OPAQUE(f), chain, asym, hash, why))
PASS(SpdmBytes, requester_chain, (void *opaque, uint8_t slot, uint32_t asym,
                                  uint32_t hash),
     (OPAQUE(f), slot, asym, hash))

/* Lies about keys that are yet to come are told when they come. */
static bool ephemeral_random(void *opaque, uint64_t index, uint64_t offset,
                             void *buf, size_t len)
{
    SpdmFaults *f = opaque;
    const FaultLies *l = lies(f);

    return INNER(f)->ephemeral_random &&
           !(l && (l->leading_zero || l->nonce_repeat)) &&
           INNER(f)->ephemeral_random(OPAQUE(f), index, offset, buf, len);
}

/* A lie about certificates is made up when it is told. */
static bool chains_made(void *opaque)
{
    SpdmFaults *f = opaque;

    return !lies(f) && INNER(f)->chains_made(OPAQUE(f));
}

static void session_ended(void *opaque, uint32_t session_id)
{
    SpdmFaults *f = opaque;

    INNER(f)->session_ended(OPAQUE(f), session_id);
}

static void random_seek(void *opaque, uint64_t position)
{
    SpdmFaults *f = opaque;

    INNER(f)->random_seek(OPAQUE(f), position);
}

/* No chain_hash(): what is told of a chain is of the one that is told. */
static const SpdmProviderOps lying_ops = {
    .random = fill_random,
    .now_us = now_us,
    .slots = slots,
    .cert_chain = cert_chain,
    .chains_made = chains_made,
    .slot_key = slot_key,
    .public_key = public_key,
    .key_pair = key_pair,
    .set_key_pair = set_key_pair,
    .application = application,
    .csr_tags = csr_tags,
    .set_csr_tags = set_csr_tags,
    .bank = bank,
    .set_bank = set_bank,
    .sign = sign,
    .measurements = measurements,
    .new_measurements = new_measurements,
    .mel = mel,
    .endpoint_info = endpoint_info,
    .psk = psk,
    .vendor = vendor,
    .session_ended = session_ended,
    .vendor_save = vendor_save,
    .vendor_load = vendor_load,
    .csr = csr,
    .set_certificate = set_certificate,
    .staged_slots = staged_slots,
    .platform_reset = platform_reset,
    .identity_save = identity_save,
    .identity_load = identity_load,
    .flags = flags,
    .flags_possible = flags_possible,
    .user_save = user_save,
    .user_load = user_load,
    .ephemeral_random = ephemeral_random,
    .random_tell = random_tell,
    .random_seek = random_seek,
    .trusts_requester = trusts_requester,
    .requester_chain = requester_chain,
};

/* What the device does not have, the liar has not either. */
static void leave_out(SpdmProviderOps *ops, const SpdmProviderOps *inner)
{
    void *const *from = (void *const *)inner;
    void **to = (void **)ops;

    for (size_t i = 0; i < sizeof(*ops) / sizeof(*to); i++) {
        if (!from[i]) {
            to[i] = NULL;
        }
    }
}

SpdmProvider spdm_faults_provider(SpdmFaults *f, const SpdmProvider *inner)
{
    f->provider.inner = *inner;
    f->ops = lying_ops;
    leave_out(&f->ops, inner->ops);
    return (SpdmProvider){ .ops = &f->ops, .opaque = f };
}
