/*
 * Negotiated state that outlives the connection: DSP0274 CACHE_CAP.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

enum {
    MAGIC = 0x4e505351,      /* "QSPN" */
    FORMAT = 2,
};

static const SpdmWireCtx no_ctx;

static bool has_cache(SpdmRequester *rq)
{
    return spdm_req_usage(rq, spdm_conn_caches(&rq->conn),
                          "there is no negotiated state of a responder with "
                          "CACHE_CAP");
}

static void forget_exchanges(SpdmRequester *rq, const char *why)
{
    for (unsigned i = 0; i < rq->conn.sessions_used; i++) {
        if (rq->conn.sessions[i].phase != SPDM_SESSION_FREE) {
            spdm_req_end_session(rq, &rq->conn.sessions[i], why);
        }
    }
    spdm_conn_keep_negotiated(&rq->conn);
    rq->authenticated = false;
    rq->summary = (SpdmReqSummary){ .told_valid = false };
}

bool spdm_requester_resume(SpdmRequester *rq, GError **errp)
{
    bool ok;

    spdm_req_begin(rq, SPDM_NEGOTIATE_ALGORITHMS, 0);
    ok = has_cache(rq);
    if (ok) {
        forget_exchanges(rq, "resumed with the negotiated state");
    }
    return spdm_req_report(rq, ok, errp);
}

/* Algorithms go by the bit that selected them. */
typedef struct Bits {
    uint32_t hash, asym, req_asym;
    uint16_t dhe, kem, aead;
} Bits;

static void code_bits(SpdmCoder *c, Bits *b)
{
    spdm_code_u32(c, "Hash", &b->hash);
    spdm_code_u32(c, "Asym", &b->asym);
    spdm_code_u32(c, "ReqAsym", &b->req_asym);
    spdm_code_u16(c, "DHE", &b->dhe);
    spdm_code_u16(c, "KEM", &b->kem);
    spdm_code_u16(c, "AEAD", &b->aead);
}

static void code_fields(SpdmCoder *c, SpdmConn *conn)
{
    uint8_t multi_key = (uint8_t)(conn->multi_key_req |
                                  conn->multi_key_rsp << 1);

    spdm_code_u8(c, "SPDMVersion", &conn->version);
    spdm_code_u32(c, "RequesterFlags", &conn->req_flags);
    spdm_code_u32(c, "ResponderFlags", &conn->rsp_flags);
    spdm_code_u16(c, "ResponderExtFlags", &conn->rsp_ext_flags);
    spdm_code_u8(c, "RequesterCTExponent", &conn->req_ct_exponent);
    spdm_code_u8(c, "ResponderCTExponent", &conn->rsp_ct_exponent);
    spdm_code_u32(c, "RequesterTransfer", &conn->req_data_transfer_size);
    spdm_code_u32(c, "RequesterMessage", &conn->req_max_msg_size);
    spdm_code_u32(c, "ResponderTransfer", &conn->rsp_data_transfer_size);
    spdm_code_u32(c, "ResponderMessage", &conn->rsp_max_msg_size);
    spdm_code_u32(c, "MeasurementHash", &conn->meas_hash);
    spdm_code_u8(c, "MeasurementSpec", &conn->meas_spec);
    spdm_code_u8(c, "OtherParams", &conn->other_params);
    spdm_code_u16(c, "KeySchedule", &conn->key_schedule);
    spdm_code_u8(c, "MultiKey", &multi_key);
    conn->multi_key_req = multi_key & 1;
    conn->multi_key_rsp = multi_key & 2;
}

/* GET_VERSION to ALGORITHMS: a few hundred bytes. */
static void code_a(SpdmCoder *c, SpdmTranscript *a)
{
    SpdmBytes bytes = spdm_transcript_view(a);

    spdm_code_sized16(c, "LengthA", "A", &bytes);
    if (spdm_coder_decoding(c) && spdm_coder_ok(c)) {
        spdm_transcript_append(a, bytes);
    }
}

static bool code_all(SpdmCoder *c, SpdmConn *conn, Bits *bits)
{
    uint32_t magic = MAGIC, format = FORMAT;

    spdm_code_u32(c, "Magic", &magic);
    spdm_code_u32(c, "Format", &format);
    code_fields(c, conn);
    code_bits(c, bits);
    code_a(c, &conn->a);
    return spdm_coder_ok(c) && magic == MAGIC && format == FORMAT;
}

GBytes *spdm_requester_save_negotiated(SpdmRequester *rq, GError **errp)
{
    GByteArray *out = g_byte_array_new();
    SpdmCoder c = spdm_coder_writer(&no_ctx, out);
    const SpdmConn *conn = &rq->conn;
    Bits bits = {
        .hash = conn->hash ? conn->hash->bit : 0,
        .asym = conn->asym ? conn->asym->bit : 0,
        .req_asym = conn->req_asym ? conn->req_asym->bit : 0,
        .dhe = conn->dhe ? conn->dhe->bit : 0,
        .kem = conn->kem ? conn->kem->bit : 0,
        .aead = conn->aead ? conn->aead->bit : 0,
    };

    spdm_req_begin(rq, SPDM_NEGOTIATE_ALGORITHMS, 0);
    if (!has_cache(rq)) {
        g_byte_array_unref(out);
        spdm_req_report(rq, false, errp);
        return NULL;
    }
    code_all(&c, &rq->conn, &bits);
    return g_byte_array_free_to_bytes(out);
}

static uint32_t offered(uint32_t wanted)
{
    return wanted ? wanted : UINT32_MAX;
}

/* Flags and modes are those of the version, and go together. */
static bool modes_fit(const SpdmConn *c)
{
    return !(c->rsp_flags & ~spdm_response_flags_mask(c->version)) &&
           !(c->req_flags & ~spdm_request_flags_mask(c->version)) &&
           (!c->rsp_ext_flags || c->version >= SPDM_VERSION_14) &&
           (!c->multi_key_rsp || (c->rsp_flags & SPDM_MULTI_KEY_CAP_MASK)) &&
           (!c->multi_key_req || (c->req_flags & SPDM_MULTI_KEY_CAP_MASK));
}

/* What later code takes for granted, and what we would not have offered. */
static bool acceptable(const SpdmRequester *rq, const SpdmConn *c,
                       const Bits *b)
{
    const uint32_t signing = SPDM_CERT_CAP | SPDM_CHAL_CAP | SPDM_KEY_EX_CAP |
                             SPDM_MEAS_CAP_SIG;

    return c->version >= rq->cfg.min_version &&
           c->version <= rq->cfg.max_version && modes_fit(c) &&
           !(c->req_flags & ~rq->cfg.flags) &&
           (c->rsp_flags & rq->cfg.required_flags) ==
               rq->cfg.required_flags &&
           c->rsp_ct_exponent <= SPDM_MAX_CT_EXPONENT &&
           c->rsp_data_transfer_size >= SPDM_MIN_DATA_TRANSFER_SIZE &&
           c->rsp_max_msg_size >= c->rsp_data_transfer_size &&
           c->hash && (b->hash & offered(rq->cfg.hash)) &&
           !c->asym == !b->asym && !(b->asym & ~offered(rq->cfg.asym)) &&
           (c->asym || !(c->rsp_flags & signing)) &&
           (!c->asym || c->version >= c->asym->min_version) &&
           !c->dhe == !b->dhe && !(b->dhe & ~offered(rq->cfg.dhe)) &&
           !c->kem == !b->kem && !(b->kem & ~offered(rq->cfg.kem)) &&
           !(c->dhe && c->kem) &&
           (!c->kem || c->version >= SPDM_VERSION_14) &&
           (c->dhe || c->kem || !spdm_conn_both(c, SPDM_KEY_EX_CAP)) &&
           !c->aead == !b->aead && !(b->aead & ~offered(rq->cfg.aead)) &&
           (c->aead || !spdm_conn_both(c, SPDM_MAC_CAP |
                                          SPDM_ENCRYPT_CAP)) &&
           !b->req_asym == !c->req_asym &&
           (!c->req_asym || c->version >= c->req_asym->min_version);
}

static bool load(SpdmRequester *rq, SpdmBytes in)
{
    SpdmCoder c = spdm_coder_reader(&no_ctx, in);
    SpdmConn *conn = &rq->conn;
    Bits bits = { .hash = 0 };

    if (!code_all(&c, conn, &bits) || spdm_coder_left(&c)) {
        return false;
    }
    conn->hash = spdm_hash_by_bit(bits.hash);
    conn->asym = spdm_asym_by_bit(bits.asym);
    conn->req_asym = spdm_asym_by_bit(bits.req_asym);
    conn->dhe = spdm_dhe_by_bit(bits.dhe);
    conn->kem = spdm_kem_by_bit(bits.kem);
    conn->aead = spdm_aead_by_bit(bits.aead);
    conn->state = SPDM_CONN_NEGOTIATED;
    return spdm_conn_caches(conn) && acceptable(rq, conn, &bits);
}

bool spdm_requester_load_negotiated(SpdmRequester *rq, GBytes *state,
                                    GError **errp)
{
    bool ok;

    spdm_req_begin(rq, SPDM_NEGOTIATE_ALGORITHMS, 0);
    spdm_req_reset(rq, "another negotiated state is loaded");
    ok = load(rq, SPDM_BYTES(g_bytes_get_data(state, NULL),
                             g_bytes_get_size(state)));
    if (!ok) {
        spdm_req_reset(rq, "the negotiated state is not usable");
    }
    return spdm_req_report(rq, spdm_req_usage(rq, ok, "the negotiated state "
                           "is damaged, or other than what is offered now"),
                           errp);
}
