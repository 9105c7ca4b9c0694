/*
 * TDISP (PCIe chapter 11; spec/08 section 4). Everything but a missing header
 * has an answer: what was asked for, or TDISP_ERROR.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"
#include "pcie/pcie-int.h"

#include <string.h>

enum {
    ADDRESS_WIDTH = 48,
    REPORT_HEADER = 4,       /* PortionLength, RemainderLength */
    ERROR_SIZE = 8,
    ANY = 1 << SPDM_TDI_CONFIG_UNLOCKED | 1 << SPDM_TDI_CONFIG_LOCKED |
          1 << SPDM_TDI_RUN | 1 << SPDM_TDI_ERROR,
};

static const SpdmWireCtx no_ctx;

/* One object under way. */
typedef struct Talk {
    SpdmPcie *p;
    const SpdmVendorRequest *request;
    SpdmTdisp m;
    SpdmTdisp answer;        /* error set: TDISP_ERROR it is */
    GByteArray *memory;      /* of what the answer's views show */
    size_t room;             /* for the answer behind its header */
} Talk;

static void get_version(Talk *t)
{
    static const uint8_t versions[] = { SPDM_TDISP_VERSION_10 };

    t->answer.versions = SPDM_BYTES(versions, sizeof(versions));
}

static void get_capabilities(Talk *t)
{
    unsigned first = SPDM_TDISP_GET_VERSION, last = SPDM_TDISP_STOP_INTERFACE;

    g_byte_array_set_size(t->memory, SPDM_TDISP_REQ_MSGS_SIZE);
    memset(t->memory->data, 0, SPDM_TDISP_REQ_MSGS_SIZE);
    for (unsigned type = first; type <= last; type++) {
        unsigned bit = type - SPDM_TDISP_REQUEST;

        t->memory->data[bit / 8] |= (uint8_t)(1u << bit % 8);
    }
    t->answer.req_msgs = SPDM_BYTES(t->memory->data, t->memory->len);
    t->answer.lock_flags = t->p->profile->lock_flags;
    t->answer.addr_width = ADDRESS_WIDTH;
    t->answer.num_req_this = 1;
    t->answer.num_req_all = 1;
}

static void lock(Talk *t)
{
    uint32_t session_id = t->request->session_id;
    uint8_t port = 0;

    t->answer.error = tdi_check_lock(t->p, &t->m, session_id, &port);
    if (t->answer.error) {
        return;
    }
    tdi_lock(t->p, &t->m, session_id, port);
    t->answer.nonce = SPDM_BYTES(t->p->tdi.nonce, SPDM_TDISP_NONCE_SIZE);
}

static void get_report(Talk *t)
{
    SpdmTdisp *a = &t->answer;
    size_t room = t->room - REPORT_HEADER, left;

    g_byte_array_unref(t->memory);
    t->memory = tdi_report(t->p);
    if (t->m.offset >= t->memory->len || t->m.length == 0) {
        a->error = SPDM_TDISP_INVALID_REQUEST;
        return;
    }
    left = t->memory->len - t->m.offset;
    a->length = (uint16_t)MIN(MIN(left, (size_t)t->m.length), room);
    a->remainder = (uint16_t)(left - a->length);
    a->report = SPDM_BYTES(t->memory->data + t->m.offset, a->length);
}

static void get_state(Talk *t)
{
    t->answer.state = t->p->tdi.state;
}

static void start(Talk *t)
{
    const Tdi *tdi = &t->p->tdi;

    if (!tdi->has_nonce ||
        !spdm_equal_ct(tdi->nonce, t->m.nonce.data, sizeof(tdi->nonce))) {
        t->answer.error = SPDM_TDISP_INVALID_NONCE;
        return;
    }
    tdi_start(t->p);
}

static void stop(Talk *t)
{
    tdi_stop(t->p);
}

/* What can be said of a request without looking inside. */
typedef struct Request {
    uint8_t type;
    uint8_t states;          /* it is legal in, bits of SpdmTdiState */
    bool bound;              /* comes in the session that locked the TDI */
    uint8_t room;            /* least, for the answer behind its header */
    void (*handle)(Talk *t);
} Request;

static const Request requests[] = {
    { SPDM_TDISP_GET_VERSION, ANY, .room = 2, .handle = get_version },
    { SPDM_TDISP_GET_CAPABILITIES, ANY, .room = 28,
      .handle = get_capabilities },
    { SPDM_TDISP_LOCK_INTERFACE, 1 << SPDM_TDI_CONFIG_UNLOCKED, .room = 32,
      .handle = lock },
    { SPDM_TDISP_GET_DEVICE_INTERFACE_REPORT,
      1 << SPDM_TDI_CONFIG_LOCKED | 1 << SPDM_TDI_RUN, .bound = true,
      .room = REPORT_HEADER + 1, .handle = get_report },
    { SPDM_TDISP_GET_DEVICE_INTERFACE_STATE, ANY, .room = 1,
      .handle = get_state },
    { SPDM_TDISP_START_INTERFACE, 1 << SPDM_TDI_CONFIG_LOCKED,
      .bound = true, .handle = start },
    { SPDM_TDISP_STOP_INTERFACE, ANY & ~(1 << SPDM_TDI_CONFIG_UNLOCKED),
      .bound = true, .handle = stop },
};

static const Request *find(uint8_t type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        if (requests[i].type == type) {
            return &requests[i];
        }
    }
    return NULL;
}

/*
 * The function itself is the only interface. On a bus it is called by its
 * Requester ID; elsewhere as the requester likes, but not two ways at once.
 */
static bool is_interface(const SpdmPcie *p, uint32_t id)
{
    const SpdmPciFunction *f = &p->function;
    uint8_t segment = (uint8_t)(id >> SPDM_FUNCTION_SEGMENT_SHIFT);

    if (tdi_is_bound(&p->tdi) && p->tdi.function_id != id) {
        return false;
    }
    return !f->known ||
           ((uint16_t)id == f->requester_id &&
            (!(id & SPDM_FUNCTION_SEGMENT_VALID) || segment == f->segment));
}

/* Generic checks, in the order of the error codes' precedence; 0: none. */
static uint32_t check(Talk *t, const Request *row)
{
    const Tdi *tdi = &t->p->tdi;

    if (t->m.type != SPDM_TDISP_GET_VERSION &&
        t->m.version != SPDM_TDISP_VERSION_10) {
        return SPDM_TDISP_VERSION_MISMATCH;
    }
    if (!row) {
        t->answer.error_data = t->m.type;
        return SPDM_TDISP_UNSUPPORTED_REQUEST;
    }
    if (!is_interface(t->p, t->m.function)) {
        return SPDM_TDISP_INVALID_INTERFACE;
    }
    return row->states & 1 << tdi->state &&
           (!row->bound || !tdi_is_bound(tdi) ||
            tdi->session_id == t->request->session_id)
           ? 0 : SPDM_TDISP_INVALID_INTERFACE_STATE;
}

/* An object of a known type has exactly its size. */
static bool read_object(Talk *t, SpdmBytes object)
{
    SpdmCoder c = spdm_coder_reader(&no_ctx, object);

    spdm_code_tdisp(&c, &t->m);
    return spdm_coder_ok(&c) && !spdm_coder_left(&c);
}

static SpdmVendorResult converse(Talk *t, SpdmBytes object, GByteArray *reply)
{
    SpdmCoder head = spdm_coder_reader(&no_ctx, object);
    SpdmCoder out = spdm_coder_writer(&no_ctx, reply);
    const Request *row;

    spdm_code_tdisp_header(&head, &t->m);
    if (!spdm_coder_ok(&head)) {
        return SPDM_VENDOR_MALFORMED;
    }
    row = find(t->m.type);
    if (t->room < MAX(row ? row->room : 0, ERROR_SIZE)) {
        return SPDM_VENDOR_TOO_LARGE;
    }
    tdi_watch(t->p);
    t->answer.version = SPDM_TDISP_VERSION_10;
    t->answer.type = t->m.type & ~SPDM_TDISP_REQUEST;
    t->answer.function = t->m.function;
    t->answer.error = check(t, row);
    if (!t->answer.error && !read_object(t, object)) {
        t->answer.error = SPDM_TDISP_INVALID_REQUEST;
    }
    if (!t->answer.error) {
        row->handle(t);
    }
    if (t->answer.error) {
        t->answer.type = SPDM_TDISP_ERROR;
    }
    spdm_code_tdisp(&out, &t->answer);
    return SPDM_VENDOR_ANSWERED;
}

SpdmVendorResult pcie_tdisp(SpdmPcie *p, const SpdmVendorRequest *request,
                            SpdmBytes object, GByteArray *reply)
{
    Talk t = { .p = p, .request = request };
    size_t head = 1 + SPDM_TDISP_HEADER_SIZE;
    SpdmVendorResult result;

    t.room = request->room > head ? request->room - head : 0;
    t.memory = g_byte_array_new();
    result = converse(&t, object, reply);
    g_byte_array_unref(t.memory);
    return result;
}
