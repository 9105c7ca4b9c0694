/*
 * Replay of a recorded connection (shared/vectors/FORMAT.md): the file's
 * messages go through our framing, records, layouts, transcripts, key
 * schedule and signature checks, and every value on the way is compared.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TEST_VECTOR_H
#define SPDM_TEST_VECTOR_H

#include "core/chunk.h"
#include "core/conn.h"
#include "core/secmsg.h"
#include "crypto/pk.h"
#include "transport/transport.h"

enum {
    VEC_MAX_SESSIONS = 64,
    VEC_SLOTS = 8,
};

/** What the file knows of a session and SpdmSession does not. */
typedef struct VecSession {
    uint32_t id;
    unsigned generation[2];  /* of data keys, by SpdmSender */
} VecSession;

/** Where a message lies. */
typedef struct VecPlace {
    unsigned number;         /* [message N] */
    unsigned large;          /* [large N] it completes, else 0 */
    size_t base;             /* in its carrier */
} VecPlace;

/** Offsets in every message, and masks. */
enum {
    VEC_CODE = 1,
    VEC_PARAM1 = 2,
    VEC_PARAM2 = 3,
    VEC_SLOT_MASK = 0x0f,
};

typedef struct Vec {
    GKeyFile *file;
    bool failed;
    GPtrArray *left_out;     /* sentences: what was not checked, and why */

    VecPlace at;             /* the message being replayed */

    const SpdmTransport *transport;
    SpdmConn conn;
    uint16_t sig_size;       /* known even where the algorithm is not */
    uint16_t req_sig_size;

    GByteArray *request;     /* waits for its response */
    VecPlace request_at;
    uint32_t request_session; /* id, 0 outside */
    GByteArray *chunks;      /* large message being put together */
    SpdmChunkState chunk;
    GByteArray *encap_request; /* responder's embedded request */
    GByteArray *mut_b;       /* its GET_DIGESTS ... CERTIFICATE */
    /* By SpdmSender, as fetched; the last one is the public key. */
    GByteArray *chain[2][VEC_SLOTS + 1];

    VecSession session[VEC_MAX_SESSIONS];
    unsigned sessions;       /* opened so far */
    unsigned signatures;     /* met so far, and so on */
    unsigned hmacs;
    unsigned larges;
} Vec;

static inline SpdmBytes vec_view(const GByteArray *bytes)
{
    return bytes ? SPDM_BYTES(bytes->data, bytes->len) : SPDM_BYTES(NULL, 0);
}

static inline void vec_put(GByteArray *out, SpdmBytes bytes)
{
    if (bytes.len) {
        g_byte_array_append(out, bytes.data, (guint)bytes.len);
    }
}

static inline SpdmBytes vec_without_tail(SpdmBytes bytes, size_t tail)
{
    return SPDM_BYTES(bytes.data, bytes.len - tail);
}

static inline SpdmBytes vec_secret(const SpdmSecret *s)
{
    return SPDM_BYTES(s->data, s->len);
}

/* vector-file.c */

/** NULL with a failed row when the file cannot be read. */
Vec *vec_load(const char *path);
void vec_free(Vec *v);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vec, vec_free)

/** Fails the row, naming the message, unless @ok; returns @ok. */
bool vec_check(Vec *v, bool ok, const char *what);

/** As vec_check(): both are the same bytes. */
bool vec_same(Vec *v, const char *what, SpdmBytes got, SpdmBytes want);

/** Notes once that something is not checked. */
void vec_leave_out(Vec *v, const char *sentence);

bool vec_has(Vec *v, const char *group, const char *key);
/** "" when absent. */
char *vec_text(Vec *v, const char *group, const char *key);
/** Decimal or 0x; 0 when absent. */
unsigned vec_int(Vec *v, const char *group, const char *key);
/** NULL when absent. */
GByteArray *vec_hex(Vec *v, const char *group, const char *key);

/** vec_same() with a hex key, which has to be there. */
bool vec_same_hex(Vec *v, const char *group, const char *key, SpdmBytes got);

/** Compares an algorithm name, ours "SHA-384" to theirs "SHA_384". */
bool vec_is_named(Vec *v, const char *key, const char *name);
bool vec_same_name(Vec *v, const char *key, const char *name);

/* vector-record.c */

/** Frames of this message are unpacked and packed again. */
void vec_frame(Vec *v, const char *group, bool secured, SpdmBytes body);

/** A DOE discovery object. */
void vec_discovery(Vec *v, const char *group);

/**
 * Opens the record of [message N], tries every damaged form of it, and seals
 * it again. @out: what was in it, an SPDM message unless "application".
 */
void vec_record(Vec *v, const char *group, VecSession *vs, GByteArray *out);

/* vector-keys.c */

/** Recomputes dhe_secret from the private keys into @secret. */
void vec_dhe(Vec *v, const char *group, SpdmBytes req, SpdmBytes rsp,
             GByteArray *secret);

/** All secrets of the handshake phase / of data generation 0. */
void vec_handshake_keys(Vec *v, const char *group, const SpdmSession *s);
void vec_data_keys(Vec *v, const SpdmSession *s, SpdmSender sender);

/** Updates one direction and compares the new generation. */
void vec_update(Vec *v, SpdmSession *s, SpdmSender sender);

VecSession *vec_session_of(Vec *v, uint32_t id);
/** "session N"; g_free(). */
char *vec_session_group(Vec *v, uint32_t id);

/* vector-sign.c */

/** One signature as the replay meets it. */
typedef struct VecSignature {
    SpdmSender signer;
    const char *operation;   /* as in the file */
    const char *transcript;
    const char *context;     /* spec/04 section 5 */
    unsigned slot;
    uint32_t session;        /* id, or 0 */
    SpdmBytes signature;
    size_t offset;           /* in its message */
} VecSignature;

void vec_signature(Vec *v, const VecSignature *s, SpdmBytes transcript);

/** One VerifyData at @offset of its message; @th is our hash. */
void vec_hmac(Vec *v, const SpdmSession *s, SpdmSender by, const uint8_t *th,
              SpdmBytes value, size_t offset);

/** Chain of a slot, or DER key for slot 255; empty when unknown. */
SpdmBytes vec_identity(Vec *v, SpdmSender who, unsigned slot);
/** Its base hash: Ct or Cm. */
void vec_identity_hash(Vec *v, SpdmSender who, unsigned slot, uint8_t *out);

/* vector-codec.c */

/** Recorded messages off by one byte, at any field, that were survived. */
extern unsigned vec_variants;

/**
 * Decodes (with and without transport padding), encodes again, and wants the
 * fields to cover all bytes. The message off by one at any of its fields has
 * to be survived. False for messages without a layout.
 */
bool vec_codec(Vec *v, const SpdmWireCtx *ctx, SpdmBytes bytes, SpdmMsg *m);

/* vector-chunk.c */

/**
 * Adds CHUNK_SEND or CHUNK_RESPONSE to v->chunks; true when the large message
 * is whole, and the one in the file.
 */
bool vec_add_chunk(Vec *v, SpdmBytes bytes);

/* vector-replay.c */

void vec_replay(Vec *v);

/** Layout context, roles swapped for embedded messages. */
SpdmWireCtx vec_ctx(Vec *v, bool swapped, SpdmBytes request);

/* vector-answers.c */

/** A request and its response, whole. */
typedef struct VecExchange {
    SpdmBytes req;
    SpdmBytes rsp;
    SpdmMsg *m;              /* the response, decoded */
    SpdmSession *s;          /* in which it is, or NULL */
} VecExchange;

/** What a good response does to the connection. */
void vec_answered(Vec *v, const VecExchange *x);

/** A CERTIFICATE: a portion of a chain; the first one starts it anew. */
void vec_take_portion(Vec *v, SpdmSender who, SpdmBytes req,
                      const SpdmMsg *m);

/** IL1/IL2 of a signed ENDPOINT_INFO of either end. */
void vec_endpoint_info(Vec *v, SpdmSender who, SpdmBytes req, SpdmBytes rsp,
                       uint32_t session);

/* vector-encap.c */

/** ENCAPSULATED_REQUEST and ENCAPSULATED_RESPONSE_ACK. */
void vec_encapsulated_request(Vec *v, const VecExchange *x);
void vec_encapsulated_ack(Vec *v, const VecExchange *x);

/** What DELIVER_ENCAPSULATED_RESPONSE delivers. */
void vec_embedded_response(Vec *v, SpdmSession *s, SpdmBytes rsp);

/* vector-session.c: responses that make sessions. */
void vec_key_exchange(Vec *v, SpdmBytes req, SpdmBytes rsp, SpdmMsg *m);
void vec_psk_exchange(Vec *v, SpdmBytes req, SpdmBytes rsp, SpdmMsg *m);
void vec_finish(Vec *v, SpdmSession *s, SpdmBytes req, SpdmBytes rsp,
                SpdmMsg *m);
void vec_psk_finish(Vec *v, SpdmSession *s, SpdmBytes req, SpdmBytes rsp,
                    SpdmMsg *m);

#endif
