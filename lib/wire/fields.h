/*
 * Where the fields of a message are, by the standard's names, and which ones
 * there are. Everything comes from the layout functions of msg.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WIRE_FIELDS_H
#define SPDM_WIRE_FIELDS_H

#include "wire/msg.h"

/**
 * Tells @sink the fields of the message in @bytes, as far as they go: a
 * message that ends early ends the list. Behind MeasurementRecord and
 * embedded messages follow the fields they are made of.
 */
void spdm_msg_fields(const SpdmWireCtx *ctx, SpdmBytes bytes,
                     const SpdmFieldSink *sink);

/**
 * Tells @sink the name of every field that a message of @code can have in any
 * version, repeatedly; fields that are appended later (signatures) have the
 * length SPDM_FIELD_TAIL. Nothing for an unknown code.
 */
void spdm_msg_field_names(uint8_t code, const SpdmFieldSink *sink);

/** Code of the message called @name; -1: there is none. */
int spdm_code_by_name(const char *name);

/** Name of the @i-th message known, NULL behind the last. */
const char *spdm_code_name_at(unsigned i);

/** Code of the ERROR called @name ("Busy"); -1: there is none. */
int spdm_error_by_name(const char *name);

/** Name of the @i-th ERROR known, NULL behind the last. */
const char *spdm_error_name_at(unsigned i);

#endif
