/*
 * Our own keys and chains: read once, fitted to each connection.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/identity.h"

#include <string.h>

#include "requester/requester-int.h"

/* Seconds since 1970, for automatic chains. */
enum { DAY = 24 * 60 * 60 };
static const int64_t seeded_not_before = 1577836800;      /* 2020-01-01 */
static const int64_t seeded_not_after = 253402300799;     /* 9999-12-31 */
static const int64_t validity = INT64_C(20) * 365 * DAY;

static void identity_free(gpointer data)
{
    SpdmReqIdentity *identity = data;

    g_clear_pointer(&identity->key, spdm_private_key_free);
    g_clear_pointer(&identity->der, g_ptr_array_unref);
    g_clear_pointer(&identity->cm, g_bytes_unref);
    g_free(identity);
}

static bool refuse(GError **errp, const char *name, const char *why)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "%s: %s", name, why);
    return false;
}

static SpdmReqIdentity *find(const SpdmRequester *rq, uint8_t slot)
{
    for (guint i = 0; i < rq->identities->len; i++) {
        SpdmReqIdentity *identity = g_ptr_array_index(rq->identities, i);

        if (identity->slot == slot) {
            return identity;
        }
    }
    return NULL;
}

/* --- reading ------------------------------------------------------------- */

static bool key_is_of_leaf(const SpdmReqIdentity *identity, GError **errp,
                           const char *name)
{
    g_autoptr(SpdmPublicKey) own = spdm_private_key_public(identity->key);
    g_autoptr(SpdmPublicKey) leaf = spdm_x509_leaf_key(identity->der, errp);

    if (!leaf) {
        g_prefix_error(errp, "%s: ", name);
        return false;
    }
    return spdm_public_key_equal(own, leaf) ||
           refuse(errp, name, "the private key is not that of the leaf");
}

static bool read_files(SpdmReqIdentity *identity,
                       const SpdmRequesterIdentity *c, const char *name,
                       GError **errp)
{
    identity->key = spdm_private_key_load(c->key, name, errp);
    if (!identity->key || c->slot == SPDM_SLOT_PUBLIC_KEY) {
        return identity->key != NULL;
    }
    identity->der = spdm_x509_load_pem_chain(c->chain, name, errp);
    return identity->der && key_is_of_leaf(identity, errp, name);
}

static bool add(SpdmRequester *rq, const SpdmRequesterIdentity *c,
                GError **errp)
{
    g_autofree char *name = c->name ? g_strdup(c->name) :
                            g_strdup_printf("identity of slot %u", c->slot);
    SpdmReqIdentity *identity;

    if (c->slot >= SPDM_SLOT_COUNT && c->slot != SPDM_SLOT_PUBLIC_KEY) {
        return refuse(errp, name, "slots are 0 to 7, or 255 for a raw key");
    }
    if (find(rq, c->slot)) {
        return refuse(errp, name, "its slot has an identity already");
    }
    identity = g_new0(SpdmReqIdentity, 1);
    g_ptr_array_add(rq->identities, identity);
    identity->slot = c->slot;
    identity->automatic = c->automatic;
    identity->key_pair_id = (uint8_t)rq->identities->len;
    identity->cert_model = c->cert_model ? c->cert_model
                                         : SPDM_CERT_MODEL_DEVICE;
    identity->key_usage = c->key_usage ? c->key_usage : UINT16_MAX;
    return c->automatic || read_files(identity, c, name, errp);
}

/* A stream for each key: what it becomes does not depend on the others. */
static SpdmSeeded *stream(const SpdmRequester *rq, const char *what)
{
    g_autofree char *label = g_strconcat("requester/", what, NULL);

    return rq->cfg.seed ? spdm_seeded_new(rq->cfg.seed, label) : NULL;
}

static SpdmChainSpec chain_spec(const SpdmRequester *rq,
                                const SpdmAsymAlg *alg,
                                const SpdmHashAlg *hash)
{
    int64_t now = rq->cfg.wall_time ? rq->cfg.wall_time
                                    : g_get_real_time() / G_USEC_PER_SEC;

    return (SpdmChainSpec){
        .alg = alg,
        .hash = hash,
        .common_name = "qemu-spdm requester",
        .requester = true,
        .not_before = rq->cfg.seed ? seeded_not_before : now - DAY,
        .not_after = rq->cfg.seed ? seeded_not_after : now + validity,
    };
}

/* One authority above all automatic chains, there before any connection. */
static bool make_authority(SpdmRequester *rq, GError **errp)
{
    g_autoptr(SpdmSeeded) seeded = stream(rq, "CA");
    SpdmRng rng = seeded ? spdm_seeded_rng(seeded) : rq->rng;
    SpdmChainSpec spec = chain_spec(rq, spdm_ca_alg(rq->cfg.req_asym),
                                    spdm_hash_by_name("SHA-384"));

    rq->ca = spdm_ca_new(&spec, &rng, errp);
    return rq->ca != NULL;
}

static bool any_automatic(const SpdmRequesterConfig *c)
{
    for (unsigned i = 0; i < c->identity_count; i++) {
        if (c->identities[i].automatic) {
            return true;
        }
    }
    return false;
}

/* DSP0274 GET_CAPABILITIES: flags that promise a key we do not have. */
static bool flags_fit(const SpdmRequester *rq, GError **errp)
{
    uint32_t needs = SPDM_MUT_AUTH_CAP | SPDM_CERT_CAP | SPDM_CHAL_CAP |
                     SPDM_PUB_KEY_ID_CAP;
    bool raw = find(rq, SPDM_SLOT_PUBLIC_KEY) != NULL;

    if (!rq->identities->len && (rq->cfg.flags & needs)) {
        return refuse(errp, "requester", "the flags MUT_AUTH, CERT, CHAL and "
                      "PUB_KEY_ID need an identity");
    }
    return !raw || rq->identities->len == 1 ||
           refuse(errp, "requester", "a raw key (PUB_KEY_ID) and "
                  "certificates (CERT) exclude each other");
}

bool spdm_req_identity_load(SpdmRequester *rq,
                            const SpdmRequesterConfig *config, GError **errp)
{
    rq->identities = g_ptr_array_new_with_free_func(identity_free);
    for (unsigned i = 0; i < config->identity_count; i++) {
        if (!add(rq, &config->identities[i], errp)) {
            return false;
        }
    }
    return flags_fit(rq, errp) &&
           (!any_automatic(config) || make_authority(rq, errp));
}

void spdm_requester_config_identify(SpdmRequesterConfig *config,
                                    const SpdmRequesterIdentity *list,
                                    unsigned count)
{
    bool raw = count && list[0].slot == SPDM_SLOT_PUBLIC_KEY;

    config->identities = list;
    config->identity_count = count;
    if (count) {
        config->flags |= SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP | SPDM_CHAL_CAP |
                         SPDM_EP_INFO_CAP_SIG |
                         (raw ? SPDM_PUB_KEY_ID_CAP : SPDM_CERT_CAP);
    }
}

char *spdm_requester_own_roots(const SpdmRequester *rq)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_bytes_hash,
                                                  g_bytes_equal);
    GString *pem = g_string_new(NULL);

    for (guint i = 0; i < rq->identities->len; i++) {
        const SpdmReqIdentity *own = g_ptr_array_index(rq->identities, i);
        GBytes *root = own->automatic ? spdm_ca_root(rq->ca) :
                       own->der ? g_ptr_array_index(own->der, 0) : NULL;

        if (root && g_hash_table_add(seen, root)) {
            g_autofree char *text = spdm_x509_to_pem(
                SPDM_BYTES(g_bytes_get_data(root, NULL),
                           g_bytes_get_size(root)));

            g_string_append(pem, text ? text : "");
        }
    }
    return g_string_free(pem, FALSE);
}

/* --- fitting ------------------------------------------------------------- */

uint32_t spdm_req_identity_asym(const SpdmRequester *rq, uint8_t version)
{
    uint32_t have = spdm_asym_mask(version), mask = 0;

    for (guint i = 0; i < rq->identities->len; i++) {
        const SpdmReqIdentity *own = g_ptr_array_index(rq->identities, i);

        for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
            if ((have & alg->bit) && (own->automatic ||
                                      spdm_private_key_fits(own->key, alg))) {
                mask |= alg->bit;
            }
        }
    }
    return mask;
}

/* A leaf for the algorithm at hand, unless the last one will do. */
static bool make_leaf(SpdmRequester *rq, SpdmReqIdentity *own)
{
    const SpdmAsymAlg *alg = rq->conn.req_asym;
    g_autofree char *what = g_strdup_printf("slot %u/%s", own->slot,
                                            alg->name);
    g_autoptr(SpdmSeeded) seeded = stream(rq, what);
    SpdmRng rng = seeded ? spdm_seeded_rng(seeded) : rq->rng;
    SpdmChainSpec spec = chain_spec(rq, alg, rq->conn.hash);
    g_autoptr(GError) err = NULL;

    if (own->key && spdm_private_key_fits(own->key, alg)) {
        return true;
    }
    g_clear_pointer(&own->key, spdm_private_key_free);
    g_clear_pointer(&own->der, g_ptr_array_unref);
    own->der = spdm_ca_issue(rq->ca, &spec, &rng, &own->key, &err);
    return own->der ||
           spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                         "no identity for %s can be made: %s", alg->name,
                         err->message);
}

static bool choose(SpdmRequester *rq, SpdmReqIdentity *own)
{
    const SpdmAsymAlg *alg = rq->conn.req_asym;

    g_clear_pointer(&own->cm, g_bytes_unref);
    if (own->automatic && !make_leaf(rq, own)) {
        return false;
    }
    if (!spdm_private_key_fits(own->key, alg)) {
        return true; /* others will */
    }
    if (own->der) {
        own->cm = spdm_x509_build_chain(own->der, rq->conn.hash);
    } else {
        g_autoptr(SpdmPublicKey) key = spdm_private_key_public(own->key);

        own->cm = spdm_public_key_to_spki(key, NULL);
    }
    return own->cm || spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                                    "the chain of slot %u is too long",
                                    own->slot);
}

bool spdm_req_identity_choose(SpdmRequester *rq)
{
    for (guint i = 0; i < rq->identities->len; i++) {
        if (!choose(rq, g_ptr_array_index(rq->identities, i))) {
            return false;
        }
    }
    return true;
}

const SpdmReqIdentity *spdm_req_identity(const SpdmRequester *rq,
                                         uint8_t slot)
{
    const SpdmReqIdentity *own = find(rq, slot);

    return own && own->cm && rq->conn.req_asym ? own : NULL;
}

const SpdmReqIdentity *spdm_req_identity_for(const SpdmRequester *rq,
                                             uint8_t slot, uint16_t usage)
{
    const SpdmReqIdentity *own = spdm_req_identity(rq, slot);

    return own && (!rq->conn.multi_key_req || (own->key_usage & usage))
           ? own : NULL;
}

uint8_t spdm_req_identity_slots(const SpdmRequester *rq)
{
    uint8_t mask = 0;

    for (uint8_t slot = 0; slot < SPDM_SLOT_COUNT; slot++) {
        mask |= spdm_req_identity(rq, slot) ? (uint8_t)(1u << slot) : 0;
    }
    return mask;
}

void spdm_req_identity_hash(const SpdmRequester *rq,
                            const SpdmReqIdentity *identity, uint8_t *out)
{
    SpdmBytes cm = spdm_req_identity_cm(identity);

    spdm_hash(rq->conn.hash, &cm, 1, out);
}

bool spdm_req_identity_sign(SpdmRequester *rq,
                            const SpdmReqIdentity *identity,
                            const char *context, SpdmBytes transcript,
                            GByteArray *out)
{
    g_autoptr(GByteArray) tbs = g_byte_array_new();
    uint8_t signature[SPDM_MAX_SIGNATURE];
    SpdmBytes part;

    spdm_conn_to_be_signed(&rq->conn, context, transcript, tbs);
    part = spdm_req_view(tbs);
    if (!spdm_sign(identity->key, rq->conn.req_asym, rq->conn.hash, context,
                   &part, 1, &rq->rng, signature)) {
        return false;
    }
    g_byte_array_append(out, signature, rq->conn.req_asym->sig_size);
    return true;
}
