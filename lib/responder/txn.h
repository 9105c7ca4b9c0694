/*
 * One request and its response under way. A handler reads the connection,
 * computes, and leaves what it wants changed in the transaction; commit
 * applies it, and a transaction that fails is just cleared. Nobody undoes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_TXN_H
#define SPDM_RESPONDER_TXN_H

#include "responder/responder-int.h"

struct SpdmCommand;

typedef struct SpdmTxn {
    SpdmResponder *r;
    SpdmConn *conn;          /* changed by commit and sent steps only */
    SpdmSession *session;    /* the request belongs to, NULL outside */
    uint32_t session_id;     /* of the record it came in, 0 if in the clear */
    bool secured;            /* came in a record; so will the answer */
    bool application;        /* ... and is not SPDM; nor will the answer be */
    unsigned generation;     /* of the responder when it began */
    int64_t now_us;          /* provider time when it began */
    int64_t delay_us;        /* asked for by a tap, as these: */
    int64_t sequence_skew;
    int length_skew;
    bool answered;           /* the request is not looked at */

    const struct SpdmCommand *cmd; /* NULL: unknown code */
    uint8_t code;            /* as received, for ERROR and counters */
    SpdmBytes request;       /* exact message once decoded, padding off */
    SpdmMsg rsp;             /* header filled in; body by the handler */
    SpdmWireCtx wire;        /* layout; has_* set by the handler */
    GByteArray *out;         /* the response's bytes, behind: */
    size_t head;             /* room for frame and record, or 0: it is made
                                apart from them */
    GByteArray *plain;       /* what the record held that it came in */
    bool resumed;            /* request came back from being deferred */
    bool reassembled;        /* request came in chunks, and is whole */
    bool incomplete;         /* request goes on in the next CHUNK_SEND */

    /* The answer goes into a CHUNK_SEND_ACK. */
    bool chunk_ack;
    uint8_t chunk_param1;
    uint8_t chunk_handle;
    uint32_t chunk_seq;

    /* Pending, as ikm and th2; wiped with the transaction. */
    SpdmSession *new_session;
    uint8_t event_types;     /* SUBSCRIBE_EVENT_TYPES: bit n for type n */

    /* Encapsulation (encap.c). */
    SpdmWireCtx embedded;    /* layout of the message t->req carries, if
                                wire has it */
    SpdmEncapFlow encap;     /* takes the place of the open flow */
    SpdmEncapFlow encap_taken; /* ... which was this one, if it is over */
    unsigned encap_popped;   /* off the queue */
    const struct SpdmEncapRow *encap_row; /* whose response was taken */

    GByteArray *part;        /* the first spdm_txn_array(), NULL: none */
    GPtrArray *memory;       /* what rsp's views point to; NULL: nothing */

    /* Not even zeroed: a message takes longer to clear than to decode. */
    SpdmMsg req;             /* once decoded */
    SpdmSharedSecret ikm;    /* DHE secret or PSK of new_session */
    uint8_t th2[SPDM_MAX_HASH]; /* Hash(TH2), for the data keys */
} SpdmTxn;

/** @now_us: provider time. */
void spdm_txn_init(SpdmTxn *t, SpdmResponder *r, int64_t now_us);

/** Wipes and frees everything pending. */
void spdm_txn_clear(SpdmTxn *t);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmTxn, spdm_txn_clear)

/** @len zero bytes that live as long as the transaction. */
uint8_t *spdm_txn_alloc(SpdmTxn *t, size_t len);

/** @len random bytes of the provider, as a view. */
SpdmBytes spdm_txn_random(SpdmTxn *t, size_t len);

/** A buffer of the responder, empty, and where it goes back to. */
GByteArray *spdm_scratch_take(SpdmResponder *r, SpdmScratch which);
void spdm_scratch_give(SpdmResponder *r, SpdmScratch which,
                       GByteArray *array);

/** @array, given away, lives as long as the transaction. */
void spdm_txn_keep(SpdmTxn *t, GByteArray *array);

/** An empty array that lives as long as the transaction. */
GByteArray *spdm_txn_array(SpdmTxn *t);

/** View of an array as it is now. */
static inline SpdmBytes spdm_array_view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

/** The response so far. */
static inline SpdmBytes spdm_txn_response(const SpdmTxn *t)
{
    return SPDM_BYTES(t->out->data + t->head, t->out->len - t->head);
}

/**
 * Lets the response be made where its frame will be, and spares a copy. Taps
 * see it apart; and so do steps after the handler's that look into it.
 */
void spdm_txn_make_in_place(SpdmTxn *t);

/** What the response is so far becomes an array of its own, or none. */
GByteArray *spdm_txn_take_response(SpdmTxn *t);

/**
 * The OpaqueData that the profile puts into responses, in the connection's
 * format; empty if there is none. Lives as long as the transaction.
 */
SpdmBytes spdm_txn_opaque(SpdmTxn *t);

/** The request followed by the response so far, as one view. */
SpdmBytes spdm_txn_exchange(SpdmTxn *t);

/** Calls the tap; false when the message is to be dropped (or the tap has
 * reset the responder or killed the session under us). */
bool spdm_txn_tap(SpdmTxn *t, SpdmTapEvent event, GByteArray *bytes);

/**
 * Forgets the connection, as the request asks for: the answer still goes out,
 * which it does not when a tap resets the responder under us.
 */
void spdm_txn_reset_conn(SpdmTxn *t, const char *event);

/**
 * Bytes that a response may have on this connection, in chunks if need be: how
 * much a handler puts in that answers in portions (chunk.c).
 */
size_t spdm_txn_room(const SpdmTxn *t);

/* What handlers ask the provider, given what was negotiated. */

/** Slots with a chain for the selected algorithms, as a mask. */
uint8_t spdm_txn_slots(const SpdmTxn *t);
bool spdm_txn_has_slot(const SpdmTxn *t, uint8_t slot);

/** Ct: the chain of @slot, or the public key of SPDM_SLOT_PUBLIC_KEY. */
SpdmBytes spdm_txn_chain(const SpdmTxn *t, uint8_t slot);

/**
 * Slots whose new chain waits for a reset, as a mask; none if this connection
 * knows no such thing (DSP0274 1.2 CERT_INSTALL_RESET_CAP).
 */
uint8_t spdm_txn_staged_slots(const SpdmTxn *t);

/** Hash(Ct) of @slot to @out, H bytes; false when the slot is empty. */
bool spdm_txn_chain_hash(const SpdmTxn *t, uint8_t slot, uint8_t *out);

/** The key of @slot, for multi-key connections; false when it has none. */
bool spdm_txn_slot_key(const SpdmTxn *t, uint8_t slot, SpdmSlotKey *key);

/**
 * Whether the key of @slot (0 to 7, or SPDM_SLOT_PUBLIC_KEY) may sign what
 * SPDM_KEY_USAGE_* @usage stands for: it is there and, on multi-key
 * connections, is meant for that use. InvalidRequest otherwise.
 */
SpdmStatus spdm_txn_check_signer(const SpdmTxn *t, uint8_t slot,
                                 uint16_t usage);

/** A SlotID of four bits: 0xF there is the public key. */
static inline uint8_t spdm_slot_from_nibble(uint8_t param)
{
    uint8_t slot = param & 0x0f;

    return slot == 0x0f ? SPDM_SLOT_PUBLIC_KEY : slot;
}

/**
 * Signs @transcript with the key of @slot and appends the Signature to the
 * response.
 */
SpdmStatus spdm_txn_sign(SpdmTxn *t, uint8_t slot, const char *context,
                         SpdmBytes transcript);

/** Appends VerifyData over @th (H bytes) to the response, and returns it. */
SpdmBytes spdm_txn_verify_data(SpdmTxn *t, const SpdmSession *session,
                               const uint8_t *th);

#endif
