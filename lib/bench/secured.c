/*
 * Secured messages: what goes through a session a second, beside the bare
 * cipher doing the same. A vendor-defined request of the size is echoed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gcrypt.h>

#include "bench.h"
#include "responder/responder-int.h"

enum {
    VENDOR = 3,              /* registry of the PCI-SIG */
    IV = 12,
    TAG = 16,
    HEADER = 6,              /* of a record of DSP0277 over DOE */
    ENDS = 2,
    BATCH = 8,
};

/* A record has 16 bits for its length: the last is as large as can be. */
static const struct {
    const char *name;
    size_t size;
} sizes[] = {
    { "64", 64 }, { "1k", 1024 }, { "4k", 4096 }, { "64k", 65000 },
};

static const uint8_t vendor_id[] = { 0x36, 0x1b };

/* As many buffers as there are records in a batch: the same caches. */
typedef struct Bare {
    gcry_cipher_hd_t ends[ENDS];
    size_t size;
    uint8_t *bufs[BATCH];
} Bare;

static void must(gcry_error_t err)
{
    g_assert(!err);
}

static void bare_init(Bare *b, size_t size)
{
    static const uint8_t key[32] = { 1 };

    b->size = size;
    for (unsigned i = 0; i < BATCH; i++) {
        b->bufs[i] = g_malloc0(size);
    }
    for (unsigned i = 0; i < ENDS; i++) {
        must(gcry_cipher_open(&b->ends[i], GCRY_CIPHER_AES256,
                              GCRY_CIPHER_MODE_GCM, 0));
        must(gcry_cipher_setkey(b->ends[i], key, sizeof(key)));
    }
}

static void bare_clear(Bare *b)
{
    for (unsigned i = 0; i < ENDS; i++) {
        gcry_cipher_close(b->ends[i]);
    }
    for (unsigned i = 0; i < BATCH; i++) {
        g_free(b->bufs[i]);
    }
}

static void start(gcry_cipher_hd_t cipher)
{
    static const uint8_t iv[IV], header[HEADER];

    must(gcry_cipher_setiv(cipher, iv, sizeof(iv)));
    must(gcry_cipher_authenticate(cipher, header, sizeof(header)));
}

/* Sealed at one end, opened at the other. */
static void bare_one_way(Bare *b, uint8_t *buf)
{
    uint8_t tag[TAG];

    start(b->ends[0]);
    must(gcry_cipher_encrypt(b->ends[0], buf, b->size, NULL, 0));
    must(gcry_cipher_gettag(b->ends[0], tag, sizeof(tag)));
    start(b->ends[1]);
    must(gcry_cipher_decrypt(b->ends[1], buf, b->size, NULL, 0));
    must(gcry_cipher_checktag(b->ends[1], tag, sizeof(tag)));
}

static void echo(BenchWorld *w, uint32_t session, SpdmBytes payload)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    GError *err = NULL;

    bench_must(spdm_requester_vendor(w->rq, session, VENDOR,
                                     SPDM_BYTES(vendor_id,
                                                sizeof(vendor_id)),
                                     payload, reply, &err), &err);
    g_assert(reply->len == payload.len);
}

/* A vendor-defined request as it stands in a record of the peer. */
static void seal_request(SpdmSession *peer, const SpdmTransport *transport,
                         SpdmBytes payload, GByteArray *frame)
{
    g_autoptr(GByteArray) message = g_byte_array_new();
    g_autoptr(GByteArray) record = g_byte_array_new();
    SpdmWireCtx ctx = { .hash_size = 0 };
    SpdmRng rng = spdm_rng_system();
    SpdmMsg m = {
        .h = { peer->version, SPDM_VENDOR_DEFINED_REQUEST, 0, 0 },
        .vendor = {
            .standard_id = VENDOR,
            .vendor_id = SPDM_BYTES(vendor_id, sizeof(vendor_id)),
            .payload = payload,
        },
    };

    g_assert(spdm_msg_encode(&ctx, &m, message));
    g_assert(spdm_record_seal(peer, SPDM_SENDER_REQUESTER,
                              &transport->record, &rng,
                              SPDM_BYTES(message->data, message->len),
                              record));
    g_assert(transport->pack(SPDM_FRAME_SECURED,
                             SPDM_BYTES(record->data, record->len), frame));
}

/* What the responder takes for a batch of requests, us. */
static double responder_takes(BenchWorld *w, SpdmSession *peer,
                              SpdmBytes payload)
{
    g_autoptr(GPtrArray) frames = g_ptr_array_new_with_free_func(
        (GDestroyNotify)g_byte_array_unref);
    double begin;

    for (unsigned i = 0; i < BATCH; i++) {
        g_ptr_array_add(frames, g_byte_array_new());
        seal_request(peer, w->responder->transport, payload,
                     g_ptr_array_index(frames, i));
    }
    begin = bench_cpu_us();
    for (unsigned i = 0; i < BATCH; i++) {
        const GByteArray *frame = g_ptr_array_index(frames, i);
        g_auto(SpdmReply) reply = { .bytes = NULL };

        spdm_responder_process(w->responder, frame->data, frame->len,
                               &reply);
        g_assert(reply.bytes->len >= payload.len);
    }
    return bench_cpu_us() - begin - bench_clock_us();
}

static double bare_takes(Bare *b)
{
    double begin = bench_cpu_us();

    for (unsigned i = 0; i < BATCH; i++) {
        bare_one_way(b, b->bufs[i]);
    }
    return bench_cpu_us() - begin - bench_clock_us();
}

/* Requester and responder, both ends of the wire. */
static double both_take(BenchWorld *w, uint32_t session, SpdmBytes payload)
{
    double begin = bench_cpu_us();

    for (unsigned i = 0; i < BATCH; i++) {
        echo(w, session, payload);
    }
    return bench_cpu_us() - begin - bench_clock_us();
}

static void row(const char *what, const char *size, const char *unit,
                double value, double floor)
{
    g_autofree char *name = g_strdup_printf("%s.%s", what, size);

    bench_row_over(name, unit, value, floor);
}

/* Two sessions, since each end counts its records. */
typedef struct Sessions {
    BenchWorld *w;
    uint32_t id;             /* the requester's */
    SpdmSession peer;        /* the other end of one for batches */
} Sessions;

static uint32_t open_session(BenchWorld *w)
{
    uint32_t id = bench_exchange(w);

    bench_finish(w, id);
    return id;
}

static void sessions_init(Sessions *s)
{
    s->w = bench_world_new(&bench_sets[0], 4);
    bench_connect(s->w);
    bench_identify(s->w);
    s->id = open_session(s->w);
    s->peer = *spdm_conn_session(&s->w->responder->conn, open_session(s->w));
    for (unsigned i = 0; i < G_N_ELEMENTS(s->peer.keys); i++) {
        s->peer.keys[i].aead = NULL; /* it makes its own */
    }
}

/* All else of the peer is the responder's. */
static void sessions_clear(Sessions *s)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(s->peer.keys); i++) {
        spdm_aead_free(s->peer.keys[i].aead);
    }
    bench_world_free(s->w);
}

typedef struct Run {
    double responder;        /* us a batch */
    double both;
    double bare;             /* one way */
} Run;

/* Some batches of each kind in turn, so that all meet the same clock rate. */
static Run run_once(Sessions *s, Bare *b, SpdmBytes payload)
{
    enum { TURNS = 8 };
    Run run = { .bare = 0 };

    for (unsigned i = 0; i < TURNS; i++) {
        run.bare += bare_takes(b);
        run.responder += responder_takes(s->w, &s->peer, payload);
        run.both += both_take(s->w, s->id, payload);
    }
    run.bare /= TURNS;
    run.responder /= TURNS;
    run.both /= TURNS;
    return run;
}

/* MB/s counts the payload of both ways. */
static void measure(Sessions *s, Bare *b, const char *name, bool counts)
{
    g_autofree uint8_t *data = g_malloc0(b->size);
    double bytes = 2.0 * (double)b->size * BATCH;
    Run run = run_once(s, b, SPDM_BYTES(data, b->size));

    if (!counts) {
        return;
    }
    row("responder", name, "trips/s", 1e6 * BATCH / run.responder,
        1e6 * BATCH / run.bare);
    row("bytes", name, "MB/s", bytes / run.responder, bytes / run.bare);
    row("both", name, "trips/s", 1e6 * BATCH / run.both,
        0.5e6 * BATCH / run.bare);
}

/* secured [--runs N] [SIZE...] */
int main(int argc, char **argv)
{
    unsigned runs = bench_option(argc, argv, "runs", 60);
    Sessions s;

    sessions_init(&s);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        Bare b;

        if (!bench_chosen(argc, argv, sizes[i].name)) {
            continue;
        }
        bare_init(&b, sizes[i].size);
        for (unsigned n = 0; n <= runs; n++) {
            measure(&s, &b, sizes[i].name, n > 0);
        }
        bare_clear(&b);
    }
    sessions_clear(&s);
    return 0;
}
