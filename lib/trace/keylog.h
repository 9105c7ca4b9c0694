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
typedef enum SpdmSecretKind {
    SPDM_SECRET_DHE,            /* shared secret of Diffie-Hellman */
    SPDM_SECRET_KEM,            /* ... or of a KEM (1.4) */
    SPDM_SECRET_PSK,
    SPDM_SECRET_HANDSHAKE_REQ,  /* direction handshake secrets */
    SPDM_SECRET_HANDSHAKE_RSP,
    SPDM_SECRET_DATA_REQ,       /* direction data secrets */
    SPDM_SECRET_DATA_RSP,
    SPDM_SECRET_EXPORT_MASTER,
    SPDM_SECRET_KINDS,
} SpdmSecretKind;

const char *spdm_secret_label(SpdmSecretKind kind);

/** The kind of this label; SPDM_SECRET_KINDS: none. */
SpdmSecretKind spdm_secret_kind(const char *label);

/** Option of DMTF's spdm_dump that takes such a secret; NULL: none does. */
const char *spdm_secret_dump_option(SpdmSecretKind kind);

typedef struct SpdmKeyLogEntry {
    SpdmSecretKind kind;
    uint32_t session;
    bool used;               /* by a session of the capture */
    SpdmSharedSecret secret;
} SpdmKeyLogEntry;

/** All entries in their order; the array wipes itself. NULL with @errp. */
GArray *spdm_keylog_parse(SpdmBytes text, const char *name, GError **errp);

#endif
