/*
 * A recorded connection (shared/vectors/FORMAT.md) as something to be gone
 * through once more, by an end of ours.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TEST_RECORDING_H
#define SPDM_TEST_RECORDING_H

#include "core/session.h"
#include "spdm/key-pair.h"
#include "wire/msg.h"

enum { REC_SLOTS = 8 };

/** What the messages tell of one end's slots. */
typedef struct RecIdentity {
    bool has_digests;
    uint8_t supported;           /* Param1 of DIGESTS (1.3) */
    uint8_t provisioned;         /* Param2 */
    uint8_t fetched;             /* slots whose chain is in the recording */
    GByteArray *chain[REC_SLOTS]; /* of others: some that was fetched */
    SpdmSlotKey key[REC_SLOTS];  /* multi-key connections */
} RecIdentity;

typedef struct Recording {
    GKeyFile *file;
    unsigned messages;
    bool multi_key[2];           /* by SpdmSender */
    RecIdentity identity[2];
} Recording;

/** NULL, and the row has failed, when the file cannot be read. */
Recording *recording_load(const char *path);
void recording_free(Recording *rec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Recording, recording_free)

static inline SpdmBytes rec_view(const GByteArray *a)
{
    return a ? SPDM_BYTES(a->data, a->len) : SPDM_BYTES(NULL, 0);
}

/* Keys of a group; absent ones are empty, 0, "". */
GByteArray *rec_hex(const Recording *rec, const char *group,
                    const char *key);
unsigned rec_int(const Recording *rec, const char *group, const char *key);
char *rec_text(const Recording *rec, const char *group, const char *key);
bool rec_has(const Recording *rec, const char *group, const char *key);

/* The same of group "KIND N". */
GByteArray *rec_hex_of(const Recording *rec, const char *kind, unsigned n,
                       const char *key);
unsigned rec_int_of(const Recording *rec, const char *kind, unsigned n,
                    const char *key);
bool rec_has_of(const Recording *rec, const char *kind, unsigned n,
                const char *key);

/** [message N] on the wire, framing included. */
GByteArray *rec_frame(const Recording *rec, unsigned n);

/** Neither DOE discovery nor an application's data. */
bool rec_is_spdm(const Recording *rec, unsigned n);

/**
 * The request that [message N] completes, or the response that it is, begins
 * or carries: whole, without chunks around it. Empty for a chunk that goes on.
 */
GByteArray *rec_whole(const Recording *rec, unsigned n);

/** As above, but the request that [message N] begins. */
GByteArray *rec_begun(const Recording *rec, unsigned n);

/** The layout of @request's response, or of @request itself. */
SpdmWireCtx rec_ctx(const Recording *rec, bool swapped, SpdmBytes request);

/** The first whole message of this code; empty when there is none. */
GByteArray *rec_find(const Recording *rec, uint8_t code);

/** The signature made for what [message N] answers or asks. */
GByteArray *rec_signature(const Recording *rec, unsigned n);

/** Number of the session whose KEY_EXCHANGE or answer [message N] is; 0. */
unsigned rec_opens(const Recording *rec, unsigned n);

/** SessionID of [session N]; 0 for none. */
uint32_t rec_session_id(const Recording *rec, unsigned session);

/** RandomData at the end of [message N]'s plaintext (MCTP). */
GByteArray *rec_padding(const Recording *rec, unsigned n);

#endif
