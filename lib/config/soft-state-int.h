/*
 * What reading the bytes of soft-state.c and making them true share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CONFIG_SOFT_STATE_INT_H
#define SPDM_CONFIG_SOFT_STATE_INT_H

#include "config/soft-int.h"
#include "wire/msg.h"

typedef struct SoftStateReader {
    SpdmSoftProvider *soft;  /* what is read goes there at the end */
    SpdmCoder c;
    const char *name;
    GPtrArray *kept;
    GPtrArray *provisioned;
    GArray *banks;           /* as soft->banks */
    GArray *pairs;           /* SoftPairState, as they are */
    GArray *staged;
    SpdmCsrTags tags;
    GError **errp;
} SoftStateReader;

/** Sets a one-line error that begins with the name of the state; false. */
bool soft_refuse_state(SoftStateReader *r, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/**
 * Makes what was read true of the provider; when it has not the keys of the
 * chains it stays as it was, and that is the error.
 */
bool soft_state_install(SoftStateReader *r);

#endif
