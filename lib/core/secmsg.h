/*
 * Secured messages (DSP0277): records of a session, sealed and opened.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_SECMSG_H
#define SPDM_CORE_SECMSG_H

#include "core/session.h"
#include "crypto/random.h"

/** What a transport's binding decides about records (spec/05 section 1). */
typedef struct SpdmRecordFormat {
    uint8_t sequence_size;   /* bytes of the sequence number on the wire */
    uint8_t max_random;      /* most RandomData we append, 0 = none */
    uint8_t inner_size;      /* bytes before the SPDM message inside */
    int length_skew;         /* by which the length inside is wrong (taps) */

    /** Writes them for a message of @len bytes; NULL: there are none. */
    void (*put_inner)(size_t len, uint8_t *at);

    /** Whether the @len bytes at @data begin so, and hold SPDM. */
    bool (*check_inner)(const uint8_t *data, size_t len);

    /** Whether they begin a message of another protocol, which may be in
     * records as well; NULL: nothing else may. */
    bool (*check_other)(const uint8_t *data, size_t len);
} SpdmRecordFormat;

/** @format for messages that bring the bytes in front along. */
static inline SpdmRecordFormat
spdm_record_bare(const SpdmRecordFormat *format)
{
    SpdmRecordFormat bare = *format;

    bare.inner_size = 0;
    bare.put_inner = NULL;
    bare.check_inner = NULL;
    return bare;
}

typedef enum SpdmOpenResult {
    SPDM_OPEN_OK,
    SPDM_OPEN_OTHER,         /* opened, and check_other() knows what it is */
    SPDM_OPEN_MALFORMED,     /* lengths do not add up */
    SPDM_OPEN_BAD_TAG,       /* tag or sequence number wrong */
    SPDM_OPEN_EXHAUSTED,     /* sequence number at its limit */
} SpdmOpenResult;

/** Session id that starts a record; 0 when it is too short. */
uint32_t spdm_record_session_id(SpdmBytes record);

/** Whether the key of @sender has protected all the records that it may. */
bool spdm_record_exhausted(const SpdmSession *s, SpdmSender sender);

/**
 * Appends one record with @message to @out. False when the sequence number is
 * used up or the message is too long for the u16 length.
 */
bool spdm_record_seal(SpdmSession *s, SpdmSender sender,
                      const SpdmRecordFormat *format, const SpdmRng *rng,
                      SpdmBytes message, GByteArray *out);

/**
 * The same of a message that is in @out already, from @start plus
 * spdm_record_head() to the end; on failure @out is left as it is.
 */
bool spdm_record_seal_in_place(SpdmSession *s, SpdmSender sender,
                               const SpdmRecordFormat *format,
                               const SpdmRng *rng, GByteArray *out,
                               size_t start);

/**
 * Opens the record of @sender at the start of @record (bytes behind it are
 * transport padding); the SPDM message is put in @message, or (OTHER) what is
 * not SPDM with the bytes in front of it. The sequence
 * number advances also when the tag is wrong. With a KEY_UPDATE backup a
 * record that fails is tried with the old keys (lost ACK, spec/05 section 6).
 */
SpdmOpenResult spdm_record_open(SpdmSession *s, SpdmSender sender,
                                const SpdmRecordFormat *format,
                                SpdmBytes record, GByteArray *message);

/**
 * The same without moving anything: @message becomes a view into @plain, which
 * holds what was in the record; empty unless the result is OK or OTHER.
 */
SpdmOpenResult spdm_record_open_view(SpdmSession *s, SpdmSender sender,
                                     const SpdmRecordFormat *format,
                                     SpdmBytes record, GByteArray *plain,
                                     SpdmBytes *message);

/** Leaves only what @view, which is inside of @array (or empty), shows. */
void spdm_array_keep(GByteArray *array, SpdmBytes view);

/**
 * What spdm_record_open() would put in @message, with the present keys and in
 * the present order of bytes; false when it would do anything else. Nothing
 * changes: no sequence number advances.
 */
bool spdm_record_peek(SpdmSession *s, SpdmSender sender,
                      const SpdmRecordFormat *format, SpdmBytes record,
                      GByteArray *message);

/** Bytes of a record in front of the message. */
size_t spdm_record_head(const SpdmSession *s, const SpdmRecordFormat *format);

/** Bytes a record adds to a message, for sizing. */
size_t spdm_record_overhead(const SpdmSession *s,
                            const SpdmRecordFormat *format);

#endif
