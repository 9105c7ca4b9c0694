/*
 * Version agreement for secured messages, in opaque data (spec/05 section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/opaque.h"

enum {
    GENERAL_SPEC_ID = 0x444d5446,
    GENERAL_VERSION = 1,
    ELEMENT_DMTF = 0,
    ELEMENT_LAST = 0x0b,     /* registry ids of DSP0274 */
    DATA_VERSION = 1,
    DATA_SELECTED = 0,
    DATA_SUPPORTED = 1,
    DATA_AEAD_LIMIT = 2,
    ALIGN = 4,
    VERSION_MASK = 0xff00,   /* update and alpha digits do not matter */
};

static const SpdmWireCtx no_ctx;

/* A field that may have one value only. */
static void code_const(SpdmCoder *c, uint32_t want, size_t size)
{
    uint32_t v32 = want;
    uint8_t v8 = (uint8_t)want;

    if (size == 1) {
        spdm_code_u8(c, "OpaqueConstant", &v8);
    } else {
        spdm_code_u32(c, "OpaqueConstant", &v32);
    }
    if (size == 1 ? v8 != want : v32 != want) {
        spdm_coder_fail(c);
    }
}

/* General format in 1.1, OpaqueDataFmt1 from 1.2 on. */
static void code_header(SpdmCoder *c, uint8_t version, uint8_t *total)
{
    if (version < SPDM_VERSION_12) {
        code_const(c, GENERAL_SPEC_ID, 4);
        code_const(c, GENERAL_VERSION, 1);
        spdm_code_u8(c, "TotalElements", total);
        spdm_code_reserved(c, 2);
    } else {
        spdm_code_u8(c, "TotalElements", total);
        spdm_code_reserved(c, 3);
    }
}

/* Zero bytes up to a multiple of four from the element's start. */
static void code_pad(SpdmCoder *c, size_t element_start)
{
    while (spdm_coder_ok(c) && (c->pos - element_start) % ALIGN) {
        code_const(c, 0, 1);
    }
}

static void parse_supported(SpdmCoder *c, SpdmOpaque *o)
{
    uint8_t count = 0;

    spdm_code_u8(c, "VersionCount", &count);
    if (o->version_count || count == 0 ||
        count > SPDM_MAX_SECURED_VERSIONS) {
        spdm_coder_fail(c);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        spdm_code_u16(c, "Version", &o->versions[i]);
    }
    o->version_count = count;
}

static void parse_selected(SpdmCoder *c, SpdmOpaque *o)
{
    if (o->has_selected) {
        spdm_coder_fail(c);
    }
    o->has_selected = true;
    spdm_code_u16(c, "SelectedVersion", &o->selected);
}

/* DSP0277 1.3: at most 64, and once. */
static void parse_limit(SpdmCoder *c, SpdmOpaque *o)
{
    if (o->has_aead_limit) {
        spdm_coder_fail(c);
    }
    o->has_aead_limit = true;
    spdm_code_u8(c, "AEADLimitExponent", &o->aead_limit);
    if (o->aead_limit > 64) {
        spdm_coder_fail(c);
    }
}

/* Contents of a DMTF element; kinds we do not know are passed over. */
static bool parse_dmtf(SpdmBytes data, SpdmOpaque *o)
{
    SpdmCoder c = spdm_coder_reader(&no_ctx, data);
    uint8_t version = 0, id = 0;

    spdm_code_u8(&c, "SMDataVersion", &version);
    spdm_code_u8(&c, "SMDataID", &id);
    if (!spdm_coder_ok(&c) || version != DATA_VERSION ||
        id > DATA_AEAD_LIMIT) {
        return spdm_coder_ok(&c);
    }
    if (id == DATA_SUPPORTED) {
        parse_supported(&c, o);
    } else if (id == DATA_SELECTED) {
        parse_selected(&c, o);
    } else {
        parse_limit(&c, o);
    }
    return spdm_coder_ok(&c) && spdm_coder_left(&c) == 0;
}

static void parse_element(SpdmCoder *c, SpdmOpaque *o)
{
    SpdmBytes vendor = { NULL, 0 }, data = { NULL, 0 };
    size_t start = c->pos;
    uint8_t id = 0, vendor_len = 0;

    spdm_code_u8(c, "ElementID", &id);
    spdm_code_u8(c, "VendorLen", &vendor_len);
    spdm_code_bytes(c, "VendorID", &vendor, vendor_len);
    spdm_code_sized16(c, "DataLen", "Data", &data);
    code_pad(c, start);
    if (id > ELEMENT_LAST) {
        spdm_coder_fail(c);
    }
    if (!spdm_coder_ok(c)) {
        return;
    }
    if (id != ELEMENT_DMTF || vendor_len) {
        o->foreign++;
    } else if (!parse_dmtf(data, o)) {
        spdm_coder_fail(c);
    }
}

bool spdm_opaque_parse(uint8_t version, SpdmBytes bytes, SpdmOpaque *o)
{
    SpdmCoder c = spdm_coder_reader(&no_ctx, bytes);
    uint8_t total = 0;

    *o = (SpdmOpaque){ .version_count = 0 };
    if (bytes.len == 0) {
        return true;
    }
    code_header(&c, version, &total);
    for (unsigned i = 0; i < total && spdm_coder_ok(&c); i++) {
        parse_element(&c, o);
    }
    return spdm_coder_ok(&c) && spdm_coder_left(&c) == 0;
}

/* The one element of ours: @count versions under this SMDataID. */
static void encode(uint8_t version, uint8_t data_id, const uint16_t *versions,
                   unsigned count, GByteArray *out)
{
    SpdmCoder c = spdm_coder_writer(&no_ctx, out);
    bool list = data_id == DATA_SUPPORTED;
    uint16_t len = (uint16_t)(2 + list + 2 * count);
    uint8_t total = 1, n = (uint8_t)count;
    size_t start;

    code_header(&c, version, &total);
    start = c.pos;
    code_const(&c, ELEMENT_DMTF, 1);
    code_const(&c, 0, 1); /* VendorLen */
    spdm_code_u16(&c, "DataLen", &len);
    code_const(&c, DATA_VERSION, 1);
    code_const(&c, data_id, 1);
    if (list) {
        spdm_code_u8(&c, "VersionCount", &n);
    }
    for (unsigned i = 0; i < count; i++) {
        uint16_t v = versions[i];

        spdm_code_u16(&c, "Version", &v);
    }
    code_pad(&c, start);
}

void spdm_opaque_encode_supported(uint8_t version, const uint16_t *versions,
                                  unsigned count, GByteArray *out)
{
    encode(version, DATA_SUPPORTED, versions,
           MIN(count, SPDM_MAX_SECURED_VERSIONS), out);
}

void spdm_opaque_encode_selected(uint8_t version, uint16_t selected,
                                 GByteArray *out)
{
    encode(version, DATA_SELECTED, &selected, 1, out);
}

uint16_t spdm_opaque_choose(const SpdmOpaque *o, uint16_t min, uint16_t max)
{
    uint16_t best = 0;

    for (unsigned i = 0; i < o->version_count; i++) {
        uint16_t v = o->versions[i] & VERSION_MASK;

        if (v >= (min & VERSION_MASK) && v <= (max & VERSION_MASK) &&
            (best == 0 || v > (best & VERSION_MASK))) {
            best = o->versions[i];
        }
    }
    return best;
}
