/*
 * What a rule does when it fires.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/engine.h"
#include "fault/frame.h"

/* --- where the fields are ------------------------------------------------- */

static void fields_of(const void *opaque, SpdmBytes bytes,
                      const SpdmFieldSink *sink)
{
    const SpdmTapContext *c = opaque;

    if (c->layout) {
        spdm_msg_fields(c->layout, bytes, sink);
    } else if (c->transport) {
        fault_frame_fields(c->transport, bytes, sink);
    }
}

/* --- answers -------------------------------------------------------------- */

/* At rx-msg the bytes become the answer; later they are it already. */
static void answered(const SpdmTapContext *c, SpdmTapVerdict *verdict)
{
    if (c->event == SPDM_TAP_RX_MSG) {
        *verdict = SPDM_TAP_ANSWER;
    }
}

static uint8_t version_of(const SpdmTapContext *c)
{
    return c->version ? c->version : SPDM_VERSION_10;
}

static bool answer_error(const FaultAction *a, SpdmTapContext *c)
{
    const uint8_t head[] = { version_of(c), SPDM_ERROR, a->code, a->param2 };

    g_byte_array_set_size(c->bytes, 0);
    g_byte_array_append(c->bytes, head, sizeof(head));
    if (a->value.bytes) {
        fault_value_append(&a->value, NULL, c->bytes);
    }
    return true;
}

/* Of a request the Params stay: an acknowledgement repeats them. */
static bool answer_swap(const FaultAction *a, SpdmTapContext *c)
{
    if (c->bytes->len < SPDM_HEADER_SIZE) {
        return false;
    }
    if (c->event == SPDM_TAP_RX_MSG) {
        g_byte_array_set_size(c->bytes, SPDM_HEADER_SIZE);
    }
    c->bytes->data[1] = a->code;
    return true;
}

static bool answer_replay(const FaultRun *run, SpdmTapContext *c)
{
    if (!run->kept) {
        return false;
    }
    g_byte_array_set_size(c->bytes, 0);
    g_byte_array_append(c->bytes, run->kept->data, run->kept->len);
    return true;
}

static bool answer(SpdmFaults *f, const FaultAction *a, const FaultRun *run,
                   SpdmTapContext *c, SpdmTapVerdict *verdict)
{
    bool done;

    switch (a->kind) {
    case FAULT_ERROR:
        done = answer_error(a, c);
        break;
    case FAULT_SWAP:
        done = answer_swap(a, c);
        break;
    case FAULT_REPLAY:
        done = answer_replay(run, c);
        break;
    default:
        g_byte_array_set_size(c->bytes, 0);
        fault_value_append(&a->value, &f->rng, c->bytes);
        done = true;
    }
    if (done) {
        answered(c, verdict);
    }
    return done;
}

/* --- records and sessions ------------------------------------------------- */

static bool spoil_record(const FaultAction *a, SpdmTapContext *c)
{
    if (!c->secured) {
        return false;
    }
    if (a->kind == FAULT_PLAIN) {
        c->secured = false;
    } else if (a->kind == FAULT_SEQUENCE) {
        c->sequence_skew += a->number;
    } else {
        c->length_skew += (int)a->number;
    }
    return true;
}

static bool end_session(SpdmFaults *f, const FaultAction *a,
                        const SpdmTapContext *c)
{
    if (!c->device) {
        return false;
    }
    if (a->number == FAULT_END_ALL) {
        return spdm_responder_end(c->device, 0, FAULT_ENDS) > 0;
    }
    if (!c->session_id) {
        return false;
    }
    if (a->number == FAULT_END_AFTER) {
        f->ending_of = c->device;
        f->ending = c->session_id;
        return true;
    }
    return spdm_responder_end(c->device, c->session_id, FAULT_ENDS) > 0;
}

/* --- orders --------------------------------------------------------------- */

static bool order_doe(SpdmFaults *f, const SpdmDoeOrders *doe)
{
    SpdmDoeOrders *to = &f->orders.doe;

    to->faults |= doe->faults;
    if (doe->faults & SPDM_DOE_BUSY) {
        to->busy_us = doe->busy_us;
    } else if (doe->faults & SPDM_DOE_READY_LOST) {
        to->ready_dwords = doe->ready_dwords;
    } else if (doe->faults & SPDM_DOE_ABORT_SLOW) {
        to->abort_reads = doe->abort_reads;
    }
    return true;
}

static bool order_when(SpdmFaultWhen *to, const FaultAction *a,
                       SpdmTapVerdict *verdict)
{
    *to = (SpdmFaultWhen)a->number;
    if (a->number == SPDM_FAULT_NOW) {
        *verdict = SPDM_TAP_DROP;
    }
    return true;
}

static bool order_frame(SpdmFaults *f, const SpdmTapContext *c)
{
    GPtrArray **frames = &f->orders.frames;

    if (!*frames) {
        *frames = g_ptr_array_new_with_free_func(
            (GDestroyNotify)g_bytes_unref);
    }
    if ((*frames)->len >= FAULT_ORDERS_MAX) {
        return false;
    }
    g_ptr_array_add(*frames, g_bytes_new(c->bytes->data, c->bytes->len));
    return true;
}

static bool order_change(SpdmFaults *f, const FaultAction *a)
{
    GPtrArray **list = &f->orders.changes;

    if (!*list) {
        *list = g_ptr_array_new_with_free_func(g_free);
    }
    if ((*list)->len >= FAULT_ORDERS_MAX) {
        return false;
    }
    g_ptr_array_add(*list, g_strconcat(fault_action_doc(a->kind)->name, "=",
                                       a->text, NULL));
    return true;
}

static bool order(SpdmFaults *f, const FaultAction *a,
                  SpdmTapVerdict *verdict)
{
    switch (a->kind) {
    case FAULT_DOE:
        return order_doe(f, &a->doe);
    case FAULT_RESET:
        return order_when(&f->orders.reset, a, verdict);
    case FAULT_UNPLUG:
        return order_when(&f->orders.unplug, a, verdict);
    case FAULT_SURPRISE:
        return order_when(&f->orders.surprise, a, verdict);
    case FAULT_MEASUREMENT:
    case FAULT_FIRMWARE_VERSION:
    case FAULT_CERTIFICATE:
    case FAULT_PSK:
    case FAULT_CAPABILITIES:
        return order_change(f, a);
    default:
        f->lying = a->number;
        return true;
    }
}

/* -------------------------------------------------------------------------- */

bool fault_act(SpdmFaults *f, const FaultAction *a, const FaultRun *run,
               SpdmTapContext *c, SpdmTapVerdict *verdict)
{
    const FaultPlace place = { fields_of, c };

    if (a->kind <= FAULT_REPLACE) {
        return fault_edit(a, &place, c->bytes, run->kept, &f->rng);
    }
    switch (a->kind) {
    case FAULT_DROP:
        *verdict = SPDM_TAP_DROP;
        return true;
    case FAULT_ANSWER:
    case FAULT_ERROR:
    case FAULT_SWAP:
    case FAULT_REPLAY:
        return answer(f, a, run, c, verdict);
    case FAULT_DUPLICATE:
        return order_frame(f, c);
    case FAULT_DELAY:
        c->delay_us += a->number;
        return true;
    case FAULT_PLAIN:
    case FAULT_SEQUENCE:
    case FAULT_INNER_LENGTH:
        return spoil_record(a, c);
    case FAULT_SESSION_END:
        return end_session(f, a, c);
    default:
        return order(f, a, verdict);
    }
}
