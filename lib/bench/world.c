/*
 * A device and a requester in one process. What the device takes is the CPU
 * time inside spdm_responder_process(), and nothing of the requester's.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <string.h>

const BenchSet bench_sets[] = {
    { "p256", "SHA-256", "ECDSA-P256", "SECP256R1", false },
    { "p384", "SHA-384", "ECDSA-P384", "SECP384R1", false },
    { "rsa3072", "SHA-384", "RSAPSS-3072", "SECP384R1", false },
    { "ffdhe3072", "SHA-384", "ECDSA-P384", "FFDHE3072", false },
    { "psk", "SHA-384", "ECDSA-P384", "SECP384R1", true },
    { NULL },
};

static const char profile_text[] =
    "[spdm]\n"
    "min-version=1.2\n"
    "max-version=1.3\n"
    "capabilities=CERT;CHAL;MEAS_SIG;MEAS_FRESH;ENCRYPT;MAC;KEY_EX;"
    "PSK_WITH_CONTEXT;HBEAT;KEY_UPD\n"
    "data-transfer-size=131072\n"
    "max-spdm-msg-size=131072\n"
    "max-sessions=%u\n"
    "[algorithms]\n"
    "hash=%s\n"
    "asym=%s\n"
    "dhe=%s\n"
    "aead=AES-256-GCM\n"
    "measurement-hash=%s\n"
    "[slot 0]\n"
    "auto=true\n"
    "[psk bench]\n"
    "secret=text:" BENCH_PSK "\n"
    "[measurement 1]\n"
    "type=firmware\n"
    "value=text:firmware\n"
    "[vendor]\n"
    "echo=true\n";

static bool send_receive(void *opaque, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us, GError **errp)
{
    BenchWorld *w = opaque;
    g_auto(SpdmReply) answer = { .bytes = NULL };
    double begin = w->timed ? bench_cpu_us() : 0;

    spdm_responder_process(w->responder, frame, len, &answer);
    if (w->timed) {
        w->spent_us += bench_cpu_us() - begin - bench_clock_us();
    }
    w->seen += len + answer.bytes->len;
    if (answer.verdict != SPDM_VERDICT_REPLY) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_AGAIN, "no answer");
        return false;
    }
    g_byte_array_append(reply, answer.bytes->data, answer.bytes->len);
    return true;
}

static void make_device(BenchWorld *w, unsigned max_sessions)
{
    g_autofree char *text = g_strdup_printf(
        profile_text, max_sessions, w->set->hash, w->set->asym, w->set->dhe,
        w->set->hash);
    SpdmSoftConfig config = { .seed = NULL };
    SpdmProvider provider;
    GError *err = NULL;

    w->profile = spdm_profile_parse(text, "bench", &err);
    bench_must(w->profile != NULL, &err);
    config.profile = w->profile;
    w->soft = spdm_soft_provider_new(&config, NULL, &err);
    bench_must(w->soft && spdm_soft_provider_prepare(w->soft, &err), &err);
    provider = spdm_soft_provider(w->soft);
    w->responder = spdm_responder_new(w->profile, &provider,
                                      SPDM_TRANSPORT_PCI_DOE, &err);
    bench_must(w->responder != NULL, &err);
}

BenchWorld *bench_world_new(const BenchSet *set, unsigned max_sessions)
{
    BenchWorld *w = g_new0(BenchWorld, 1);
    SpdmRequesterConfig config;
    GError *err = NULL;

    w->set = set;
    make_device(w, max_sessions);
    spdm_requester_config_init(&config);
    config.transport = SPDM_TRANSPORT_PCI_DOE;
    config.io.send_receive = send_receive;
    config.io.opaque = w;
    config.data_transfer_size = 128 * 1024;
    w->rq = spdm_requester_new(&config, &err);
    bench_must(w->rq != NULL, &err);
    return w;
}

void bench_world_free(BenchWorld *w)
{
    spdm_requester_free(w->rq);
    spdm_responder_free(w->responder);
    spdm_soft_provider_free(w->soft);
    spdm_profile_free(w->profile);
    g_free(w);
}

void bench_connect(BenchWorld *w)
{
    GError *err = NULL;

    bench_must(spdm_requester_connect(w->rq, &err), &err);
}

void bench_identify(BenchWorld *w)
{
    GError *err = NULL;

    bench_must(spdm_requester_digests(w->rq, 0, &err), &err);
    bench_must(spdm_requester_certificate(w->rq, 0, 0, 0, &err), &err);
}

uint32_t bench_exchange(BenchWorld *w)
{
    SpdmKeyExchangeParams sigma = { .slot = 0 };
    SpdmPskExchangeParams psk = {
        .hint = SPDM_BYTES("bench", strlen("bench")),
        .secret = SPDM_BYTES(BENCH_PSK, strlen(BENCH_PSK)),
    };
    uint32_t session;
    GError *err = NULL;

    bench_must(w->set->psk
               ? spdm_requester_psk_exchange(w->rq, &psk, &session, &err)
               : spdm_requester_key_exchange(w->rq, &sigma, &session, &err),
               &err);
    return session;
}

void bench_finish(BenchWorld *w, uint32_t session)
{
    GError *err = NULL;

    bench_must(w->set->psk ? spdm_requester_psk_finish(w->rq, session, &err)
                           : spdm_requester_finish(w->rq, session, &err),
               &err);
}

void bench_end(BenchWorld *w, uint32_t session)
{
    GError *err = NULL;

    bench_must(spdm_requester_end_session(w->rq, session, false, &err), &err);
}
