/*
 * Recorded connections of the reference emulators with mutual authentication
 * or encapsulated requests, served once more: each recorded request goes to a
 * responder whose randomness and signatures are those of the recording, and
 * what it answers must be the recording, to the last byte. What a responder
 * is free to say (its capabilities, chains, nonces) is laid into its mouth by
 * a tap; encapsulated requests, and all that is computed, are its own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "core/conn.h"
#include "crypto/x509.h"
#include "responder/responder-int.h"

typedef struct Replay {
    GKeyFile *file;
    unsigned at;               /* number of the response to come */
    GByteArray *answer;        /* ... its SPDM message */
    SpdmMsgAlgorithms algs;    /* as recorded */
    SpdmProfile profile;
    SpdmResponder *r;
    GByteArray *chain;         /* of the responder */
    uint8_t slot;
    GByteArray *known;         /* chain of the requester, in advance */
    GPtrArray *random;         /* GBytes: what is drawn next */
} Replay;

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static GByteArray *hex(const Replay *p, const char *group, const char *key)
{
    g_autofree char *text = g_key_file_get_string(p->file, group, key, NULL);
    GByteArray *out = g_byte_array_new();

    for (const char *c = text; c && c[0] && c[1]; c += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(c[0]) << 4 |
                                 g_ascii_xdigit_value(c[1]));

        g_byte_array_append(out, &byte, 1);
    }
    return out;
}

static unsigned number(const Replay *p, const char *group, const char *key)
{
    g_autofree char *text = g_key_file_get_string(p->file, group, key, NULL);

    return text ? (unsigned)g_ascii_strtoull(text, NULL, 0) : 0;
}

static char *group_of(const char *kind, unsigned i)
{
    return g_strdup_printf("%s %u", kind, i);
}

static bool has(const Replay *p, const char *group, const char *key)
{
    return g_key_file_has_key(p->file, group, key, NULL);
}

/* The first message of this name. */
static GByteArray *find(const Replay *p, const char *name)
{
    for (unsigned i = 1;; i++) {
        g_autofree char *group = group_of("message", i);
        g_autofree char *is = g_key_file_get_string(p->file, group, "name",
                                                    NULL);

        if (!g_key_file_has_group(p->file, group)) {
            return g_byte_array_new();
        }
        if (g_strcmp0(is, name) == 0) {
            return hex(p, group, "spdm");
        }
    }
}

/* The device: as it was recorded. */

static void op_random(void *opaque, void *buf, size_t len)
{
    Replay *p = opaque;
    gsize have = 0;
    const uint8_t *next = NULL;

    memset(buf, 0, len);
    if (p->random->len) {
        next = g_bytes_get_data(p->random->pdata[0], &have);
    }
    if (next && have <= len) {
        memcpy((uint8_t *)buf + len - have, next, have);
        g_ptr_array_remove_index(p->random, 0);
    }
}

static int64_t op_now(void *opaque)
{
    return 1;
}

static uint8_t op_slots(void *opaque, uint32_t asym)
{
    return (uint8_t)(1u << ((Replay *)opaque)->slot);
}

static SpdmBytes op_chain(void *opaque, uint8_t slot, uint32_t asym,
                          uint32_t hash)
{
    return view(((Replay *)opaque)->chain);
}

static bool op_sign(void *opaque, const SpdmSignRequest *request,
                    uint8_t *sig)
{
    Replay *p = opaque;

    for (unsigned i = 1;; i++) {
        g_autofree char *group = group_of("signature", i);

        if (!g_key_file_has_group(p->file, group)) {
            return false;
        }
        if (number(p, group, "message") == p->at) {
            g_autoptr(GByteArray) bytes = hex(p, group, "signature");

            memcpy(sig, bytes->data, bytes->len);
            return true;
        }
    }
}

/* The summary of measurements is laid into its mouth, too. */
static GPtrArray *op_measurements(void *opaque)
{
    return g_ptr_array_new();
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
    Replay *p = opaque;

    return slot == p->profile.requester_slot ? view(p->known)
                                             : SPDM_BYTES(NULL, 0);
}

static const SpdmProviderOps ops = {
    .random = op_random,
    .now_us = op_now,
    .slots = op_slots,
    .cert_chain = op_chain,
    .sign = op_sign,
    .measurements = op_measurements,
    .trusts_requester = op_trusts,
    .requester_chain = op_requester,
};

/* What it is free to say. */

static size_t tail_of(const Replay *p, uint8_t code)
{
    const SpdmConn *conn = &p->r->conn;
    bool clear = spdm_conn_both(conn, SPDM_HANDSHAKE_IN_THE_CLEAR_CAP);

    switch (code) {
    case SPDM_RESPONSE_OF(SPDM_CHALLENGE):
        return conn->asym->sig_size;
    case SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE):
        return conn->asym->sig_size + (clear ? 0u : conn->hash->size);
    default:
        return 0;
    }
}

static bool is_free(uint8_t code)
{
    static const uint8_t codes[] = {
        SPDM_RESPONSE_OF(SPDM_GET_VERSION),
        SPDM_RESPONSE_OF(SPDM_GET_CAPABILITIES),
        SPDM_RESPONSE_OF(SPDM_NEGOTIATE_ALGORITHMS),
        SPDM_RESPONSE_OF(SPDM_GET_DIGESTS), SPDM_RESPONSE_OF(SPDM_CHALLENGE),
        SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE),
    };

    return memchr(codes, code, sizeof(codes)) != NULL;
}

/* SessionID, MutAuthRequested, SlotIDParam, ExchangeData: not free. */
static void check_key_exchange_rsp(const Replay *p, const GByteArray *own)
{
    size_t random = 8, exchange = random + SPDM_NONCE_SIZE;

    g_assert_cmpmem(own->data + 4, 4, p->answer->data + 4, 4);
    g_assert_cmpmem(own->data + exchange, p->r->conn.dhe->public_size,
                    p->answer->data + exchange,
                    p->r->conn.dhe->public_size);
}

static SpdmTapVerdict prompt(void *opaque, SpdmTapContext *context)
{
    Replay *p = opaque;
    GByteArray *bytes = context->bytes;
    uint8_t code;

    if (context->event != SPDM_TAP_COMPOSE || !is_free(bytes->data[1])) {
        return SPDM_TAP_PASS;
    }
    code = bytes->data[1];
    g_assert_cmphex(code, ==, p->answer->data[1]);
    if (code == SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE)) {
        check_key_exchange_rsp(p, bytes);
    } else if (code == SPDM_RESPONSE_OF(SPDM_CHALLENGE)) {
        g_assert_cmphex(bytes->data[2], ==, p->answer->data[2]);
    }
    g_byte_array_set_size(bytes, 0);
    g_byte_array_append(bytes, p->answer->data,
                        p->answer->len - (guint)tail_of(p, code));
    return SPDM_TAP_PASS;
}

/* What is drawn on the way to the recorded answer. */

static void will_draw(Replay *p, const uint8_t *data, size_t len)
{
    g_ptr_array_add(p->random, g_bytes_new(data, len));
}

static void foresee_embedded(Replay *p, SpdmBytes m)
{
    if (m.len < SPDM_HEADER_SIZE) {
        return;
    }
    if (m.data[1] == SPDM_KEY_UPDATE) {
        will_draw(p, m.data + 3, 1);
    } else if (m.data[1] == SPDM_CHALLENGE) {
        will_draw(p, m.data + 4, SPDM_NONCE_SIZE);
        if (m.len > 4 + SPDM_NONCE_SIZE) {
            will_draw(p, m.data + 4 + SPDM_NONCE_SIZE, SPDM_CONTEXT_SIZE);
        }
    }
}

static void foresee(Replay *p)
{
    const GByteArray *a = p->answer;
    g_autoptr(GByteArray) private = NULL;
    SpdmWireCtx wire = spdm_conn_wire_ctx(&p->r->conn);
    SpdmMsg m;

    g_ptr_array_set_size(p->random, 0);
    switch (a->data[1]) {
    case SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE):
        private = hex(p, "session 1", "responder_dhe_private");
        will_draw(p, a->data + 4, 2);
        will_draw(p, private->data, private->len);
        break;
    case SPDM_RESPONSE_OF(SPDM_GET_ENCAPSULATED_REQUEST):
    case SPDM_RESPONSE_OF(SPDM_DELIVER_ENCAPSULATED_RESPONSE):
        g_assert_true(spdm_msg_decode(&wire, view(a), &m, NULL, NULL));
        foresee_embedded(p, m.encap.message);
        break;
    default:
        break;
    }
}

/* The frame of [message @i]. */
static GByteArray *frame(const Replay *p, unsigned i)
{
    g_autofree char *group = group_of("message", i);
    g_autoptr(GByteArray) body =
        hex(p, group, has(p, group, "record") ? "record" : "spdm");
    g_autoptr(GByteArray) suffix = hex(p, group, "transport_suffix");
    GByteArray *out = hex(p, group, "transport_prefix");

    g_byte_array_append(out, body->data, body->len);
    if (suffix->len) {
        g_byte_array_append(out, suffix->data, suffix->len);
    }
    return out;
}

/* The responder's own KEY_UPDATE is asked for when it was fetched. */
static void trigger(Replay *p, const char *group)
{
    g_autoptr(GByteArray) request = hex(p, group, "spdm");
    SpdmResponderInfo info;

    spdm_responder_info(p->r, &info);
    if (request->data[1] == SPDM_GET_ENCAPSULATED_REQUEST &&
        has(p, group, "record") && info.session_count &&
        strcmp(info.sessions[0].phase, "established") == 0) {
        g_assert_true(spdm_responder_update_key(p->r, info.sessions[0].id));
    }
}

static void exchange(Replay *p, unsigned i)
{
    g_autofree char *asked = group_of("message", i);
    g_autofree char *answered = group_of("message", i + 1);
    g_autoptr(GByteArray) request = frame(p, i);
    g_autoptr(GByteArray) expected = frame(p, i + 1);
    g_auto(SpdmReply) reply = { .bytes = NULL };

    if (has(p, asked, "layer")) {
        return;
    }
    g_clear_pointer(&p->answer, g_byte_array_unref);
    p->at = i + 1;
    p->answer = hex(p, answered, "spdm");
    foresee(p);
    trigger(p, asked);
    spdm_responder_process(p->r, request->data, request->len, &reply);
    g_test_message("message %u", p->at);
    g_assert_cmpmem(expected->data, expected->len, reply.bytes->data,
                    reply.bytes->len);
    g_assert_cmpuint(p->random->len, ==, 0);
}

/* The profile that leads to what was negotiated. */

static uint16_t table(const SpdmMsgAlgorithms *v, uint8_t type)
{
    for (unsigned i = 0; i < v->table_count; i++) {
        if (v->tables[i].type == type) {
            return v->tables[i].supported;
        }
    }
    return 0;
}

static void learn_algorithms(Replay *p)
{
    g_autoptr(GByteArray) bytes = find(p, "ALGORITHMS");
    SpdmWireCtx wire = { .hash_size = 0 };
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(&wire, view(bytes), &m, NULL, NULL));
    p->algs = m.algorithms;
    p->profile.min_version = p->profile.max_version = m.h.version;
    p->profile.hash = p->algs.base_hash;
    p->profile.asym = p->algs.base_asym;
    p->profile.measurement_hash = p->algs.measurement_hash;
    p->profile.dhe = table(&p->algs, SPDM_ALG_TYPE_DHE);
    p->profile.aead = table(&p->algs, SPDM_ALG_TYPE_AEAD);
    p->profile.req_asym = table(&p->algs, SPDM_ALG_TYPE_REQ_ASYM);
    p->profile.opaque_formats = SPDM_OPAQUE_FMT1;
}

static void learn_mutual(Replay *p)
{
    static const SpdmMutAuthForm forms[] = {
        [SPDM_MUT_AUTH_WITHOUT_ENCAP] = SPDM_MUT_AUTH_FORM_PROVISIONED,
        [SPDM_MUT_AUTH_ENCAP] = SPDM_MUT_AUTH_FORM_ENCAPSULATED,
        [SPDM_MUT_AUTH_IMPLICIT_DIGESTS] =
            SPDM_MUT_AUTH_FORM_IMPLICIT_DIGESTS,
    };
    g_autoptr(GByteArray) challenge_auth = find(p, "CHALLENGE_AUTH");
    unsigned asked = number(p, "session 1", "mut_auth_requested");
    uint8_t slot = (uint8_t)number(p, "session 1", "requester_slot");
    g_autofree char *key = g_strdup_printf("requester_cert_chain_%u", slot);

    p->profile.basic_mut_auth = challenge_auth->len &&
        (challenge_auth->data[2] & SPDM_CHALLENGE_BASIC_MUT_AUTH);
    p->profile.mut_auth = asked ? SPDM_MUT_AUTH_REQUIRED : SPDM_MUT_AUTH_NONE;
    p->profile.mut_auth_form = forms[asked];
    p->profile.requester_slot = slot;
    p->known = hex(p, "provisioned", key);
}

static void learn_device(Replay *p)
{
    g_autoptr(GByteArray) certificate = find(p, "CERTIFICATE");
    g_autoptr(GByteArray) key_exchange_rsp = find(p, "KEY_EXCHANGE_RSP");

    p->chain = g_byte_array_new();
    g_byte_array_append(p->chain, certificate->data + 8,
                        certificate->len - 8);
    p->slot = certificate->data[2];
    p->profile.flags = number(p, "connection", "responder_capabilities");
    p->profile.data_transfer_size = 0x1200;
    p->profile.max_msg_size = 0x28000;
    p->profile.max_sessions = 2;
    p->profile.secured_min = 0x1000;
    p->profile.secured_max = 0x1200;
    p->profile.heartbeat_period = key_exchange_rsp->len ?
        key_exchange_rsp->data[2] : 0;
}

static void replay_clear(Replay *p)
{
    spdm_responder_free(p->r);
    g_key_file_unref(p->file);
    g_byte_array_unref(p->answer);
    g_byte_array_unref(p->chain);
    g_byte_array_unref(p->known);
    g_ptr_array_unref(p->random);
}

static void test_replay(gconstpointer path)
{
    Replay p = { .file = g_key_file_new(), .profile.name = (char *)"replay" };
    SpdmTap tap = { prompt, &p };
    SpdmProvider provider = { &ops, &p };
    g_autofree char *transport = NULL;
    g_autoptr(GError) err = NULL;

    g_assert_true(g_key_file_load_from_file(p.file, path, 0, NULL));
    p.random = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    learn_algorithms(&p);
    learn_mutual(&p);
    learn_device(&p);
    transport = g_key_file_get_string(p.file, "vector", "transport", NULL);
    p.r = spdm_responder_new(&p.profile, &provider,
                             strcmp(transport, "TCP") == 0 ?
                             SPDM_TRANSPORT_TCP : SPDM_TRANSPORT_PCI_DOE,
                             &err);
    g_assert_no_error(err);
    spdm_responder_add_tap(p.r, &tap);
    for (unsigned i = 1;; i += 2) {
        g_autofree char *group = group_of("message", i);

        if (!g_key_file_has_group(p.file, group)) {
            g_assert_cmpuint(i, >, 20);
            break;
        }
        exchange(&p, i);
    }
    replay_clear(&p);
}

/* One peer's random padding (MCTP) cannot be foreseen: DOE and TCP. */
static const char *const names[] = {
    "v11-doe-basicmut-p256", "v11-doe-mut-digests-p384-clear",
    "v11-doe-mut-encap-p256-clear", "v11-doe-mut-woencap-p384-enchs",
    "v12-doe-basicmut-mut-encap-p256", "v12-doe-keyupdate-encap",
    "v12-doe-mut-woencap-reqslot2",
    "v12-tcp-rsapss2048-mut-digests-rsapss3072-enchs",
};

static void test_absent(void)
{
    g_test_skip("no vectors: SPDM_VECTORS names no directory of them");
}

int main(int argc, char **argv)
{
    const char *dir = g_getenv("SPDM_VECTORS");

    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *row = g_strdup_printf("/responder/replay/%s",
                                               names[i]);
        g_autofree char *path = g_strdup_printf(
            "%s/%s.txt", dir && *dir ? dir : SRCDIR "/../shared/vectors",
            names[i]);

        if (g_file_test(path, G_FILE_TEST_EXISTS)) {
            g_test_add_data_func_full(row, g_strdup(path), test_replay,
                                      g_free);
        } else {
            g_test_add_func(row, test_absent);
        }
    }
    return g_test_run();
}
