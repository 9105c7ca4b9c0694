/*
 * Reading of vector files, and comparing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include <string.h>

bool vec_check(Vec *v, bool ok, const char *what)
{
    if (!ok) {
        g_test_message("message %u: %s", v->at.number, what);
        g_test_fail();
        v->failed = true;
    }
    return ok;
}

static char *to_hex(SpdmBytes bytes)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < bytes.len; i++) {
        g_string_append_printf(text, "%02x", bytes.data[i]);
    }
    return g_string_free(text, FALSE);
}

bool vec_same(Vec *v, const char *what, SpdmBytes got, SpdmBytes want)
{
    bool ok = got.len == want.len &&
              (got.len == 0 || memcmp(got.data, want.data, got.len) == 0);

    if (!ok) {
        g_autofree char *ours = to_hex(got);
        g_autofree char *theirs = to_hex(want);

        g_test_message("ours:   %s", ours);
        g_test_message("theirs: %s", theirs);
    }
    return vec_check(v, ok, what);
}

void vec_leave_out(Vec *v, const char *sentence)
{
    for (guint i = 0; i < v->left_out->len; i++) {
        if (strcmp(v->left_out->pdata[i], sentence) == 0) {
            return;
        }
    }
    g_ptr_array_add(v->left_out, g_strdup(sentence));
}

bool vec_has(Vec *v, const char *group, const char *key)
{
    return g_key_file_has_key(v->file, group, key, NULL);
}

char *vec_text(Vec *v, const char *group, const char *key)
{
    char *text = g_key_file_get_string(v->file, group, key, NULL);

    return text ? text : g_strdup("");
}

unsigned vec_int(Vec *v, const char *group, const char *key)
{
    g_autofree char *text = vec_text(v, group, key);

    return (unsigned)g_ascii_strtoull(text, NULL, 0);
}

GByteArray *vec_hex(Vec *v, const char *group, const char *key)
{
    g_autofree char *text = g_key_file_get_string(v->file, group, key, NULL);
    GByteArray *out;

    if (!text) {
        return NULL;
    }
    out = g_byte_array_new();
    for (size_t i = 0; text[i] && text[i + 1]; i += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(text[i]) << 4 |
                                 g_ascii_xdigit_value(text[i + 1]));

        g_byte_array_append(out, &byte, 1);
    }
    return out;
}

bool vec_same_hex(Vec *v, const char *group, const char *key, SpdmBytes got)
{
    g_autoptr(GByteArray) want = vec_hex(v, group, key);

    return vec_check(v, want != NULL, key) &&
           vec_same(v, key, got, vec_view(want));
}

/* Letters and digits only, upper case. */
static char *plain_name(const char *name)
{
    GString *plain = g_string_new(NULL);

    for (; *name; name++) {
        if (g_ascii_isalnum(*name)) {
            g_string_append_c(plain, g_ascii_toupper(*name));
        }
    }
    return g_string_free(plain, FALSE);
}

bool vec_is_named(Vec *v, const char *key, const char *name)
{
    g_autofree char *text = vec_text(v, "connection", key);
    g_autofree char *theirs = plain_name(text);
    g_autofree char *ours = plain_name(name);

    return strcmp(ours, theirs) == 0;
}

bool vec_same_name(Vec *v, const char *key, const char *name)
{
    return vec_check(v, vec_is_named(v, key, name), key);
}

static const SpdmTransport *transport_of(Vec *v)
{
    static const struct {
        const char *name;
        SpdmTransportType type;
    } names[] = {
        { "PCI_DOE", SPDM_TRANSPORT_PCI_DOE },
        { "MCTP", SPDM_TRANSPORT_MCTP },
        { "TCP", SPDM_TRANSPORT_TCP },
    };
    g_autofree char *name = vec_text(v, "vector", "transport");

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(name, names[i].name) == 0) {
            return spdm_transport(names[i].type);
        }
    }
    vec_check(v, false, "the transport has an unknown name");
    return spdm_transport(SPDM_TRANSPORT_NONE);
}

Vec *vec_load(const char *path)
{
    g_autoptr(Vec) v = g_new0(Vec, 1);
    g_autoptr(GError) err = NULL;

    v->file = g_key_file_new();
    v->left_out = g_ptr_array_new_with_free_func(g_free);
    v->chunks = g_byte_array_new();
    v->encap_request = g_byte_array_new();
    v->mut_b = g_byte_array_new();
    v->request = g_byte_array_new();
    spdm_conn_reset(&v->conn);
    if (!g_key_file_load_from_file(v->file, path, G_KEY_FILE_NONE, &err)) {
        vec_check(v, false, err->message);
        return NULL;
    }
    v->transport = transport_of(v);
    v->sig_size = (uint16_t)vec_int(v, "connection", "signature_size");
    v->req_sig_size = (uint16_t)vec_int(v, "connection",
                                        "requester_signature_size");
    return g_steal_pointer(&v);
}

void vec_free(Vec *v)
{
    GByteArray *buffers[] = {
        v->request, v->chunks, v->encap_request, v->mut_b,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(buffers); i++) {
        g_byte_array_unref(buffers[i]);
    }
    for (unsigned i = 0; i <= VEC_SLOTS; i++) {
        g_clear_pointer(&v->chain[0][i], g_byte_array_unref);
        g_clear_pointer(&v->chain[1][i], g_byte_array_unref);
    }
    spdm_conn_reset(&v->conn);
    g_ptr_array_unref(v->left_out);
    g_key_file_unref(v->file);
    g_free(v);
}
