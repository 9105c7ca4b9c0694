/*
 * The message ladder: a tap that writes down what it sees.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/ladder.h"

enum { TEXT_COLUMNS = 58 };

static double seconds(const Ladder *l, int64_t at)
{
    return (double)(at - l->start_us) / G_USEC_PER_SEC;
}

void ladder_note(Ladder *l, const char *format, ...)
{
    va_list args;

    if (!l->out) {
        return;
    }
    fprintf(l->out, "%11.6f      ", seconds(l, g_get_monotonic_time()));
    va_start(args, format);
    vfprintf(l->out, format, args);
    va_end(args);
    fputc('\n', l->out);
    fflush(l->out);
}

/* "  0.012345  ==> KEY_UPDATE UpdateKey, tag 1     4 B  [fffeffff]" */
static void print_line(Ladder *l, const SpdmTapContext *c, const char *text,
                       int64_t us)
{
    const char *arrow = c->outgoing ? (c->secured ? "==>" : "-->")
                                    : (c->secured ? "<==" : "<--");

    if (!l->out) {
        return;
    }
    fprintf(l->out, "%11.6f  %s %-*s %5u B",
            seconds(l, g_get_monotonic_time()), arrow, TEXT_COLUMNS, text,
            c->bytes->len);
    if (us >= 0) {
        fprintf(l->out, " %7" G_GINT64_FORMAT " us", us);
    } else {
        fprintf(l->out, "%11s", "");
    }
    if (c->session_id) {
        fprintf(l->out, "  [%08x]", c->session_id);
    }
    fputc('\n', l->out);
    fflush(l->out);
}

static void write_step(Json *j, const LadderStep *s)
{
    json_begin(j, NULL, '{');
    json_int(j, "at_us", s->at_us);
    json_string(j, "request", s->request);
    json_string(j, "response", s->response);
    json_bool(j, "error", s->response_code == 0x7f);
    json_bool(j, "secured", s->secured);
    json_int(j, "session", s->session);
    json_int(j, "request_size", (int64_t)s->request_size);
    json_int(j, "response_size", (int64_t)s->response_size);
    json_int(j, "request_frame", (int64_t)s->request_frame);
    json_int(j, "response_frame", (int64_t)s->response_frame);
    json_int(j, "us", s->us);
    json_end(j, '}');
}

void ladder_flush(Ladder *l)
{
    LadderStep *s = &l->step;

    if (!s->request) {
        return;
    }
    write_step(&l->steps, s);
    if (!s->response && l->out) {
        fprintf(l->out, "%11.6f      (no answer)\n",
                seconds(l, g_get_monotonic_time()));
        fflush(l->out);
    }
    g_free(s->request);
    g_free(s->response);
    *s = (LadderStep){ .request = NULL };
}

/* Padding behind a record is at most 3 bytes, its tag has 16. */
enum { IN_THE_TAG = 8 };

static void flip_from_end(GByteArray *bytes, guint distance)
{
    if (bytes->len >= distance) {
        bytes->data[bytes->len - distance] ^= 1;
    }
}

static void on_request(Ladder *l, const SpdmTapContext *c)
{
    char *text = spdm_requester_describe(l->rq, c->bytes->data,
                                         c->bytes->len);

    ladder_flush(l);
    if (l->break_next) {
        flip_from_end(c->bytes, 1);
        l->break_next = false;
    }
    l->step = (LadderStep){
        .request = text,
        .session = c->session_id,
        .secured = c->secured,
        .request_size = c->bytes->len,
        .at_us = g_get_monotonic_time() - l->start_us,
    };
    print_line(l, c, text, -1);
}

static void on_response(Ladder *l, const SpdmTapContext *c)
{
    LadderStep *s = &l->step;

    g_free(s->response);
    s->response = spdm_requester_describe(l->rq, c->bytes->data,
                                          c->bytes->len);
    s->response_code = c->bytes->len > 1 ? c->bytes->data[1] : 0;
    s->response_size = c->bytes->len;
    print_line(l, c, s->response, s->us);
    ladder_flush(l);
}

static void on_frame(Ladder *l, const SpdmTapContext *c)
{
    LadderStep *s = &l->step;

    if (c->outgoing) {
        if (l->break_record) {
            flip_from_end(c->bytes, IN_THE_TAG);
            l->break_record = false;
        }
        s->request_frame = c->bytes->len;
        s->frame_at_us = g_get_monotonic_time();
    } else {
        s->response_frame = c->bytes->len;
        s->us = g_get_monotonic_time() - s->frame_at_us;
    }
}

static SpdmTapVerdict ladder_call(void *opaque, SpdmTapContext *c)
{
    Ladder *l = opaque;

    switch (c->event) {
    case SPDM_TAP_TX_MSG:
        on_request(l, c);
        break;
    case SPDM_TAP_RX_MSG:
        on_response(l, c);
        break;
    case SPDM_TAP_TX_FRAME:
    case SPDM_TAP_RX_FRAME:
        on_frame(l, c);
        break;
    case SPDM_TAP_SESSION:
        ladder_flush(l);
        ladder_note(l, "session %08x %s", c->session_id, c->session_event);
        break;
    case SPDM_TAP_COMPOSE:
    case SPDM_TAP_SECRET:
        break;
    }
    return SPDM_TAP_PASS;
}

void ladder_init(Ladder *l, FILE *out)
{
    *l = (Ladder){
        .tap = { .call = ladder_call, .opaque = l },
        .out = out,
        .start_us = g_get_monotonic_time(),
    };
    json_init(&l->steps);
}

void ladder_clear(Ladder *l)
{
    g_free(l->step.request);
    g_free(l->step.response);
    json_clear(&l->steps);
}
