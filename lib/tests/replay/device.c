/*
 * A provider that says what was recorded.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

#include <string.h>

#include "core/conn.h"
#include "crypto/x509.h"
#include "wire/elements.h"

enum { CODE = 1, PARAM1 = 2 };

static const RecIdentity *own(const Device *d)
{
    return &d->rec->identity[SPDM_SENDER_RESPONDER];
}

static void op_random(void *opaque, void *buf, size_t len)
{
    drawn_fill(&((Device *)opaque)->drawn, buf, len);
}

static int64_t op_now(void *opaque)
{
    return 1;
}

static uint8_t op_slots(void *opaque, uint32_t asym)
{
    const RecIdentity *id = own(opaque);

    return id->has_digests ? id->provisioned : 1;
}

static SpdmBytes op_chain(void *opaque, uint8_t slot, uint32_t asym,
                          uint32_t hash)
{
    return rec_view(own(opaque)->chain[slot]);
}

static bool op_slot_key(void *opaque, uint8_t slot, uint32_t asym,
                        SpdmSlotKey *key)
{
    *key = own(opaque)->key[slot];
    return own(opaque)->provisioned & (1u << slot);
}

static SpdmBytes op_public_key(void *opaque, uint32_t asym)
{
    return rec_view(((Device *)opaque)->public_key);
}

static bool op_sign(void *opaque, const SpdmSignRequest *request,
                    uint8_t *sig)
{
    const Device *d = opaque;
    const SpdmAsymAlg *alg = spdm_asym_by_bit(request->asym);
    g_autoptr(GByteArray) bytes = rec_signature(d->rec, d->at);

    if (!alg || bytes->len != alg->sig_size) {
        return false;
    }
    memcpy(sig, bytes->data, bytes->len);
    return true;
}

static GPtrArray *op_measurements(void *opaque)
{
    const Device *d = opaque;
    GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)
                                                    spdm_measurement_free);

    for (guint i = 0; i < d->measurements->len; i++) {
        SpdmMeasurement *m = g_memdup2(d->measurements->pdata[i],
                                       sizeof(SpdmMeasurement));

        g_bytes_ref(m->raw);
        g_ptr_array_add(out, m);
    }
    return out;
}

static GPtrArray *op_mel(void *opaque)
{
    return g_ptr_array_ref(((Device *)opaque)->mel);
}

/* The answer to come, decoded. */
static bool answer(const Device *d, SpdmMsg *m)
{
    SpdmWireCtx ctx = rec_ctx(d->rec, false, SPDM_BYTES(NULL, 0));

    return spdm_msg_decode(&ctx, rec_view(d->answer), m, NULL, NULL);
}

static GBytes *op_endpoint_info(void *opaque, uint8_t sub_code)
{
    const Device *d = opaque;
    g_autoptr(GByteArray) request = rec_whole(d->rec, d->at - 1);
    SpdmWireCtx ctx = rec_ctx(d->rec, false, rec_view(request));
    SpdmMsg m;

    return spdm_msg_decode(&ctx, rec_view(d->answer), &m, NULL, NULL)
           ? g_bytes_new(m.endpoint_info.info.data,
                         m.endpoint_info.info.len) : NULL;
}

static SpdmVendorResult op_vendor(void *opaque,
                                  const SpdmVendorRequest *request,
                                  GByteArray *reply)
{
    SpdmMsg m;

    if (!answer(opaque, &m)) {
        return SPDM_VENDOR_UNSERVED;
    }
    g_byte_array_append(reply, m.vendor.payload.data,
                        (guint)m.vendor.payload.len);
    return SPDM_VENDOR_ANSWERED;
}

static bool op_csr(void *opaque, const SpdmCsrRequest *ask, GByteArray *csr)
{
    SpdmMsg m;

    if (!answer(opaque, &m)) {
        return false;
    }
    g_byte_array_append(csr, m.csr.csr.data, (guint)m.csr.csr.len);
    return true;
}

static uint32_t le(SpdmBytes bytes)
{
    uint32_t v = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        v |= (uint32_t)bytes.data[i] << (8 * i);
    }
    return v;
}

static bool op_key_pair(void *opaque, uint8_t id, SpdmKeyPair *pair)
{
    SpdmMsg m;

    if (!answer(opaque, &m)) {
        return false;
    }
    *pair = (SpdmKeyPair){
        .total = m.key_pair_info.total,
        .id = m.key_pair_info.key_pair_id,
        .capabilities = m.key_pair_info.capabilities,
        .usage_caps = m.key_pair_info.key_usage_caps,
        .usage = m.key_pair_info.key_usage,
        .asym_caps = m.key_pair_info.asym_caps,
        .asym = m.key_pair_info.asym,
        .pqc_caps = le(m.key_pair_info.pqc_caps),
        .pqc = le(m.key_pair_info.pqc),
        .slots = m.key_pair_info.slot_mask,
        .public_key_info = m.key_pair_info.public_key_info,
    };
    return true;
}

static bool op_psk(void *opaque, SpdmBytes hint, SpdmBytes opaque_data,
                   uint32_t hash, uint8_t *psk, size_t *len)
{
    const Device *d = opaque;
    unsigned session = rec_opens(d->rec, d->at);
    g_autoptr(GByteArray) secret = rec_hex_of(d->rec, "session", session,
                                              "psk");

    memcpy(psk, secret->data, secret->len);
    *len = secret->len;
    return secret->len > 0;
}

/* The sample chains are sound; whose root it is does not matter here. */
static bool op_trusts(void *opaque, SpdmBytes chain, uint32_t asym,
                      uint32_t hash, const char **why)
{
    SpdmChainPolicy policy = {
        .hash = spdm_hash_by_bit(hash),
        .leaf_alg = spdm_asym_by_bit(asym),
        .requester = true,
    };
    SpdmChainReason reason = spdm_x509_verify_chain(chain, &policy, NULL);

    *why = spdm_chain_reason_text(reason);
    return reason == SPDM_CHAIN_OK;
}

static SpdmBytes op_requester(void *opaque, uint8_t slot, uint32_t asym,
                              uint32_t hash)
{
    const Device *d = opaque;

    return slot == d->profile.requester_slot ? rec_view(d->known)
                                             : SPDM_BYTES(NULL, 0);
}

const SpdmProviderOps device_ops = {
    .random = op_random,
    .now_us = op_now,
    .slots = op_slots,
    .cert_chain = op_chain,
    .slot_key = op_slot_key,
    .public_key = op_public_key,
    .key_pair = op_key_pair,
    .sign = op_sign,
    .measurements = op_measurements,
    .mel = op_mel,
    .endpoint_info = op_endpoint_info,
    .psk = op_psk,
    .vendor = op_vendor,
    .csr = op_csr,
    .trusts_requester = op_trusts,
    .requester_chain = op_requester,
};

/* --- what the recording tells -------------------------------------------- */

static SpdmMeasurement *find_block(const Device *d, uint8_t index)
{
    for (guint i = 0; i < d->measurements->len; i++) {
        SpdmMeasurement *m = d->measurements->pdata[i];

        if (m->index == index) {
            return m;
        }
    }
    return NULL;
}

/* A value that came raw when digests were asked for is never hashed. */
static void take_block(Device *d, const SpdmMeasBlock *b, bool raw_asked)
{
    SpdmMeasurement *m = find_block(d, b->index);
    bool raw = b->value_type & SPDM_MEAS_TYPE_RAW;

    if (!m) {
        m = g_new0(SpdmMeasurement, 1);
        m->index = b->index;
        g_ptr_array_add(d->measurements, m);
    }
    m->type = b->value_type & (uint8_t)~SPDM_MEAS_TYPE_RAW;
    if (d->version < SPDM_VERSION_13 &&
        m->type >= SPDM_MEAS_TYPE_HASH_EXTENDED) {
        m->type = SPDM_MEAS_TYPE_HASH_EXTENDED - 1;
    }
    if (raw || !m->raw) {
        g_clear_pointer(&m->raw, g_bytes_unref);
        m->raw = g_bytes_new(b->value.data, b->value.len);
    }
    m->raw_only |= raw && !raw_asked;
}

static void take_record(Device *d, SpdmBytes request, SpdmBytes response)
{
    SpdmWireCtx ctx = rec_ctx(d->rec, false, request);
    SpdmMeasBlock block;
    SpdmCoder c;
    SpdmMsg m;

    if (!spdm_msg_decode(&ctx, response, &m, NULL, NULL)) {
        return;
    }
    c = spdm_coder_reader(&ctx, m.measurements.record);
    for (unsigned i = 0; i < m.measurements.block_count; i++) {
        spdm_code_meas_block(&c, &block);
        if (spdm_coder_ok(&c)) {
            take_block(d, &block, request.data[PARAM1] & SPDM_MEAS_REQ_RAW);
        }
    }
}

static gint by_index(gconstpointer a, gconstpointer b)
{
    return (*(SpdmMeasurement *const *)a)->index -
           (*(SpdmMeasurement *const *)b)->index;
}

static void learn_measurements(Device *d)
{
    for (unsigned n = 1; n < d->rec->messages; n += 2) {
        g_autoptr(GByteArray) request = rec_whole(d->rec, n);
        g_autoptr(GByteArray) response = rec_whole(d->rec, n + 1);

        if (response->len > CODE && response->data[CODE] ==
            SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENTS)) {
            take_record(d, rec_view(request), rec_view(response));
        }
    }
    g_ptr_array_sort(d->measurements, by_index);
}

static void learn_mel(Device *d)
{
    g_autoptr(GByteArray) bytes = rec_find(
        d->rec, SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENT_EXTENSION_LOG));
    SpdmWireCtx ctx = rec_ctx(d->rec, false, SPDM_BYTES(NULL, 0));
    SpdmMelHead head;
    SpdmCoder c;
    SpdmMsg m;

    if (!bytes->len ||
        !spdm_msg_decode(&ctx, rec_view(bytes), &m, NULL, NULL)) {
        return;
    }
    c = spdm_coder_reader(&ctx, m.mel.portion);
    spdm_code_mel_head(&c, &head);
    for (uint32_t i = 0; i < head.count && spdm_coder_ok(&c); i++) {
        SpdmMelEntry *entry = g_new0(SpdmMelEntry, 1);
        SpdmMelItem item;

        spdm_code_mel_item(&c, &item);
        entry->meas_index = item.meas_index;
        entry->type = item.value_type & (uint8_t)~SPDM_MEAS_TYPE_RAW;
        entry->raw = g_bytes_new(item.value.data, item.value.len);
        g_ptr_array_add(d->mel, entry);
    }
}

static uint16_t table(const SpdmMsgAlgorithms *v, uint8_t type)
{
    for (unsigned i = 0; i < v->table_count; i++) {
        if (v->tables[i].type == type) {
            return v->tables[i].supported;
        }
    }
    return 0;
}

static void learn_algorithms(Device *d)
{
    g_autoptr(GByteArray) bytes = rec_find(
        d->rec, SPDM_RESPONSE_OF(SPDM_NEGOTIATE_ALGORITHMS));
    SpdmWireCtx ctx = { .hash_size = 0 };
    SpdmProfile *p = &d->profile;
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(&ctx, rec_view(bytes), &m, NULL, NULL));
    p->hash = m.algorithms.base_hash;
    p->asym = m.algorithms.base_asym;
    p->measurement_hash = m.algorithms.measurement_hash;
    p->dhe = table(&m.algorithms, SPDM_ALG_TYPE_DHE);
    p->aead = table(&m.algorithms, SPDM_ALG_TYPE_AEAD);
    p->req_asym = table(&m.algorithms, SPDM_ALG_TYPE_REQ_ASYM);
    p->opaque_formats = SPDM_OPAQUE_FMT1;
}

/* What VERSION lists, in ascending order. */
static void learn_versions(Device *d)
{
    g_autoptr(GByteArray) bytes = rec_find(d->rec,
                                           SPDM_RESPONSE_OF(SPDM_GET_VERSION));
    SpdmWireCtx ctx = { .hash_size = 0 };
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(&ctx, rec_view(bytes), &m, NULL, NULL));
    d->profile.min_version = (uint8_t)(m.version.entries[0] >> 8);
    d->profile.max_version =
        (uint8_t)(m.version.entries[m.version.count - 1] >> 8);
}

/*
 * DSP0274 END_SESSION Param1 bit 0: a responder with CACHE_CAP forgets what
 * was negotiated, so that nothing but GET_VERSION can follow. The emulator
 * goes on.
 */
static bool goes_on_after_all(const Recording *rec)
{
    for (unsigned n = 1; n + 2 <= rec->messages; n += 2) {
        g_autoptr(GByteArray) m = rec_whole(rec, n);
        g_autoptr(GByteArray) next = rec_whole(rec, n + 2);

        if (m->len > PARAM1 && m->data[CODE] == SPDM_END_SESSION &&
            (m->data[PARAM1] & SPDM_END_SESSION_CLEAR_STATE) &&
            next->len > CODE && next->data[CODE] != SPDM_GET_VERSION) {
            return true;
        }
    }
    return false;
}

static void learn_capabilities(Device *d)
{
    enum { SIZE = 0x1200, LARGE = 0x28000, SESSIONS = 4 };
    g_autoptr(GByteArray) bytes = rec_find(
        d->rec, SPDM_RESPONSE_OF(SPDM_GET_CAPABILITIES));
    SpdmWireCtx ctx = { .hash_size = 0 };
    SpdmProfile *p = &d->profile;
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(&ctx, rec_view(bytes), &m, NULL, NULL));
    d->version = m.h.version;
    p->flags = m.capabilities.flags;
    if (goes_on_after_all(d->rec)) {
        p->flags &= ~(uint32_t)SPDM_CACHE_CAP;
    }
    p->ct_exponent = m.capabilities.ct_exponent;
    p->data_transfer_size = SIZE;
    p->max_msg_size = LARGE;
    if (m.capabilities.data_transfer_size) {
        p->data_transfer_size = m.capabilities.data_transfer_size;
        p->max_msg_size = m.capabilities.max_msg_size;
    }
    p->max_sessions = SESSIONS;
}

/* Heartbeat and secured message version are those of the first session. */
static void learn_session(Device *d)
{
    g_autoptr(GByteArray) psk = rec_find(
        d->rec, SPDM_RESPONSE_OF(SPDM_PSK_EXCHANGE));
    g_autoptr(GByteArray) sigma = rec_find(
        d->rec, SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE));
    const GByteArray *rsp = sigma->len ? sigma : psk;
    g_autofree char *secured = rec_text(d->rec, "session 1",
                                        "secured_message_version");
    SpdmProfile *p = &d->profile;

    p->heartbeat_period = rsp->len > PARAM1 ? rsp->data[PARAM1] : 0;
    p->secured_min = p->secured_max = 0x1000;
    if (strlen(secured) == strlen("1.2")) {
        p->secured_min = p->secured_max =
            (uint16_t)(0x1000 | (secured[2] - '0') << 8);
    }
    p->aead_limit = 64;
}

static void learn_mutual(Device *d)
{
    static const SpdmMutAuthForm forms[] = {
        [SPDM_MUT_AUTH_WITHOUT_ENCAP] = SPDM_MUT_AUTH_FORM_PROVISIONED,
        [SPDM_MUT_AUTH_ENCAP] = SPDM_MUT_AUTH_FORM_ENCAPSULATED,
        [SPDM_MUT_AUTH_IMPLICIT_DIGESTS] =
            SPDM_MUT_AUTH_FORM_IMPLICIT_DIGESTS,
    };
    g_autoptr(GByteArray) challenge_auth = rec_find(
        d->rec, SPDM_RESPONSE_OF(SPDM_CHALLENGE));
    unsigned asked = rec_int(d->rec, "session 1", "mut_auth_requested");
    uint8_t slot = (uint8_t)rec_int(d->rec, "session 1", "requester_slot");
    g_autofree char *key = g_strdup_printf("requester_cert_chain_%u", slot);
    SpdmProfile *p = &d->profile;

    p->basic_mut_auth = challenge_auth->len &&
        (challenge_auth->data[PARAM1] & SPDM_CHALLENGE_BASIC_MUT_AUTH);
    p->mut_auth = asked ? SPDM_MUT_AUTH_REQUIRED : SPDM_MUT_AUTH_NONE;
    p->mut_auth_form = forms[asked];
    p->requester_slot = slot;
    d->known = rec_hex(d->rec, "provisioned",
                       slot == SPDM_SLOT_PUBLIC_KEY ? "requester_public_key"
                                                    : key);
}

void device_init(Device *d, const Recording *rec)
{
    *d = (Device){ .rec = rec, .profile.name = (char *)"replay" };
    drawn_init(&d->drawn);
    d->measurements = g_ptr_array_new_with_free_func(
        (GDestroyNotify)spdm_measurement_free);
    d->mel = g_ptr_array_new_with_free_func(
        (GDestroyNotify)spdm_mel_entry_free);
    d->public_key = rec_hex(rec, "provisioned", "responder_public_key");
    learn_versions(d);
    learn_capabilities(d);
    learn_algorithms(d);
    learn_session(d);
    learn_mutual(d);
    learn_measurements(d);
    learn_mel(d);
}

void device_clear(Device *d)
{
    drawn_clear(&d->drawn);
    g_ptr_array_unref(d->measurements);
    g_ptr_array_unref(d->mel);
    g_byte_array_unref(d->public_key);
    g_byte_array_unref(d->known);
    g_clear_pointer(&d->answer, g_byte_array_unref);
}
