/*
 * Hostile certificate chains and PEM files: what a device presents, and what
 * a user may have configured.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

#include <string.h>

#include "crypto/x509.h"

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static SpdmBytes bytes_of(GBytes *b)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(b, &len);

    return SPDM_BYTES(data, len);
}

/* Length and RootHash made right again, so that more is looked at. */
static void repair(const SpdmHashAlg *hash, GByteArray *chain)
{
    size_t header = SPDM_HEADER_SIZE + hash->size;
    g_autoptr(GPtrArray) certs = NULL;
    SpdmBytes root;

    if (chain->len <= header) {
        return;
    }
    chain->data[0] = (uint8_t)chain->len;
    chain->data[1] = (uint8_t)(chain->len >> 8);
    certs = spdm_x509_split_der(SPDM_BYTES(chain->data + header,
                                           chain->len - header));
    if (certs) {
        root = bytes_of(g_ptr_array_index(certs, 0));
        spdm_hash(hash, &root, 1, chain->data + SPDM_HEADER_SIZE);
    }
}

/* All that is ever asked of a chain; the sanitizers listen. */
static void use(Hostile *h, const SpdmHashAlg *hash, const GByteArray *chain)
{
    size_t header = SPDM_HEADER_SIZE + hash->size;
    SpdmChainPolicy policy = {
        .hash = hash,
        .now = INT64_C(1700000000),
        .cma_name = hostile_below(h, 2) ? "Vendor=1b36" : NULL,
    };
    g_autoptr(SpdmPublicKey) key = NULL;
    g_autoptr(GPtrArray) certs = NULL;
    SpdmChainReason reason;

    reason = spdm_x509_verify_chain(view(chain), &policy, &key);
    hostile_check(h, (reason == SPDM_CHAIN_OK) == (key != NULL),
                  "a chain and its key disagree");
    if (chain->len > header) {
        certs = spdm_x509_split_der(SPDM_BYTES(chain->data + header,
                                               chain->len - header));
    }
    for (guint i = 0; certs && i < certs->len; i++) {
        g_free(spdm_x509_subject(bytes_of(g_ptr_array_index(certs, i))));
    }
    if (certs) {
        SpdmPublicKey *leaf = spdm_x509_leaf_key(certs, NULL);

        spdm_public_key_free(leaf);
        g_free(spdm_x509_cma_name(certs));
    }
}

static void note(Hostile *h, const GByteArray *bytes)
{
    h->cases++;
    g_byte_array_set_size(h->input, 0);
    if (bytes->len) {
        g_byte_array_append(h->input, bytes->data, bytes->len);
    }
}

/* The chain of slot 0 as the device has it, or nothing. */
static GByteArray *own_chain(Hostile *h, const SpdmHashAlg *hash)
{
    SpdmProvider p = spdm_soft_provider(h->soft);
    uint32_t ec = h->profile->asym & (1u << 4 | 1u << 7 | 1u << 8);
    GByteArray *chain = g_byte_array_new();
    SpdmBytes own;

    if (ec) {
        own = p.ops->cert_chain(p.opaque, 0, ec & -ec, hash->bit);
        g_byte_array_append(chain, own.data, (guint)own.len);
    }
    return chain;
}

void hostile_chains(Hostile *h, unsigned n)
{
    const SpdmHashAlg *hash = spdm_hash_by_bit(h->profile->hash &
                                               -h->profile->hash);
    g_autoptr(GByteArray) own = own_chain(h, hash);

    h->what = "chains";
    for (unsigned i = 0; i < n && own->len; i++) {
        g_autoptr(GByteArray) chain = g_byte_array_new();

        g_byte_array_append(chain, own->data, own->len);
        hostile_mutate(h, chain);
        if (hostile_below(h, 8)) {
            repair(hash, chain);
        }
        note(h, chain);
        use(h, hash, chain);
    }
}

/* A PEM reader meets files, not guests; still it only says no. */
static void read_pem(Hostile *h, const GByteArray *pem)
{
    g_autoptr(GPtrArray) certs = NULL;
    g_autoptr(GError) cert_err = NULL;
    g_autoptr(GError) key_err = NULL;
    SpdmPrivateKey *key;

    note(h, pem);
    certs = spdm_x509_load_pem_chain(view(pem), "hostile.pem", &cert_err);
    hostile_check(h, (certs == NULL) == (cert_err != NULL),
                  "certificates and their error disagree");
    key = spdm_private_key_load(view(pem), "hostile.key", &key_err);
    hostile_check(h, (key == NULL) == (key_err != NULL),
                  "a key and its error disagree");
    spdm_private_key_free(key);
}

static char *key_pem(void)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("key", "hostile");
    SpdmRng rng = spdm_seeded_rng(seeded);
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_generate(
        spdm_asym_by_name("ECDSA-P256"), &rng, NULL);

    return spdm_private_key_to_pem(key, NULL);
}

void hostile_files(Hostile *h, unsigned n)
{
    g_autofree char *roots = spdm_soft_provider_roots_pem(h->soft, NULL);
    g_autofree char *key = key_pem();
    const char *texts[] = { roots ? roots : "", key };

    h->what = "files";
    for (unsigned i = 0; i < n; i++) {
        const char *text = texts[i % G_N_ELEMENTS(texts)];
        g_autoptr(GByteArray) pem = g_byte_array_new();

        g_byte_array_append(pem, (const uint8_t *)text,
                            (guint)strlen(text));
        hostile_mutate(h, pem);
        read_pem(h, pem);
    }
}
