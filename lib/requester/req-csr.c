/*
 * GET_CSR / CSR and SET_CERTIFICATE / _RSP (DSP0274 1.2; spec/02 section 3):
 * giving the responder an identity.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

/*
 * ResetRequired is no failure of these two: the responder has understood, and
 * goes on at its reset. *@tag receives Param2.
 */
static bool wants_reset(SpdmRequester *rq, const SpdmReqExchange *x,
                        uint8_t *tag)
{
    if (rq->failure.kind != SPDM_REQUESTER_ERROR_PEER ||
        rq->failure.error_code != SPDM_ERROR_RESET_REQUIRED) {
        return false;
    }
    *tag = x->rsp_bytes->data[3];
    rq->failure = (SpdmReqFailure){ .request = x->req.h.code };
    return true;
}

static bool check_reset(SpdmRequester *rq, uint8_t asked_tag, uint8_t tag,
                        bool tagged)
{
    return spdm_req_check(rq, SPDM_CHECK_PROVISION_RESET,
                          rq->conn.rsp_flags & SPDM_CERT_INSTALL_RESET_CAP,
                          "ResetRequired of a responder that did not declare "
                          "CERT_INSTALL_RESET_CAP") &&
           spdm_req_check(rq, SPDM_CHECK_CSR_TAG,
                          !tagged || (tag && tag < 8 &&
                                      (!asked_tag || tag == asked_tag)),
                          "the CSRTrackingTag is none, or not the one that "
                          "was asked for");
}

bool spdm_req_check_csr(SpdmRequester *rq, SpdmBytes csr,
                        const SpdmAsymAlg *asym)
{
    g_autoptr(SpdmPublicKey) key = NULL;

    if (!spdm_req_check(rq, SPDM_CHECK_CSR_EMPTY, csr.len > 0,
                        "the CSR has no byte")) {
        return false;
    }
    key = spdm_csr_key(csr, NULL);
    return spdm_req_check(rq, SPDM_CHECK_CSR_SIGNATURE, key != NULL,
                          "the CSR is no PKCS#10 request signed by its own "
                          "key") &&
           spdm_req_check(rq, SPDM_CHECK_CSR_KEY,
                          !key || !asym || spdm_public_key_fits(key, asym),
                          "the CSR is for a key of another algorithm than "
                          "was negotiated");
}

uint8_t spdm_req_csr_attributes(const SpdmCsrParams *p)
{
    return (uint8_t)((p->model & SPDM_CSR_MODEL_MASK) |
                     p->tag << SPDM_CSR_TAG_SHIFT |
                     (p->overwrite ? SPDM_CSR_OVERWRITE : 0));
}

bool spdm_req_csr_waits(SpdmRequester *rq, const SpdmReqExchange *x,
                        const SpdmCsrParams *p, SpdmProvisionResult *result)
{
    result->reset_required = wants_reset(rq, x, &result->tag);
    return result->reset_required &&
           check_reset(rq, p->tag, result->tag,
                       rq->conn.version >= SPDM_VERSION_13);
}

bool spdm_req_set_waits(SpdmRequester *rq, const SpdmReqExchange *x,
                        SpdmProvisionResult *result)
{
    uint8_t param2 = 0;

    result->reset_required = wants_reset(rq, x, &param2);
    return result->reset_required && check_reset(rq, 0, 0, false);
}

static bool may_ask(SpdmRequester *rq, uint32_t flag, const char *why)
{
    return spdm_req_usage(rq, rq->conn.hash && rq->conn.asym &&
                          (rq->conn.rsp_flags & flag), why);
}

static bool csr_usage(SpdmRequester *rq, const SpdmCsrParams *p)
{
    bool plain = !p->key_pair_id && !p->model && !p->tag && !p->overwrite;

    return may_ask(rq, SPDM_CSR_CAP, "the responder makes no CSRs, or "
                   "NEGOTIATE_ALGORITHMS is not done") &&
           spdm_req_usage(rq, rq->conn.version >= SPDM_VERSION_13 || plain,
                          "key pair, model, tag and overwrite came with "
                          "SPDM 1.3") &&
           spdm_req_usage(rq, p->tag < 8 && p->model < 8,
                          "tag and model are 0 to 7") &&
           spdm_req_usage(rq, p->requester_info.len <= UINT16_MAX &&
                          p->opaque.len <= UINT16_MAX,
                          "RequesterInfo and OpaqueData have at most 65535 "
                          "bytes");
}

static bool get_csr(SpdmRequester *rq, uint32_t session,
                    const SpdmCsrParams *p, SpdmProvisionResult *result,
                    GByteArray *csr)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmSession *s;

    if (!csr_usage(rq, p) || !spdm_req_maybe_session(rq, session, &s)) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_GET_CSR);
    x.crypto = true;
    x.req.h.param1 = p->key_pair_id;
    x.req.h.param2 = spdm_req_csr_attributes(p);
    x.req.get_csr.requester_info = p->requester_info;
    x.req.get_csr.opaque = p->opaque;
    if (!spdm_req_run(rq, &x)) {
        return spdm_req_csr_waits(rq, &x, p, result);
    }
    if (!spdm_req_check_csr(rq, x.rsp.csr.csr, rq->conn.asym)) {
        return false;
    }
    g_byte_array_append(csr, x.rsp.csr.csr.data, (guint)x.rsp.csr.csr.len);
    return true;
}

bool spdm_requester_csr(SpdmRequester *rq, uint32_t session,
                        const SpdmCsrParams *params,
                        SpdmProvisionResult *result, GByteArray *csr,
                        GError **errp)
{
    *result = (SpdmProvisionResult){ .reset_required = false };
    spdm_req_begin(rq, SPDM_GET_CSR, session);
    return spdm_req_done(rq, get_csr(rq, session, params, result, csr),
                         errp);
}

/* What was in the slot is not there any more, or not for long. */
static void forget_slot(SpdmRequester *rq, uint8_t slot)
{
    spdm_req_slot_clear(&rq->slots[slot]);
}

static uint8_t set_param1(const SpdmSetCertificateParams *p)
{
    return (uint8_t)(p->slot | p->model << SPDM_SET_CERT_MODEL_SHIFT |
                     (p->erase ? SPDM_SET_CERT_ERASE : 0));
}

static bool set_usage(SpdmRequester *rq, const SpdmSetCertificateParams *p)
{
    bool plain = !p->key_pair_id && !p->model && !p->erase;

    return may_ask(rq, SPDM_SET_CERT_CAP, "the responder takes no "
                   "certificates, or NEGOTIATE_ALGORITHMS is not done") &&
           spdm_req_usage(rq, p->slot < SPDM_SLOT_COUNT,
                          "slots are 0 to 7") &&
           spdm_req_usage(rq, rq->conn.version >= SPDM_VERSION_13 || plain,
                          "key pair, model and erase came with SPDM 1.3") &&
           spdm_req_usage(rq, p->model < 8, "models are 0 to 7") &&
           spdm_req_usage(rq, p->erase == (p->chain.len == 0),
                          "either a chain or erase");
}

static bool set_certificate(SpdmRequester *rq, uint32_t session,
                            const SpdmSetCertificateParams *p,
                            SpdmProvisionResult *result)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmSession *s;

    if (!set_usage(rq, p) || !spdm_req_maybe_session(rq, session, &s)) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_SET_CERTIFICATE);
    x.crypto = true;
    x.req.h.param1 = set_param1(p);
    x.req.h.param2 = p->key_pair_id;
    x.req.set_certificate.chain = p->chain;
    if (!spdm_req_run(rq, &x)) {
        if (!spdm_req_set_waits(rq, &x, result)) {
            return false;
        }
    } else if (!spdm_req_check(rq, SPDM_CHECK_SET_CERT_SLOT,
                               (x.rsp.h.param1 & SPDM_SET_CERT_SLOT_MASK) ==
                               p->slot,
                               "SET_CERTIFICATE_RSP is of another slot")) {
        return false;
    }
    forget_slot(rq, p->slot);
    return true;
}

bool spdm_requester_set_certificate(SpdmRequester *rq, uint32_t session,
                                    const SpdmSetCertificateParams *params,
                                    SpdmProvisionResult *result,
                                    GError **errp)
{
    *result = (SpdmProvisionResult){ .reset_required = false };
    spdm_req_begin(rq, SPDM_SET_CERTIFICATE, session);
    return spdm_req_done(rq, set_certificate(rq, session, params, result),
                         errp);
}

GBytes *spdm_requester_build_chain(const SpdmRequester *rq,
                                   const char *pem, size_t len,
                                   const char *name, GError **errp)
{
    g_autoptr(GPtrArray) der = NULL;
    GBytes *chain;

    if (!rq->conn.hash) {
        g_set_error(errp, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE,
                    "%s: NEGOTIATE_ALGORITHMS comes first", name);
        return NULL;
    }
    der = spdm_x509_load_pem_chain(SPDM_BYTES(pem, len), name, errp);
    chain = der ? spdm_x509_build_chain(der, rq->conn.hash) : NULL;
    if (der && !chain) {
        g_set_error(errp, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE,
                    "%s: the chain is longer than 65535 bytes", name);
    }
    return chain;
}

char *spdm_csr_describe(SpdmBytes csr, char **pem)
{
    *pem = spdm_csr_to_pem(csr);
    return spdm_csr_subject(csr);
}
