/*
 * Opaque data: its forms, and what DSP0277 puts into that of the messages
 * that open a session (spec/05 section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/opaque.h"

enum {
    GENERAL_SPEC_ID = 0x444d5446,
    GENERAL_VERSION = 1,
    ELEMENT_DMTF = 0,
    ELEMENT_PCI_SIG = 3,
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
    if (o->aead_limit > SPDM_AEAD_LIMIT_MAX) {
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

/* Where TotalElements stands. */
static size_t count_at(uint8_t version)
{
    return version < SPDM_VERSION_12 ? 5 : 0;
}

/* One more element; the first one brings the header along. */
static void add_element(uint8_t version, uint8_t id, SpdmBytes vendor,
                        SpdmBytes data, GByteArray *out)
{
    SpdmCoder c = spdm_coder_writer(&no_ctx, out);
    uint8_t total = 0, vendor_len = (uint8_t)vendor.len;
    size_t start;

    if (out->len == 0) {
        code_header(&c, version, &total);
    }
    start = c.pos;
    spdm_code_u8(&c, "ElementID", &id);
    spdm_code_u8(&c, "VendorLen", &vendor_len);
    spdm_code_bytes(&c, "VendorID", &vendor, vendor_len);
    spdm_code_sized16(&c, "DataLen", "Data", &data);
    code_pad(&c, start);
    out->data[count_at(version)]++;
}

static void add_dmtf(uint8_t version, SpdmBytes data, GByteArray *out)
{
    add_element(version, ELEMENT_DMTF, SPDM_BYTES(NULL, 0), data, out);
}

static size_t put_version(uint8_t *at, uint16_t version)
{
    at[0] = (uint8_t)version;
    at[1] = (uint8_t)(version >> 8);
    return 2;
}

void spdm_opaque_encode_supported(uint8_t version, const uint16_t *versions,
                                  unsigned count, GByteArray *out)
{
    uint8_t data[3 + 2 * SPDM_MAX_SECURED_VERSIONS] = {
        DATA_VERSION, DATA_SUPPORTED,
        (uint8_t)MIN(count, SPDM_MAX_SECURED_VERSIONS),
    };
    size_t len = 3;

    for (unsigned i = 0; i < data[2]; i++) {
        len += put_version(data + len, versions[i]);
    }
    add_dmtf(version, SPDM_BYTES(data, len), out);
}

void spdm_opaque_encode_selected(uint8_t version, uint16_t selected,
                                 GByteArray *out)
{
    uint8_t data[4] = { DATA_VERSION, DATA_SELECTED };

    put_version(data + 2, selected);
    add_dmtf(version, SPDM_BYTES(data, sizeof(data)), out);
}

void spdm_opaque_encode_limit(uint8_t version, uint8_t exponent,
                              GByteArray *out)
{
    const uint8_t data[] = { DATA_VERSION, DATA_AEAD_LIMIT, exponent };

    if (exponent < SPDM_AEAD_LIMIT_MAX) {
        add_dmtf(version, SPDM_BYTES(data, sizeof(data)), out);
    }
}

void spdm_opaque_encode_vendor(uint8_t version, uint8_t formats,
                               SpdmBytes data, GByteArray *out)
{
    static const uint8_t vendor[] = { 0x36, 0x1b };

    if (data.len == 0) {
        return;
    }
    if (version < SPDM_VERSION_12 || (formats & SPDM_OPAQUE_FMT1)) {
        add_element(version, ELEMENT_PCI_SIG,
                    SPDM_BYTES(vendor, sizeof(vendor)), data, out);
    } else if (formats & SPDM_OPAQUE_FMT0) {
        g_byte_array_append(out, data.data, (guint)data.len);
    }
}

bool spdm_opaque_allowed(uint8_t version, uint8_t formats, SpdmBytes bytes)
{
    SpdmOpaque o;

    if (bytes.len == 0 || version < SPDM_VERSION_12) {
        return true;
    }
    if (formats & SPDM_OPAQUE_FMT1) {
        return spdm_opaque_parse(version, bytes, &o);
    }
    return (formats & SPDM_OPAQUE_FMT0) != 0;
}

uint8_t spdm_opaque_limit(const SpdmOpaque *o, uint8_t own)
{
    return o->has_aead_limit ? MIN(o->aead_limit, own) : own;
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
