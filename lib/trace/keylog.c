/*
 * The key log.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "trace/keylog.h"

#include <string.h>

#include "trace/trace-int.h"

enum {
    MAX_COMMAND_SECRETS = 64, /* the command line grows with each session */
    MAX_ENTRIES = 100000,
};

static const struct {
    const char *label;
    const char *dump_option;
} kinds[SPDM_SECRET_KINDS] = {
    [SPDM_SECRET_DHE] = { "dhe", "--dhe_secret" },
    [SPDM_SECRET_KEM] = { "kem", "--kem_secret" },
    [SPDM_SECRET_PSK] = { "psk", "--psk" },
    [SPDM_SECRET_HANDSHAKE_REQ] = { "handshake-requester", NULL },
    [SPDM_SECRET_HANDSHAKE_RSP] = { "handshake-responder", NULL },
    [SPDM_SECRET_DATA_REQ] = { "data-requester", NULL },
    [SPDM_SECRET_DATA_RSP] = { "data-responder", NULL },
    [SPDM_SECRET_EXPORT_MASTER] = { "export-master", NULL },
};

const char *spdm_secret_label(SpdmSecretKind kind)
{
    return kinds[kind].label;
}

SpdmSecretKind spdm_secret_kind(const char *label)
{
    SpdmSecretKind kind = 0;

    while (kind < SPDM_SECRET_KINDS && strcmp(kinds[kind].label, label) != 0) {
        kind++;
    }
    return kind;
}

const char *spdm_secret_dump_option(SpdmSecretKind kind)
{
    return kinds[kind].dump_option;
}

/* --- writing ------------------------------------------------------------- */

/* The buffer held a secret. */
static void put(SpdmTrace *t, GString *text)
{
    spdm_trace_put(t, &t->keylog, text->str, text->len);
    spdm_wipe(text->str, text->len);
    g_string_free(text, TRUE);
}

static void append_hex(GString *out, SpdmBytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        g_string_append_printf(out, "%02x", bytes.data[i]);
    }
}

void spdm_trace_keylog_begin(SpdmTrace *t)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "# Key log of %s. Whoever has it can read "
                           "its sessions.\n", t->device);
    put(t, text);
}

/* spdm_dump takes the secrets of all sessions before, in their order. */
static void put_command(SpdmTrace *t, const char *option, SpdmBytes secret)
{
    GString *line;

    if (!t->pcap_name || t->secrets == MAX_COMMAND_SECRETS) {
        return;
    }
    if (!t->command) {
        t->command = g_string_sized_new(MAX_COMMAND_SECRETS * 160);
    }
    t->secrets++;
    g_string_append_printf(t->command, " %s ", option);
    append_hex(t->command, secret);
    line = g_string_sized_new(t->command->len + 512);
    g_string_append_printf(line, "# spdm_dump -r %s%s\n", t->pcap_name,
                           t->command->str);
    put(t, line);
}

void spdm_trace_keylog_secret(SpdmTrace *t, const SpdmTapContext *c)
{
    SpdmSecretKind kind = spdm_secret_kind(c->secret_label);
    GString *line = g_string_sized_new(2 * c->secret.len + 64);

    g_string_append_printf(line, "%s %08x ", c->secret_label, c->session_id);
    append_hex(line, c->secret);
    g_string_append_c(line, '\n');
    put(t, line);
    if (kind < SPDM_SECRET_KINDS && kinds[kind].dump_option) {
        put_command(t, kinds[kind].dump_option, c->secret);
    }
}

/* --- reading ------------------------------------------------------------- */

static void clear_entry(gpointer data)
{
    spdm_wipe(data, sizeof(SpdmKeyLogEntry));
}

static bool parse_hex(const char *text, SpdmSharedSecret *out)
{
    size_t len = strlen(text);

    if (len == 0 || len % 2 || len / 2 > sizeof(out->data)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!g_ascii_isxdigit(text[i])) {
            return false;
        }
    }
    out->len = len / 2;
    for (size_t i = 0; i < out->len; i++) {
        out->data[i] = (uint8_t)(g_ascii_xdigit_value(text[2 * i]) << 4 |
                                 g_ascii_xdigit_value(text[2 * i + 1]));
    }
    return true;
}

/* Why the line is none; NULL: it is one. */
static const char *parse_line(const char *line, SpdmKeyLogEntry *e)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 4);
    guint64 session;

    if (g_strv_length(words) != 3) {
        return "is not LABEL SESSION HEX";
    }
    e->kind = spdm_secret_kind(words[0]);
    if (e->kind == SPDM_SECRET_KINDS) {
        return "has a label that is not known";
    }
    if (!g_ascii_string_to_unsigned(words[1], 16, 0, G_MAXUINT32, &session,
                                    NULL)) {
        return "has a session that is no number in hex";
    }
    e->session = (uint32_t)session;
    return parse_hex(words[2], &e->secret) ? NULL
                                           : "has a secret that is not hex";
}

static bool add_line(GArray *entries, const char *line, unsigned number,
                     const char *name, GError **errp)
{
    SpdmKeyLogEntry e = { .used = false };
    const char *why = parse_line(line, &e);

    if (!why && entries->len == MAX_ENTRIES) {
        why = "is one too many";
    }
    if (why) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "%s: line %u %s", name, number, why);
    } else {
        g_array_append_val(entries, e);
    }
    clear_entry(&e);
    return !why;
}

GArray *spdm_keylog_parse(SpdmBytes text, const char *name, GError **errp)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE,
                                            sizeof(SpdmKeyLogEntry));
    const char *at = (const char *)text.data;
    const char *end = at + text.len;
    unsigned number = 0;

    g_array_set_clear_func(entries, clear_entry);
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        g_autofree char *line = NULL;

        number++;
        if (!stop) {
            break;               /* cut in a line: its writer was killed */
        }
        line = g_strndup(at, (gsize)(stop - at));
        at = stop + 1;
        if (*line && *line != '#' &&
            !add_line(entries, line, number, name, errp)) {
            return NULL;
        }
    }
    return g_steal_pointer(&entries);
}
