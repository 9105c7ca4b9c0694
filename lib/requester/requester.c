/*
 * A requester: made, ended, and how its calls begin and fail.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"
#include "requester/weak.h"

enum {
    DEFAULT_TRANSFER_SIZE = 4608,
    DEFAULT_MESSAGE_SIZE = 0x20000, /* the longest chain, and room */
    DEFAULT_TIMEOUT_US = 1000000,
    DEFAULT_MAX_WAIT_US = 5000000,
    DEFAULT_BUSY_RETRIES = 50,
    FIRST_SESSION_ID = 0xffff,
};

G_DEFINE_QUARK(spdm-requester-error-quark, spdm_requester_error)

void spdm_requester_config_init(SpdmRequesterConfig *config)
{
    *config = (SpdmRequesterConfig){
        .transport = SPDM_TRANSPORT_PCI_DOE,
        .min_version = SPDM_VERSION_10,
        .max_version = SPDM_VERSION_14,
        .flags = SPDM_ENCRYPT_CAP | SPDM_MAC_CAP | SPDM_KEY_EX_CAP |
                 SPDM_PSK_CAP | SPDM_HBEAT_CAP | SPDM_KEY_UPD_CAP |
                 SPDM_CHUNK_CAP | SPDM_LARGE_RESP_CAP,
        .data_transfer_size = DEFAULT_TRANSFER_SIZE,
        .opaque_formats = SPDM_OPAQUE_FMT1,
        .multi_key = true,
        .secured_min = 0x1000,
        .secured_max = 0x1300,
        .aead_limit = SPDM_AEAD_LIMIT_MAX,
        .timeout_us = DEFAULT_TIMEOUT_US,
        .max_wait_us = DEFAULT_MAX_WAIT_US,
        .busy_retries = DEFAULT_BUSY_RETRIES,
    };
}

static void io_random(void *opaque, uint8_t *buf, size_t len)
{
    SpdmRequester *rq = opaque;

    rq->cfg.io.random(rq->cfg.io.opaque, buf, len);
}

static void choose_random(SpdmRequester *rq)
{
    if (rq->cfg.seed) {
        rq->seeded = spdm_seeded_new(rq->cfg.seed, "requester");
        rq->rng = spdm_seeded_rng(rq->seeded);
    } else if (rq->cfg.io.random) {
        rq->rng = (SpdmRng){ .fill = io_random, .opaque = rq };
    } else {
        rq->rng = spdm_rng_system();
    }
}

static bool config_is_good(const SpdmRequesterConfig *c, GError **errp)
{
    bool good = c->io.send_receive &&
                c->min_version >= SPDM_VERSION_10 &&
                c->max_version <= SPDM_VERSION_14 &&
                c->min_version <= c->max_version &&
                c->aead_limit >= 1 &&
                c->aead_limit <= SPDM_AEAD_LIMIT_MAX &&
                c->data_transfer_size >= SPDM_MIN_DATA_TRANSFER_SIZE &&
                (!c->max_msg_size ||
                 c->max_msg_size >= c->data_transfer_size);

    if (!good) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "requester: versions are 1.0 to 1.4, DataTransferSize "
                    "is at least %u, MaxSPDMmsgSize is not less, an AEAD "
                    "limit is 1 to 64, and "
                    "io.send_receive must be set",
                    SPDM_MIN_DATA_TRANSFER_SIZE);
    }
    return good;
}

static bool load_trust(SpdmRequester *rq, GError **errp)
{
    const char *pem = rq->cfg.trust_pem;

    if (!pem) {
        return true;
    }
    rq->trust = spdm_x509_load_pem_chain(SPDM_BYTES(pem, strlen(pem)),
                                         "trusted roots", errp);
    return rq->trust != NULL;
}

SpdmRequester *spdm_requester_new(const SpdmRequesterConfig *config,
                                  GError **errp)
{
    g_autoptr(SpdmRequester) rq = NULL;

    if (!spdm_crypto_init(errp) || !config_is_good(config, errp)) {
        return NULL;
    }
    rq = g_new0(SpdmRequester, 1);
    rq->cfg = *config;
    if (!config->max_msg_size) {
        rq->cfg.max_msg_size = MAX(config->data_transfer_size,
                                   DEFAULT_MESSAGE_SIZE);
    }
    rq->cfg.seed = g_strdup(config->seed);
    rq->cfg.trust_pem = g_strdup(config->trust_pem);
    rq->cfg.cma_name = g_strdup(config->cma_name);
    rq->cfg.cma_name_serial = g_strdup(config->cma_name_serial);
    rq->cfg.opaque = config->opaque ? g_bytes_ref(config->opaque) : NULL;
    rq->transport = spdm_transport(config->transport);
    rq->next_session_id = FIRST_SESSION_ID;
    spdm_conn_reset(&rq->conn);
    choose_random(rq);
    if (!load_trust(rq, errp) || !spdm_req_identity_load(rq, config, errp)) {
        return NULL;
    }
    rq->cfg.identities = NULL; /* were borrowed */
    rq->cfg.identity_count = 0;
    return g_steal_pointer(&rq);
}

void spdm_requester_free(SpdmRequester *rq)
{
    if (!rq) {
        return;
    }
    spdm_conn_reset(&rq->conn);
    for (unsigned i = 0; i < SPDM_REQ_SLOTS; i++) {
        spdm_req_slot_clear(&rq->slots[i]);
    }
    spdm_transcript_reset(&rq->mut_b);
    g_clear_pointer(&rq->identities, g_ptr_array_unref);
    g_clear_pointer(&rq->ca, spdm_ca_free);
    g_clear_pointer(&rq->trust, g_ptr_array_unref);
    g_clear_pointer(&rq->seeded, spdm_seeded_free);
    g_free((char *)rq->cfg.seed);
    g_free((char *)rq->cfg.trust_pem);
    g_free((char *)rq->cfg.cma_name);
    g_free((char *)rq->cfg.cma_name_serial);
    g_clear_pointer(&rq->cfg.opaque, g_bytes_unref);
    g_free(rq);
}

bool spdm_requester_add_tap(SpdmRequester *rq, const SpdmTap *tap)
{
    return spdm_taps_add(&rq->taps, tap);
}

void spdm_requester_remove_tap(SpdmRequester *rq, const SpdmTap *tap)
{
    spdm_taps_remove(&rq->taps, tap);
}

void spdm_requester_set_secret_tap(SpdmRequester *rq, const SpdmTap *tap)
{
    rq->secret_tap = tap;
}

void spdm_req_sleep(SpdmRequester *rq, int64_t us)
{
    if (rq->cfg.io.sleep_us) {
        rq->cfg.io.sleep_us(rq->cfg.io.opaque, us);
    } else {
        g_usleep((gulong)us);
    }
}

int64_t spdm_req_now(SpdmRequester *rq)
{
    return rq->cfg.io.now_us ? rq->cfg.io.now_us(rq->cfg.io.opaque)
                             : g_get_monotonic_time();
}

bool spdm_req_fail(SpdmRequester *rq, SpdmRequesterError kind,
                   const char *format, ...)
{
    va_list args;

    rq->failure.set = true;
    rq->failure.kind = kind;
    rq->failure.check = SPDM_CHECK_NONE;
    va_start(args, format);
    g_vsnprintf(rq->failure.why, sizeof(rq->failure.why), format, args);
    va_end(args);
    return false;
}

bool spdm_req_usage(SpdmRequester *rq, bool cond, const char *why)
{
    return cond || spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE, "%s", why);
}

void spdm_req_begin(SpdmRequester *rq, uint8_t code, uint32_t session)
{
    rq->failure = (SpdmReqFailure){ .request = code };
    rq->call_session = session;
}

/* Errors after which an established session can still be used. */
static bool session_survives(const SpdmRequester *rq, const SpdmSession *s)
{
    static const uint8_t harmless[] = {
        SPDM_ERROR_INVALID_REQUEST, SPDM_ERROR_UNEXPECTED_REQUEST,
        SPDM_ERROR_UNSPECIFIED, SPDM_ERROR_UNSUPPORTED_REQUEST,
        SPDM_ERROR_OPERATION_FAILED, SPDM_ERROR_REQUEST_TOO_LARGE,
        SPDM_ERROR_RESPONSE_TOO_LARGE, SPDM_ERROR_VENDOR_DEFINED,
        SPDM_ERROR_LARGE_RESPONSE, SPDM_ERROR_RESET_REQUIRED,
    };

    return s->phase == SPDM_SESSION_ESTABLISHED &&
           rq->failure.kind == SPDM_REQUESTER_ERROR_PEER &&
           memchr(harmless, rq->failure.error_code, sizeof(harmless));
}

/*
 * What a failure costs: RequestResynch everything (DSP0274: start again from
 * GET_VERSION), one before the end of negotiation the connection, one in a
 * session that session.
 */
static void pay_for_failure(SpdmRequester *rq)
{
    SpdmSession *s = rq->call_session
        ? spdm_conn_session(&rq->conn, rq->call_session) : NULL;

    if (rq->failure.kind == SPDM_REQUESTER_ERROR_USAGE ||
        spdm_req_weak_forgives(rq)) {
        return;
    }
    if (rq->failure.error_code == SPDM_ERROR_REQUEST_RESYNCH ||
        rq->conn.state < SPDM_CONN_NEGOTIATED) {
        spdm_req_reset(rq, rq->failure.why);
    } else if (s && !session_survives(rq, s)) {
        spdm_req_end_session(rq, s, rq->failure.why);
    }
}

bool spdm_req_report(SpdmRequester *rq, bool ok, GError **errp)
{
    if (!ok) {
        g_set_error(errp, SPDM_REQUESTER_ERROR, rq->failure.kind, "%s: %s",
                    rq->failure.request ? spdm_code_name(rq->failure.request)
                                        : "DOE discovery",
                    rq->failure.set ? rq->failure.why : "failed");
    }
    return ok;
}

bool spdm_req_done(SpdmRequester *rq, bool ok, GError **errp)
{
    if (!ok) {
        pay_for_failure(rq);
    }
    return spdm_req_report(rq, ok, errp);
}
