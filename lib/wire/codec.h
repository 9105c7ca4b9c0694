/*
 * The coder: one cursor that reads or writes. A message's layout is written
 * once, as calls on a coder, and serves for decoding, encoding, and naming
 * fields by offset (traces, faults).
 *
 * Failure is sticky: after the first short read or bad length every call does
 * nothing, decoded values are 0 or empty, and spdm_coder_ok() says so.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WIRE_CODEC_H
#define SPDM_WIRE_CODEC_H

#include "wire/defs.h"

/** Length of a field that is appended later, when names are listed. */
#define SPDM_FIELD_TAIL SIZE_MAX

/**
 * Told about every field in order; @offset is from the message's start. (When
 * only names are listed offsets are 0 and lengths mean nothing.)
 */
typedef struct SpdmFieldSink {
    void (*field)(void *opaque, const char *name, size_t offset, size_t len);
    void *opaque;
} SpdmFieldSink;

/**
 * What the layout depends on besides the message itself (whose header gives
 * the version): negotiated sizes, and for a response what its request asked
 * for.
 */
typedef struct SpdmWireCtx {
    uint16_t hash_size;    /* H */
    uint16_t sig_size;     /* S of the responder */
    uint16_t req_sig_size; /* S of the requester */
    uint16_t req_exchange_size; /* D: ExchangeData of KEY_EXCHANGE */
    uint16_t rsp_exchange_size; /* ... and of its response */
    bool multi_key_rsp;    /* 1.3 multi-key connection, responder side */
    bool has_summary;      /* the request asked for a summary hash */
    bool has_signature;    /* the request asked for a signed answer:
                              MEASUREMENTS, ENDPOINT_INFO */
    bool in_the_clear;     /* HANDSHAKE_IN_THE_CLEAR on both sides */

    /*
     * Layout of a message that is carried inside this one (encapsulation,
     * CHUNK_SEND_ACK). It is what tells the transport's padding from it; NULL:
     * there is none, and all that is left is the message.
     */
    const struct SpdmWireCtx *embedded;
} SpdmWireCtx;

/** What every message begins with. */
typedef struct SpdmHeader {
    uint8_t version;
    uint8_t code;
    uint8_t param1;
    uint8_t param2;
} SpdmHeader;

typedef struct SpdmCoder {
    const SpdmWireCtx *ctx;
    const SpdmFieldSink *sink;
    const uint8_t *in;     /* decoding: the message and what follows it */
    size_t in_len;
    GByteArray *out;       /* encoding: appended to; NULL when decoding */
    size_t start;          /* encoding: length of out when we began */
    size_t pos;            /* bytes of the message passed so far */
    bool ahead;            /* encoding: out grows by more than one field, and
                              is cut by spdm_coder_end() */
    bool naming;           /* neither: fields are only named to the sink */
    bool failed;
} SpdmCoder;

/** A coder that reads @bytes (borrowed). */
SpdmCoder spdm_coder_reader(const SpdmWireCtx *ctx, SpdmBytes bytes);

/** A coder that reads nothing: it names the fields to @sink. */
SpdmCoder spdm_coder_namer(const SpdmWireCtx *ctx, const SpdmFieldSink *sink);

/** A coder that appends to @out. */
SpdmCoder spdm_coder_writer(const SpdmWireCtx *ctx, GByteArray *out);

/**
 * The same, quicker for many small fields: nothing looks at @out->len before
 * spdm_coder_end(), which is called when all is written, or has failed.
 */
SpdmCoder spdm_coder_quick_writer(const SpdmWireCtx *ctx, GByteArray *out);
void spdm_coder_end(SpdmCoder *c);

static inline bool spdm_coder_decoding(const SpdmCoder *c)
{
    return c->out == NULL;
}

static inline bool spdm_coder_ok(const SpdmCoder *c)
{
    return !c->failed;
}

/** Bytes not read yet (0 when encoding). */
size_t spdm_coder_left(const SpdmCoder *c);

/** Marks the message as malformed. */
void spdm_coder_fail(SpdmCoder *c);

/* Integers, little-endian. */
void spdm_code_u8(SpdmCoder *c, const char *name, uint8_t *v);
void spdm_code_u16(SpdmCoder *c, const char *name, uint16_t *v);
void spdm_code_u24(SpdmCoder *c, const char *name, uint32_t *v);
void spdm_code_u32(SpdmCoder *c, const char *name, uint32_t *v);
void spdm_code_u64(SpdmCoder *c, const char *name, uint64_t *v);

/** The four bytes that every message begins with. */
void spdm_code_header(SpdmCoder *c, SpdmHeader *h);

/** @len reserved bytes: written as 0, ignored when read. */
void spdm_code_reserved(SpdmCoder *c, size_t len);

/** A byte of saved state that is 0 or 1; decoding fails on any other. */
void spdm_code_bool(SpdmCoder *c, const char *name, bool *v);

/**
 * Exactly @len bytes. Decoding: *v views the input. Encoding: v->len must be
 * @len.
 */
void spdm_code_bytes(SpdmCoder *c, const char *name, SpdmBytes *v,
                     size_t len);

/**
 * A field that the composer leaves out and a later step appends (Signature,
 * VerifyData): as spdm_code_bytes(), but encoding an empty view writes
 * nothing.
 */
void spdm_code_tail(SpdmCoder *c, const char *name, SpdmBytes *v, size_t len);

/** A u16 length named @len_name, then so many bytes named @name. */
void spdm_code_sized16(SpdmCoder *c, const char *len_name, const char *name,
                       SpdmBytes *v);

/** The same with a u8 or a u32 length. */
void spdm_code_sized8(SpdmCoder *c, const char *len_name, const char *name,
                      SpdmBytes *v);
void spdm_code_sized32(SpdmCoder *c, const char *len_name, const char *name,
                       SpdmBytes *v);

/** All that is left (decoding), or all of *v. */
void spdm_code_rest(SpdmCoder *c, const char *name, SpdmBytes *v);

#endif
