/*
 * What is hashed, signed and MACed: TH, M1/M2, L1/L2 and the signature input
 * (spec/04 sections 2 to 5).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/conn.h"

#include <string.h>

enum {
    MAX_TH_PARTS = 8,       /* A, D, Ct, K, eD, Cm, F, extra */
    VERSION_PREFIX = 16,    /* "dmtf-spdm-v1.X.*" */
    VERSION_REPEATS = 4,
    CONTEXT_FIELD = 36,
};

typedef struct Parts {
    SpdmBytes list[MAX_TH_PARTS];
    size_t count;
    bool overflown;
} Parts;

static void add_bytes(Parts *p, SpdmBytes bytes)
{
    p->list[p->count++] = bytes;
}

static void add(Parts *p, const SpdmTranscript *t)
{
    p->overflown |= t->overflown;
    add_bytes(p, spdm_transcript_view(t));
}

static void add_digest(Parts *p, const SpdmSession *s, const uint8_t *digest)
{
    add_bytes(p, SPDM_BYTES(digest, s->hash->size));
}

/* spec/04 section 4; a PSK session has no certificates. */
static Parts th_parts(const SpdmConn *conn, const SpdmSession *s)
{
    Parts p = { .count = 0 };

    add(&p, &conn->a);
    if (s->type == SPDM_SESSION_SIGMA) {
        add(&p, &s->d);
        add_digest(&p, s, s->ct_hash);
    }
    add(&p, &s->k);
    if (s->has_cm) {
        add(&p, &s->ed);
        add_digest(&p, s, s->cm_hash);
    }
    add(&p, &s->f);
    return p;
}

static bool join(const Parts *p, GByteArray *out)
{
    if (p->overflown) {
        return false;
    }
    for (size_t i = 0; i < p->count; i++) {
        if (p->list[i].len) {
            g_byte_array_append(out, p->list[i].data,
                                (guint)p->list[i].len);
        }
    }
    return true;
}

bool spdm_conn_th(const SpdmConn *conn, const SpdmSession *session,
                  SpdmBytes extra, uint8_t *out)
{
    Parts p = th_parts(conn, session);

    add_bytes(&p, extra);
    if (!p.overflown) {
        spdm_hash(session->hash, p.list, p.count, out);
    }
    return !p.overflown;
}

bool spdm_conn_th_bytes(const SpdmConn *conn, const SpdmSession *session,
                        GByteArray *out)
{
    Parts p = th_parts(conn, session);

    return join(&p, out);
}

bool spdm_conn_m1(const SpdmConn *conn, SpdmBytes c, GByteArray *out)
{
    Parts p = { .count = 0 };

    add(&p, &conn->a);
    add(&p, &conn->b);
    add_bytes(&p, c);
    return join(&p, out);
}

bool spdm_conn_mut_m1(const SpdmConn *conn, const SpdmTranscript *mut_b,
                      SpdmBytes c, GByteArray *out)
{
    Parts p = { .count = 0 };

    /* DSP0274 1.1 has no VCA here, unlike in the responder's M1/M2. */
    if (conn->version >= SPDM_VERSION_12) {
        add(&p, &conn->a);
    }
    add(&p, mut_b);
    add_bytes(&p, c);
    return join(&p, out);
}

bool spdm_conn_il1(const SpdmConn *conn, SpdmBytes pair, GByteArray *out)
{
    Parts p = { .count = 0 };

    add(&p, &conn->a);
    add_bytes(&p, pair);
    return join(&p, out);
}

bool spdm_conn_l1_bytes(SpdmConn *conn, SpdmSession *session, GByteArray *out)
{
    Parts p = { .count = 0 };

    /* DSP0274 1.2 put the VCA in front of L1/L2. */
    if (conn->version >= SPDM_VERSION_12) {
        add(&p, &conn->a);
    }
    add(&p, spdm_conn_l1(conn, session));
    return join(&p, out);
}

/* The string ends exactly where the field does; zeros are in front of it. */
static void put_prefix(uint8_t version, const char *context, GByteArray *out)
{
    static const uint8_t zeros[CONTEXT_FIELD];
    char digit[VERSION_PREFIX + 1] = "dmtf-spdm-v1.X.*";
    size_t len = strlen(context);

    g_assert(len <= CONTEXT_FIELD);
    digit[13] = (char)('0' + (version & 0xf));
    for (unsigned i = 0; i < VERSION_REPEATS; i++) {
        g_byte_array_append(out, (const uint8_t *)digit, VERSION_PREFIX);
    }
    g_byte_array_append(out, zeros, (guint)(CONTEXT_FIELD - len));
    g_byte_array_append(out, (const uint8_t *)context, (guint)len);
}

void spdm_conn_to_be_signed(const SpdmConn *conn, const char *context,
                            SpdmBytes transcript, GByteArray *out)
{
    uint8_t hash[SPDM_MAX_HASH];

    if (conn->version < SPDM_VERSION_12) {
        if (transcript.len) {
            g_byte_array_append(out, transcript.data, (guint)transcript.len);
        }
        return;
    }
    put_prefix(conn->version, context, out);
    spdm_hash(conn->hash, &transcript, 1, hash);
    g_byte_array_append(out, hash, conn->hash->size);
}
