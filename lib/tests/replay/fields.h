/*
 * Our message against the recorded one, field by field.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TEST_FIELDS_H
#define SPDM_TEST_FIELDS_H

#include "wire/msg.h"

/** A field that an end is free to fill in otherwise than the recorded one. */
typedef struct FreeField {
    uint8_t code;
    const char *field;
    const char *why;
} FreeField;

/** What came of a recording, served or asked once more. */
typedef struct Tally {
    unsigned equal;          /* messages of ours that are the recorded ones */
    unsigned by_fields;      /* ... but for free fields */
    unsigned foreign;        /* records of an application, passed over */
    GPtrArray *fields;       /* "MEASUREMENTS.MeasurementRecord", each once */
    char *why_not;           /* where it ended too early, and why */
} Tally;

void tally_clear(Tally *tally);

/** Counts a message that is the recorded one but for this. */
void tally_free(Tally *tally, const char *message, const char *field);

/** One line for the table; g_free(). */
char *tally_text(const Tally *tally);

/** Bytes of Signature and VerifyData at the end of @message. */
size_t fields_tail(const SpdmWireCtx *ctx, SpdmBytes message);

/**
 * Counts @own, which has no tails yet, against @recorded. The row fails for
 * each field that differs and is not in @free (its last row has code 0).
 * False: the layouts differ, or such a field does.
 */
bool fields_compare(const SpdmWireCtx *ctx, SpdmBytes own, SpdmBytes recorded,
                    const FreeField *free, Tally *tally);

#endif
