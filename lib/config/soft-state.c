/*
 * What was provisioned, as bytes: the state file, and the provider's part of
 * a VM snapshot.
 *
 * Little-endian, read and written by one description:
 *
 *   magic, format
 *   u8 number of keys, each: key pair, kind of key, PKCS#8 PEM
 *   u8 number of entries, each: slot, key pair, model, kind of key, staged,
 *      DER certificates (none: erased)
 *   u8 number of banks, each: kind of key, as a bit of KEY_PAIR_INFO
 *   u16 number of key pairs that are not as the profile has them, or will not
 *      be (staged), each: id, algorithm, usage, slots, empty, generation,
 *      staged
 *   CSRTrackingTags that wait for a reset, and that are ready
 *   SHA-256 of all before
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-state-int.h"

#include <string.h>

#include "crypto/hash.h"

typedef SoftStateReader Reader;

enum {
    MAGIC = 0x53495351,      /* "QSIS" */
    FORMAT = 3,
    FORMAT_WITHOUT_PAIRS = 2, /* ends behind the banks */
    FORMAT_WITHOUT_BANKS = 1, /* ends behind the entries */
    DIGEST_SIZE = 32,
    MAX_ENTRIES = 144,       /* 8 slots, 9 kinds of key, as is and staged */
    MAX_CERTS = SPDM_MAX_CHAIN,
    MAX_PAIRS = 2 * UINT8_MAX,   /* as is and staged */
    PAIR_SIZE = 16,
    MAX_PEM = 8192,
};

G_STATIC_ASSERT(MAX_ENTRIES * (MAX_CERTS + MAX_PEM + 64) <
                SPDM_IDENTITY_STATE_MAX);

static const SpdmWireCtx no_ctx;

static void code_kept(SpdmCoder *c, SoftKept *kept, SpdmBytes *pem)
{
    spdm_code_u8(c, "KeyPair", &kept->pair);
    spdm_code_u32(c, "Asym", &kept->asym);
    spdm_code_sized16(c, "KeyLength", "Key", pem);
}

static void code_entry(SpdmCoder *c, SoftProvisioned *p, SpdmBytes *certs)
{
    spdm_code_u8(c, "Slot", &p->slot);
    spdm_code_u8(c, "KeyPair", &p->pair);
    spdm_code_u8(c, "Model", &p->model);
    spdm_code_u32(c, "Asym", &p->asym);
    spdm_code_bool(c, "Staged", &p->staged);
    spdm_code_sized16(c, "CertificatesLength", "Certificates", certs);
}

static void code_bank(SpdmCoder *c, uint32_t *alg)
{
    spdm_code_u32(c, "Algorithm", alg);
}

static void code_pair(SpdmCoder *c, SoftPairState *s)
{
    spdm_code_u8(c, "KeyPair", &s->id);
    spdm_code_u32(c, "Algorithm", &s->alg);
    spdm_code_u16(c, "Usage", &s->usage);
    spdm_code_u8(c, "Slots", &s->slots);
    spdm_code_bool(c, "Empty", &s->empty);
    spdm_code_u32(c, "Generation", &s->generation);
    spdm_code_bool(c, "Staged", &s->staged);
}

static void code_tags(SpdmCoder *c, SpdmCsrTags *tags)
{
    spdm_code_u8(c, "TagsWaiting", &tags->waiting);
    spdm_code_u8(c, "TagsReady", &tags->ready);
}

/* Writing. */

static void write_entry(SpdmCoder *c, const SoftProvisioned *p)
{
    g_autoptr(GByteArray) der = g_byte_array_new();
    SoftProvisioned copy = *p;
    SpdmBytes certs;

    for (guint i = 0; p->chain && i < p->chain->der->len; i++) {
        SpdmBytes one = soft_bytes(g_ptr_array_index(p->chain->der, i));

        g_byte_array_append(der, one.data, (guint)one.len);
    }
    certs = SPDM_BYTES(der->data, der->len);
    code_entry(c, &copy, &certs);
}

static void write_kept(SpdmCoder *c, const SoftKept *kept)
{
    SoftKept copy = *kept;
    SpdmBytes pem = SPDM_BYTES(kept->pem, strlen(kept->pem));

    code_kept(c, &copy, &pem);
}

static bool same_state(const SoftPairState *a, const SoftPairState *b)
{
    return a->alg == b->alg && a->usage == b->usage &&
           a->slots == b->slots && a->empty == b->empty &&
           a->generation == b->generation;
}

/* Elements are SoftPairState. */
static GArray *changed_pairs(const SpdmSoftProvider *soft)
{
    GArray *changed = g_array_new(FALSE, FALSE, sizeof(SoftPairState));

    for (guint i = 0; i < soft->initial->len; i++) {
        SoftPairState now = soft_pair_state(soft->key_pairs->pdata[i]);

        if (!same_state(&now, &g_array_index(soft->initial, SoftPairState,
                                             i))) {
            g_array_append_val(changed, now);
        }
    }
    if (soft->staged->len) {
        g_array_append_vals(changed, soft->staged->data, soft->staged->len);
    }
    return changed;
}

static void write_pairs(SpdmCoder *c, const SpdmSoftProvider *soft)
{
    g_autoptr(GArray) pairs = changed_pairs(soft);
    uint16_t count = (uint16_t)pairs->len;

    spdm_code_u16(c, "Pairs", &count);
    for (guint i = 0; i < count; i++) {
        code_pair(c, &g_array_index(pairs, SoftPairState, i));
    }
}

static void write_all(SpdmCoder *c, const SpdmSoftProvider *soft)
{
    uint32_t magic = MAGIC, format = FORMAT;
    uint8_t keys = (uint8_t)soft->kept->len;
    uint8_t entries = (uint8_t)soft->provisioned->len;
    uint8_t banks = (uint8_t)soft->banks->len;
    SpdmCsrTags tags = soft->tags;

    spdm_code_u32(c, "Magic", &magic);
    spdm_code_u32(c, "Format", &format);
    spdm_code_u8(c, "Keys", &keys);
    for (guint i = 0; i < keys; i++) {
        write_kept(c, soft->kept->pdata[i]);
    }
    spdm_code_u8(c, "Entries", &entries);
    for (guint i = 0; i < entries; i++) {
        write_entry(c, soft->provisioned->pdata[i]);
    }
    spdm_code_u8(c, "Banks", &banks);
    for (guint i = 0; i < banks; i++) {
        uint32_t alg = g_array_index(soft->banks, uint32_t, i);

        code_bank(c, &alg);
    }
    write_pairs(c, soft);
    code_tags(c, &tags);
}

static void wipe_and_free(gpointer opaque)
{
    GByteArray *state = opaque;

    spdm_wipe(state->data, state->len);
    g_byte_array_unref(state);
}

/* An upper bound. */
static guint size_of(const SpdmSoftProvider *soft)
{
    guint size = 64 + soft->banks->len * (guint)sizeof(uint32_t) +
                 2 * PAIR_SIZE * soft->key_pairs->len;

    for (guint i = 0; i < soft->kept->len; i++) {
        const SoftKept *kept = soft->kept->pdata[i];

        size += 16 + (guint)strlen(kept->pem);
    }
    for (guint i = 0; i < soft->provisioned->len; i++) {
        const SoftProvisioned *p = soft->provisioned->pdata[i];

        size += 16 + (p->chain ? MAX_CERTS : 0);
    }
    return size;
}

GBytes *soft_state_save(const SpdmSoftProvider *soft)
{
    /* At full size from the start: growing would leave copies of keys. */
    GByteArray *out = g_byte_array_sized_new(size_of(soft));
    SpdmCoder c = spdm_coder_writer(&no_ctx, out);
    uint8_t digest[DIGEST_SIZE];
    SpdmBytes all;

    write_all(&c, soft);
    all = SPDM_BYTES(out->data, out->len);
    spdm_hash(spdm_hash_by_name("SHA-256"), &all, 1, digest);
    g_byte_array_append(out, digest, sizeof(digest));
    return g_bytes_new_with_free_func(out->data, out->len, wipe_and_free,
                                      out);
}

/* Reading. */

bool soft_refuse_state(Reader *r, const char *format, ...)
{
    g_autofree char *why = NULL;
    va_list args;

    va_start(args, format);
    why = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(r->errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "%s: %s", r->name, why);
    return false;
}

static bool damaged(Reader *r, const char *what)
{
    return soft_refuse_state(r, "provisioned certificates are damaged (%s); "
                             "restore a copy, or remove the file to start "
                             "anew", what);
}

static bool is_kind(uint32_t asym)
{
    return asym && soft_key_kind(asym) == asym;
}

static bool is_duplicate_key(const Reader *r, const SoftKept *kept)
{
    for (guint i = 0; i < r->kept->len; i++) {
        const SoftKept *other = r->kept->pdata[i];

        if (other->pair == kept->pair && other->asym == kept->asym) {
            return true;
        }
    }
    return false;
}

static bool read_kept(Reader *r)
{
    g_autoptr(SpdmPrivateKey) key = NULL;
    const SoftKeyPair *pair;
    SoftKept kept = { .pair = 0 };
    SpdmBytes pem = { NULL, 0 };

    code_kept(&r->c, &kept, &pem);
    if (!spdm_coder_ok(&r->c) || !is_kind(kept.asym) ||
        !pem.len || pem.len > MAX_PEM ||
        memchr(pem.data, 0, pem.len) || is_duplicate_key(r, &kept)) {
        return damaged(r, "a key");
    }
    key = spdm_private_key_load(pem, "key", NULL);
    if (!key || !spdm_private_key_fits(key, spdm_asym_by_bit(kept.asym))) {
        return damaged(r, "a key is unreadable");
    }
    pair = soft_key_pair_by_id(r->soft, kept.pair);
    if (!pair) {
        return soft_refuse_state(r, "it has a key for key pair %u, which is "
                                 "none of this device; it is of another "
                                 "profile", kept.pair);
    }
    g_ptr_array_add(r->kept, soft_kept_new(
        kept.pair, kept.asym, g_strndup((const char *)pem.data, pem.len)));
    return true;
}

static bool is_duplicate(const Reader *r, const SoftProvisioned *p)
{
    for (guint i = 0; i < r->provisioned->len; i++) {
        const SoftProvisioned *other = r->provisioned->pdata[i];

        if (other->slot == p->slot && other->asym == p->asym &&
            other->staged == p->staged) {
            return true;
        }
    }
    return false;
}

/* As SET_CERTIFICATE let it in: it verifies by itself. */
static bool chain_is_good(SoftIdentity *chain, uint32_t asym)
{
    const SpdmHashAlg *hash = spdm_hash_by_name("SHA-256");
    SpdmChainPolicy policy = {
        .hash = hash, .leaf_alg = spdm_asym_by_bit(asym),
    };
    g_autoptr(GBytes) bytes = spdm_x509_build_chain(chain->der, hash);

    return bytes && spdm_x509_verify_chain(soft_bytes(bytes), &policy,
                                           NULL) == SPDM_CHAIN_OK;
}

static bool read_entry(Reader *r)
{
    SoftProvisioned p = { .slot = 0 };
    g_autoptr(SoftIdentity) chain = NULL;
    SpdmBytes certs = { NULL, 0 };

    code_entry(&r->c, &p, &certs);
    if (!spdm_coder_ok(&r->c) || p.slot >= SPDM_SLOT_COUNT ||
        !is_kind(p.asym) ||
        p.model > SPDM_CERT_MODEL_GENERIC || is_duplicate(r, &p)) {
        return damaged(r, "an entry");
    }
    if (certs.len) {
        chain = soft_identity_new(p.slot);
        chain->der = spdm_x509_split_der(certs);
        if (!chain->der || !chain_is_good(chain, p.asym)) {
            return damaged(r, "a chain does not verify");
        }
    }
    g_ptr_array_add(r->provisioned,
                    soft_provisioned_new(&p, g_steal_pointer(&chain)));
    return true;
}

static bool read_bank(Reader *r)
{
    uint32_t alg = 0;

    code_bank(&r->c, &alg);
    g_array_append_val(r->banks, alg);
    return spdm_coder_ok(&r->c) || damaged(r, "a bank");
}

static bool read_each(Reader *r, bool (*read_one)(Reader *r))
{
    uint8_t count = 0;

    spdm_code_u8(&r->c, "Count", &count);
    if (!spdm_coder_ok(&r->c) || count > MAX_ENTRIES) {
        return damaged(r, "a count");
    }
    for (unsigned i = 0; i < count; i++) {
        if (!read_one(r)) {
            return false;
        }
    }
    return true;
}

/* Older states are of devices whose banks are as the profile has them. */
static bool read_banks(Reader *r, uint32_t format)
{
    if (format == FORMAT_WITHOUT_BANKS) {
        g_array_unref(r->banks);
        r->banks = soft_banks_new(r->soft->config.profile);
        return true;
    }
    if (!read_each(r, read_bank)) {
        return false;
    }
    return soft_banks_valid(r->soft, r->banks) ||
           soft_refuse_state(r, "its banks of slots are not those of this "
                             "profile; it is of another one");
}

static bool pair_is_known(const GArray *pairs, uint8_t id)
{
    for (guint i = 0; i < pairs->len; i++) {
        if (g_array_index(pairs, SoftPairState, i).id == id) {
            return true;
        }
    }
    return false;
}

/* What SET_KEY_PAIR_INFO could have made of @pair. */
static bool pair_is_possible(const SpdmSoftProvider *soft,
                             const SoftKeyPair *pair, const SoftPairState *s)
{
    const SpdmProfileSlot *slots = soft->config.profile->slots;

    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        if ((s->slots & 1u << i) && !slots[i].automatic &&
            !slots[i].cert_file) {
            return false;
        }
    }
    return !(s->alg & (s->alg - 1)) && !(s->alg & ~pair->algs) &&
           (s->alg || s->empty) && !(s->usage & ~pair->usage_caps) &&
           !(s->empty && s->slots);
}

static bool read_pair(Reader *r)
{
    SoftPairState s = { .id = 0 };
    const SoftKeyPair *pair;
    GArray *to;

    code_pair(&r->c, &s);
    if (!spdm_coder_ok(&r->c)) {
        return damaged(r, "a key pair");
    }
    pair = soft_key_pair_by_id(r->soft, s.id);
    to = s.staged ? r->staged : r->pairs;
    if (!pair || !pair_is_possible(r->soft, pair, &s)) {
        return soft_refuse_state(r, "key pair %u cannot be what it says; it "
                                 "is of another profile", s.id);
    }
    if (pair_is_known(to, s.id)) {
        return damaged(r, "a key pair comes twice");
    }
    g_array_append_val(to, s);
    return true;
}

static bool read_pairs(Reader *r)
{
    uint16_t count = 0;

    spdm_code_u16(&r->c, "Count", &count);
    if (!spdm_coder_ok(&r->c) || count > MAX_PAIRS) {
        return damaged(r, "a count");
    }
    for (unsigned i = 0; i < count; i++) {
        if (!read_pair(r)) {
            return false;
        }
    }
    return true;
}

/* Tags are given out by those alone who answer at a reset. */
static bool read_tags(Reader *r)
{
    uint32_t flags = r->soft->config.profile->flags;
    uint8_t all;

    code_tags(&r->c, &r->tags);
    all = r->tags.waiting | r->tags.ready;
    return (spdm_coder_ok(&r->c) && !(r->tags.waiting & r->tags.ready) &&
            (!all || (flags & SPDM_CERT_INSTALL_RESET_CAP))) ||
           damaged(r, "its CSRTrackingTags");
}

/* The digest first: after it, what is wrong was so when it was written. */
static bool check_digest(Reader *r, SpdmBytes *state)
{
    uint8_t digest[DIGEST_SIZE];

    if (state->len < DIGEST_SIZE || state->len > SPDM_IDENTITY_STATE_MAX) {
        return damaged(r, "its length");
    }
    state->len -= DIGEST_SIZE;
    spdm_hash(spdm_hash_by_name("SHA-256"), state, 1, digest);
    return memcmp(digest, state->data + state->len, DIGEST_SIZE) == 0 ||
           damaged(r, "its checksum");
}

static bool read_all(Reader *r)
{
    uint32_t magic = 0, format = 0;

    spdm_code_u32(&r->c, "Magic", &magic);
    spdm_code_u32(&r->c, "Format", &format);
    if (!spdm_coder_ok(&r->c) || magic != MAGIC) {
        return soft_refuse_state(r, "is no state of this program");
    }
    if (format != FORMAT && format != FORMAT_WITHOUT_PAIRS &&
        format != FORMAT_WITHOUT_BANKS) {
        return soft_refuse_state(r, "is of format %u; this version reads %u",
                                 format, FORMAT);
    }
    if (!read_each(r, read_kept) || !read_each(r, read_entry) ||
        !read_banks(r, format)) {
        return false;
    }
    if (format == FORMAT && (!read_pairs(r) || !read_tags(r))) {
        return false;
    }
    return spdm_coder_left(&r->c) == 0 || damaged(r, "bytes too many");
}

static bool is_as_now(const SpdmSoftProvider *soft, SpdmBytes state)
{
    g_autoptr(GBytes) now = soft_state_save(soft);

    return g_bytes_get_size(now) == state.len &&
           memcmp(soft_bytes(now).data, state.data, state.len) == 0;
}

static bool load(SpdmSoftProvider *soft, SpdmBytes state, const char *name,
                 GError **errp)
{
    Reader r = {
        .soft = soft, .name = name, .errp = errp,
        .kept = soft_kept_table(), .provisioned = soft_provisioned_table(),
        .banks = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
        .pairs = g_array_new(FALSE, FALSE, sizeof(SoftPairState)),
        .staged = g_array_new(FALSE, FALSE, sizeof(SoftPairState)),
    };
    bool ok = check_digest(&r, &state);

    r.c = spdm_coder_reader(&no_ctx, state);
    ok = ok && read_all(&r) && soft_state_install(&r);
    g_ptr_array_unref(r.kept);
    g_ptr_array_unref(r.provisioned);
    g_array_unref(r.banks);
    g_array_unref(r.pairs);
    g_array_unref(r.staged);
    return ok;
}

/*
 * Between most snapshots nothing was provisioned: chains that are there need
 * not be verified again.
 */
bool soft_state_load(SpdmSoftProvider *soft, SpdmBytes state,
                     const char *name, GError **errp)
{
    return is_as_now(soft, state) || load(soft, state, name, errp);
}
