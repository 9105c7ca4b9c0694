/*
 * Secrets and keys.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include "crypto/dhe.h"
#include "crypto/hash.h"

static const char *const directions[] = { "request", "response" };

VecSession *vec_session_of(Vec *v, uint32_t id)
{
    for (unsigned i = v->sessions; i-- > 0; ) {
        if (v->session[i].id == id) {
            return &v->session[i];
        }
    }
    return NULL;
}

char *vec_session_group(Vec *v, uint32_t id)
{
    VecSession *vs = vec_session_of(v, id);

    return g_strdup_printf("session %u",
                           vs ? (unsigned)(vs - v->session) + 1 : 0);
}

/* One end's pair: our public half, and the secret with the other's. */
static void one_end(Vec *v, const char *group, const char *who,
                    SpdmBytes own_public, SpdmBytes peer, GByteArray *secret)
{
    g_autofree char *public_key = g_strdup_printf("%s_dhe_public", who);
    g_autofree char *private_key = g_strdup_printf("%s_dhe_private", who);
    g_autoptr(GByteArray) priv = vec_hex(v, group, private_key);
    g_autoptr(SpdmDhe) dhe = NULL;
    g_auto(SpdmSharedSecret) out = { .len = 0 };

    vec_same_hex(v, group, public_key, own_public);
    if (!vec_check(v, priv != NULL, private_key)) {
        return;
    }
    dhe = spdm_dhe_from_private(v->conn.dhe, vec_view(priv));
    if (!vec_check(v, dhe != NULL, "private key is out of range")) {
        return;
    }
    vec_same(v, public_key,
             SPDM_BYTES(spdm_dhe_public(dhe), v->conn.dhe->public_size),
             own_public);
    vec_check(v, spdm_dhe_compute(dhe, peer, &out), "public key is refused");
    vec_same_hex(v, group, "dhe_secret", SPDM_BYTES(out.data, out.len));
    g_byte_array_set_size(secret, 0);
    g_byte_array_append(secret, out.data, (guint)out.len);
}

void vec_dhe(Vec *v, const char *group, SpdmBytes req, SpdmBytes rsp,
             GByteArray *secret)
{
    one_end(v, group, "requester", req, rsp, secret);
    one_end(v, group, "responder", rsp, req, secret);
}

static void check_traffic(Vec *v, const char *group, const char *stem,
                          const char *suffix, const SpdmTrafficKeys *keys)
{
    g_autofree char *secret = g_strconcat(stem, "_secret", suffix, NULL);
    g_autofree char *key = g_strconcat(stem, "_key", suffix, NULL);
    g_autofree char *iv = g_strconcat(stem, "_iv", suffix, NULL);

    vec_same_hex(v, group, secret, vec_secret(&keys->secret));
    vec_same_hex(v, group, key, vec_secret(&keys->key));
    vec_same_hex(v, group, iv, SPDM_BYTES(keys->iv, SPDM_AEAD_IV_SIZE));
}

/* The library wipes the master secret at once; made here from its parts. */
static void check_master(Vec *v, const char *group, const SpdmSession *s)
{
    static const uint8_t zeros[SPDM_MAX_HASH];
    char info[] = "\0\0spdm1.X derived";
    SpdmSecret salt, master;

    info[0] = (char)s->hash->size;
    info[8] = (char)('0' + (s->version & 0xf));
    spdm_hkdf_expand(s->hash, &s->handshake_secret,
                     SPDM_BYTES(info, sizeof(info) - 1), s->hash->size,
                     &salt);
    spdm_hkdf_extract(s->hash, vec_secret(&salt),
                      SPDM_BYTES(zeros, s->hash->size), &master);
    vec_same_hex(v, group, "master_secret", vec_secret(&master));
}

void vec_handshake_keys(Vec *v, const char *group, const SpdmSession *s)
{
    vec_same_hex(v, group, "handshake_secret",
                 vec_secret(&s->handshake_secret));
    for (unsigned i = 0; i < G_N_ELEMENTS(directions); i++) {
        g_autofree char *stem = g_strconcat(directions[i], "_handshake",
                                            NULL);
        g_autofree char *finished = g_strconcat(directions[i],
                                                "_finished_key", NULL);

        check_traffic(v, group, stem, "", &s->keys[i]);
        vec_same_hex(v, group, finished, vec_secret(&s->finished[i]));
    }
    check_master(v, group, s);
}

void vec_data_keys(Vec *v, const SpdmSession *s, SpdmSender sender)
{
    g_autofree char *group = vec_session_group(v, s->id);
    g_autofree char *stem = g_strconcat(directions[sender], "_data", NULL);
    g_autofree char *suffix = g_strdup_printf(
        "_%u", vec_session_of(v, s->id)->generation[sender]);

    check_traffic(v, group, stem, suffix, &s->keys[sender]);
}

void vec_update(Vec *v, SpdmSession *s, SpdmSender sender)
{
    spdm_session_update_keys(s, sender);
    vec_session_of(v, s->id)->generation[sender]++;
    vec_data_keys(v, s, sender);
}
