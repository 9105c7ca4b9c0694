/*
 * What a requester knows: sessions, slots, and reports of it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "core/describe.h"
#include "requester/requester-int.h"

void spdm_req_session_event(SpdmRequester *rq, uint32_t id,
                            const char *event)
{
    SpdmTapContext context = {
        .event = SPDM_TAP_SESSION,
        .version = rq->conn.version,
        .session_id = id,
        .session_event = event,
    };

    spdm_taps_call(&rq->taps, &context, NULL, NULL);
}

void spdm_req_secret(SpdmRequester *rq, uint32_t id, const char *label,
                     SpdmBytes secret)
{
    SpdmTapContext context = {
        .event = SPDM_TAP_SECRET,
        .version = rq->conn.version,
        .session_id = id,
        .secret_label = label,
        .secret = secret,
    };

    if (rq->secret_tap) {
        rq->secret_tap->call(rq->secret_tap->opaque, &context);
    }
}

void spdm_req_traffic_secrets(SpdmRequester *rq, const SpdmSession *s,
                              const char *phase)
{
    static const char *const senders[] = {
        [SPDM_SENDER_REQUESTER] = "requester",
        [SPDM_SENDER_RESPONDER] = "responder",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(senders); i++) {
        const SpdmSecret *secret = &s->keys[i].secret;
        g_autofree char *label = g_strdup_printf("%s-%s", phase, senders[i]);

        spdm_req_secret(rq, s->id, label,
                        SPDM_BYTES(secret->data, secret->len));
    }
}

void spdm_req_end_session(SpdmRequester *rq, SpdmSession *session,
                          const char *why)
{
    g_autofree char *event = g_strdup_printf("ended: %s", why);
    uint32_t id = session->id;

    spdm_conn_end_session(&rq->conn, session);
    spdm_req_session_event(rq, id, event);
}

void spdm_req_slot_clear(SpdmReqSlot *slot)
{
    g_clear_pointer(&slot->chain, g_bytes_unref);
    g_clear_pointer(&slot->key, spdm_public_key_free);
    *slot = (SpdmReqSlot){ .chain = NULL };
}

void spdm_req_reset(SpdmRequester *rq, const char *why)
{
    for (unsigned i = 0; i < rq->conn.sessions_used; i++) {
        if (rq->conn.sessions[i].phase != SPDM_SESSION_FREE) {
            spdm_req_end_session(rq, &rq->conn.sessions[i], why);
        }
    }
    for (unsigned i = 0; i < SPDM_REQ_SLOTS; i++) {
        spdm_req_slot_clear(&rq->slots[i]);
    }
    spdm_conn_reset(&rq->conn);
    spdm_transcript_reset(&rq->mut_b);
    rq->slot_mask = 0;
    rq->version_count = 0;
    rq->has_supported = false;
    rq->supported = (SpdmMsgAlgorithms){ .length = 0 };
    rq->authenticated = false;
    rq->challenged = false;
    rq->summary = (SpdmReqSummary){ .told_valid = false };
}

SpdmSession *spdm_req_session(SpdmRequester *rq, uint32_t id,
                              SpdmSessionPhase phase)
{
    SpdmSession *s = spdm_conn_session(&rq->conn, id);

    if (!id || !s || s->phase != phase) {
        spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                      phase == SPDM_SESSION_ESTABLISHED
                      ? "session 0x%08x is not established"
                      : "session 0x%08x is not in its handshake", id);
        return NULL;
    }
    return s;
}

bool spdm_req_maybe_session(SpdmRequester *rq, uint32_t id,
                            SpdmSession **session)
{
    *session = id ? spdm_req_session(rq, id, SPDM_SESSION_ESTABLISHED) : NULL;
    return !id || *session;
}

bool spdm_requester_forget_session(SpdmRequester *rq, uint32_t session)
{
    SpdmSession *s = spdm_conn_session(&rq->conn, session);

    if (!session || !s) {
        return false;
    }
    spdm_req_end_session(rq, s, "forgotten by the requester");
    return true;
}

SpdmReqSlot *spdm_req_slot(SpdmRequester *rq, uint8_t slot)
{
    if (slot == SPDM_SLOT_PUBLIC_KEY) {
        return &rq->slots[SPDM_REQ_PUBLIC_KEY];
    }
    return slot < SPDM_SLOT_COUNT ? &rq->slots[slot] : NULL;
}

SpdmReqSlot *spdm_req_known_slot(SpdmRequester *rq, uint8_t slot)
{
    SpdmReqSlot *s = spdm_req_slot(rq, slot);

    if (!s || !s->key) {
        spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                      "no verified certificate chain of slot %u is known: "
                      "GET_CERTIFICATE first, or provide one", slot);
        return NULL;
    }
    return s;
}

SpdmReqSlot *spdm_req_signer(SpdmRequester *rq, uint8_t slot, uint16_t usage)
{
    SpdmReqSlot *s = spdm_req_known_slot(rq, slot);

    if (s && rq->conn.multi_key_rsp && s->has_digest &&
        !(s->info.usage & usage)) {
        spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                      "the key of slot %u is not meant for this: its "
                      "KeyUsageMask is 0x%04x", slot, s->info.usage);
        return NULL;
    }
    return s;
}

bool spdm_requester_slot_key(const SpdmRequester *rq, uint8_t slot,
                             SpdmSlotKey *key)
{
    const SpdmReqSlot *s = slot < SPDM_SLOT_COUNT ? &rq->slots[slot] : NULL;

    if (!s || !s->has_digest || !rq->conn.multi_key_rsp) {
        return false;
    }
    *key = s->info;
    return true;
}

bool spdm_req_verify(SpdmRequester *rq, const SpdmReqSlot *slot,
                     const char *context, const GByteArray *transcript,
                     SpdmBytes signature)
{
    g_autoptr(GByteArray) tbs = g_byte_array_new();
    SpdmBytes part;

    spdm_conn_to_be_signed(&rq->conn, context, spdm_req_view(transcript),
                           tbs);
    part = spdm_req_view(tbs);
    return spdm_verify(slot->key, rq->conn.asym, rq->conn.hash, context,
                       &part, 1, signature);
}

bool spdm_req_summary_usage(SpdmRequester *rq, uint8_t summary)
{
    return spdm_req_usage(rq, summary == SPDM_SUMMARY_NONE ||
                          (rq->conn.rsp_flags & SPDM_MEAS_CAP_MASK),
                          "a summary hash needs a responder with MEAS_CAP");
}

/* Only a summary of all blocks can be computed from what we are shown. */
bool spdm_req_note_summary(SpdmRequester *rq, uint8_t summary,
                           SpdmBytes hash)
{
    if (summary != SPDM_SUMMARY_ALL || hash.len > SPDM_MAX_HASH) {
        return true;
    }
    memcpy(rq->summary.told, hash.data, hash.len);
    rq->summary.told_valid = true;
    return spdm_req_compare_summary(rq);
}

bool spdm_req_compare_summary(SpdmRequester *rq)
{
    SpdmReqSummary *s = &rq->summary;

    if (spdm_req_check(rq, SPDM_CHECK_MEAS_SUMMARY,
                       !s->told_valid || !s->seen_valid ||
                       memcmp(s->told, s->seen, rq->conn.hash->size) == 0,
                       "MeasurementSummaryHash is not that of the "
                       "measurements")) {
        return true;
    }
    *s = (SpdmReqSummary){ .told_valid = false };
    return false;
}

GBytes *spdm_requester_chain(const SpdmRequester *rq, uint8_t slot)
{
    const SpdmReqSlot *s = spdm_req_slot((SpdmRequester *)rq, slot);

    return s ? s->chain : NULL;
}

/* Certificates of a verified chain, or NULL. */
static GPtrArray *certificates(const SpdmRequester *rq, uint8_t slot)
{
    GBytes *chain = slot < SPDM_SLOT_COUNT
                    ? spdm_requester_chain(rq, slot) : NULL;
    size_t header, len;
    const uint8_t *data;

    if (!chain || !rq->conn.hash) {
        return NULL;
    }
    header = SPDM_HEADER_SIZE + rq->conn.hash->size;
    data = g_bytes_get_data(chain, &len);
    return len > header ? spdm_x509_split_der(SPDM_BYTES(data + header,
                                                         len - header))
                        : NULL;
}

char **spdm_requester_subjects(const SpdmRequester *rq, uint8_t slot)
{
    g_autoptr(GPtrArray) certs = certificates(rq, slot);
    GPtrArray *subjects = g_ptr_array_new();

    for (guint i = 0; certs && i < certs->len; i++) {
        GBytes *cert = g_ptr_array_index(certs, i);
        char *text = spdm_x509_subject(
            SPDM_BYTES(g_bytes_get_data(cert, NULL), g_bytes_get_size(cert)));

        g_ptr_array_add(subjects, text ? text : g_strdup("?"));
    }
    g_ptr_array_add(subjects, NULL);
    return (char **)g_ptr_array_free(subjects, FALSE);
}

char *spdm_requester_leaf_cma_name(const SpdmRequester *rq, uint8_t slot)
{
    g_autoptr(GPtrArray) certs = certificates(rq, slot);

    return certs ? spdm_x509_cma_name(certs) : NULL;
}

uint8_t spdm_requester_slots(const SpdmRequester *rq)
{
    return rq->slot_mask;
}

bool spdm_requester_session_info(const SpdmRequester *rq, uint32_t session,
                                 SpdmSessionInfo *info,
                                 uint8_t *heartbeat_period)
{
    const SpdmSession *s = spdm_conn_session((SpdmConn *)&rq->conn, session);

    if (!session || !s) {
        return false;
    }
    spdm_session_describe(s, info);
    if (heartbeat_period) {
        *heartbeat_period = s->heartbeat_period;
    }
    return true;
}

static const char *measurement_hash_name(uint32_t bit)
{
    const SpdmHashAlg *hash = spdm_hash_by_meas_bit(bit);

    return hash ? hash->name : bit == SPDM_MEAS_HASH_RAW ? "raw" : "";
}

static void fill_sessions(const SpdmRequester *rq, SpdmRequesterInfo *info)
{
    for (unsigned i = 0; i < rq->conn.sessions_used; i++) {
        const SpdmSession *s = &rq->conn.sessions[i];

        if (s->phase != SPDM_SESSION_FREE) {
            spdm_session_describe(s, &info->sessions[info->session_count++]);
        }
    }
}

void spdm_requester_info(const SpdmRequester *rq, SpdmRequesterInfo *info)
{
    const SpdmConn *c = &rq->conn;

    *info = (SpdmRequesterInfo){
        .version = c->version,
        .version_name = spdm_version_name(c->version),
        .req_flags = c->req_flags,
        .rsp_flags = c->rsp_flags,
        .rsp_ct_exponent = c->rsp_ct_exponent,
        .rsp_data_transfer_size = c->rsp_data_transfer_size,
        .rsp_max_msg_size = c->rsp_max_msg_size,
        .hash = c->hash ? c->hash->name : "",
        .asym = c->asym ? c->asym->name : "",
        .multi_key = c->multi_key_rsp,
        .req_asym = c->req_asym ? c->req_asym->name : "",
        .dhe = c->dhe ? c->dhe->name : "",
        .kem = c->kem ? c->kem->name : "",
        .aead = c->aead ? c->aead->name : "",
        .measurement_hash = measurement_hash_name(c->meas_hash),
        .authenticated = rq->authenticated,
        .has_supported = rq->has_supported,
        .supported_hash = rq->supported.base_hash,
        .supported_asym = spdm_asym_join(rq->supported.base_asym,
                                         rq->supported.pqc_asym),
        .challenged = rq->challenged,
        .version_count = rq->version_count,
        .failed_check = rq->failure.check,
        .error_code = rq->failure.error_code,
        .error_name = rq->failure.error_code
                      ? spdm_error_name(rq->failure.error_code) : "",
        .failed_request = rq->failure.request,
    };
    memcpy(info->versions, rq->versions, sizeof(info->versions));
    fill_sessions(rq, info);
}

char *spdm_requester_describe(const SpdmRequester *rq,
                              const uint8_t *message, size_t len)
{
    GString *out = g_string_new(NULL);

    spdm_describe(&rq->last_ctx, SPDM_BYTES(message, len), out);
    return g_string_free(out, FALSE);
}
