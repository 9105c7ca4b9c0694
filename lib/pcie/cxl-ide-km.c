/*
 * CXL_IDE_KM: the keys of a CXL link, one for each direction of a port. As
 * IDE_KM, with an IV of 12 bytes, a byte of capabilities in QUERY_RESP, and
 * GET_KEY, by which the device makes a key.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"
#include "pcie/pcie-int.h"

#include <string.h>

enum {
    GET_KEY = 7,
    GET_KEY_ACK = 8,

    /* KeySubStream: 1000b above; bit 1 Tx, bit 3 the default IV. */
    SUB_STREAM = 0x80,
    SUB_STREAM_OPTIONS = SPDM_IDE_TX | 1 << 3,

    CAPS = 0x71,             /* as the reference device declares it */
    REGISTERS_SIZE = 36,     /* CXL IDE capability structure */
    ADDRESS_SIZE = 7,
    KEY_OBJECT_SIZE = ADDRESS_SIZE + SPDM_IDE_KEY_SIZE + CXL_IV_SIZE,
    QUERY_SIZE = 3,
    QUERY_RESP_SIZE = 8 + REGISTERS_SIZE,
};

/* Where the bytes of an object are; all but QUERY are laid out so. */
enum { OBJECT_AT, PORT_OF_QUERY = 2, STREAM_AT, STATUS_AT, SUB_AT, PORT_AT };

static bool is_key(const uint8_t *object)
{
    return object[STREAM_AT] == 0 &&
           (object[SUB_AT] & ~SUB_STREAM_OPTIONS) == SUB_STREAM;
}

static CxlKeys *keys_of(SpdmPcie *p, const uint8_t *object)
{
    return &p->cxl.keys[object[PORT_AT]][object[SUB_AT] & SPDM_IDE_TX ? 1
                                                                      : 0];
}

static void acknowledge(const uint8_t *object, uint8_t code, uint8_t status,
                        GByteArray *reply)
{
    uint8_t ack[ADDRESS_SIZE] = {
        [OBJECT_AT] = code, [STREAM_AT] = object[STREAM_AT],
        [STATUS_AT] = status, [SUB_AT] = object[SUB_AT],
        [PORT_AT] = object[PORT_AT],
    };

    g_byte_array_append(reply, ack, sizeof(ack));
}

static SpdmVendorResult query(SpdmPcie *p, SpdmBytes object,
                              GByteArray *reply)
{
    const SpdmPciFunction *f = &p->function;
    uint8_t port = object.data[PORT_OF_QUERY];
    uint8_t answer[QUERY_RESP_SIZE] = {
        SPDM_IDE_QUERY_RESP, 0, port, (uint8_t)f->requester_id,
        (uint8_t)(f->requester_id >> 8), f->segment,
        p->profile->ide_ports - 1, CAPS,
    };

    if (port >= p->profile->ide_ports) {
        return SPDM_VENDOR_SILENT;
    }
    g_byte_array_append(reply, answer, sizeof(answer));
    return SPDM_VENDOR_ANSWERED;
}

static SpdmIdeStatus program(SpdmPcie *p, SpdmBytes object)
{
    CxlKeys *keys;

    if (object.len != KEY_OBJECT_SIZE) {
        return SPDM_IDE_INCORRECT_LENGTH;
    }
    if (object.data[PORT_AT] >= p->profile->ide_ports) {
        return SPDM_IDE_UNSUPPORTED_PORT;
    }
    if (!is_key(object.data)) {
        return SPDM_IDE_UNSUPPORTED_VALUE;
    }
    keys = keys_of(p, object.data);
    keys->is_pending = true;
    memcpy(keys->pending, object.data + ADDRESS_SIZE, sizeof(keys->pending));
    return SPDM_IDE_OK;
}

/* A key for the host to program into both ends. */
static void make_key(SpdmPcie *p, const uint8_t *object, GByteArray *reply)
{
    static const uint8_t iv[CXL_IV_SIZE] = { 0, 0, 0, 0x80, [8] = 1 };
    uint8_t key[SPDM_IDE_KEY_SIZE];

    spdm_rng_fill(p->rng, key, sizeof(key));
    acknowledge(object, GET_KEY_ACK, 0, reply);
    g_byte_array_append(reply, key, sizeof(key));
    g_byte_array_append(reply, iv, sizeof(iv));
    spdm_wipe(key, sizeof(key));
}

static void key_set(SpdmPcie *p, const uint8_t *object)
{
    CxlKeys *keys = keys_of(p, object);

    if (object[OBJECT_AT] == SPDM_IDE_K_SET_STOP) {
        spdm_wipe(keys, sizeof(*keys));
    } else if (keys->is_pending) {
        memcpy(keys->active, keys->pending, sizeof(keys->active));
        spdm_wipe(keys->pending, sizeof(keys->pending));
        keys->is_pending = false;
        keys->is_active = true;
    }
}

/* GET_KEY, K_SET_GO, K_SET_STOP: what is wrong with them is not answered. */
static SpdmVendorResult address(SpdmPcie *p, SpdmBytes object,
                                GByteArray *reply)
{
    if (object.len != ADDRESS_SIZE ||
        object.data[PORT_AT] >= p->profile->ide_ports ||
        !is_key(object.data)) {
        return SPDM_VENDOR_SILENT;
    }
    if (object.data[OBJECT_AT] == GET_KEY) {
        make_key(p, object.data, reply);
    } else {
        key_set(p, object.data);
        acknowledge(object.data, SPDM_IDE_K_GOSTOP_ACK, 0, reply);
    }
    return SPDM_VENDOR_ANSWERED;
}

SpdmVendorResult pcie_cxl_ide_km(SpdmPcie *p,
                                 const SpdmVendorRequest *request,
                                 SpdmBytes object, GByteArray *reply)
{
    if (request->room < 1 + KEY_OBJECT_SIZE) {
        return SPDM_VENDOR_TOO_LARGE;
    }
    switch (object.len ? object.data[OBJECT_AT] : UINT8_MAX) {
    case SPDM_IDE_QUERY:
        return object.len == QUERY_SIZE ? query(p, object, reply)
                                        : SPDM_VENDOR_SILENT;
    case SPDM_IDE_KEY_PROG:
        if (object.len < ADDRESS_SIZE) {
            return SPDM_VENDOR_SILENT;
        }
        acknowledge(object.data, SPDM_IDE_KP_ACK,
                    (uint8_t)program(p, object), reply);
        return SPDM_VENDOR_ANSWERED;
    case SPDM_IDE_K_SET_GO:
    case SPDM_IDE_K_SET_STOP:
    case GET_KEY:
        return address(p, object, reply);
    default:
        return SPDM_VENDOR_SILENT;
    }
}
