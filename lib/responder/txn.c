/*
 * Transactions: memory, the tap, and the provider as handlers see it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/opaque.h"
#include "responder/commands.h"
#include "responder/txn.h"
#include "wire/copy.h"

/* Messages of sessions are of this size, or chunks are. */
enum { KEPT_SIZE = 8 * 1024 };

/* NULL while it is in use: a tap that calls us again gets another. */
GByteArray *spdm_scratch_take(SpdmResponder *r, SpdmScratch which)
{
    GByteArray *array = g_steal_pointer(&r->scratch[which]);

    return array ? array : g_byte_array_sized_new(KEPT_SIZE);
}

void spdm_scratch_give(SpdmResponder *r, SpdmScratch which, GByteArray *array)
{
    if (r->scratch[which] || array->len > KEPT_SIZE) {
        g_byte_array_unref(array);
        return;
    }
    spdm_array_cut(array, 0);
    r->scratch[which] = array;
}

void spdm_txn_init(SpdmTxn *t, SpdmResponder *r, int64_t now_us)
{
    memset(t, 0, offsetof(SpdmTxn, req));
    t->r = r;
    t->conn = &r->conn;
    t->generation = r->generation;
    t->now_us = now_us;
    t->plain = spdm_scratch_take(r, SPDM_SCRATCH_PLAIN);
    t->out = spdm_scratch_take(r, SPDM_SCRATCH_OUT);
}

/* Most transactions have none. */
static void clear_flow(SpdmEncapFlow *flow)
{
    if (flow->kind != SPDM_ENCAP_NONE) {
        spdm_encap_flow_clear(flow);
    }
}

void spdm_txn_clear(SpdmTxn *t)
{
    if (t->new_session) {
        spdm_session_clear(t->new_session);
        g_free(t->new_session);
    }
    clear_flow(&t->encap);
    clear_flow(&t->encap_taken);
    spdm_scratch_give(t->r, SPDM_SCRATCH_PLAIN, t->plain);
    if (t->out) {
        spdm_scratch_give(t->r, SPDM_SCRATCH_OUT, t->out);
    }
    if (t->part) {
        spdm_scratch_give(t->r, SPDM_SCRATCH_PART, t->part);
    }
    g_clear_pointer(&t->memory, g_ptr_array_unref);
    /*
     * All else are views, and what was on the wire: keys come of what the
     * command finishes.
     */
    if (t->cmd && t->cmd->finish) {
        spdm_shared_secret_clear(&t->ikm);
        spdm_wipe(t->th2, sizeof(t->th2));
    }
}

void spdm_txn_keep(SpdmTxn *t, GByteArray *array)
{
    if (!t->memory) {
        t->memory = g_ptr_array_new_with_free_func(
            (GDestroyNotify)g_byte_array_unref);
    }
    g_ptr_array_add(t->memory, array);
}

GByteArray *spdm_txn_array(SpdmTxn *t)
{
    GByteArray *array;

    if (!t->part) {
        t->part = spdm_scratch_take(t->r, SPDM_SCRATCH_PART);
        return t->part;
    }
    array = g_byte_array_new();
    spdm_txn_keep(t, array);
    return array;
}

void spdm_txn_make_in_place(SpdmTxn *t)
{
    enum { USUAL = 128 };    /* frame, record, and more than the request */
    const SpdmTransport *transport = t->r->transport;

    spdm_scratch_give(t->r, SPDM_SCRATCH_OUT, t->out);
    t->out = g_byte_array_sized_new((guint)t->request.len + USUAL);
    t->head = transport->head(SPDM_FRAME_SECURED) +
              spdm_record_head(t->session, &transport->record);
    g_byte_array_set_size(t->out, (guint)t->head);
}

GByteArray *spdm_txn_take_response(SpdmTxn *t)
{
    GByteArray *response = t->out;

    if (t->head) {
        g_byte_array_remove_range(response, 0, (guint)t->head);
        t->head = 0;
    }
    t->out = g_byte_array_new();
    return response;
}

uint8_t *spdm_txn_alloc(SpdmTxn *t, size_t len)
{
    GByteArray *array = spdm_txn_array(t);

    g_byte_array_set_size(array, (guint)len);
    if (len) {
        memset(array->data, 0, len);
    }
    return array->data;
}

SpdmBytes spdm_txn_random(SpdmTxn *t, size_t len)
{
    uint8_t *buf = spdm_txn_alloc(t, len);

    spdm_rng_fill(&t->r->rng, buf, len);
    return SPDM_BYTES(buf, len);
}

SpdmBytes spdm_txn_opaque(SpdmTxn *t)
{
    GByteArray *opaque = spdm_txn_array(t);

    spdm_opaque_encode_vendor(t->conn->version, t->conn->other_params,
                              spdm_profile_opaque(t->r->profile), opaque);
    return spdm_array_view(opaque);
}

SpdmBytes spdm_txn_exchange(SpdmTxn *t)
{
    GByteArray *both = spdm_txn_array(t);

    g_byte_array_append(both, t->request.data, (guint)t->request.len);
    g_byte_array_append(both, t->out->data, t->out->len);
    return spdm_array_view(both);
}

/* A tap may end sessions, or reset the responder, while we are under way. */
typedef struct Belongs {
    const SpdmTxn *t;
    uint32_t session_id;
} Belongs;

static bool is_gone(const void *opaque)
{
    const Belongs *b = opaque;
    const SpdmTxn *t = b->t;

    return t->generation != t->r->generation ||
           (t->session && t->session->id != b->session_id);
}

static uint8_t code_of(const SpdmTxn *t, SpdmTapEvent event,
                       const GByteArray *bytes)
{
    const GByteArray *message = event == SPDM_TAP_TX_FRAME ? t->out : bytes;

    return event != SPDM_TAP_RX_FRAME && message->len > 1
        ? message->data[1] : 0;
}

static bool call_taps(SpdmTxn *t, SpdmTapEvent event, GByteArray *bytes)
{
    const Belongs belongs = { t, t->session ? t->session->id : 0 };
    bool inbound = event < SPDM_TAP_COMPOSE;
    bool frame = event == SPDM_TAP_RX_FRAME || event == SPDM_TAP_TX_FRAME;
    SpdmWireCtx embedded = spdm_conn_embedded_ctx(t->conn);
    SpdmWireCtx layout = inbound ? spdm_conn_wire_ctx(t->conn) : t->wire;
    SpdmTapContext context = {
        .event = event,
        .responder = true,
        .device = t->r,
        .outgoing = !inbound,
        .version = t->conn->version,
        .secured = t->secured,
        .session_id = belongs.session_id,
        .phase = spdm_conn_phase(t->conn, t->session),
        .code = code_of(t, event, bytes),
        .request_code = inbound ? code_of(t, event, bytes) : t->code,
        .layout = frame ? NULL : &layout,
        .transport = t->r->transport,
        .bytes = bytes,
        .delay_us = t->delay_us,
    };
    SpdmTapVerdict verdict;

    if (inbound) {
        layout.embedded = &embedded;
    }
    verdict = spdm_taps_call(&t->r->taps, &context, is_gone, &belongs);
    t->delay_us = context.delay_us;
    if (event == SPDM_TAP_TX_MSG) {
        t->secured &= context.secured;
        t->sequence_skew = context.sequence_skew;
        t->length_skew = context.length_skew;
    }
    t->answered |= verdict == SPDM_TAP_ANSWER && event == SPDM_TAP_RX_MSG;
    return verdict != SPDM_TAP_DROP;
}

bool spdm_txn_tap(SpdmTxn *t, SpdmTapEvent event, GByteArray *bytes)
{
    return !spdm_taps_any(&t->r->taps) || call_taps(t, event, bytes);
}

void spdm_txn_reset_conn(SpdmTxn *t, const char *event)
{
    spdm_responder_reset_conn(t->r, event);
    t->generation = t->r->generation;
}

uint8_t spdm_txn_slots(const SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;

    /* Without CERT_CAP there is no slot, whatever the device holds. */
    return t->conn->asym && (t->conn->rsp_flags & SPDM_CERT_CAP) ?
        p->ops->slots(p->opaque, t->conn->asym->bit) : 0;
}

bool spdm_txn_has_slot(const SpdmTxn *t, uint8_t slot)
{
    return slot < SPDM_SLOT_COUNT && (spdm_txn_slots(t) & (1u << slot));
}

uint8_t spdm_txn_staged_slots(const SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;

    if (!(t->conn->rsp_flags & SPDM_CERT_INSTALL_RESET_CAP) ||
        !p->ops->staged_slots) {
        return 0;
    }
    return p->ops->staged_slots(p->opaque);
}

/* DSP0274 PUB_KEY_ID_CAP: the requester has our key already. */
static SpdmBytes public_key(const SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;

    if (!t->conn->asym || !p->ops->public_key ||
        !(t->conn->rsp_flags & SPDM_PUB_KEY_ID_CAP)) {
        return SPDM_BYTES(NULL, 0);
    }
    return p->ops->public_key(p->opaque, t->conn->asym->bit);
}

SpdmBytes spdm_txn_chain(const SpdmTxn *t, uint8_t slot)
{
    const SpdmProvider *p = &t->r->provider;

    if (slot == SPDM_SLOT_PUBLIC_KEY) {
        return public_key(t);
    }
    if (!spdm_txn_has_slot(t, slot)) {
        return SPDM_BYTES(NULL, 0);
    }
    return p->ops->cert_chain(p->opaque, slot, t->conn->asym->bit,
                              t->conn->hash->bit);
}

bool spdm_txn_chain_hash(const SpdmTxn *t, uint8_t slot, uint8_t *out)
{
    const SpdmProvider *p = &t->r->provider;
    SpdmBytes chain;

    if (p->ops->chain_hash && slot != SPDM_SLOT_PUBLIC_KEY) {
        return spdm_txn_has_slot(t, slot) &&
               p->ops->chain_hash(p->opaque, slot, t->conn->asym->bit,
                                  t->conn->hash->bit, out);
    }
    chain = spdm_txn_chain(t, slot);

    if (!chain.len) {
        return false;
    }
    spdm_hash(t->conn->hash, &chain, 1, out);
    return true;
}

bool spdm_txn_slot_key(const SpdmTxn *t, uint8_t slot, SpdmSlotKey *key)
{
    const SpdmProvider *p = &t->r->provider;

    return t->conn->asym && p->ops->slot_key && slot < SPDM_SLOT_COUNT &&
           p->ops->slot_key(p->opaque, slot, t->conn->asym->bit, key);
}

SpdmStatus spdm_txn_check_signer(const SpdmTxn *t, uint8_t slot,
                                 uint16_t usage)
{
    SpdmSlotKey key;

    if (!spdm_txn_chain(t, slot).len) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "the slot is empty");
    }
    /* DSP0274 1.3 "KeyUsageMask": binding when there are several keys. */
    if (t->conn->multi_key_rsp &&
        !(spdm_txn_slot_key(t, slot, &key) && (key.usage & usage))) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "the slot's key is not for this use");
    }
    return SPDM_STATUS_OK;
}

SpdmStatus spdm_txn_sign(SpdmTxn *t, uint8_t slot, const char *context,
                         SpdmBytes transcript)
{
    const SpdmProvider *p = &t->r->provider;
    g_autoptr(GByteArray) message = g_byte_array_new();
    uint8_t sig[SPDM_MAX_SIGNATURE];
    SpdmSignRequest request = {
        .slot = slot,
        .asym = t->conn->asym->bit,
        .hash = t->conn->hash->bit,
        .context = context,
    };

    spdm_conn_to_be_signed(t->conn, context, transcript, message);
    request.message = spdm_array_view(message);
    if (!p->ops->sign(p->opaque, &request, sig)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "the signing key failed");
    }
    g_byte_array_append(t->out, sig, t->conn->asym->sig_size);
    return SPDM_STATUS_OK;
}

SpdmBytes spdm_txn_verify_data(SpdmTxn *t, const SpdmSession *session,
                               const uint8_t *th)
{
    size_t size = session->hash->size;
    uint8_t *data = spdm_txn_alloc(t, size);

    spdm_session_verify_data(session, SPDM_SENDER_RESPONDER, th, data);
    g_byte_array_append(t->out, data, (guint)size);
    return SPDM_BYTES(data, size);
}
