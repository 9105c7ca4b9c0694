/*
 * The target of a storage device (DSP0286): IF-SEND brings a request, IF-RECV
 * fetches what there is for it. QEMU's "-device nvme,spdm_port=" forwards a
 * guest's SECURITY SEND and RECEIVE to it, each behind a header.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_RESPONDER_STORAGE_H
#define TOOLS_RESPONDER_STORAGE_H

#include "spdm/responder.h"

typedef struct Storage {
    GByteArray *pending;         /* frame not fetched yet; NULL: none */
} Storage;

/** What a command says besides its data, as QEMU sends it. */
typedef struct StorageCommand {
    uint8_t protocol;            /* SECP */
    uint8_t spsp0;               /* operation and connection ID */
    uint8_t spsp1;
    uint32_t length;             /* of the data, or room for it */
} StorageCommand;

enum {
    STORAGE_HEADER_SIZE = 7,

    /* NVMe status codes, with Do Not Retry. */
    STORAGE_OK = 0,
    STORAGE_INVALID_FIELD = 0x4002,
};

/** Reads the header; false when @len is too short. */
bool storage_parse(const uint8_t *data, size_t len, StorageCommand *command);

/** Whether IF-SEND may bring a message; its status otherwise. */
uint16_t storage_check_send(const StorageCommand *command, size_t len);

/** The answer to a message, to be fetched; a former one is forgotten. */
void storage_put(Storage *s, const SpdmReply *reply);

/** Appends what IF-RECV fetches; returns the command's status. */
uint16_t storage_fetch(Storage *s, const StorageCommand *command,
                       GByteArray *out);

void storage_clear(Storage *s);

#endif
