/*
 * Snapshots that no responder of ours has made are refused.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

typedef void (*Damage)(SpdmResponder *r, SpdmSession *s);

static SpdmSession *first_session(SpdmConn *conn, SpdmSessionPhase phase)
{
    for (unsigned i = 0; i < SPDM_MAX_SESSIONS; i++) {
        if (conn->sessions[i].phase == phase) {
            return &conn->sessions[i];
        }
    }
    return NULL;
}

/* To the first moment with a session in this phase. */
static SpdmSession *go_to_phase(Hostile *h, SpdmSessionPhase phase)
{
    for (guint i = 0; i < h->moments->len; i++) {
        SpdmSession *s;

        hostile_go_to(h, hostile_moment(h, i));
        s = first_session(&h->r->conn, phase);
        if (s) {
            return s;
        }
    }
    g_assert_not_reached();
}

static bool loads(Hostile *h)
{
    g_autoptr(GBytes) state = spdm_responder_save(h->r);
    g_autoptr(GError) err = NULL;
    bool ok = spdm_responder_load(h->r, state, &err);

    g_assert_true(ok == (err == NULL));
    g_assert_true(ok || h->r->conn.state == SPDM_CONN_NOT_STARTED);
    return ok;
}

static void refuses(SpdmSessionPhase phase, Damage damage)
{
    const HostileConfig config = {
        .profile = "fpga", .seed = 1, .chunks = 1024,
    };
    g_autoptr(Hostile) h = hostile_new(&config);
    SpdmSession *s = go_to_phase(h, phase);

    g_assert_true(loads(h));
    damage(h->r, s);
    g_assert_false(loads(h));
    hostile_honest(h);
}

static void hide_capability(SpdmResponder *r, SpdmSession *s)
{
    r->conn.rsp_flags &= ~(uint32_t)SPDM_HBEAT_CAP;
}

static void other_version(SpdmResponder *r, SpdmSession *s)
{
    r->conn.version = SPDM_VERSION_14;
    for (unsigned i = 0; i < SPDM_MAX_SESSIONS; i++) {
        if (r->conn.sessions[i].phase != SPDM_SESSION_FREE) {
            r->conn.sessions[i].version = SPDM_VERSION_14;
        }
    }
}

static void tiny_transfer_size(SpdmResponder *r, SpdmSession *s)
{
    r->conn.req_data_transfer_size = 7;
}

static void clear_session_elsewhere(SpdmResponder *r, SpdmSession *s)
{
    r->conn.clear_session = s->id;
}

static void activity_at_the_end_of_time(SpdmResponder *r, SpdmSession *s)
{
    s->last_activity_us = INT64_MAX;
}

static void mac_only(SpdmResponder *r, SpdmSession *s)
{
    s->mac_only = true;
}

static void in_the_clear(SpdmResponder *r, SpdmSession *s)
{
    s->in_the_clear = true;
}

static void mutual(SpdmResponder *r, SpdmSession *s)
{
    s->mut_auth_requested = 1;
}

static void wait_for(SpdmResponder *r, uint8_t code, uint8_t inside)
{
    const uint8_t request[] = { r->conn.version, inside, 0, 0 };

    spdm_deferred_clear(&r->deferred);
    r->deferred.code = code;
    r->deferred.request = g_byte_array_new();
    g_byte_array_append(r->deferred.request, request, sizeof(request));
}

static void wait_for_respond_if_ready(SpdmResponder *r, SpdmSession *s)
{
    wait_for(r, SPDM_RESPOND_IF_READY, SPDM_RESPOND_IF_READY);
}

static void wait_for_get_version(SpdmResponder *r, SpdmSession *s)
{
    wait_for(r, SPDM_GET_VERSION, SPDM_GET_VERSION);
}

static void wait_for_another(SpdmResponder *r, SpdmSession *s)
{
    wait_for(r, SPDM_GET_DIGESTS, SPDM_RESPOND_IF_READY);
}

/* A transfer that is one, until a row changes something. */
static SpdmTransfer *transfer(SpdmResponder *r, SpdmTransferKind kind)
{
    SpdmTransfer *x = &r->transfer;

    spdm_transfer_clear(x);
    x->kind = kind;
    x->next_seq = 1;
    x->total = kind == SPDM_TRANSFER_SEND ? 1000 : 0;
    x->offset = kind == SPDM_TRANSFER_GET ? 26 : 0;
    x->handle = x->last_handle = 3;
    x->message = g_byte_array_new();
    g_byte_array_set_size(x->message, 100);
    memset(x->message->data, 0, 100);
    return x;
}

static void transfer_not_negotiated(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_SEND);
    r->conn.req_flags &= ~(uint32_t)SPDM_CHUNK_CAP;
}

static void transfer_of_no_session(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_SEND)->session_id = s->id ^ 1;
}

static void transfer_of_4_gib(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_SEND)->total = UINT32_MAX;
}

static void transfer_of_42(SpdmResponder *r, SpdmSession *s)
{
    SpdmTransfer *x = transfer(r, SPDM_TRANSFER_SEND);

    x->total = 42;
    g_byte_array_set_size(x->message, 26);
}

static void transfer_complete(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_SEND)->total = 100;
}

static void transfer_of_small_chunks(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_SEND)->next_seq = 4;
}

static void transfer_not_begun(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_SEND)->next_seq = 0;
}

static void response_past_its_end(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_GET)->offset = 100;
}

static void response_above_the_limit(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_GET);
    r->conn.req_max_msg_size = 99;
}

static void response_of_no_chunk(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_GET)->offset = 0;
}

static void message_of_no_transfer(SpdmResponder *r, SpdmSession *s)
{
    transfer(r, SPDM_TRANSFER_GET)->kind = SPDM_TRANSFER_NONE;
}

static void another_limit(SpdmResponder *r, SpdmSession *s)
{
    r->conn.rsp_max_msg_size++;
}

static void wait_for_ages(SpdmResponder *r, SpdmSession *s)
{
    r->deferred.armed_exponent = 64;
}

static const struct {
    const char *name;
    SpdmSessionPhase phase;
    Damage damage;
} rows[] = {
    { "flags-that-are-not-the-profile's", SPDM_SESSION_ESTABLISHED,
      hide_capability },
    { "a-version-that-is-not-the-profile's", SPDM_SESSION_ESTABLISHED,
      other_version },
    { "a-DataTransferSize-below-the-minimum", SPDM_SESSION_ESTABLISHED,
      tiny_transfer_size },
    { "a-handshake-in-the-clear-that-is-none", SPDM_SESSION_HANDSHAKE,
      clear_session_elsewhere },
    { "a-handshake-in-the-clear-that-is-over", SPDM_SESSION_ESTABLISHED,
      clear_session_elsewhere },
    { "a-heartbeat-beyond-time", SPDM_SESSION_ESTABLISHED,
      activity_at_the_end_of_time },
    { "a-session-that-lost-its-encryption", SPDM_SESSION_ESTABLISHED,
      mac_only },
    { "a-session-in-the-clear-that-was-not-agreed", SPDM_SESSION_HANDSHAKE,
      in_the_clear },
    { "mutual-authentication-that-nobody-checks", SPDM_SESSION_HANDSHAKE,
      mutual },
    { "a-deferred-RESPOND_IF_READY", SPDM_SESSION_ESTABLISHED,
      wait_for_respond_if_ready },
    { "a-deferred-GET_VERSION", SPDM_SESSION_ESTABLISHED,
      wait_for_get_version },
    { "a-deferred-request-that-is-another", SPDM_SESSION_ESTABLISHED,
      wait_for_another },
    { "a-delay-beyond-time", SPDM_SESSION_ESTABLISHED, wait_for_ages },
    { "chunks-that-were-not-negotiated", SPDM_SESSION_ESTABLISHED,
      transfer_not_negotiated },
    { "chunks-of-no-session", SPDM_SESSION_ESTABLISHED,
      transfer_of_no_session },
    { "chunks-of-4-GiB", SPDM_SESSION_ESTABLISHED, transfer_of_4_gib },
    { "chunks-of-a-small-message", SPDM_SESSION_ESTABLISHED, transfer_of_42 },
    { "chunks-of-which-none-is-missing", SPDM_SESSION_ESTABLISHED,
      transfer_complete },
    { "chunks-too-small", SPDM_SESSION_ESTABLISHED,
      transfer_of_small_chunks },
    { "chunks-without-a-first", SPDM_SESSION_ESTABLISHED,
      transfer_not_begun },
    { "a-response-fetched-past-its-end", SPDM_SESSION_ESTABLISHED,
      response_past_its_end },
    { "a-response-above-MaxSPDMmsgSize", SPDM_SESSION_ESTABLISHED,
      response_above_the_limit },
    { "a-response-fetched-without-a-byte", SPDM_SESSION_ESTABLISHED,
      response_of_no_chunk },
    { "a-message-of-no-transfer", SPDM_SESSION_ESTABLISHED,
      message_of_no_transfer },
    { "a-MaxSPDMmsgSize-that-is-not-the-profile's",
      SPDM_SESSION_ESTABLISHED, another_limit },
};

static void test_row(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);

    refuses(rows[i].phase, rows[i].damage);
}

/* What the rows about chunks change is taken when nothing is changed. */
static void test_transfers(void)
{
    const HostileConfig config = {
        .profile = "fpga", .seed = 1, .chunks = 1024,
    };
    g_autoptr(Hostile) h = hostile_new(&config);

    go_to_phase(h, SPDM_SESSION_ESTABLISHED);
    transfer(h->r, SPDM_TRANSFER_SEND);
    g_assert_true(loads(h));
    g_assert_cmpint(h->r->transfer.kind, ==, SPDM_TRANSFER_SEND);
    transfer(h->r, SPDM_TRANSFER_GET);
    g_assert_true(loads(h));
    g_assert_cmpint(h->r->transfer.kind, ==, SPDM_TRANSFER_GET);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf(
            "/hostile/a-snapshot-is-refused/%s", rows[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_row);
    }
    g_test_add_func("/hostile/a-snapshot-between-chunks-is-taken",
                    test_transfers);
    return g_test_run();
}
