/*
 * A responder's state as bytes, for VM snapshots. The profile and the
 * provider's keys are not in it: the device is configured the same way again.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/encap.h"
#include "responder/ephemeral.h"
#include "responder/provisioned.h"
#include "responder/responder-int.h"

enum {
    MAGIC = 0x52505351,      /* "QSPR" */
    FORMAT = 7,              /* counts up with every change of this file */
};

/* What must be the same on both sides of a snapshot. */
typedef struct Identity {
    uint32_t flags;
    uint32_t data_transfer_size;
    uint32_t max_msg_size;
    uint8_t min_version;
    uint8_t max_version;
    uint8_t max_sessions;
    uint8_t transport;
} Identity;

static Identity identity_of(const SpdmResponder *r)
{
    return (Identity){
        .flags = r->profile->flags,
        .data_transfer_size = r->profile->data_transfer_size,
        .max_msg_size = r->profile->max_msg_size,
        .min_version = r->profile->min_version,
        .max_version = r->profile->max_version,
        .max_sessions = (uint8_t)r->profile->max_sessions,
        .transport = (uint8_t)r->transport->type,
    };
}

static bool same_identity(const Identity *a, const Identity *b)
{
    return a->flags == b->flags &&
           a->data_transfer_size == b->data_transfer_size &&
           a->max_msg_size == b->max_msg_size &&
           a->min_version == b->min_version &&
           a->max_version == b->max_version &&
           a->max_sessions == b->max_sessions &&
           a->transport == b->transport;
}

static void code_identity(SpdmCoder *c, Identity *id)
{
    spdm_code_u32(c, "Flags", &id->flags);
    spdm_code_u32(c, "DataTransferSize", &id->data_transfer_size);
    spdm_code_u32(c, "MaxSPDMmsgSize", &id->max_msg_size);
    spdm_code_u8(c, "MinVersion", &id->min_version);
    spdm_code_u8(c, "MaxVersion", &id->max_version);
    spdm_code_u8(c, "MaxSessions", &id->max_sessions);
    spdm_code_u8(c, "Transport", &id->transport);
}

/* The request is a view here; empty for none. */
static void code_deferred(SpdmCoder *c, SpdmDeferred *d, SpdmBytes *request)
{
    uint64_t ready_at = (uint64_t)d->ready_at_us;
    uint32_t len = (uint32_t)request->len;

    spdm_code_u32(c, "SessionID", &d->session_id);
    spdm_code_u8(c, "Code", &d->code);
    spdm_code_u8(c, "Token", &d->token);
    spdm_code_u8(c, "RDTExponent", &d->rdt_exponent);
    spdm_code_u64(c, "ReadyAt", &ready_at);
    spdm_code_u8(c, "ArmedCode", &d->armed_code);
    spdm_code_u8(c, "ArmedExponent", &d->armed_exponent);
    spdm_code_u32(c, "RequestLength", &len);
    spdm_code_bytes(c, "Request", request, len);
    d->ready_at_us = (int64_t)ready_at;
}

/* The message is a view here; empty for none. */
static void code_transfer(SpdmCoder *c, SpdmTransfer *x, SpdmBytes *message)
{
    uint8_t kind = (uint8_t)x->kind;
    uint32_t len = (uint32_t)message->len;

    spdm_code_u8(c, "Kind", &kind);
    spdm_code_u32(c, "SessionID", &x->session_id);
    spdm_code_u8(c, "Handle", &x->handle);
    spdm_code_u8(c, "LastHandle", &x->last_handle);
    spdm_code_u32(c, "ChunkSeqNo", &x->next_seq);
    spdm_code_u32(c, "LargeMessageSize", &x->total);
    spdm_code_u32(c, "Offset", &x->offset);
    spdm_code_u32(c, "MessageLength", &len);
    spdm_code_bytes(c, "Message", message, len);
    if (kind > SPDM_TRANSFER_GET) {
        spdm_coder_fail(c);
    }
    x->kind = (SpdmTransferKind)kind;
}

typedef struct Saved {
    uint32_t magic;
    uint32_t format;
    Identity identity;
    uint64_t random_position;
    uint64_t ephemeral_index;
    SpdmDeferred deferred;
    SpdmBytes request;
    SpdmTransfer transfer;
    SpdmBytes message;       /* of the transfer */
    SpdmBytes provisioned;   /* slots and keys, as the provider has them */
    SpdmBytes vendor;        /* what vendor messages did, likewise */
    SpdmBytes user;          /* what the user has changed */
} Saved;

static void code_saved(SpdmCoder *c, Saved *s)
{
    spdm_code_u32(c, "Magic", &s->magic);
    spdm_code_u32(c, "Format", &s->format);
    code_identity(c, &s->identity);
    spdm_code_u64(c, "RandomPosition", &s->random_position);
    spdm_code_u64(c, "EphemeralIndex", &s->ephemeral_index);
    code_deferred(c, &s->deferred, &s->request);
    code_transfer(c, &s->transfer, &s->message);
    spdm_code_sized32(c, "ProvisionedLength", "Provisioned",
                      &s->provisioned);
    spdm_code_sized32(c, "VendorLength", "Vendor", &s->vendor);
    spdm_code_sized32(c, "UserLength", "User", &s->user);
}

static const SpdmWireCtx no_ctx;

/* Without a request for it, too: the user may change slots. */
static GBytes *save_provisioned(const SpdmResponder *r)
{
    const SpdmProvider *p = &r->provider;

    return p->ops->identity_save ? p->ops->identity_save(p->opaque) : NULL;
}

/*
 * The slots go back with the rest of the machine, and so does the state file:
 * a guest that certified a key after the snapshot has not done so now.
 */
static bool load_provisioned(SpdmResponder *r, SpdmBytes state, GError **errp)
{
    const SpdmProvider *p = &r->provider;
    bool wanted = p->ops->identity_load != NULL;

    if (wanted == (state.len > 0)) {
        return !wanted || p->ops->identity_load(p->opaque, state, errp);
    }
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                "saved responder: provisioned slots are %s",
                wanted ? "missing" : "not for this provider");
    return false;
}

/* The device goes back to what it was like with the rest of the machine. */
static bool load_user(SpdmResponder *r, SpdmBytes state, GError **errp)
{
    const SpdmProvider *p = &r->provider;
    bool wanted = p->ops->user_load != NULL;

    if (wanted == (state.len > 0)) {
        return !wanted || p->ops->user_load(p->opaque, state, errp);
    }
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                "saved responder: what its user has changed is %s",
                wanted ? "missing" : "not for this provider");
    return false;
}

/* NULL: nothing a vendor's message could change. */
static GBytes *save_vendor(const SpdmResponder *r)
{
    const SpdmProvider *p = &r->provider;

    return p->ops->vendor_save ? p->ops->vendor_save(p->opaque) : NULL;
}

/* After the connection: it may be bound to a session. */
static bool load_vendor(SpdmResponder *r, SpdmBytes state, GError **errp)
{
    const SpdmProvider *p = &r->provider;
    uint32_t sessions[SPDM_MAX_SESSIONS];
    unsigned count = 0;

    for (unsigned i = 0; i < r->conn.sessions_used; i++) {
        if (r->conn.sessions[i].phase == SPDM_SESSION_ESTABLISHED) {
            sessions[count++] = r->conn.sessions[i].id;
        }
    }
    if (p->ops->vendor_load) {
        return p->ops->vendor_load(p->opaque, state, sessions, count, errp);
    }
    if (state.len) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved responder: what vendor messages did is not of "
                    "this device");
    }
    return state.len == 0;
}

static SpdmBytes maybe_bytes(GBytes *b)
{
    return b ? SPDM_BYTES(g_bytes_get_data(b, NULL), g_bytes_get_size(b))
             : SPDM_BYTES(NULL, 0);
}

/* The saved state has session keys in it. */
static void wipe_and_free(gpointer opaque)
{
    GByteArray *state = opaque;

    spdm_wipe(state->data, state->len);
    g_byte_array_unref(state);
}

GBytes *spdm_responder_save(const SpdmResponder *r)
{
    const SpdmProvider *p = &r->provider;
    GByteArray *out = g_byte_array_new();
    g_autoptr(GBytes) slots = save_provisioned(r);
    g_autoptr(GBytes) vendor = save_vendor(r);
    g_autoptr(GBytes) user = p->ops->user_save
                             ? p->ops->user_save(p->opaque) : NULL;
    SpdmCoder c = spdm_coder_writer(&no_ctx, out);
    Saved s = {
        .magic = MAGIC,
        .format = FORMAT,
        .identity = identity_of(r),
        .ephemeral_index = r->ephemeral_index,
        .deferred = r->deferred,
        .transfer = r->transfer,
    };

    if (p->ops->random_tell) {
        s.random_position = p->ops->random_tell(p->opaque);
    }
    if (r->deferred.request) {
        s.request = SPDM_BYTES(r->deferred.request->data,
                               r->deferred.request->len);
    }
    if (r->transfer.message) {
        s.message = SPDM_BYTES(r->transfer.message->data,
                               r->transfer.message->len);
    }
    s.provisioned = maybe_bytes(slots);
    s.vendor = maybe_bytes(vendor);
    s.user = maybe_bytes(user);
    code_saved(&c, &s);
    spdm_conn_save(&r->conn, out);
    return g_bytes_new_with_free_func(out->data, out->len, wipe_and_free,
                                      out);
}

static bool check(const SpdmResponder *r, const SpdmCoder *c, const Saved *s,
                  GError **errp)
{
    Identity own = identity_of(r);

    if (!spdm_coder_ok(c) || s->magic != MAGIC || s->format != FORMAT) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved responder: damaged, or not of format %d", FORMAT);
        return false;
    }
    if (!same_identity(&own, &s->identity)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved responder: was saved under another profile or "
                    "transport than '%s'", r->profile->name);
        return false;
    }
    if (!spdm_deferred_valid(&s->deferred, s->request)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved responder: the request that waits is none that "
                    "is ever deferred");
        return false;
    }
    return true;
}

/* At most one form of mutual authentication, of those who can. */
static bool mut_auth_is_ours(const SpdmConn *c, const SpdmSession *s)
{
    uint8_t form = s->mut_auth_requested;

    if (!form) {
        return !s->has_cm;
    }
    return s->type == SPDM_SESSION_SIGMA && c->req_asym &&
           spdm_conn_both(c, SPDM_MUT_AUTH_CAP) && !(form & (form - 1)) &&
           form <= SPDM_MUT_AUTH_IMPLICIT_DIGESTS;
}

/* As new-session.c and rsp-key-exchange.c make them. */
static bool session_is_ours(const SpdmConn *c, const SpdmSession *s)
{
    bool in_the_clear = s->type == SPDM_SESSION_SIGMA &&
        spdm_conn_both(c, SPDM_HANDSHAKE_IN_THE_CLEAR_CAP);

    return s->phase == SPDM_SESSION_FREE ||
           (s->mac_only == !spdm_conn_both(c, SPDM_ENCRYPT_CAP) &&
            s->in_the_clear == in_the_clear &&
            mut_auth_is_ours(c, s) && spdm_encap_valid(c, s));
}

/* Agreed before the user changed them, perhaps; but of this device. */
static bool flags_are_ours(const SpdmResponder *r)
{
    const SpdmProvider *p = &r->provider;
    const SpdmConn *c = &r->conn;
    uint32_t all = spdm_flags_of(c->declared, c->version);
    bool possible = p->ops->flags_possible
        ? p->ops->flags_possible(p->opaque, c->declared)
        : c->declared == r->profile->flags;

    return possible &&
           c->rsp_flags == (c->provisioned
               ? spdm_provisioned_flags(c->declared, c->version) : all) &&
           c->rsp_ext_flags == (c->provisioned
               ? 0 : spdm_ext_flags_of(r, all, c->version)) &&
           c->rsp_max_msg_size == spdm_max_msg_size_of(r, all);
}

/*
 * core/save.c has seen that the connection agrees with itself. Gates and
 * handlers also take for granted that it is one of this profile.
 */
static bool conn_is_ours(const SpdmResponder *r)
{
    const SpdmConn *c = &r->conn;

    if (c->state < SPDM_CONN_AFTER_CAPABILITIES) {
        return c->version == 0 && !c->rsp_flags && !c->declared &&
               !c->rsp_ext_flags;
    }
    for (unsigned i = 0; i < c->sessions_used; i++) {
        if (!session_is_ours(c, &c->sessions[i])) {
            return false;
        }
    }
    if (!spdm_encap_valid(c, NULL)) {
        return false;
    }
    return spdm_responder_offers(r, c->version) && flags_are_ours(r) &&
           c->rsp_data_transfer_size == r->profile->data_transfer_size &&
           spdm_conn_session_count(c) <= r->profile->max_sessions;
}

static bool check_conn(const SpdmResponder *r, GError **errp)
{
    if (!conn_is_ours(r)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved responder: its version, capabilities or sessions "
                    "are not those of profile '%s'", r->profile->name);
        return false;
    }
    return true;
}

static bool check_transfer(SpdmResponder *r, const Saved *s, GError **errp)
{
    if (!spdm_transfer_valid(r, &s->transfer, s->message)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved responder: the large message under way is none "
                    "of this connection");
        return false;
    }
    return true;
}

static bool load_conn(SpdmResponder *r, SpdmBytes in, GError **errp)
{
    if (!spdm_conn_load(&r->conn, &in, errp)) {
        return false;
    }
    if (in.len) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved responder: %zu bytes too many", in.len);
        return false;
    }
    return check_conn(r, errp);
}

/* An array of its own; NULL for none. */
static GByteArray *copy_of(SpdmBytes bytes)
{
    GByteArray *copy;

    if (!bytes.len) {
        return NULL;
    }
    copy = g_byte_array_new();
    g_byte_array_append(copy, bytes.data, (guint)bytes.len);
    return copy;
}

static void restore(SpdmResponder *r, const Saved *s)
{
    const SpdmProvider *p = &r->provider;

    r->ephemeral_index = s->ephemeral_index;
    r->deferred = s->deferred;
    r->deferred.request = copy_of(s->request);
    r->transfer = s->transfer;
    r->transfer.message = copy_of(s->message);
    if (p->ops->random_seek) {
        p->ops->random_seek(p->opaque, s->random_position);
    }
}

bool spdm_responder_load(SpdmResponder *r, GBytes *state, GError **errp)
{
    SpdmBytes in = SPDM_BYTES(g_bytes_get_data(state, NULL),
                              g_bytes_get_size(state));
    SpdmCoder c = spdm_coder_reader(&no_ctx, in);
    Saved s = { .magic = 0 };

    spdm_responder_reset_conn(r, "ended: snapshot loaded");
    spdm_ephemeral_drop(r);
    code_saved(&c, &s);
    if (!check(r, &c, &s, errp)) {
        return false;
    }
    in = SPDM_BYTES(in.data + c.pos, in.len - c.pos);
    if (!load_conn(r, in, errp) || !check_transfer(r, &s, errp) ||
        !load_provisioned(r, s.provisioned, errp) ||
        !load_vendor(r, s.vendor, errp) || !load_user(r, s.user, errp)) {
        spdm_conn_reset(&r->conn);
        return false;
    }
    restore(r, &s);
    return true;
}
