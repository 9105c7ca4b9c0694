/*
 * Certificates, challenges and measurements, and the transcripts they feed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

static Fx *negotiated(FxOptions o)
{
    Fx *fx = fx_new(&o);

    fx_negotiate(fx);
    return fx;
}

/* GET_CERTIFICATE. */

static void ask_certificate(Fx *fx, uint32_t offset, uint32_t length)
{
    SpdmMsg req = fx_msg(fx, SPDM_GET_CERTIFICATE, 2, 0);

    req.get_certificate.offset = offset;
    req.get_certificate.length = length;
    fx_ask(fx, NULL, &req);
    g_assert_cmphex(fx->rsp.h.param1, ==, 2);
}

static void test_any_offset(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmBytes chain = device_ops.cert_chain(fx, 2, fx->conn.asym->bit,
                                            fx->conn.hash->bit);
    const SpdmMsgCertificate *rsp = &fx->rsp.certificate;

    for (uint32_t offset = 0; offset < chain.len; offset += 37) {
        for (uint32_t length = 0; length < 0xffff; length = length * 3 + 1) {
            uint32_t left = (uint32_t)chain.len - offset;

            ask_certificate(fx, offset, length);
            g_assert_cmpuint(rsp->portion_length, ==, MIN(length, left));
            g_assert_cmpuint(rsp->remainder_length, ==,
                             left - rsp->portion_length);
            g_assert_cmpmem(rsp->portion.data, rsp->portion.len,
                            chain.data + offset, rsp->portion_length);
        }
    }
}

static void test_portion_fits(void)
{
    static const uint32_t sizes[] = { 64, 65, 100, 1000, 0x1200, 65535 };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(Fx) fx = negotiated((FxOptions){
            .data_transfer_size = sizes[i] });

        ask_certificate(fx, 0, 0xffff);
        g_assert_cmpuint(fx->answer->len, <=, sizes[i]);
        fx_certificate(fx, NULL, 0xffff);
    }
}

static void test_slot_size(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){
        .version = SPDM_VERSION_13 });
    SpdmMsg req = fx_msg(fx, SPDM_GET_CERTIFICATE, 0,
                         SPDM_CERT_SLOT_SIZE_REQUESTED);

    req.get_certificate.length = 0xffff;
    fx_ask(fx, NULL, &req);
    g_assert_cmpuint(fx->rsp.certificate.portion_length, ==, 0);
    g_assert_cmpuint(fx->rsp.certificate.remainder_length, ==,
                     SPDM_MAX_CHAIN);
}

static void test_digests_masks(void)
{
    g_autoptr(Fx) fx12 = negotiated((FxOptions){ .version = 0 });
    g_autoptr(Fx) fx13 = negotiated((FxOptions){
        .version = SPDM_VERSION_13 });

    fx_digests(fx12, NULL);
    g_assert_cmphex(fx12->rsp.h.param1, ==, 0);
    fx_digests(fx13, NULL);
    g_assert_cmphex(fx13->rsp.h.param1, ==, fx13->slots);
}

/* CHALLENGE: M1/M2 is what was exchanged, however much of it. */

static void test_challenge_at_once(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });

    fx_challenge(fx, SPDM_SUMMARY_NONE);
}

static void test_challenge_orders(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });

    fx_certificate(fx, NULL, 100);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
    fx_digests(fx, NULL);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
    fx_digests(fx, NULL);
    fx_digests(fx, NULL);
    fx_certificate(fx, NULL, 1000);
    fx_challenge(fx, SPDM_SUMMARY_ALL);
}

/* Before authentication certain requests start M1/M2 anew, after it not. */
static void test_challenge_resets(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });

    fx_digests(fx, NULL);
    fx_measurements(fx, NULL, 0, SPDM_MEAS_OP_ALL);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
    fx_digests(fx, NULL);
    fx_measurements(fx, NULL, 0, SPDM_MEAS_OP_ALL);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
}

/* A request of B that is answered with ERROR leaves no trace in M1/M2. */
static void test_challenge_after_error(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmMsg req = fx_msg(fx, SPDM_GET_CERTIFICATE, 7, 0);

    fx_digests(fx, NULL);
    g_assert_true(fx_try(fx, NULL, &req));
    fx_expect_error(fx, SPDM_ERROR_INVALID_REQUEST);
    fx_certificate(fx, NULL, 500);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
}

/* What happens in a session stays out of M1/M2. */
static void test_challenge_beside_session(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);

    fx_digests(fx, NULL);
    fx_digests(fx, s);
    fx_certificate(fx, s, 200);
    fx_certificate(fx, NULL, 200);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
}

/* Measurements. */

static SpdmMeasBlock block_at(Fx *fx, unsigned i)
{
    SpdmBytes record = fx->rsp.measurements.record;
    SpdmCoder c = spdm_coder_reader(&fx->wire, record);
    SpdmMeasBlock block = { .index = 0 };

    for (unsigned j = 0; j <= i; j++) {
        spdm_code_meas_block(&c, &block);
    }
    g_assert_true(spdm_coder_ok(&c));
    return block;
}

static void test_count(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });

    fx_measurements(fx, NULL, 0, SPDM_MEAS_OP_COUNT);
    g_assert_cmpuint(fx->rsp.h.param1, ==, 5);
    g_assert_cmpuint(fx->rsp.measurements.block_count, ==, 0);
    g_assert_cmpuint(fx->rsp.measurements.record.len, ==, 0);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, SPDM_MEAS_OP_COUNT);
    g_assert_cmpuint(fx->rsp.h.param1, ==, 5);
}

static void test_one(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmMeasBlock block;
    uint8_t digest[SPDM_MAX_HASH];
    SpdmBytes value = SPDM_BYTES("mutable firmware", 16);

    fx_measurements(fx, NULL, 0, 2);
    g_assert_cmpuint(fx->rsp.h.param1, ==, 0);
    g_assert_cmpuint(fx->rsp.measurements.block_count, ==, 1);
    block = block_at(fx, 0);
    g_assert_cmpuint(block.index, ==, 2);
    g_assert_cmphex(block.value_type, ==, 1);
    spdm_hash(spdm_hash_by_meas_bit(fx->o.meas_hash), &value, 1, digest);
    g_assert_cmpmem(block.value.data, block.value.len, digest, 64);
}

static void test_all(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    static const uint8_t indices[] = { 1, 2, 4, 0xfd, 0xfe };
    static const uint8_t types[] = { 0, 1, 0x86, 4, 0x85 };

    fx_measurements(fx, NULL, 0, SPDM_MEAS_OP_ALL);
    g_assert_cmpuint(fx->rsp.measurements.block_count, ==, 5);
    for (unsigned i = 0; i < 5; i++) {
        g_assert_cmphex(block_at(fx, i).index, ==, indices[i]);
        g_assert_cmphex(block_at(fx, i).value_type, ==, types[i]);
    }
}

static void test_raw(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmMeasBlock block;

    fx_measurements(fx, NULL, SPDM_MEAS_REQ_RAW, 1);
    block = block_at(fx, 0);
    g_assert_cmphex(block.value_type, ==, SPDM_MEAS_TYPE_RAW);
    g_assert_cmpmem(block.value.data, block.value.len, "immutable ROM", 13);
}

/* The raw attribute came with 1.2; before, its bit is reserved. */
static void test_raw_is_reserved_in_11(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){
        .version = SPDM_VERSION_11 });

    fx_measurements(fx, NULL, SPDM_MEAS_REQ_RAW, 1);
    g_assert_cmphex(block_at(fx, 0).value_type, ==, 0);
}

/* MeasurementHashAlgo "raw bit stream only". */
static void test_raw_only_device(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){
        .meas_hash = SPDM_MEAS_HASH_RAW });

    g_assert_cmphex(fx->conn.meas_hash, ==, SPDM_MEAS_HASH_RAW);
    fx_measurements(fx, NULL, 0, SPDM_MEAS_OP_ALL);
    for (unsigned i = 0; i < 5; i++) {
        g_assert_cmphex(block_at(fx, i).value_type & 0x80, ==, 0x80);
    }
    g_assert_cmpstr(fx_info(fx).measurement_hash, ==, "raw");
}

static void sign_after_several(Fx *fx, SpdmSession *s)
{
    fx_measurements(fx, s, 0, SPDM_MEAS_OP_COUNT);
    fx_measurements(fx, s, 0, 1);
    fx_measurements(fx, s, 0, 0xfe);
    fx_measurements(fx, s, SPDM_MEAS_REQ_SIGNATURE, SPDM_MEAS_OP_ALL);
    fx_measurements(fx, s, SPDM_MEAS_REQ_SIGNATURE, SPDM_MEAS_OP_ALL);
}

static void test_l1(void)
{
    for (uint8_t v = SPDM_VERSION_10; v <= SPDM_VERSION_14; v++) {
        g_autoptr(Fx) fx = negotiated((FxOptions){ .version = v });

        sign_after_several(fx, NULL);
        if (v >= SPDM_VERSION_11) {
            sign_after_several(fx, fx_sigma(fx));
            sign_after_several(fx, fx_psk(fx));
        }
    }
}

/* Sessions keep L1/L2 of their own, apart from the one outside. */
static void test_l1_is_separate(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *a = fx_sigma(fx);
    SpdmSession *b = fx_sigma(fx);

    fx_measurements(fx, NULL, 0, 1);
    fx_measurements(fx, a, 0, 2);
    fx_measurements(fx, b, 0, 4);
    fx_vendor(fx, b);
    fx_measurements(fx, a, SPDM_MEAS_REQ_SIGNATURE, 0xfe);
    fx_measurements(fx, b, SPDM_MEAS_REQ_SIGNATURE, 0xfe);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 0xfe);
}

/* Another request, or an ERROR, starts L1/L2 anew. */
static void test_l1_resets(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmMsg bad = fx_msg(fx, SPDM_GET_MEASUREMENTS, 0, 3);

    fx_measurements(fx, NULL, 0, 1);
    fx_digests(fx, NULL);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 2);
    fx_measurements(fx, NULL, 0, 1);
    g_assert_true(fx_try(fx, NULL, &bad));
    fx_expect_error(fx, SPDM_ERROR_INVALID_REQUEST);
    spdm_transcript_reset(&fx->conn.l1);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 2);
}

/* Past their bound transcripts are not signed, and not kept either. */
static void test_overflow(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmMsg challenge = fx_msg(fx, SPDM_CHALLENGE, 0, 0);
    uint8_t nonce[SPDM_NONCE_SIZE] = { 0 };

    challenge.challenge.nonce = SPDM_BYTES(nonce, sizeof(nonce));
    for (unsigned i = 0; i < SPDM_TRANSCRIPT_LIMIT / 1000; i++) {
        ask_certificate(fx, 0, 1000);
    }
    g_assert_true(fx->r->conn.b.overflown);
    g_assert_true(fx_try(fx, NULL, &challenge));
    fx_expect_error(fx, SPDM_ERROR_UNSPECIFIED);
    fx_digests(fx, NULL);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
}

static void test_l1_overflow(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmMsg req = fx_msg(fx, SPDM_GET_MEASUREMENTS, 1, 1);
    uint8_t nonce[SPDM_NONCE_SIZE] = { 0 };

    for (unsigned i = 0; i < SPDM_TRANSCRIPT_LIMIT / 200; i++) {
        fx_measurements(fx, NULL, 0, SPDM_MEAS_OP_ALL);
    }
    g_assert_true(fx->r->conn.l1.overflown);
    req.get_measurements.nonce = SPDM_BYTES(nonce, sizeof(nonce));
    fx->wire.has_signature = true;
    g_assert_true(fx_try(fx, NULL, &req));
    fx_expect_error(fx, SPDM_ERROR_UNSPECIFIED);
    spdm_transcript_reset(&fx->conn.l1);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 1);
}

/* "Content changed" of a signed response: since L1/L2 began. */
enum { CHANGED = 1, NOT_CHANGED = 2 };

static uint8_t signed_change(Fx *fx, SpdmSession *s)
{
    fx_measurements(fx, s, SPDM_MEAS_REQ_SIGNATURE, 1);
    return fx->rsp.h.param2 >> 4;
}

static void test_content_changed(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);

    g_assert_cmpuint(signed_change(fx, NULL), ==, NOT_CHANGED);
    fx_measurements(fx, NULL, 0, 2);
    g_assert_cmpuint(fx->rsp.h.param2, ==, 0);
    fx_measurements(fx, s, 0, 2);
    fx->firmware = "new firmware";
    g_assert_cmpuint(signed_change(fx, NULL), ==, CHANGED);
    g_assert_cmpuint(signed_change(fx, NULL), ==, NOT_CHANGED);
    g_assert_cmpuint(signed_change(fx, s), ==, CHANGED);
    g_assert_cmpuint(signed_change(fx, s), ==, NOT_CHANGED);
    /* A change before the first read is none. */
    fx->firmware = NULL;
    fx_measurements(fx, NULL, 0, 2);
    g_assert_cmpuint(signed_change(fx, NULL), ==, NOT_CHANGED);
}

static void test_content_changed_is_reserved_in_11(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = SPDM_VERSION_11 });

    fx_measurements(fx, NULL, 0, 2);
    fx->firmware = "new firmware";
    g_assert_cmpuint(signed_change(fx, NULL), ==, 0);
}

/* NewMeasurementRequested (1.3): as after the update that is under way. */
static void test_new_measurements(void)
{
    g_autoptr(Fx) fx12 = negotiated((FxOptions){ .version = 0 });
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = SPDM_VERSION_13 });
    const uint8_t wanted = SPDM_MEAS_REQ_NEW | SPDM_MEAS_REQ_RAW;

    fx_measurements(fx, NULL, wanted, 2);
    g_assert_cmpmem(block_at(fx, 0).value.data, block_at(fx, 0).value.len,
                    "mutable firmware", 16);
    fx->new_firmware = fx12->new_firmware = "new";
    fx_measurements(fx, NULL, wanted, 2);
    g_assert_cmpmem(block_at(fx, 0).value.data, block_at(fx, 0).value.len,
                    "new", 3);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_RAW, 2);
    g_assert_cmpuint(block_at(fx, 0).value.len, ==, 16);
    /* What will be is no change of what is. */
    g_assert_cmpuint(signed_change(fx, NULL), ==, NOT_CHANGED);
    fx_measurements(fx12, NULL, wanted, 2);
    g_assert_cmpuint(block_at(fx12, 0).value.len, ==, 16);
}

/* The measurement extension log. */

static FxOptions with_log(uint8_t version)
{
    return (FxOptions){ .version = version,
                        .rsp_flags = FX_RSP_FLAGS | SPDM_MEL_CAP |
                                     SPDM_EP_INFO_CAP_SIG };
}

/* Three entries of 11 bytes and their values, written out by hand. */
static const uint8_t whole_log[] =
    "\x03\0\0\0" "\x2d\0\0\0" "\0\0\0\0\0\0\0\0"
    "\x01\0\0\0" "\x11\0\0\0" "\x89" "\x03\0" "ROM"
    "\x02\0\0\0" "\x11\0\0\0" "\x89" "\x04\0" "boot"
    "\x03\0\0\0" "\x12\0\0\0" "\x89" "\x05\0" "other";
enum {
    LOG_SIZE = sizeof(whole_log) - 1,
    LOG_FIRST = 16, LOG_SECOND = LOG_FIRST + 14, LOG_THIRD = LOG_SECOND + 15,
};

static void ask_mel(Fx *fx, SpdmSession *s, uint32_t offset, uint32_t length)
{
    SpdmMsg req = fx_msg(fx, SPDM_GET_MEASUREMENT_EXTENSION_LOG, 0, 0);

    req.get_mel.offset = offset;
    req.get_mel.length = length;
    fx_ask(fx, s, &req);
}

static void test_log(void)
{
    for (uint8_t v = SPDM_VERSION_13; v <= SPDM_VERSION_14; v++) {
        g_autoptr(Fx) fx = negotiated(with_log(v));
        const SpdmMsgMel *rsp = &fx->rsp.mel;

        for (uint32_t at = 0; at < LOG_SIZE; at++) {
            for (uint32_t len = 0; len < 99; len += 13) {
                uint32_t portion = MIN(len, LOG_SIZE - at);

                ask_mel(fx, NULL, at, len);
                g_assert_cmpmem(rsp->portion.data, rsp->portion.len,
                                whole_log + at, portion);
                g_assert_cmpuint(rsp->remainder_length, ==,
                                 LOG_SIZE - at - portion);
            }
        }
        ask_mel(fx, fx_psk(fx), 0, UINT32_MAX);
        g_assert_cmpmem(rsp->portion.data, rsp->portion.len, whole_log,
                        LOG_SIZE);
    }
}

static void test_log_fits(void)
{
    FxOptions o = with_log(SPDM_VERSION_13);
    g_autoptr(Fx) fx = NULL;

    o.data_transfer_size = 64;
    fx = negotiated(o);
    ask_mel(fx, NULL, 0, UINT32_MAX);
    g_assert_cmpuint(fx->answer->len, ==, 64);
    g_assert_cmpuint(fx->rsp.mel.portion_length, ==, 52);
    g_assert_cmpuint(fx->rsp.mel.remainder_length, ==, LOG_SIZE - 52);
}

static void test_log_unavailable(void)
{
    g_autoptr(Fx) fx = negotiated(with_log(SPDM_VERSION_13));
    SpdmMsg req = fx_msg(fx, SPDM_GET_MEASUREMENT_EXTENSION_LOG, 0, 0);

    fx->no_log = true;
    g_assert_true(fx_try(fx, NULL, &req));
    fx_expect_error(fx, SPDM_ERROR_OPERATION_FAILED);
}

/* Zeros, then for each entry the hash over the value so far and the entry. */
static void test_hash_extended(void)
{
    g_autoptr(Fx) fx = negotiated(with_log(SPDM_VERSION_13));
    const SpdmHashAlg *hash = spdm_hash_by_meas_bit(fx->o.meas_hash);
    uint8_t value[SPDM_MAX_HASH] = { 0 };
    const SpdmBytes entries[] = {
        SPDM_BYTES(whole_log + LOG_FIRST, LOG_SECOND - LOG_FIRST),
        SPDM_BYTES(whole_log + LOG_SECOND, LOG_THIRD - LOG_SECOND),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
        const SpdmBytes parts[] = { SPDM_BYTES(value, hash->size),
                                    entries[i] };
        uint8_t next[SPDM_MAX_HASH];

        spdm_hash(hash, parts, 2, next);
        memcpy(value, next, hash->size);
    }
    fx->extended = true;
    for (unsigned raw = 0; raw <= SPDM_MEAS_REQ_RAW; raw += 2) {
        fx_measurements(fx, NULL, (uint8_t)raw, FX_EXTENDED);
        g_assert_cmphex(block_at(fx, 0).value_type, ==, 8);
        g_assert_cmpmem(block_at(fx, 0).value.data,
                        block_at(fx, 0).value.len, value, hash->size);
    }
    fx_measurements(fx, NULL, 0, SPDM_MEAS_OP_COUNT);
    g_assert_cmpuint(fx->rsp.h.param1, ==, 6);
}

/* Types of 1.3 are not shown before. */
static void test_hash_extended_in_12(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmMsg req = fx_msg(fx, SPDM_GET_MEASUREMENTS, 0, FX_EXTENDED);

    fx->extended = true;
    fx_measurements(fx, NULL, 0, SPDM_MEAS_OP_COUNT);
    g_assert_cmpuint(fx->rsp.h.param1, ==, 5);
    g_assert_true(fx_try(fx, NULL, &req));
    fx_expect_error(fx, SPDM_ERROR_INVALID_REQUEST);
}

/* What the recorded log and measurement of the DMTF emulator are. */
static void test_hash_extended_of_the_emulator(void)
{
    static const char log_hex[] =
        "0100000011000000890300524f4d" "0200000011000000890700426f6f74204657"
        "03000000110000008604000a030001";
    static const char want_hex[] =
        "c4f9625b48d4e0e192c463a2d00b43305d7d588d7d9c846c1d3f9ed119888372"
        "9a55b9178a4f7101dfa1c83234391b2ee98027e8a435d0283e29784ecda6406e";
    static const uint8_t ends[] = { 14, 32, 47 };
    const SpdmHashAlg *hash = spdm_hash_by_meas_bit(1 << 3);
    uint8_t value[64] = { 0 }, log[47], want[64];
    unsigned at = 0;

    for (unsigned i = 0; i < sizeof(log); i++) {
        log[i] = (uint8_t)(g_ascii_xdigit_value(log_hex[2 * i]) << 4 |
                           g_ascii_xdigit_value(log_hex[2 * i + 1]));
    }
    for (unsigned i = 0; i < sizeof(want); i++) {
        want[i] = (uint8_t)(g_ascii_xdigit_value(want_hex[2 * i]) << 4 |
                            g_ascii_xdigit_value(want_hex[2 * i + 1]));
    }
    for (unsigned i = 0; i < sizeof(ends); i++) {
        const SpdmBytes parts[] = { SPDM_BYTES(value, 64),
                                    SPDM_BYTES(log + at, ends[i] - at) };
        uint8_t next[64];

        spdm_hash(hash, parts, 2, next);
        memcpy(value, next, sizeof(value));
        at = ends[i];
    }
    g_assert_cmpmem(value, 64, want, 64);
}

/* Endpoint information. */

static void test_endpoint_info(void)
{
    for (uint8_t v = SPDM_VERSION_13; v <= SPDM_VERSION_14; v++) {
        g_autoptr(Fx) fx = negotiated(with_log(v));
        SpdmSession *s = fx_sigma(fx);

        fx_endpoint_info(fx, NULL, false);
        fx_endpoint_info(fx, NULL, true);
        fx_endpoint_info(fx, s, true);
        fx_endpoint_info(fx, s, false);
        fx_endpoint_info(fx, fx_psk(fx), true);
    }
}

/* It is no part of L1/L2, and starts it anew. */
static void test_endpoint_info_beside_l1(void)
{
    g_autoptr(Fx) fx = negotiated(with_log(SPDM_VERSION_13));

    fx_measurements(fx, NULL, 0, 1);
    fx_endpoint_info(fx, NULL, true);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 1);
    fx_measurements(fx, NULL, 0, 1);
    ask_mel(fx, NULL, 0, 100);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 1);
}

/* The summary hash is over complete blocks; type 1 has those of the TCB. */
static void test_summary(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    uint8_t hash[SPDM_MAX_HASH];
    g_autoptr(GByteArray) blocks = g_byte_array_new();
    SpdmBytes view;

    for (uint8_t index = 1; index <= 2; index++) {
        fx_measurements(fx, NULL, 0, index);
        g_byte_array_append(blocks, fx->rsp.measurements.record.data,
                            (guint)fx->rsp.measurements.record.len);
    }
    view = SPDM_BYTES(blocks->data, blocks->len);
    spdm_hash(fx->conn.hash, &view, 1, hash);
    fx_challenge(fx, SPDM_SUMMARY_TCB);
    g_assert_cmpmem(fx->rsp.challenge_auth.summary_hash.data,
                    fx->rsp.challenge_auth.summary_hash.len, hash,
                    fx->conn.hash->size);
    fx_measurements(fx, NULL, 0, SPDM_MEAS_OP_ALL);
    view = fx->rsp.measurements.record;
    spdm_hash(fx->conn.hash, &view, 1, hash);
    fx_challenge(fx, SPDM_SUMMARY_ALL);
    g_assert_cmpmem(fx->rsp.challenge_auth.summary_hash.data,
                    fx->rsp.challenge_auth.summary_hash.len, hash,
                    fx->conn.hash->size);
}

/* Each algorithm, selected alone. */

static void sign_with(const SpdmAsymAlg *asym, const SpdmHashAlg *hash,
                      uint8_t version)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = version,
        .asym = asym->bit, .hash = hash->bit });

    g_assert_cmpstr(fx_info(fx).asym, ==, asym->name);
    g_assert_cmpstr(fx_info(fx).hash, ==, hash->name);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 1);
}

static void test_signatures(void)
{
    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        for (const SpdmHashAlg *h = spdm_hash_algs; h->name; h++) {
            if (spdm_asym_takes_hash(a, h)) {
                sign_with(a, h, SPDM_VERSION_12);
            }
        }
        if (a->min_version == SPDM_VERSION_10) {
            sign_with(a, spdm_hash_by_bit(2), SPDM_VERSION_10);
        }
    }
}

static void test_preference(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0,
        .hash = 0x7f, .asym = 0xfff, .dhe = 0x7f, .aead = 0x0f });
    SpdmResponderInfo info = fx_info(fx);

    g_assert_cmpstr(info.hash, ==, spdm_hash_algs[0].name);
    g_assert_cmpstr(info.asym, ==, spdm_asym_algs[0].name);
    g_assert_cmpstr(info.dhe, ==, spdm_dhe_algs[0].name);
    g_assert_cmpstr(info.aead, ==, spdm_aead_algs[0].name);
    g_assert_cmphex(fx->conn.other_params, ==, SPDM_OPAQUE_FMT1);
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "certificate-at-any-offset-and-length", test_any_offset },
    { "portions-fit-DataTransferSize", test_portion_fits },
    { "slot-size-on-request", test_slot_size },
    { "digests-name-their-slots", test_digests_masks },
    { "challenge-straight-after-algorithms", test_challenge_at_once },
    { "challenge-after-any-order", test_challenge_orders },
    { "challenge-after-requests-that-reset-m1", test_challenge_resets },
    { "challenge-leaves-out-errors", test_challenge_after_error },
    { "challenge-leaves-out-sessions", test_challenge_beside_session },
    { "measurements-count", test_count },
    { "measurements-one", test_one },
    { "measurements-all", test_all },
    { "measurements-raw", test_raw },
    { "measurements-raw-is-reserved-in-1.1", test_raw_is_reserved_in_11 },
    { "measurements-of-a-raw-only-device", test_raw_only_device },
    { "l1-covers-all-since-the-last-signature", test_l1 },
    { "l1-is-each-context's-own", test_l1_is_separate },
    { "l1-starts-anew-after-others-and-errors", test_l1_resets },
    { "an-overflown-m1-is-not-signed", test_overflow },
    { "an-overflown-l1-is-not-signed", test_l1_overflow },
    { "content-changed-since-l1-began", test_content_changed },
    { "content-changed-is-reserved-in-1.1",
      test_content_changed_is_reserved_in_11 },
    { "new-measurements-on-request", test_new_measurements },
    { "log-at-any-offset-and-length", test_log },
    { "log-portions-fit-DataTransferSize", test_log_fits },
    { "log-that-cannot-be-had", test_log_unavailable },
    { "hash-extended-follows-the-log", test_hash_extended },
    { "hash-extended-is-not-shown-before-1.3", test_hash_extended_in_12 },
    { "hash-extended-is-as-the-emulator-has-it",
      test_hash_extended_of_the_emulator },
    { "endpoint-info-signed-and-not", test_endpoint_info },
    { "endpoint-info-and-logs-start-l1-anew", test_endpoint_info_beside_l1 },
    { "summary-hash-by-type", test_summary },
    { "every-signature-with-every-hash", test_signatures },
    { "strongest-algorithms-are-preferred", test_preference },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/responder/attest/",
                                            tests[i].name, NULL);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}
