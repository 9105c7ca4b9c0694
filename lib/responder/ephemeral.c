/*
 * The ephemeral key of the next KEY_EXCHANGE, made while nothing waits. Each
 * key has an index, and its randomness a stream that this index names: so the
 * bytes of a seeded device do not tell when a key was made, and one that is
 * made again after a snapshot is the same with a seed and another without.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/ephemeral.h"

typedef struct Draw {
    SpdmResponder *r;
    uint64_t offset;         /* in the stream of the index */
} Draw;

static bool has_streams(const SpdmResponder *r)
{
    const SpdmProvider *p = &r->provider;

    return p->ops->ephemeral_random &&
           p->ops->ephemeral_random(p->opaque, r->ephemeral_index, 0, NULL,
                                    0);
}

static void draw(void *opaque, uint8_t *buf, size_t len)
{
    Draw *d = opaque;
    SpdmResponder *r = d->r;
    const SpdmProvider *p = &r->provider;

    if (!p->ops->ephemeral_random ||
        !p->ops->ephemeral_random(p->opaque, r->ephemeral_index, d->offset,
                                  buf, len)) {
        spdm_rng_fill(&r->rng, buf, len);
    }
    d->offset += len;
}

static SpdmDhe *make(SpdmResponder *r, const SpdmDheAlg *alg)
{
    Draw d = { .r = r };
    const SpdmRng rng = { draw, &d };

    return spdm_dhe_new(alg, &rng);
}

void spdm_ephemeral_init(SpdmResponder *r)
{
    /*
     * Those that share a provider, and its seed, share no keys. A responder
     * that can do no more than PSK_EXCHANGE may have nothing to draw from.
     */
    if ((r->profile->flags & SPDM_KEY_EX_CAP) && has_streams(r)) {
        spdm_rng_fill(&r->rng, &r->ephemeral_index,
                      sizeof(r->ephemeral_index));
        r->ephemeral_index = GUINT64_FROM_LE(r->ephemeral_index);
    }
}

void spdm_ephemeral_drop(SpdmResponder *r)
{
    g_clear_pointer(&r->ephemeral, spdm_dhe_free);
}

SpdmDhe *spdm_ephemeral_take(SpdmResponder *r, const SpdmDheAlg *alg)
{
    SpdmDhe *dhe = NULL;

    if (r->ephemeral && r->ephemeral_alg == alg && has_streams(r)) {
        dhe = g_steal_pointer(&r->ephemeral);
        r->ephemerals_used++;
    }
    spdm_ephemeral_drop(r);
    dhe = dhe ? dhe : make(r, alg);
    r->ephemeral_index++;
    return dhe;
}

/* What a KEY_EXCHANGE would need now; NULL: none can come, or by KEM. */
static const SpdmDheAlg *next_group(const SpdmResponder *r)
{
    const SpdmConn *conn = &r->conn;

    return conn->state >= SPDM_CONN_NEGOTIATED &&
           spdm_conn_both(conn, SPDM_KEY_EX_CAP) && !conn->kem &&
           spdm_conn_session_count(conn) < r->profile->max_sessions
           ? conn->dhe : NULL;
}

bool spdm_responder_can_prepare(const SpdmResponder *r)
{
    const SpdmDheAlg *alg = next_group(r);

    return alg && !(r->ephemeral && r->ephemeral_alg == alg) &&
           has_streams(r);
}

bool spdm_responder_prepare(SpdmResponder *r)
{
    if (!spdm_responder_can_prepare(r)) {
        return false;
    }
    spdm_ephemeral_drop(r);
    r->ephemeral_alg = next_group(r);
    r->ephemeral = make(r, r->ephemeral_alg);
    return true;
}
