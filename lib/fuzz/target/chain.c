/*
 * Certificate chains that a device presents, and the certificates, keys and
 * requests that users and devices hand over.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/fuzz.h"
#include "crypto/hash.h"
#include "crypto/pk.h"
#include "crypto/x509.h"
#include "spdm/requester.h"
#include "spdm/soft-provider.h"
#include "wire/defs.h"

enum {
    CHAIN_INPUT_MAX = 32 * 1024,
    NOW = 1700000000,

    /* The first byte: what the rest is, and how it is looked at. */
    KIND = 7,
    CMA_NAME = 1 << 3,
    REQUESTER = 1 << 4,
    EXACT = 1 << 5,          /* Length and RootHash are those of the input */
    SHA_512 = 1 << 6,
    AT_NOW = 1 << 7,
};

typedef enum Kind {
    KIND_CHAIN,
    KIND_CHAIN_TRUSTED,      /* its root is in a list */
    KIND_PEM_CHAIN,
    KIND_KEY,
    KIND_SPKI,
    KIND_CSR,
    KIND_SUBJECT,
} Kind;

/* Length and RootHash made right, so that more is looked at. */
static void repair(const SpdmHashAlg *hash, GByteArray *chain)
{
    size_t header = SPDM_HEADER_SIZE + hash->size;
    g_autoptr(GPtrArray) certs = NULL;

    if (chain->len <= header) {
        return;
    }
    chain->data[0] = (uint8_t)chain->len;
    chain->data[1] = (uint8_t)(chain->len >> 8);
    certs = spdm_x509_split_der(SPDM_BYTES(chain->data + header,
                                           chain->len - header));
    if (certs) {
        SpdmBytes root = fuzz_bytes(g_ptr_array_index(certs, 0));

        spdm_hash(hash, &root, 1, chain->data + SPDM_HEADER_SIZE);
    }
}

static void look_at(GPtrArray *certs)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmPublicKey) leaf = spdm_x509_leaf_key(certs, &err);

    fuzz_check_error(leaf != NULL, err);
    g_free(spdm_x509_cma_name(certs));
    for (guint i = 0; i < certs->len; i++) {
        g_autofree char *subject = spdm_x509_subject(
            fuzz_bytes(g_ptr_array_index(certs, i)));

        for (const char *c = subject; c && *c; c++) {
            fuzz_check(g_ascii_isprint(*c), "a subject that is no text");
        }
    }
}

static void verify(unsigned how, SpdmBytes bytes)
{
    const SpdmHashAlg *hash =
        spdm_hash_by_name(how & SHA_512 ? "SHA-512" : "SHA-256");
    size_t header = SPDM_HEADER_SIZE + hash->size;
    g_autoptr(GByteArray) chain = g_byte_array_new();
    g_autoptr(SpdmPublicKey) key = NULL;
    g_autoptr(GPtrArray) certs = NULL;
    SpdmChainPolicy policy = {
        .hash = hash, .now = how & AT_NOW ? NOW : 0,
        .cma_name = how & CMA_NAME ? "Vendor=1b36" : NULL,
        .requester = how & REQUESTER,
    };
    SpdmChainReason reason;

    fuzz_put(chain, bytes);
    if (!(how & EXACT)) {
        repair(hash, chain);
    }
    if (chain->len > header) {
        certs = spdm_x509_split_der(SPDM_BYTES(chain->data + header,
                                               chain->len - header));
    }
    policy.trust = (how & KIND) == KIND_CHAIN_TRUSTED ? certs : NULL;
    reason = spdm_x509_verify_chain(fuzz_view(chain), &policy, &key);
    fuzz_check((reason == SPDM_CHAIN_OK) == (key != NULL),
               "a chain and its key disagree");
    fuzz_check(*spdm_chain_reason_text(reason), "a reason without a text");
    if (certs) {
        look_at(certs);
    }
}

static void read_pem(SpdmBytes bytes)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GPtrArray) certs = spdm_x509_load_pem_chain(bytes, "fuzz.pem",
                                                          &err);

    fuzz_check_error(certs != NULL, err);
    if (certs) {
        g_autoptr(GBytes) chain = spdm_x509_build_chain(
            certs, spdm_hash_by_name("SHA-256"));

        if (chain) {
            verify(KIND_CHAIN | EXACT, fuzz_bytes(chain));
        }
    }
}

static void read_key(SpdmBytes bytes)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_load(bytes, "fuzz.key",
                                                          &err);

    fuzz_check_error(key != NULL, err);
    if (key) {
        g_free(spdm_private_key_to_pem(key, NULL));
    }
}

static void read_spki(SpdmBytes bytes)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmPublicKey) key = spdm_public_key_from_spki(bytes, &err);
    SpdmBytes rest = bytes;

    fuzz_check_error(key != NULL, err);
    if (key) {
        g_bytes_unref(spdm_public_key_to_spki(key, NULL));
        fuzz_check(*spdm_public_key_describe(key), "a key without a name");
    }
    spdm_spki_algorithm(bytes);
    for (unsigned i = 0; rest.len; i++) {
        g_autoptr(GBytes) part = spdm_spki_take(&rest);

        if (!part) {
            break;
        }
        fuzz_check(i <= bytes.len, "keys without end");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    FuzzInput in = { data, MIN(len, CHAIN_INPUT_MAX) };
    unsigned how = fuzz_int(&in, 1);
    SpdmBytes bytes = fuzz_take(&in, in.len);
    g_autofree char *pem = NULL;

    spdm_crypto_init(NULL);
    switch ((Kind)(how & KIND)) {
    case KIND_CHAIN:
    case KIND_CHAIN_TRUSTED:
    default:
        verify(how, bytes);
        break;
    case KIND_PEM_CHAIN:
        read_pem(bytes);
        break;
    case KIND_KEY:
        read_key(bytes);
        break;
    case KIND_SPKI:
        read_spki(bytes);
        break;
    case KIND_CSR:
        g_free(spdm_csr_describe(bytes, &pem));
        break;
    case KIND_SUBJECT:
        g_free(spdm_x509_subject(bytes));
        break;
    }
    return 0;
}

/* A device's own: chains of both hashes, keys, a request. */
static void seed_device(const FuzzSeeds *seeds, SpdmSoftProvider *soft,
                        uint32_t asym)
{
    SpdmProvider p = spdm_soft_provider(soft);
    g_autofree char *roots = spdm_soft_provider_roots_pem(soft, NULL);
    g_autoptr(GByteArray) csr = g_byte_array_new();
    static const uint8_t bits[] = { 1 << 0, 1 << 2 };
    SpdmCsrRequest ask = { .asym = asym, .hash = 1 };

    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
        SpdmBytes chain = p.ops->cert_chain(p.opaque, 0, asym, bits[i]);
        uint8_t hash = i ? SHA_512 : 0;

        fuzz_seed_kind(seeds, KIND_CHAIN | hash, chain);
        fuzz_seed_kind(seeds, KIND_CHAIN | hash | EXACT | AT_NOW, chain);
        fuzz_seed_kind(seeds, KIND_CHAIN_TRUSTED | hash | CMA_NAME |
                       REQUESTER, chain);
    }
    fuzz_seed_kind(seeds, KIND_PEM_CHAIN, SPDM_BYTES(roots, strlen(roots)));
    if (p.ops->csr(p.opaque, &ask, csr)) {
        fuzz_seed_kind(seeds, KIND_CSR, fuzz_view(csr));
    }
}

static void seed_chains(const FuzzSeeds *seeds)
{
    static const char text[] =
        "[spdm]\ncapabilities=CERT;CHAL;SET_CERT;CSR\n[algorithms]\n"
        "hash=SHA-256;SHA-512\nasym=ECDSA-P256;RSASSA-2048;EDDSA-25519\n"
        "[slot 0]\nauto=true\n";
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) profile = spdm_profile_parse(text, "seeds", &err);
    SpdmSoftConfig config = {
        .profile = profile, .seed = "chains",
        .pci = { 0x1b36, 0x0010, 0x010802, 2, 0x1af4, 0x1100 },
    };
    g_autoptr(SpdmSoftProvider) soft = NULL;

    soft = profile ? spdm_soft_provider_new(&config, NULL, &err) : NULL;
    if (!soft) {
        fuzz_fail(err->message);
    }
    for (uint32_t left = profile->asym; left; left &= left - 1) {
        seed_device(seeds, soft, left & -left);
    }
}

static void seed_keys(const FuzzSeeds *seeds)
{
    static const char *const names[] = { "ECDSA-P256", "RSASSA-2048",
                                         "EDDSA-25519" };
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("key", "fuzz");
    SpdmRng rng = spdm_seeded_rng(seeded);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(SpdmPrivateKey) key = spdm_private_key_generate(
            spdm_asym_by_name(names[i]), &rng, NULL);
        g_autoptr(SpdmPublicKey) public = spdm_private_key_public(key);
        g_autofree char *pem = spdm_private_key_to_pem(key, NULL);
        g_autoptr(GBytes) spki = spdm_public_key_to_spki(public, NULL);
        g_autofree char *spki_pem = spdm_spki_to_pem(fuzz_bytes(spki));

        fuzz_seed_kind(seeds, KIND_KEY, SPDM_BYTES(pem, strlen(pem)));
        fuzz_seed_kind(seeds, KIND_SPKI, fuzz_bytes(spki));
        fuzz_seed_kind(seeds, KIND_SPKI, SPDM_BYTES(spki_pem,
                                                    strlen(spki_pem)));
    }
}

void fuzz_seeds(const FuzzSeeds *seeds)
{
    seed_chains(seeds);
    seed_keys(seeds);
}
