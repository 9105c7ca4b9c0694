/*
 * Identities, signatures and HMACs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include <string.h>

#include "crypto/x509.h"

static const char *const roles[] = { "requester", "responder" };

SpdmBytes vec_identity(Vec *v, SpdmSender who, unsigned slot)
{
    g_autofree char *key = slot < VEC_SLOTS
        ? g_strdup_printf("%s_cert_chain_%u", roles[who], slot)
        : g_strdup_printf("%s_public_key", roles[who]);
    GByteArray **chain = &v->chain[who][MIN(slot, VEC_SLOTS)];

    if (!*chain) {
        *chain = vec_hex(v, "provisioned", key);
        vec_check(v, *chain != NULL, key);
    }
    return vec_view(*chain);
}

void vec_identity_hash(Vec *v, SpdmSender who, unsigned slot, uint8_t *out)
{
    SpdmBytes identity = vec_identity(v, who, slot);

    spdm_hash(v->conn.hash, &identity, 1, out);
}

static SpdmPublicKey *verifying_key(Vec *v, SpdmSender who, unsigned slot)
{
    SpdmBytes identity = vec_identity(v, who, slot);
    size_t head = 4u + v->conn.hash->size;
    g_autoptr(GPtrArray) certs = NULL;
    g_autoptr(GError) err = NULL;
    SpdmPublicKey *key;

    if (slot >= VEC_SLOTS) {
        key = spdm_public_key_from_spki(identity, &err);
    } else {
        if (!vec_check(v, identity.len > head, "chain is short")) {
            return NULL;
        }
        certs = spdm_x509_split_der(SPDM_BYTES(identity.data + head,
                                               identity.len - head));
        if (!vec_check(v, certs != NULL, "chain does not split")) {
            return NULL;
        }
        key = spdm_x509_leaf_key(certs, &err);
    }
    vec_check(v, key != NULL, err ? err->message : "no key");
    return key;
}

static void verify(Vec *v, const VecSignature *s, const SpdmAsymAlg *alg,
                   SpdmBytes to_be_signed)
{
    g_autoptr(SpdmPublicKey) key = verifying_key(v, s->signer, s->slot);
    g_autofree uint8_t *bad = NULL;

    if (!key) {
        return;
    }
    vec_check(v, spdm_public_key_fits(key, alg), "key does not fit");
    vec_check(v, spdm_verify(key, alg, v->conn.hash, s->context,
                             &to_be_signed, 1,
                             s->signature), "signature does not verify");
    bad = g_memdup2(s->signature.data, s->signature.len);
    bad[s->signature.len / 2] ^= 1;
    vec_check(v, !spdm_verify(key, alg, v->conn.hash, s->context,
                             &to_be_signed, 1,
                              SPDM_BYTES(bad, s->signature.len)),
              "a damaged signature verifies");
    bad[s->signature.len / 2] ^= 1;
    to_be_signed.len--;
    vec_check(v, !spdm_verify(key, alg, v->conn.hash, s->context,
                             &to_be_signed, 1,
                              SPDM_BYTES(bad, s->signature.len)),
              "other bytes verify");
}

/* Where it is, in the file's terms: message, or large message, and offset. */
static void check_place(Vec *v, const char *group, size_t offset, size_t len)
{
    vec_check(v, vec_int(v, group, "large") == v->at.large,
              "in another large message");
    vec_check(v, vec_int(v, group, "message") == v->at.number,
              "in another message");
    vec_check(v, vec_int(v, group, "offset") == offset + v->at.base,
              "at another offset");
    vec_check(v, vec_int(v, group, "length") == len, "of another length");
}

static void check_session(Vec *v, const char *group, uint32_t id)
{
    VecSession *vs = id ? vec_session_of(v, id) : NULL;
    unsigned number = vs ? (unsigned)(vs - v->session) + 1 : 0;

    vec_check(v, vec_int(v, group, "session") == number,
              "of another session");
}

static void check_text(Vec *v, const char *group, const char *key,
                       const char *want)
{
    g_autofree char *text = vec_text(v, group, key);

    vec_check(v, strcmp(text, want) == 0, key);
}

static void check_description(Vec *v, const char *group,
                              const VecSignature *s)
{
    check_place(v, group, s->offset, s->signature.len);
    check_text(v, group, "signer", roles[s->signer]);
    check_text(v, group, "operation", s->operation);
    check_text(v, group, "transcript", s->transcript);
    vec_check(v, vec_int(v, group, "slot") == s->slot, "by another slot");
    check_session(v, group, s->session);
    vec_same_hex(v, group, "signature", s->signature);
}

void vec_signature(Vec *v, const VecSignature *s, SpdmBytes transcript)
{
    g_autofree char *group = g_strdup_printf("signature %u",
                                             ++v->signatures);
    bool ours = s->signer == SPDM_SENDER_RESPONDER;
    const SpdmAsymAlg *alg = ours ? v->conn.asym : v->conn.req_asym;
    g_autoptr(GByteArray) to_be_signed = g_byte_array_new();
    uint8_t hash[SPDM_MAX_HASH];

    check_description(v, group, s);
    spdm_hash(v->conn.hash, &transcript, 1, hash);
    vec_same_hex(v, group, "hash", SPDM_BYTES(hash, v->conn.hash->size));
    spdm_conn_to_be_signed(&v->conn, s->context, transcript, to_be_signed);
    if (v->conn.version >= SPDM_VERSION_12) {
        vec_same_hex(v, group, "to_be_signed", vec_view(to_be_signed));
    }
    if (alg) {
        verify(v, s, alg, vec_view(to_be_signed));
    } else {
        g_autofree char *name = vec_text(v, "connection", ours
                                         ? "base_asym" : "requester_asym");
        g_autofree char *why = g_strdup_printf(
            "signatures of %s: the algorithm is not in our tables", name);

        vec_leave_out(v, why);
    }
}

void vec_hmac(Vec *v, const SpdmSession *s, SpdmSender by, const uint8_t *th,
              SpdmBytes value, size_t offset)
{
    g_autofree char *group = g_strdup_printf("hmac %u", ++v->hmacs);
    uint8_t ours[SPDM_MAX_HASH];

    check_place(v, group, offset, value.len);
    check_text(v, group, "by", roles[by]);
    check_session(v, group, s->id);
    vec_same_hex(v, group, "hash", SPDM_BYTES(th, s->hash->size));
    spdm_session_verify_data(s, by, th, ours);
    vec_same_hex(v, group, "value", SPDM_BYTES(ours, s->hash->size));
    vec_same(v, "VerifyData in the message",
             SPDM_BYTES(ours, s->hash->size), value);
}
