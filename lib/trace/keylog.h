/*
 * The key log: lines "LABEL SESSION HEX"; '#' begins a comment.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TRACE_KEYLOG_H
#define SPDM_TRACE_KEYLOG_H

#include "crypto/secret.h"
#include "spdm/base.h"

/** What a secret is; the labels of a key log in their order. */
typedef enum SpdmKeyKind {
    SPDM_KEY_DHE,            /* shared secret of Diffie-Hellman */
    SPDM_KEY_KEM,            /* ... or of a KEM (1.4) */
    SPDM_KEY_PSK,
    SPDM_KEY_HANDSHAKE_REQ,  /* direction handshake secrets */
    SPDM_KEY_HANDSHAKE_RSP,
    SPDM_KEY_DATA_REQ,       /* direction data secrets */
    SPDM_KEY_DATA_RSP,
    SPDM_KEY_KINDS,
} SpdmKeyKind;

const char *spdm_key_label(SpdmKeyKind kind);

/** The kind of this label; SPDM_KEY_KINDS: none. */
SpdmKeyKind spdm_key_kind(const char *label);

/** Option of DMTF's spdm_dump that takes such a secret; NULL: none does. */
const char *spdm_key_dump_option(SpdmKeyKind kind);

typedef struct SpdmKeyLogEntry {
    SpdmKeyKind kind;
    uint32_t session;
    bool used;               /* by a session of the capture */
    SpdmSharedSecret secret;
} SpdmKeyLogEntry;

/** All entries in their order; the array wipes itself. NULL with @errp. */
GArray *spdm_keylog_parse(SpdmBytes text, const char *name, GError **errp);

#endif
