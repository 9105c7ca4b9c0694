/*
 * VERSION, CAPABILITIES and ALGORITHMS: what opens a connection.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

void spdm_body_version(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgVersion *v = &m->version;

    spdm_code_reserved(c, 1);
    spdm_code_u8(c, "VersionNumberEntryCount", &v->count);
    for (unsigned i = 0; i < v->count && spdm_coder_ok(c); i++) {
        spdm_code_u16(c, "VersionNumberEntry", &v->entries[i]);
    }
}

/* CTExponent to MaxSPDMmsgSize: the same on both ways, by version. */
static void capabilities_common(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgCapabilities *v = &m->capabilities;

    spdm_code_reserved(c, 1);
    spdm_code_u8(c, "CTExponent", &v->ct_exponent);
    if (m->h.version >= SPDM_VERSION_14) {
        spdm_code_u16(c, "ExtFlags", &v->ext_flags);
    } else {
        spdm_code_reserved(c, 2);
    }
    spdm_code_u32(c, "Flags", &v->flags);
    if (m->h.version >= SPDM_VERSION_12) {
        spdm_code_u32(c, "DataTransferSize", &v->data_transfer_size);
        spdm_code_u32(c, "MaxSPDMmsgSize", &v->max_msg_size);
    }
}

void spdm_body_get_capabilities(SpdmCoder *c, SpdmMsg *m)
{
    if (m->h.version >= SPDM_VERSION_11) {
        capabilities_common(c, m);
    }
}

/*
 * The Supported Algorithms block (1.3) carries its own length at its byte 2,
 * counted from its start.
 */
static void supported_algs(SpdmCoder *c, SpdmBytes *v)
{
    size_t len = v->len;

    if (spdm_coder_decoding(c) && !c->naming) {
        const uint8_t *at = c->in + c->pos;

        if (spdm_coder_left(c) < 4) {
            spdm_coder_fail(c);
            return;
        }
        len = at[2] | (size_t)at[3] << 8;
        if (len < 4) {
            spdm_coder_fail(c);
        }
    }
    spdm_code_bytes(c, "SupportedAlgorithms", v, len);
}

void spdm_body_capabilities(SpdmCoder *c, SpdmMsg *m)
{
    capabilities_common(c, m);
    if (m->h.version >= SPDM_VERSION_13 &&
        (m->h.param1 & SPDM_CAPABILITIES_ALGS)) {
        supported_algs(c, &m->capabilities.supported_algs);
    }
}

/* Extended algorithms are never selected here: their bytes are passed over. */
static void skip_extended(SpdmCoder *c, SpdmMsgAlgorithms *v, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        spdm_code_reserved(c, 4);
    }
    v->ext_count += count;
}

static void alg_table(SpdmCoder *c, SpdmMsgAlgorithms *v, SpdmAlgTable *t)
{
    spdm_code_u8(c, "AlgType", &t->type);
    spdm_code_u8(c, "AlgCount", &t->count);
    spdm_code_u16(c, "AlgSupported", &t->supported);
    if (t->count >> 4 != 2) {
        spdm_coder_fail(c);
        return;
    }
    skip_extended(c, v, t->count & 0xf);
}

/* Extended lists and tables; @fixed is the size of what stands before. */
static void alg_lists(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgAlgorithms *v = &m->algorithms;

    v->ext_count = 0;
    skip_extended(c, v, v->ext_asym_count);
    skip_extended(c, v, v->ext_hash_count);
    /* Param1 is reserved in 1.0: no tables whatever it says. */
    v->table_count = m->h.version >= SPDM_VERSION_11 ? m->h.param1 : 0;
    if (v->table_count > SPDM_MAX_ALG_TABLES) {
        spdm_coder_fail(c);
        return;
    }
    for (unsigned i = 0; i < v->table_count && spdm_coder_ok(c); i++) {
        alg_table(c, v, &v->tables[i]);
    }
    if (c->pos != v->length) {
        spdm_coder_fail(c);
    }
}

enum { NEGOTIATE_FIXED = 32, ALGORITHMS_FIXED = 36 };

static void alg_length(SpdmCoder *c, SpdmMsg *m, unsigned fixed)
{
    SpdmMsgAlgorithms *v = &m->algorithms;

    if (!spdm_coder_decoding(c)) {
        v->length = (uint16_t)(fixed + 4 * m->h.param1 +
                               4 * (v->ext_asym_count + v->ext_hash_count));
    }
    spdm_code_u16(c, "Length", &v->length);
}

static void alg_pqc(SpdmCoder *c, SpdmMsg *m)
{
    if (m->h.version >= SPDM_VERSION_14) {
        spdm_code_u32(c, "PqcAsymAlgo", &m->algorithms.pqc_asym);
    } else {
        spdm_code_reserved(c, 4);
    }
}

static void alg_mel(SpdmCoder *c, SpdmMsg *m)
{
    if (m->h.version >= SPDM_VERSION_13) {
        spdm_code_u8(c, "MELspecification", &m->algorithms.mel_spec);
    } else {
        spdm_code_reserved(c, 1);
    }
}

void spdm_body_negotiate_algorithms(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgAlgorithms *v = &m->algorithms;

    alg_length(c, m, NEGOTIATE_FIXED);
    spdm_code_u8(c, "MeasurementSpecification", &v->measurement_spec);
    spdm_code_u8(c, "OtherParamsSupport", &v->other_params);
    spdm_code_u32(c, "BaseAsymAlgo", &v->base_asym);
    spdm_code_u32(c, "BaseHashAlgo", &v->base_hash);
    alg_pqc(c, m);
    spdm_code_reserved(c, 8);
    spdm_code_u8(c, "ExtAsymCount", &v->ext_asym_count);
    spdm_code_u8(c, "ExtHashCount", &v->ext_hash_count);
    spdm_code_reserved(c, 1);
    alg_mel(c, m);
    alg_lists(c, m);
}

void spdm_body_algorithms(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgAlgorithms *v = &m->algorithms;

    alg_length(c, m, ALGORITHMS_FIXED);
    spdm_code_u8(c, "MeasurementSpecificationSel", &v->measurement_spec);
    spdm_code_u8(c, "OtherParamsSelection", &v->other_params);
    spdm_code_u32(c, "MeasurementHashAlgo", &v->measurement_hash);
    spdm_code_u32(c, "BaseAsymSel", &v->base_asym);
    spdm_code_u32(c, "BaseHashSel", &v->base_hash);
    alg_pqc(c, m);
    spdm_code_reserved(c, 7);
    alg_mel(c, m);
    spdm_code_u8(c, "ExtAsymSelCount", &v->ext_asym_count);
    spdm_code_u8(c, "ExtHashSelCount", &v->ext_hash_count);
    spdm_code_reserved(c, 2);
    alg_lists(c, m);
}
