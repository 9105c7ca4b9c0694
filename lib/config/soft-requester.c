/*
 * What the soft provider knows of requesters: the roots it believes, and the
 * one that a profile names in advance.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"
#include "spdm/file.h"

#include <string.h>

static bool bad_file(GError **errp, const char *file, const char *why)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "%s: %s", file, why);
    return false;
}

static GPtrArray *load_certs(const char *path, GError **errp)
{
    g_autoptr(GError) local = NULL;
    g_autofree char *text = NULL;
    gsize len;

    if (!spdm_read_file(path, &text, &len, &local)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE,
                    "%s: cannot be read: %s", path, local->message);
        return NULL;
    }
    return spdm_x509_load_pem_chain(SPDM_BYTES(text, len), path, errp);
}

static bool add_roots(SoftRequester *q, const char *path, GError **errp)
{
    g_autoptr(GPtrArray) roots = NULL;

    if (!path) {
        return true;
    }
    roots = load_certs(path, errp);
    for (guint i = 0; roots && i < roots->len; i++) {
        g_ptr_array_add(q->trust, g_bytes_ref(roots->pdata[i]));
    }
    return roots != NULL;
}

/* Validity is by the host's clock, as it is of the device's own chains. */
static SpdmChainReason verify(SpdmBytes chain, uint32_t hash,
                              const SpdmAsymAlg *asym, GPtrArray *trust)
{
    SpdmChainPolicy policy = {
        .hash = spdm_hash_by_bit(hash),
        .leaf_alg = asym,
        .trust = trust,
        .now = g_get_real_time() / G_USEC_PER_SEC,
        .requester = true,
    };

    return policy.hash ? spdm_x509_verify_chain(chain, &policy, NULL)
                       : SPDM_CHAIN_MALFORMED;
}

/* A chain of some other hash differs in RootHash only. */
static bool check_known(SoftRequester *q, const char *file, uint32_t hashes,
                        GError **errp)
{
    uint32_t hash = hashes & -hashes;
    GBytes *chain = soft_identity_chain(q->known, hash);
    SpdmChainReason reason = chain ?
        verify(soft_bytes(chain), hash, NULL, NULL) : SPDM_CHAIN_MALFORMED;

    return reason == SPDM_CHAIN_OK ||
           bad_file(errp, file, spdm_chain_reason_text(reason));
}

static bool load_known(SoftRequester *q, const SpdmProfile *p, GError **errp)
{
    if (!p->requester_cert_file) {
        return true;
    }
    q->known = soft_identity_new(p->requester_slot);
    q->known->der = load_certs(p->requester_cert_file, errp);
    return q->known->der &&
           check_known(q, p->requester_cert_file, p->hash, errp);
}

/* PEM or DER SubjectPublicKeyInfo; empty when it is neither. */
static GBytes *read_spki(const char *text, gsize len)
{
    static const char begin[] = "-----BEGIN PUBLIC KEY-----";
    const char *body = g_strstr_len(text, (gssize)len, begin);
    const char *end = body ? strstr(body, "-----END") : NULL;
    g_autofree char *base64 = NULL;
    uint8_t *der;

    if (!end) {
        return g_bytes_new(text, len);
    }
    body += strlen(begin);
    base64 = g_strndup(body, (gsize)(end - body));
    der = g_base64_decode(base64, &len);
    return g_bytes_new_take(der, len);
}

static bool load_public_key(SoftRequester *q, const char *path,
                            GError **errp)
{
    g_autoptr(SpdmPublicKey) key = NULL;
    g_autoptr(GError) local = NULL;
    g_autofree char *text = NULL;
    gsize len;

    if (!path) {
        return true;
    }
    if (!spdm_read_file(path, &text, &len, &local)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE,
                    "%s: cannot be read: %s", path, local->message);
        return false;
    }
    q->public_key = read_spki(text, len);
    key = spdm_public_key_from_spki(soft_bytes(q->public_key), NULL);
    return key || bad_file(errp, path, "holds no public key (PEM or DER "
                                       "SubjectPublicKeyInfo)");
}

/* Chains are fetched from requesters in these cases. */
static bool judges_chains(const SpdmProfile *p)
{
    return (p->flags & SPDM_PROFILE_MUT_AUTH) &&
           (p->basic_mut_auth ||
            (p->mut_auth != SPDM_MUT_AUTH_NONE &&
             p->mut_auth_form != SPDM_MUT_AUTH_FORM_PROVISIONED));
}

static bool check_trust(const SpdmSoftProvider *soft, GError **errp)
{
    const SpdmProfile *p = soft->config.profile;

    if (!judges_chains(p) || p->trust_any || soft->requester.trust->len) {
        return true;
    }
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "%s: [mutual-auth] trust: no requester would be believed; "
                "give the roots (trust=FILE.pem, or --trust of "
                "spdm-responder, or spdm-trust of a device), or trust=any",
                p->path ? p->path : p->name);
    return false;
}

bool soft_requester_load(SpdmSoftProvider *soft, GError **errp)
{
    const SpdmProfile *p = soft->config.profile;
    SoftRequester *q = &soft->requester;

    q->trust = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    return add_roots(q, p->trust_file, errp) &&
           add_roots(q, soft->config.trust_file, errp) &&
           load_known(q, p, errp) &&
           load_public_key(q, p->requester_key_file, errp) &&
           check_trust(soft, errp);
}

void soft_requester_clear(SoftRequester *q)
{
    g_clear_pointer(&q->trust, g_ptr_array_unref);
    g_clear_pointer(&q->known, soft_identity_free);
    g_clear_pointer(&q->public_key, g_bytes_unref);
}

bool soft_requester_trusts(const SpdmSoftProvider *soft, SpdmBytes chain,
                           uint32_t asym, uint32_t hash, const char **why)
{
    bool any = soft->config.profile->trust_any;
    SpdmChainReason reason =
        verify(chain, hash, spdm_asym_by_bit(asym),
               any ? NULL : soft->requester.trust);

    *why = spdm_chain_reason_text(reason);
    return reason == SPDM_CHAIN_OK;
}

static bool key_fits(SpdmPublicKey *key, uint32_t asym)
{
    const SpdmAsymAlg *alg = spdm_asym_by_bit(asym);
    bool fits = key && alg && spdm_public_key_fits(key, alg);

    spdm_public_key_free(key);
    return fits;
}

SpdmBytes soft_requester_chain(const SpdmSoftProvider *soft, uint8_t slot,
                               uint32_t asym, uint32_t hash)
{
    const SoftRequester *q = &soft->requester;
    GBytes *found = NULL;

    if (slot == SPDM_SLOT_PUBLIC_KEY && q->public_key &&
        key_fits(spdm_public_key_from_spki(soft_bytes(q->public_key), NULL),
                 asym)) {
        found = q->public_key;
    } else if (q->known && q->known->slot == slot &&
               key_fits(spdm_x509_leaf_key(q->known->der, NULL), asym)) {
        found = soft_identity_chain(q->known, hash);
    }
    return found ? soft_bytes(found) : SPDM_BYTES(NULL, 0);
}
