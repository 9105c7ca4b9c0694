/*
 * What several commands do: connect, identify, measure, open a session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "requester/tool.h"
#include "spdm/soft-provider.h"
#include "spdm/file.h"

enum {
    DOE_ENTRIES = 32,
    SHOWN_BYTES = 24,
};

bool tool_peer_has(const Tool *t, const char *flag)
{
    SpdmRequesterInfo info;
    g_autofree char *text = NULL;
    g_auto(GStrv) flags = NULL;

    spdm_requester_info(t->rq, &info);
    text = spdm_flags_describe(info.rsp_flags);
    flags = g_strsplit(text, ",", -1);
    return g_strv_contains((const char *const *)flags, flag);
}

/* PEM or DER of a SubjectPublicKeyInfo, as DER. */
static GBytes *read_public_key(const char *path, GError **errp)
{
    static const char begin[] = "-----BEGIN PUBLIC KEY-----";
    g_autofree char *text = NULL;
    const char *start, *end;
    gsize len;

    if (!spdm_read_file(path, &text, &len, errp)) {
        return NULL;
    }
    start = strstr(text, begin);
    end = start ? strstr(start, "-----END") : NULL;
    if (end) {
        g_autofree char *base64 = g_strndup(start + strlen(begin),
                                            (gsize)(end - start) -
                                            strlen(begin));
        guchar *der = g_base64_decode(base64, &len);

        return g_bytes_new_take(der, len);
    }
    return g_bytes_new_take(g_steal_pointer(&text), len);
}

/* A raw key stands for a chain: it was given to us beforehand. */
static bool take_public_key(Tool *t, GError **errp)
{
    g_autoptr(GBytes) key = NULL;

    if (!t->opt.public_key) {
        return true;
    }
    key = read_public_key(t->opt.public_key, errp);
    return key &&
           spdm_requester_set_public_key(t->rq, g_bytes_get_data(key, NULL),
                                         g_bytes_get_size(key), errp);
}

/* The names go through a configuration of their own: one parser for flags. */
static bool provisioned_peer(Tool *t, SpdmProvisionedPeer *peer,
                             GError **errp)
{
    SpdmRequesterConfig flags = { .flags = 0 };

    if (!spdm_requester_config_offer(&flags, "flags", t->opt.provisioned,
                                     errp)) {
        return false;
    }
    *peer = (SpdmProvisionedPeer){
        .version = t->cfg.max_version, .flags = flags.flags,
        .hash = t->cfg.hash, .aead = t->cfg.aead,
    };
    return true;
}

static bool connect_provisioned(Tool *t, GError **errp)
{
    SpdmProvisionedPeer peer;

    return provisioned_peer(t, &peer, errp) &&
           spdm_requester_version(t->rq, errp) &&
           spdm_requester_provision(t->rq, &peer, errp);
}

static bool load_state(Tool *t, GError **errp)
{
    g_autoptr(GBytes) state = NULL;
    char *data;
    gsize len;

    if (!spdm_read_file(t->opt.load_state, &data, &len, errp)) {
        return false;
    }
    state = g_bytes_new_take(data, len);
    return spdm_requester_load_negotiated(t->rq, state, errp);
}

static bool save_state(Tool *t, GError **errp)
{
    g_autoptr(GBytes) state = spdm_requester_save_negotiated(t->rq, errp);
    gsize len;
    const char *data = state ? g_bytes_get_data(state, &len) : NULL;

    return state &&
           spdm_write_file(t->opt.save_state, data, (gssize)len, errp);
}

static bool connect_somehow(Tool *t, GError **errp)
{
    if (t->opt.load_state) {
        return load_state(t, errp);
    }
    if (t->opt.provisioned) {
        return connect_provisioned(t, errp);
    }
    return spdm_requester_connect(t->rq, errp) &&
           (!t->opt.save_state || save_state(t, errp));
}

bool tool_connect(Tool *t, GError **errp)
{
    int64_t start = g_get_monotonic_time();
    bool ok = connect_somehow(t, errp);

    t->connect_us = g_get_monotonic_time() - start;
    return ok && take_public_key(t, errp);
}

static const char *doe_type_name(const SpdmDoeEntry *e)
{
    static const char *const names[] = {
        "DOE discovery", "CMA-SPDM", "secured CMA-SPDM",
    };

    return e->vendor == 1 && e->type < G_N_ELEMENTS(names) ? names[e->type]
                                                           : "other";
}

bool tool_discover_doe(Tool *t, GError **errp)
{
    SpdmDoeEntry entries[DOE_ENTRIES];
    unsigned count;

    if (t->io->transport != SPDM_TRANSPORT_PCI_DOE) {
        return true;
    }
    if (!spdm_requester_discover(t->rq, t->io->discovery_version, entries,
                                 DOE_ENTRIES, &count, errp)) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        tool_say(t, "DOE object: vendor %04x, type %u (%s)",
                 entries[i].vendor, entries[i].type,
                 doe_type_name(&entries[i]));
        json_begin(&t->doe, NULL, '{');
        json_int(&t->doe, "vendor", entries[i].vendor);
        json_int(&t->doe, "type", entries[i].type);
        json_string(&t->doe, "name", doe_type_name(&entries[i]));
        json_end(&t->doe, '}');
    }
    return true;
}

static void report_chain(Tool *t, uint8_t slot)
{
    g_auto(GStrv) subjects = spdm_requester_subjects(t->rq, slot);
    g_autofree char *name = spdm_requester_leaf_cma_name(t->rq, slot);
    Json *j = &t->certificates;

    json_begin(j, NULL, '{');
    json_int(j, "slot", slot);
    json_int(j, "bytes", (int64_t)g_bytes_get_size(
                             spdm_requester_chain(t->rq, slot)));
    json_begin(j, "subjects", '[');
    for (char **s = subjects; *s; s++) {
        tool_say(t, "certificate: %s", *s);
        json_string(j, NULL, *s);
    }
    json_end(j, ']');
    json_string(j, "cma_name", name);
    json_bool(j, "trusted", t->cfg.trust_pem != NULL);
    json_bool(j, "name_checked", t->cfg.cma_name != NULL);
    json_end(j, '}');
    tool_say(t, "chain verified%s%s%s",
             t->cfg.trust_pem ? ", its root is trusted"
                              : ", any root believed (no --trust)",
             t->cfg.cma_name ? ", named as the device: " : "",
             t->cfg.cma_name && name ? name : "");
}

static bool take_known_chain(Tool *t, GError **errp)
{
    g_autofree char *data = NULL;
    gsize len;

    return spdm_read_file(t->opt.chain, &data, &len, errp) &&
           spdm_requester_set_chain(t->rq, (uint8_t)t->opt.slot,
                                    (const uint8_t *)data, len, errp);
}

static bool save_chain(Tool *t, GError **errp)
{
    GBytes *chain = spdm_requester_chain(t->rq, (uint8_t)t->opt.slot);
    gsize len;
    const char *data = g_bytes_get_data(chain, &len);

    return !t->opt.save_chain ||
           spdm_write_file(t->opt.save_chain, data, (gssize)len, errp);
}

bool tool_identify(Tool *t, GError **errp)
{
    uint8_t slot = (uint8_t)t->opt.slot;

    if (t->opt.slot < 0 || t->opt.slot > 7) {
        return tool_fail(errp, TOOL_USAGE, "--slot is 0 to 7");
    }
    if (t->opt.chain ? !take_known_chain(t, errp)
                     : !spdm_requester_digests(t->rq, 0, errp) ||
                       !spdm_requester_certificate(t->rq, 0, slot,
                                                   (uint16_t)t->opt.portion,
                                                   errp)) {
        return false;
    }
    report_chain(t, slot);
    return save_chain(t, errp);
}

/* Text as text, everything else in hexadecimal. */
char *tool_show_value(GBytes *value)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(value, &len);
    bool text = len > 0;
    GString *out = g_string_new(NULL);

    for (gsize i = 0; i < len; i++) {
        text &= g_ascii_isprint(data[i]);
    }
    if (text) {
        g_string_append_printf(out, "\"%.*s\"", (int)len, data);
        return g_string_free(out, FALSE);
    }
    for (gsize i = 0; i < MIN(len, SHOWN_BYTES); i++) {
        g_string_append_printf(out, "%02x", data[i]);
    }
    if (len > SHOWN_BYTES) {
        g_string_append(out, "...");
    }
    return g_string_free(out, FALSE);
}

static void report_value(Tool *t, const SpdmMeasurementValue *v,
                         uint32_t session, bool verified)
{
    g_autofree char *shown = tool_show_value(v->value);
    Json *j = &t->measurements;

    tool_say(t, "measurement %3u: %-22s %s %s", v->index,
             spdm_measurement_type_name(v->type), v->raw ? "raw   " : "digest",
             shown);
    json_begin(j, NULL, '{');
    json_int(j, "index", v->index);
    json_int(j, "type", v->type);
    json_string(j, "name", spdm_measurement_type_name(v->type));
    json_bool(j, "raw", v->raw);
    json_hex(j, "value", g_bytes_get_data(v->value, NULL),
             g_bytes_get_size(v->value));
    json_int(j, "session", session);
    json_bool(j, "signed", verified);
    json_end(j, '}');
}

bool tool_measure(Tool *t, uint32_t session,
                  const SpdmMeasurementQuery *query, GError **errp)
{
    g_auto(SpdmMeasurementList) list = { .values = NULL };

    if (!spdm_requester_measurements(t->rq, session, query, &list, errp)) {
        return false;
    }
    if (query->index == 0) {
        tool_say(t, "%u measurements", list.total);
    }
    for (guint i = 0; i < list.values->len; i++) {
        report_value(t, g_ptr_array_index(list.values, i), session,
                     list.verified);
    }
    if (list.verified) {
        tool_say(t, "measurements signed, signature good");
    }
    return true;
}

bool tool_measure_all(Tool *t, uint32_t session, GError **errp)
{
    SpdmMeasurementQuery query = {
        .index = 0xff,
        .sign = tool_peer_has(t, "MEAS_SIG") &&
                spdm_requester_chain(t->rq, (uint8_t)t->opt.slot),
        .slot = (uint8_t)t->opt.slot,
    };

    return tool_measure(t, session, &query, errp);
}

bool tool_wants_psk(const Tool *t)
{
    return t->opt.psk || (!t->opt.sigma && !tool_peer_has(t, "KEY_EX"));
}

static bool derive(void *user, SpdmBytes hint, SpdmBytes opaque,
                   uint32_t hash, uint8_t *psk, size_t *len)
{
    GBytes *secret = user;

    return spdm_psk_derive(hash, SPDM_BYTES(g_bytes_get_data(secret, NULL),
                                            g_bytes_get_size(secret)),
                           hint, opaque, psk, len);
}

static SpdmBytes view(GBytes *bytes)
{
    return SPDM_BYTES(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static bool psk_exchange(Tool *t, uint8_t summary, uint32_t *session,
                         GError **errp)
{
    g_autoptr(GBytes) hint = options_bytes(t->opt.psk_hint, errp);
    g_autoptr(GBytes) secret = hint ? options_bytes(t->opt.psk_secret, errp)
                                    : NULL;
    g_autoptr(GBytes) opaque = secret ? options_bytes(t->opt.psk_opaque, errp)
                                      : NULL;
    g_autoptr(GBytes) device = opaque ? options_bytes(t->opt.psk_derive, errp)
                                      : NULL;
    SpdmPskExchangeParams params = { .summary = summary };

    if (!device) {
        return false;
    }
    if (!t->opt.psk_secret && !t->opt.psk_derive) {
        return tool_fail(errp, TOOL_USAGE, "a PSK session needs --psk-secret "
                         "or --psk-derive");
    }
    params.hint = view(hint);
    params.secret = view(secret);
    params.opaque = view(opaque);
    if (t->opt.psk_derive) {
        params.derive = derive;
        params.user = device;
    }
    return spdm_requester_psk_exchange(t->rq, &params, session, errp);
}

bool tool_exchange_keys(Tool *t, bool psk, uint32_t *session, GError **errp)
{
    SpdmKeyExchangeParams params = { .slot = (uint8_t)t->opt.slot };
    uint8_t summary;

    if (!options_summary(t->opt.summary, &summary, errp)) {
        return false;
    }
    params.summary = summary;
    return psk ? psk_exchange(t, summary, session, errp)
               : spdm_requester_key_exchange(t->rq, &params, session, errp);
}

bool tool_finish(Tool *t, bool psk, uint32_t session, GError **errp)
{
    SpdmSessionInfo info;

    if (spdm_requester_session_info(t->rq, session, &info, NULL) &&
        strcmp(info.phase, "established") == 0) {
        return true;
    }
    return psk ? spdm_requester_psk_finish(t->rq, session, errp)
               : spdm_requester_finish(t->rq, session, errp);
}

bool tool_open(Tool *t, bool psk, uint32_t *session, GError **errp)
{
    int64_t start = g_get_monotonic_time();
    bool ok = tool_exchange_keys(t, psk, session, errp) &&
              tool_finish(t, psk, *session, errp);

    t->open_us = g_get_monotonic_time() - start;
    return ok;
}

bool tool_echo(Tool *t, uint32_t session, const char *text, GError **errp)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    static const uint8_t pci_sig[] = { 0x36, 0x1b };

    if (!spdm_requester_vendor(t->rq, session, 3,
                               SPDM_BYTES(pci_sig, sizeof(pci_sig)),
                               SPDM_BYTES(text, strlen(text)), reply,
                               errp)) {
        return false;
    }
    if (reply->len != strlen(text) ||
        memcmp(reply->data, text, reply->len) != 0) {
        return tool_fail(errp, TOOL_PROTOCOL,
                         "the vendor echo came back as something else");
    }
    tool_say(t, "vendor message came back: \"%s\"", text);
    return true;
}

void tool_report_session(Tool *t, uint32_t session, const char *outcome)
{
    SpdmSessionInfo info = { .id = session };
    SpdmRequesterInfo conn;
    uint8_t period = 0;
    Json *j = &t->sessions;

    spdm_requester_info(t->rq, &conn);
    json_begin(j, NULL, '{');
    json_int(j, "id", session);
    if (spdm_requester_session_info(t->rq, session, &info, &period)) {
        bool psk = strcmp(info.type, "psk") == 0;

        json_string(j, "handshake", info.type);
        json_string(j, "phase", info.phase);
        json_int(j, "secured_version", info.secured_version);
        json_int(j, "heartbeat_period", period);
        json_int(j, "key_updates", info.key_updates);
        json_bool(j, "mutual", info.mutual);
        json_int(j, "records_out", (int64_t)info.records_out);
        json_int(j, "records_in", (int64_t)info.records_in);
        json_string(j, "dhe", psk ? NULL : conn.dhe);
        json_string(j, "kem", psk ? NULL : conn.kem);
        json_string(j, "asym", psk ? NULL : conn.asym);
        json_string(j, "hash", conn.hash);
        json_string(j, "aead", conn.aead);
    }
    json_int(j, "open_us", t->open_us);
    json_string(j, "outcome", outcome);
    json_end(j, '}');
}
