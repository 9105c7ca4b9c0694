/*
 * CXL TSP, the TEE security protocol of a memory device: its configuration is
 * set, locked and read back, and PSKs for secondary sessions come with it. As
 * far as the reference emulators speak it: fields were learned from what they
 * print, so what they do not use is kept as it came.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"
#include "pcie/pcie-int.h"

#include <stdio.h>
#include <string.h>

enum {
    GET_VERSION = 0x81,
    GET_CAPABILITIES,
    SET_CONFIGURATION,
    GET_CONFIGURATION,
    GET_CONFIGURATION_REPORT,
    LOCK_CONFIGURATION,
    SET_TE_STATE = 0x8d,
    ERROR = 0x7f,
    REQUEST = 0x80,

    HEADER_SIZE = 4,
    SET_SIZE = 352,
    STATE_AT = 0x24,         /* in GET_CONFIGURATION's answer */
    PSK_VALID_AT = 0xc0,     /* in SET_CONFIGURATION: bit n for PSK n */
    PSK_AT = 0xe0,
    RANGES_AT = 16,
    RANGE_SIZE = 16,
    REPORT_SIZE = 220,
    REPORT_REQUEST_SIZE = 8,
    REPORT_HEADER = 8,
};

typedef struct Talk {
    SpdmPcie *p;
    uint32_t session_id;
    SpdmBytes in;
    GByteArray *out;
    size_t begin;            /* of the answer in out */
} Talk;

static void put(Talk *t, const void *data, size_t len)
{
    g_byte_array_append(t->out, data, (guint)len);
}

static uint32_t get_version(Talk *t)
{
    static const uint8_t versions[] = { 1, SPDM_TDISP_VERSION_10 };

    put(t, versions, sizeof(versions));
    return 0;
}

/* Behind the two bytes that all answers begin with. */
static uint32_t get_capabilities(Talk *t)
{
    static const uint8_t caps[50] = {
        [0x00] = 0x01,       /* memory encryption features */
        [0x02] = 0x02,       /* ... algorithms */
        [0x0a] = 0x16,       /* TE state change and access control */
        [0x12] = 0x01,       /* explicit in-band TE state granularity */
        [0x16] = 0x03,       /* configuration features */
        [0x1e] = CXL_SECONDARY_SESSIONS,
    };

    g_byte_array_set_size(t->out, (guint)t->begin + 2);
    put(t, caps, sizeof(caps));
    return 0;
}

/* Only the session that configures the device first does so. */
static bool is_primary(const Talk *t)
{
    uint32_t owner = t->p->cxl.session_id;

    return !owner || owner == t->session_id;
}

static uint32_t set_configuration(Talk *t)
{
    Cxl *cxl = &t->p->cxl;

    if (!is_primary(t) || cxl->locked) {
        return SPDM_TDISP_INVALID_REQUEST;
    }
    cxl->session_id = t->session_id;
    memcpy(cxl->configuration, t->in.data, sizeof(cxl->configuration));
    cxl->psk_valid = t->in.data[PSK_VALID_AT];
    memcpy(cxl->psks, t->in.data + PSK_AT, sizeof(cxl->psks));
    return 0;
}

static uint32_t get_configuration(Talk *t)
{
    const Cxl *cxl = &t->p->cxl;

    g_byte_array_set_size(t->out, (guint)t->begin + 2);
    put(t, cxl->configuration + 2, sizeof(cxl->configuration) - 2);
    t->out->data[t->begin + STATE_AT] = cxl->locked;
    return 0;
}

static uint32_t get_report(Talk *t)
{
    uint8_t report[REPORT_SIZE] = { 1 };
    unsigned offset = t->in.data[4] | t->in.data[5] << 8;
    unsigned length = t->in.data[6] | t->in.data[7] << 8;
    uint8_t sizes[4];

    if (offset >= sizeof(report) || !length) {
        return SPDM_TDISP_INVALID_REQUEST;
    }
    length = MIN(length, (unsigned)sizeof(report) - offset);
    sizes[0] = (uint8_t)length;
    sizes[1] = 0;
    sizes[2] = (uint8_t)(sizeof(report) - offset - length);
    sizes[3] = 0;
    put(t, sizes, sizeof(sizes));
    put(t, report + offset, length);
    return 0;
}

static uint32_t lock_configuration(Talk *t)
{
    Cxl *cxl = &t->p->cxl;

    if (!is_primary(t) || !cxl->session_id || cxl->locked) {
        return SPDM_TDISP_INVALID_REQUEST;
    }
    cxl->locked = true;
    return 0;
}

/* The memory behind it has no TE state here: ranges are checked, no more. */
static uint32_t set_te_state(Talk *t)
{
    size_t ranges = t->in.data[3];

    return t->p->cxl.locked && t->in.data[2] <= 1 && ranges &&
           t->in.len == RANGES_AT + ranges * RANGE_SIZE
           ? 0 : SPDM_TDISP_INVALID_REQUEST;
}

static const struct {
    uint8_t code;
    uint16_t size;           /* of the request, exactly; 0: not less than a
                                range's */
    uint32_t (*answer)(Talk *t);
} requests[] = {
    { GET_VERSION, HEADER_SIZE, get_version },
    { GET_CAPABILITIES, HEADER_SIZE, get_capabilities },
    { SET_CONFIGURATION, SET_SIZE, set_configuration },
    { GET_CONFIGURATION, HEADER_SIZE, get_configuration },
    { GET_CONFIGURATION_REPORT, REPORT_REQUEST_SIZE, get_report },
    { LOCK_CONFIGURATION, HEADER_SIZE, lock_configuration },
    { SET_TE_STATE, 0, set_te_state },
};

static uint32_t answer(Talk *t)
{
    uint8_t code = t->in.data[1];

    if (code != GET_VERSION && t->in.data[0] != SPDM_TDISP_VERSION_10) {
        return SPDM_TDISP_VERSION_MISMATCH;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        size_t size = requests[i].size;

        if (requests[i].code == code) {
            return (size ? t->in.len == size
                         : t->in.len >= RANGES_AT + RANGE_SIZE)
                   ? requests[i].answer(t) : SPDM_TDISP_INVALID_REQUEST;
        }
    }
    return SPDM_TDISP_UNSUPPORTED_REQUEST;
}

SpdmVendorResult pcie_cxl_tsp(SpdmPcie *p, const SpdmVendorRequest *request,
                              SpdmBytes object, GByteArray *reply)
{
    Talk t = { .p = p, .session_id = request->session_id, .in = object,
               .out = reply, .begin = reply->len };
    uint8_t head[HEADER_SIZE] = { SPDM_TDISP_VERSION_10 };
    uint32_t error;

    if (object.len < HEADER_SIZE) {
        return SPDM_VENDOR_MALFORMED;
    }
    if (request->room < 1 + REPORT_HEADER + REPORT_SIZE) {
        return SPDM_VENDOR_TOO_LARGE;
    }
    head[1] = object.data[1] & ~REQUEST;
    put(&t, head, sizeof(head));
    error = answer(&t);
    if (error) {
        uint8_t body[8] = { (uint8_t)error };

        g_byte_array_set_size(reply, (guint)t.begin + HEADER_SIZE);
        reply->data[t.begin + 1] = ERROR;
        put(&t, body, sizeof(body));
    }
    return SPDM_VENDOR_ANSWERED;
}

bool spdm_pcie_psk(const SpdmPcie *p, SpdmBytes hint, uint8_t *psk,
                   size_t *len)
{
    for (unsigned i = 0; i < CXL_SECONDARY_SESSIONS; i++) {
        char name[32];
        size_t size = 1 + (size_t)snprintf(name, sizeof(name),
                                           "SECONDARY_SESSION_%u_PSK", i);

        if ((p->cxl.psk_valid & 1u << i) && hint.len == size &&
            memcmp(hint.data, name, size) == 0) {
            memcpy(psk, p->cxl.psks[i], sizeof(p->cxl.psks[i]));
            *len = sizeof(p->cxl.psks[i]);
            return true;
        }
    }
    return false;
}

void cxl_session_ended(SpdmPcie *p, uint32_t session_id)
{
    Cxl *cxl = &p->cxl;

    if (cxl->session_id == session_id) {
        cxl->session_id = 0;
        cxl->locked = false;
        cxl->psk_valid = 0;
        spdm_wipe(cxl->psks, sizeof(cxl->psks));
        spdm_wipe(cxl->configuration, sizeof(cxl->configuration));
    }
}
