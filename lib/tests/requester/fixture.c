/*
 * Requester and responder in one process.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

#include "responder/encap.h"

#include <string.h>

static int64_t clock_of(void *opaque)
{
    RqFixture *f = opaque;

    return f->now_us;
}

static bool send_receive(void *opaque, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us, GError **errp)
{
    RqFixture *f = opaque;
    g_auto(SpdmReply) answer = { .bytes = NULL };

    f->frames++;
    spdm_responder_process(f->responder, frame, len, &answer);
    f->now_us += answer.delay_us;
    if (answer.verdict == SPDM_VERDICT_DROP) {
        f->drops++;
        f->now_us += timeout_us;
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_AGAIN, "no answer");
        return false;
    }
    g_byte_array_append(reply, answer.bytes->data, answer.bytes->len);
    return true;
}

static void wait_us(void *opaque, int64_t us)
{
    RqFixture *f = opaque;

    f->now_us += us;
}

/* --- a decorated provider: fixture first, so that it can be found --------- */

static SpdmBytes cert_chain(void *opaque, uint8_t slot, uint32_t asym,
                            uint32_t hash)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return f->chain ? SPDM_BYTES(g_bytes_get_data(f->chain, NULL),
                                 g_bytes_get_size(f->chain))
                    : soft.ops->cert_chain(soft.opaque, slot, asym, hash);
}

static bool sign(void *opaque, const SpdmSignRequest *q, uint8_t *sig)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);
    SpdmRng rng = spdm_rng_system();

    if (!f->chain_key) {
        return soft.ops->sign(soft.opaque, q, sig);
    }
    return spdm_sign(f->chain_key, spdm_asym_by_bit(q->asym),
                     spdm_hash_by_bit(q->hash), q->context, &q->message, 1,
                     &rng, sig);
}

static void fill_random(void *opaque, void *buf, size_t len)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    soft.ops->random(soft.opaque, buf, len);
}

static uint8_t slots(void *opaque, uint32_t asym)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->slots(soft.opaque, asym);
}

static bool slot_key(void *opaque, uint8_t slot, uint32_t asym,
                     SpdmSlotKey *key)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->slot_key(soft.opaque, slot, asym, key);
}

static SpdmBytes public_key(void *opaque, uint32_t asym)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->public_key(soft.opaque, asym);
}

static bool key_pair(void *opaque, uint8_t id, SpdmKeyPair *pair)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->key_pair(soft.opaque, id, pair);
}

static SpdmKeyPairResult set_key_pair(void *opaque,
                                      const SpdmKeyPairChange *change)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->set_key_pair(soft.opaque, change);
}

static GPtrArray *measurements(void *opaque)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->measurements(soft.opaque);
}

static GPtrArray *new_measurements(void *opaque)
{
    SpdmProvider soft = spdm_soft_provider(((RqFixture *)opaque)->soft);

    return soft.ops->new_measurements(soft.opaque);
}

static GPtrArray *mel(void *opaque)
{
    SpdmProvider soft = spdm_soft_provider(((RqFixture *)opaque)->soft);

    return soft.ops->mel(soft.opaque);
}

static GBytes *endpoint_info(void *opaque, uint8_t sub_code)
{
    SpdmProvider soft = spdm_soft_provider(((RqFixture *)opaque)->soft);

    return soft.ops->endpoint_info(soft.opaque, sub_code);
}

static bool psk(void *opaque, SpdmBytes hint, SpdmBytes data, uint32_t hash,
                uint8_t *key, size_t *len)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->psk(soft.opaque, hint, data, hash, key, len);
}

static SpdmVendorResult vendor(void *opaque, const SpdmVendorRequest *request,
                               GByteArray *reply)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->vendor(soft.opaque, request, reply);
}

static bool trusts(void *opaque, SpdmBytes chain, uint32_t asym,
                   uint32_t hash, const char **why)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->trusts_requester(soft.opaque, chain, asym, hash, why);
}

/* The device knows what the requester has. */
static SpdmBytes requester_chain(void *opaque, uint8_t slot, uint32_t asym,
                                 uint32_t hash)
{
    RqFixture *f = opaque;
    const SpdmReqIdentity *own = spdm_req_identity(f->rq, slot);

    return own ? spdm_req_identity_cm(own) : SPDM_BYTES(NULL, 0);
}

static bool make_csr(void *opaque, const SpdmCsrRequest *ask, GByteArray *csr)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->csr(soft.opaque, ask, csr);
}

static SpdmProvisionStatus set_certificate(void *opaque,
                                           const SpdmSetCertificate *ask)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->set_certificate(soft.opaque, ask);
}

static bool bank_of(void *opaque, uint8_t id, SpdmBank *bank)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->bank(soft.opaque, id, bank);
}

static bool set_bank(void *opaque, uint8_t id, uint32_t asym, uint32_t pqc)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->set_bank(soft.opaque, id, asym, pqc);
}

static uint8_t staged_slots(void *opaque)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->staged_slots(soft.opaque);
}

static uint8_t platform_reset(void *opaque)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->platform_reset(soft.opaque);
}

static SpdmCsrTags csr_tags(void *opaque)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->csr_tags(soft.opaque);
}

static bool set_csr_tags(void *opaque, const SpdmCsrTags *tags)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->set_csr_tags(soft.opaque, tags);
}

static bool application(void *opaque, SpdmBytes message, GByteArray *reply)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->application(soft.opaque, message, reply);
}

static void session_ended(void *opaque, uint32_t session_id)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    soft.ops->session_ended(soft.opaque, session_id);
}

static GBytes *vendor_save(void *opaque)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->vendor_save(soft.opaque);
}

static bool vendor_load(void *opaque, SpdmBytes state,
                        const uint32_t *sessions, unsigned count,
                        GError **errp)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);

    return soft.ops->vendor_load(soft.opaque, state, sessions, count, errp);
}

static const SpdmProviderOps decorated = {
    .random = fill_random,
    .now_us = clock_of,
    .slots = slots,
    .cert_chain = cert_chain,
    .slot_key = slot_key,
    .public_key = public_key,
    .key_pair = key_pair,
    .set_key_pair = set_key_pair,
    .sign = sign,
    .measurements = measurements,
    .new_measurements = new_measurements,
    .mel = mel,
    .endpoint_info = endpoint_info,
    .psk = psk,
    .vendor = vendor,
    .application = application,
    .session_ended = session_ended,
    .vendor_save = vendor_save,
    .vendor_load = vendor_load,
    .trusts_requester = trusts,
    .requester_chain = requester_chain,
    .csr = make_csr,
    .set_certificate = set_certificate,
    .bank = bank_of,
    .set_bank = set_bank,
    .staged_slots = staged_slots,
    .csr_tags = csr_tags,
    .set_csr_tags = set_csr_tags,
    .platform_reset = platform_reset,
};

/* --- the device ----------------------------------------------------------- */

static void make_profile(RqFixture *f)
{
    g_autoptr(GError) err = NULL;

    f->profile = spdm_profile_builtin("gpu", &err);
    g_assert_no_error(err);
    /* Provisioning is there where a test puts it. */
    f->profile->flags &= ~(uint32_t)(SPDM_SET_CERT_CAP | SPDM_CSR_CAP);
    f->profile->flags &= ~f->o.rsp_drop;
    f->profile->flags |= f->o.rsp_add;
    f->profile->ext_flags = f->o.rsp_ext_flags;
    f->profile->heartbeat_period = f->o.heartbeat;
    f->profile->kem = f->o.kem ? f->cfg.kem : 0;
    if (spdm_asym_pqc(f->cfg.asym)) {
        f->profile->asym |= f->cfg.asym;
        f->profile->slots[0].asym |= f->cfg.asym;
    }
    f->profile->mut_auth = f->o.mutual ? SPDM_MUT_AUTH_REQUIRED
                                       : SPDM_MUT_AUTH_NONE;
    f->profile->mut_auth_form = f->o.form;
    f->profile->basic_mut_auth = f->o.basic;
    f->profile->requester_slot = f->identity.slot & 7;
    f->profile->trust_any = true;
    f->profile->req_asym = spdm_asym_mask(SPDM_VERSION_14);
    if (f->o.rsp_transfer_size) {
        f->profile->data_transfer_size = f->o.rsp_transfer_size;
        f->profile->max_msg_size = f->o.rsp_message_size
            ? f->o.rsp_message_size : 0x20000;
    }
}

static void make_device(RqFixture *f)
{
    SpdmSoftConfig config = {
        .profile = f->profile,
        .pci = { .vendor = 0x1b36, .device = 0x10, .class_code = 0x010802,
                 .revision = 2, .ss_vendor = 0x1af4, .ss_device = 0x1100 },
        .seed = "tests",
        .seed_label = "requester",
        .now_us = clock_of,
        .opaque = f,
    };
    g_autoptr(GError) err = NULL;

    f->soft = spdm_soft_provider_new(&config, NULL, &err);
    g_assert_no_error(err);
    f->ops = decorated;
    f->provider = (SpdmProvider){ .ops = &f->ops, .opaque = f };
    f->responder = spdm_responder_new(f->profile, &f->provider,
                                      f->cfg.transport, &err);
    g_assert_no_error(err);
}

/* --- the requester -------------------------------------------------------- */

static void offer(RqFixture *f, const char *kind, const char *names)
{
    g_autoptr(GError) err = NULL;

    if (names) {
        spdm_requester_config_offer(&f->cfg, kind, names, &err);
        g_assert_no_error(err);
    }
}

static bool names_ml_dsa(const char *names)
{
    return names && strstr(names, "ML-DSA");
}

/* A chain in slot 3, or a key that the device knows in advance. */
static void make_own_files(RqFixture *f, bool raw)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("tests", "own");
    SpdmRng rng = spdm_seeded_rng(seeded);
    const SpdmChainSpec spec = {
        .alg = spdm_asym_by_name(names_ml_dsa(f->o.req_asym)
                                     ? f->o.req_asym : "ECDSA-P384"),
        .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "host",
        .requester = true,
        .not_before = 1577836800,
        .not_after = 253402300799,
    };
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(GPtrArray) certs = spdm_x509_generate(&spec, &rng, &key, NULL);
    GString *pem = g_string_new(NULL);

    for (guint i = 0; i < certs->len; i++) {
        GBytes *der = g_ptr_array_index(certs, i);
        g_autofree char *text = spdm_x509_to_pem(
            SPDM_BYTES(g_bytes_get_data(der, NULL), g_bytes_get_size(der)));

        g_string_append(pem, text);
    }
    f->own_chain = g_string_free(pem, FALSE);
    f->own_key = spdm_private_key_to_pem(key, NULL);
    f->identity.slot = raw ? SPDM_SLOT_PUBLIC_KEY : 3;
    f->identity.key = SPDM_BYTES(f->own_key, strlen(f->own_key));
    if (!raw) {
        f->identity.chain = SPDM_BYTES(f->own_chain, strlen(f->own_chain));
    }
}

static void identify(RqFixture *f)
{
    if (!f->o.identity) {
        return;
    }
    if (strcmp(f->o.identity, "auto") == 0) {
        f->identity.automatic = true;
    } else {
        make_own_files(f, strcmp(f->o.identity, "raw") == 0);
    }
    spdm_requester_config_identify(&f->cfg, &f->identity, 1);
}

static void on_event(void *opaque, const SpdmRequesterEvent *e)
{
    RqFixture *f = opaque;

    g_array_append_val(f->events, e->instance);
}

static void configure(RqFixture *f)
{
    SpdmRequesterConfig *c = &f->cfg;
    g_autoptr(GError) err = NULL;

    spdm_requester_config_init(c);
    identify(f);
    c->event = on_event;
    c->event_opaque = f;
    offer(f, "req-asym", f->o.req_asym ? f->o.req_asym
                                       : "ECDSA-P384,ECDSA-P256");
    c->transport = f->o.doe ? SPDM_TRANSPORT_PCI_DOE : f->o.transport;
    c->min_version = c->max_version = f->o.version ? f->o.version
                                                   : SPDM_VERSION_12;
    offer(f, "flags", f->o.req_flags);
    offer(f, "hash", f->o.hash ? f->o.hash : "SHA-384,SHA-256");
    offer(f, "asym", f->o.asym ? f->o.asym : "ECDSA-P384,ECDSA-P256");
    offer(f, "dhe", f->o.dhe ? f->o.dhe : "SECP384R1,SECP256R1");
    offer(f, "kem", f->o.kem);
    offer(f, "aead", f->o.aead ? f->o.aead : "AES-256-GCM,AES-128-GCM");
    if (f->o.require) {
        spdm_requester_config_require(c, f->o.require, &err);
        g_assert_no_error(err);
    }
    if (f->o.opaque_formats) {
        c->opaque_formats = f->o.opaque_formats;
    }
    if (f->o.transfer_size) {
        c->data_transfer_size = f->o.transfer_size;
    }
    c->max_msg_size = f->o.message_size;
    c->ask_supported = f->o.ask_supported;
    c->cma_name = f->o.cma_name;
    c->cma_name_serial = f->o.cma_name_serial;
    c->wall_time = g_get_real_time() / G_USEC_PER_SEC;
    c->seed = f->o.seed ? f->o.seed : "tests";
    c->io = (SpdmRequesterIo){
        .send_receive = send_receive, .sleep_us = wait_us,
        .now_us = clock_of, .opaque = f,
    };
}

static void make_requester(RqFixture *f)
{
    g_autofree char *roots = NULL;
    g_autoptr(GError) err = NULL;

    if (f->o.trust && strcmp(f->o.trust, "device") == 0) {
        roots = spdm_soft_provider_roots_pem(f->soft, &err);
        g_assert_no_error(err);
        f->cfg.trust_pem = roots;
    } else {
        f->cfg.trust_pem = f->o.trust;
    }
    f->rq = spdm_requester_new(&f->cfg, &err);
    g_assert_no_error(err);
}

bool rq_skip(const RqOptions *options)
{
    bool kem = options->kem && !spdm_kem_mask(SPDM_VERSION_14);
    bool ml_dsa = (names_ml_dsa(options->asym) ||
                   names_ml_dsa(options->req_asym)) &&
                  !spdm_asym_pqc(spdm_asym_mask(SPDM_VERSION_14));

    if (kem || ml_dsa) {
        g_test_skip(kem ? "this libgcrypt has no ML-KEM"
                        : "this libgcrypt has no ML-DSA");
    }
    return kem || ml_dsa;
}

RqFixture *rq_fixture_new(const RqOptions *options)
{
    RqFixture *f = g_new0(RqFixture, 1);

    if (options) {
        f->o = *options;
    }
    f->now_us = G_USEC_PER_SEC;
    f->events = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    configure(f);
    make_profile(f);
    make_device(f);
    make_requester(f);
    return f;
}

void rq_fixture_free(RqFixture *f)
{
    if (!f) {
        return;
    }
    spdm_requester_free(f->rq);
    spdm_responder_free(f->responder);
    spdm_soft_provider_free(f->soft);
    spdm_profile_free(f->profile);
    g_clear_pointer(&f->chain, g_bytes_unref);
    g_clear_pointer(&f->chain_key, spdm_private_key_free);
    g_array_unref(f->events);
    g_free(f->own_chain);
    g_free(f->own_key);
    g_free(f);
}

void rq_fixture_set_chain(RqFixture *f, GBytes *chain, SpdmPrivateKey *key)
{
    f->chain = chain;
    f->chain_key = key;
}

void rq_connect(RqFixture *f)
{
    g_autoptr(GError) err = NULL;

    spdm_requester_connect(f->rq, &err);
    g_assert_no_error(err);
}

void rq_identify(RqFixture *f)
{
    g_autoptr(GError) err = NULL;

    spdm_requester_digests(f->rq, 0, &err);
    g_assert_no_error(err);
    spdm_requester_certificate(f->rq, 0, 0, 0, &err);
    g_assert_no_error(err);
}

uint32_t rq_sigma(RqFixture *f)
{
    SpdmKeyExchangeParams params = { .slot = 0, .summary = 0xff };
    g_autoptr(GError) err = NULL;
    uint32_t session;

    spdm_requester_key_exchange(f->rq, &params, &session, &err);
    g_assert_no_error(err);
    spdm_requester_finish(f->rq, session, &err);
    g_assert_no_error(err);
    return session;
}

/* Any bytes, as though they were a SEND_EVENT that is in flight. */
static bool ask_anything(SpdmEncapFlow *flow, SpdmBytes message)
{
    if (flow->kind != SPDM_ENCAP_NONE) {
        return false;
    }
    flow->kind = SPDM_ENCAP_SEND_EVENT;
    flow->code = SPDM_SEND_EVENT;
    flow->sent = true;
    flow->id++;
    spdm_transcript_append(&flow->request, message);
    return true;
}

bool rq_ask(RqFixture *f, uint32_t session, SpdmEncapKind kind,
            SpdmBytes message)
{
    SpdmSession *s = session ? spdm_conn_session(&f->responder->conn, session)
                             : NULL;

    if (message.len) {
        return ask_anything(&spdm_conn_encap(&f->responder->conn, s)->flow,
                            message);
    }
    return spdm_encap_queue(f->responder, s, kind, message);
}

SpdmPskExchangeParams rq_psk_params(void)
{
    static const char secret[] = "qemu-spdm gpu test key, not secret";

    return (SpdmPskExchangeParams){
        .hint = SPDM_BYTES("gpu", 3),
        .secret = SPDM_BYTES(secret, sizeof(secret) - 1),
    };
}

uint32_t rq_psk(RqFixture *f)
{
    SpdmPskExchangeParams params = rq_psk_params();
    g_autoptr(GError) err = NULL;
    SpdmSessionInfo info;
    uint32_t session;

    spdm_requester_psk_exchange(f->rq, &params, &session, &err);
    g_assert_no_error(err);
    g_assert_true(spdm_requester_session_info(f->rq, session, &info, NULL));
    if (strcmp(info.phase, "established") != 0) {
        spdm_requester_psk_finish(f->rq, session, &err);
        g_assert_no_error(err);
    }
    return session;
}
