/*
 * The fixture's device: a provider that is not the library's own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"
#include "peer.h"

static void device_random(void *opaque, void *buf, size_t len)
{
    Fx *fx = opaque;
    SpdmRng rng = spdm_seeded_rng(fx->rng);

    fx->random_calls++;
    spdm_rng_fill(&rng, buf, len);
}

static int64_t device_now(void *opaque)
{
    return ((Fx *)opaque)->now_us;
}

static uint8_t device_slots(void *opaque, uint32_t asym)
{
    return ((Fx *)opaque)->slots;
}

/* Nobody here reads certificates: a header, a RootHash, and noise. */
static SpdmBytes device_chain(void *opaque, uint8_t slot, uint32_t asym,
                              uint32_t hash)
{
    Fx *fx = opaque;
    size_t h = spdm_hash_by_bit(hash)->size;
    size_t len = 4 + h + FX_CHAIN_BODY;

    g_byte_array_set_size(fx->chain, (guint)len);
    for (size_t i = 0; i < len; i++) {
        fx->chain->data[i] = (uint8_t)(i * 7 + slot);
    }
    fx->chain->data[0] = (uint8_t)len;
    fx->chain->data[1] = (uint8_t)(len >> 8);
    fx->chain->data[2] = fx->chain->data[3] = 0;
    return SPDM_BYTES(fx->chain->data, len);
}

/* One key for all algorithms it fits: RSA keys take their time. */
SpdmPrivateKey *device_key(const SpdmAsymAlg *alg)
{
    static SpdmPrivateKey *keys[16];
    static SpdmSeeded *seeded;
    SpdmRng rng;
    unsigned i;

    for (i = 0; keys[i]; i++) {
        if (spdm_private_key_fits(keys[i], alg)) {
            return keys[i];
        }
    }
    if (!seeded) {
        seeded = spdm_seeded_new("device", "keys");
    }
    rng = spdm_seeded_rng(seeded);
    keys[i] = spdm_private_key_generate(alg, &rng, NULL);
    g_assert_nonnull(keys[i]);
    return keys[i];
}

static bool device_sign(void *opaque, const SpdmSignRequest *req,
                        uint8_t *sig)
{
    Fx *fx = opaque;
    const SpdmAsymAlg *alg = spdm_asym_by_bit(req->asym);
    SpdmRng rng = spdm_seeded_rng(fx->rng);

    return !fx->sign_fails &&
           spdm_sign(device_key(alg), alg, spdm_hash_by_bit(req->hash),
                     req->context, &req->message, 1, &rng, sig);
}

static const struct {
    uint8_t index;
    uint8_t type;
    bool raw_only;
    bool tcb;
    const char *value;
} blocks[] = {
    { 1, 0, false, true, "immutable ROM" },
    { 2, 1, false, true, "mutable firmware" },
    { 4, 6, true, false, "firmware 1.0" },
    { FX_EXTENDED, SPDM_MEAS_TYPE_HASH_EXTENDED, false, false, NULL },
    { 0xfd, 4, false, false, "a manifest" },
    { 0xfe, 5, true, false, "device mode 16 b" },
};

static GPtrArray *measure(const Fx *fx, const char *firmware)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(
        (GDestroyNotify)spdm_measurement_free);

    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
        const char *value = blocks[i].index == 2 && firmware
                            ? firmware : blocks[i].value;
        SpdmMeasurement *m;

        if (!value && !fx->extended) {
            continue;
        }
        m = g_new0(SpdmMeasurement, 1);
        m->index = blocks[i].index;
        m->type = blocks[i].type;
        m->raw_only = blocks[i].raw_only;
        m->tcb = blocks[i].tcb;
        m->raw = value ? g_bytes_new(value, strlen(value)) : NULL;
        g_ptr_array_add(all, m);
    }
    return all;
}

static GPtrArray *device_measurements(void *opaque)
{
    Fx *fx = opaque;

    return measure(fx, fx->firmware);
}

static GPtrArray *device_new_measurements(void *opaque)
{
    Fx *fx = opaque;

    return measure(fx, fx->new_firmware ? fx->new_firmware : fx->firmware);
}

static GPtrArray *device_mel(void *opaque)
{
    static const char *const values[] = { "ROM", "boot", "other" };
    GPtrArray *all;

    if (((Fx *)opaque)->no_log) {
        return NULL;
    }
    all = g_ptr_array_new_with_free_func((GDestroyNotify)spdm_mel_entry_free);
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        SpdmMelEntry *entry = g_new0(SpdmMelEntry, 1);

        /* The third extends a measurement that is not there. */
        entry->meas_index = i < 2 ? FX_EXTENDED : FX_EXTENDED + 1;
        entry->type = 9;
        entry->raw = g_bytes_new(values[i], strlen(values[i]));
        g_ptr_array_add(all, entry);
    }
    return all;
}

static GBytes *device_endpoint_info(void *opaque, uint8_t sub_code)
{
    return sub_code == SPDM_EP_INFO_DEVICE_CLASS ?
           g_bytes_new(FX_EP_INFO, strlen(FX_EP_INFO)) : NULL;
}

static bool device_psk(void *opaque, SpdmBytes hint, SpdmBytes data,
                       uint32_t hash, uint8_t *psk, size_t *len)
{
    if (hint.len != strlen(FX_PSK_HINT) ||
        memcmp(hint.data, FX_PSK_HINT, hint.len) != 0) {
        return false;
    }
    *len = strlen(FX_PSK);
    memcpy(psk, FX_PSK, *len);
    return true;
}

static SpdmVendorResult device_vendor(void *opaque,
                                      const SpdmVendorRequest *request,
                                      GByteArray *reply)
{
    if (request->standard != FX_VENDOR_STANDARD) {
        return SPDM_VENDOR_UNSERVED;
    }
    g_byte_array_append(reply, request->payload.data,
                        (guint)request->payload.len);
    return SPDM_VENDOR_ANSWERED;
}

static bool device_ephemeral(void *opaque, uint64_t index, uint64_t offset,
                             void *buf, size_t len)
{
    Fx *fx = opaque;
    g_autoptr(SpdmSeeded) stream = NULL;
    g_autofree char *label = NULL;
    SpdmRng rng;

    if (fx->no_streams || len == 0) {
        return !fx->no_streams;
    }
    label = g_strdup_printf("ephemeral/%" G_GUINT64_FORMAT "/%u", index,
                            fx->fresh_streams ? ++fx->streams : 0);
    stream = spdm_seeded_new(fx->o.seed, label);
    spdm_seeded_seek(stream, offset);
    rng = spdm_seeded_rng(stream);
    spdm_rng_fill(&rng, buf, len);
    return true;
}

static uint64_t device_tell(void *opaque)
{
    return spdm_seeded_tell(((Fx *)opaque)->rng);
}

static void device_seek(void *opaque, uint64_t position)
{
    spdm_seeded_seek(((Fx *)opaque)->rng, position);
}

static bool device_trusts(void *opaque, SpdmBytes chain, uint32_t asym,
                          uint32_t hash, const char **why)
{
    SpdmBytes own = peer_chain(spdm_asym_by_bit(asym),
                               spdm_hash_by_bit(hash));

    *why = FX_MISTRUST;
    return !((Fx *)opaque)->mistrust && own.len == chain.len &&
           memcmp(own.data, chain.data, own.len) == 0;
}

/* Whatever the slot, it is the one requester that there is. */
static SpdmBytes device_requester(void *opaque, uint8_t slot, uint32_t asym,
                                  uint32_t hash)
{
    static GBytes *spki;
    const SpdmAsymAlg *alg = spdm_asym_by_bit(asym);

    if (((Fx *)opaque)->peer_unknown) {
        return SPDM_BYTES(NULL, 0);
    }
    if (slot != SPDM_SLOT_PUBLIC_KEY) {
        return peer_chain(alg, spdm_hash_by_bit(hash));
    }
    if (!spki) {
        g_autoptr(SpdmPublicKey) key = spdm_private_key_public(peer_key(alg));

        spki = spdm_public_key_to_spki(key, NULL);
    }
    return SPDM_BYTES(g_bytes_get_data(spki, NULL), g_bytes_get_size(spki));
}

const SpdmProviderOps device_ops = {
    .random = device_random,
    .now_us = device_now,
    .slots = device_slots,
    .cert_chain = device_chain,
    .sign = device_sign,
    .measurements = device_measurements,
    .new_measurements = device_new_measurements,
    .mel = device_mel,
    .endpoint_info = device_endpoint_info,
    .psk = device_psk,
    .vendor = device_vendor,
    .ephemeral_random = device_ephemeral,
    .random_tell = device_tell,
    .random_seek = device_seek,
    .trusts_requester = device_trusts,
    .requester_chain = device_requester,
};
