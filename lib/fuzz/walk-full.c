/*
 * The rest of what requester and device can do together, so that there is a
 * moment before each request that there is. What the two have not agreed on
 * the requester refuses by itself.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

#include <string.h>

#include "crypto/x509.h"

enum { PORTION = 40, KEY_PAIRS = 3, P256_KEY = 1 << 3 };

static void done(Walk *w, bool ok)
{
    g_assert(ok == (w->err == NULL));
    g_clear_error(&w->err);
}

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static SpdmBytes bytes_of(GBytes *b)
{
    gsize len = 0;
    const uint8_t *data = b ? g_bytes_get_data(b, &len) : NULL;

    return SPDM_BYTES(data, len);
}

static void logs(Walk *w, uint32_t session)
{
    SpdmRequester *rq = w->h->rq;
    g_auto(SpdmMelLog) log = { .bytes = NULL };
    g_auto(SpdmMelLog) whole = { .bytes = NULL };

    done(w, spdm_requester_mel(rq, session, PORTION, &log, &w->err));
    done(w, spdm_requester_mel(rq, session, 0, &whole, &w->err));
    for (unsigned sign = 0; sign < 2; sign++) {
        done(w, spdm_requester_endpoint_info(rq, session, sign, 0, NULL,
                                             &w->err));
    }
}

static void key_pairs(Walk *w, uint32_t session)
{
    static const SpdmKeyPairChange changes[] = {
        { .operation = SPDM_KEY_PAIR_CHANGE, .id = 2, .slots = 2,
          .usage = SPDM_KEY_USAGE_CHALLENGE },
        { .operation = SPDM_KEY_PAIR_GENERATE, .id = 3, .asym = P256_KEY },
        { .operation = SPDM_KEY_PAIR_ERASE, .id = 3 },
        { .operation = SPDM_KEY_PAIR_CHANGE, .id = 2, .slots = 0 },
        { .operation = SPDM_KEY_PAIR_CHANGE, .id = 2, .slots = 2,
          .usage = SPDM_KEY_USAGE_ALL & 0xf },
        { .operation = SPDM_KEY_PAIR_ERASE, .id = 1 },
    };
    SpdmRequester *rq = w->h->rq;
    SpdmKeyPair pair;

    for (uint8_t id = 0; id <= KEY_PAIRS; id++) {
        done(w, spdm_requester_key_pair(rq, session, id, &pair, NULL,
                                        &w->err));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        done(w, spdm_requester_set_key_pair(rq, session, &changes[i],
                                            &w->err));
    }
}

/* The chain an owner makes of a request. */
static GBytes *certify(Walk *w, const GByteArray *csr)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("walk", "owner");
    SpdmRng rng = spdm_seeded_rng(seeded);
    const SpdmChainSpec spec = {
        .alg = spdm_asym_by_name("ECDSA-P256"),
        .hash = spdm_hash_by_name("SHA-256"),
        .common_name = "an owner",
        .not_before = 1577836800,
        .not_after = 253402300799,
    };
    g_autoptr(SpdmCa) ca = spdm_ca_new(&spec, &rng, NULL);
    g_autoptr(SpdmPublicKey) key = spdm_csr_key(view(csr), NULL);
    g_autoptr(GPtrArray) der = NULL;

    if (!key) {
        return NULL;
    }
    der = spdm_ca_certify(ca, &spec, key, &rng, NULL);
    return spdm_x509_build_chain(der, spec.hash);
}

static void provision(Walk *w, uint32_t session)
{
    SpdmRequester *rq = w->h->rq;
    SpdmCsrParams ask = { .key_pair_id = w->info.multi_key ? 1 : 0,
                          .model = w->info.multi_key ? 1 : 0 };
    SpdmSetCertificateParams set = { .slot = 1,
                                     .key_pair_id = ask.key_pair_id,
                                     .model = ask.model };
    g_autoptr(GByteArray) csr = g_byte_array_new();
    g_autoptr(GBytes) chain = NULL;
    SpdmProvisionResult result = { .tag = 0 };

    done(w, spdm_requester_csr(rq, session, &ask, &result, csr, &w->err));
    if (result.reset_required && !session) {
        spdm_responder_reset(w->h->r);
        done(w, spdm_requester_connect(rq, &w->err));
        ask.tag = result.tag;
        done(w, spdm_requester_csr(rq, session, &ask, &result, csr,
                                   &w->err));
    }
    chain = csr->len ? certify(w, csr) : NULL;
    set.chain = bytes_of(chain);
    done(w, spdm_requester_set_certificate(rq, session, &set, &result,
                                           &w->err));
    set.chain = SPDM_BYTES(NULL, 0);
    set.erase = true;
    done(w, spdm_requester_set_certificate(rq, session, &set, &result,
                                           &w->err));
}

static void bank(Walk *w, uint32_t session, uint8_t id)
{
    SpdmRequester *rq = w->h->rq;
    const SpdmCsrParams ask = { .key_pair_id = 0 };
    g_autoptr(GByteArray) csr = g_byte_array_new();
    g_autoptr(GBytes) chain = NULL;
    g_autoptr(GBytes) own = NULL;
    SpdmSetCertificateParams set = { .slot = 2 };
    SpdmProvisionResult result;
    SpdmBankDetails details;

    done(w, spdm_requester_bank_details(rq, session, id, &details, &w->err));
    own = spdm_requester_bank_chain(rq, session, id, 0, &w->err);
    done(w, own != NULL);
    done(w, spdm_requester_bank_csr(rq, session, id, &ask, &result, csr,
                                    &w->err));
    chain = csr->len ? certify(w, csr) : NULL;
    set.chain = bytes_of(chain);
    done(w, spdm_requester_bank_set_certificate(rq, session, id, &set,
                                                &result, &w->err));
    set = (SpdmSetCertificateParams){ .slot = 2, .erase = true };
    done(w, spdm_requester_bank_set_certificate(rq, session, id, &set,
                                                &result, &w->err));
    done(w, spdm_requester_config_bank(rq, session, id, P256_KEY, 0,
                                       &w->err));
}

static void banks(Walk *w, uint32_t session)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(SpdmBankInfo));
    uint64_t mask;

    done(w, spdm_requester_slot_sub_codes(w->h->rq, session, &mask,
                                          &w->err));
    done(w, spdm_requester_banks(w->h->rq, session, list, &w->err));
    for (guint i = 0; i < list->len; i++) {
        bank(w, session, (uint8_t)i);
    }
}

/* The device has something to say, and is asked for it. */
static void poll(Walk *w, uint32_t session)
{
    done(w, spdm_requester_encapsulated(w->h->rq, session, NULL, &w->err));
}

static void events(Walk *w, uint32_t session)
{
    static const uint8_t changed[SPDM_MEASUREMENT_MAP] = { 1 << 1 };
    SpdmRequester *rq = w->h->rq;
    uint32_t types;

    done(w, spdm_requester_event_types(rq, session, &types, &w->err));
    done(w, spdm_requester_subscribe(rq, session,
                                     (uint32_t)SPDM_ALL_EVENT_TYPES,
                                     &w->err));
    spdm_responder_measurement_changed(w->h->r, changed);
    spdm_responder_measurement_pending(w->h->r, changed);
    spdm_responder_certificate_changed(w->h->r, 1);
    poll(w, session);
    spdm_responder_update_key(w->h->r, session);
    spdm_responder_ask_endpoint_info(w->h->r, session);
    poll(w, session);
    done(w, spdm_requester_subscribe(rq, session, 0, &w->err));
}

void hostile_walk_outside(Walk *w)
{
    if (!w->h->config.full) {
        return;
    }
    logs(w, 0);
    spdm_responder_ask_endpoint_info(w->h->r, 0);
    poll(w, 0);
    key_pairs(w, 0);
    provision(w, 0);
    banks(w, 0);
    /* What waits for a reset gets it. */
    spdm_responder_reset(w->h->r);
    done(w, spdm_requester_connect(w->h->rq, &w->err));
    done(w, spdm_requester_digests(w->h->rq, 0, &w->err));
    done(w, spdm_requester_certificate(w->h->rq, 0, 0, 0, &w->err));
}

void hostile_walk_session(Walk *w, uint32_t session)
{
    if (!w->h->config.full || !session) {
        return;
    }
    events(w, session);
    logs(w, session);
    key_pairs(w, session);
    provision(w, session);
    banks(w, session);
}

/* Discovery; what is left of a connection after a reset; what is known of one
 * that was provisioned. */
void hostile_walk_shortcuts(Walk *w)
{
    const SpdmProvisionedPeer peer = {
        .version = SPDM_VERSION_12, .flags = w->info.rsp_flags,
        .hash = 1, .aead = 1,
    };
    SpdmRequester *rq = w->h->rq;
    SpdmDoeEntry entries[4];
    unsigned count;

    if (!w->h->config.full) {
        return;
    }
    done(w, spdm_requester_discover(rq, 2, entries, 4, &count, &w->err));
    spdm_responder_reset(w->h->r);
    done(w, spdm_requester_resume(rq, &w->err));
    done(w, spdm_requester_digests(rq, 0, &w->err));
    done(w, spdm_requester_version(rq, &w->err));
    done(w, spdm_requester_provision(rq, &peer, &w->err));
}
