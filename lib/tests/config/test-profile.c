/*
 * Every key of a profile, good and bad, and the text of every complaint.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/suggest.h"

#include <glib/gstdio.h>
#include <string.h>

/* A device without asymmetric keys, ready for more lines of [spdm]. */
#define PSK_ONLY \
    "[spdm]\nmin-version=1.1\ncapabilities=ENCRYPT;MAC;PSK\n"
#define A_PSK "[psk a]\nsecret=text:x\n"

static SpdmProfile *must_parse(const char *text)
{
    g_autoptr(GError) err = NULL;
    SpdmProfile *p = spdm_profile_parse(text, "t.ini", &err);

    g_assert_no_error(err);
    g_assert_nonnull(p);
    return p;
}

#define CAPS(list) "[spdm]\ncapabilities=" list "\n"

/* A device with several keys. */
#define KEY_PAIRS CAPS("CERT;CHAL;MULTI_KEY_NEG;GET_KEY_PAIR_INFO;" \
                       "SET_KEY_PAIR_INFO")
enum { KEY_PAIR_FLAGS = 0x38000006 };

/* One key that is right, and the number it leaves in the profile. */
typedef struct GoodRow {
    const char *sentence;
    const char *text;
    size_t offset;
    uint8_t size;
    uint32_t want;
} GoodRow;

#define FIELD(member) \
    offsetof(SpdmProfile, member), sizeof(((SpdmProfile *)0)->member)

static const GoodRow good_rows[] = {
    { "min-version-stands-at-1.0", "", FIELD(min_version), 0x10 },
    { "max-version-stands-at-1.4", "", FIELD(max_version), 0x14 },
    { "min-version-is-read", "[spdm]\nmin-version=1.2\n",
      FIELD(min_version), 0x12 },
    { "max-version-is-read", "[spdm]\nmax-version=1.1\n",
      FIELD(max_version), 0x11 },
    { "default-capabilities-are-a-sigma-device", "", FIELD(flags), 0x62f6 },
    { "default-capabilities-of-1.0-are-those-of-1.0",
      "[spdm]\nmax-version=1.0\n", FIELD(flags), 0x36 },
    { "no-heartbeat-in-1.0", "[spdm]\nmax-version=1.0\n",
      FIELD(heartbeat_period), 0 },
    { "no-session-algorithms-in-1.0", "[spdm]\nmax-version=1.0\n",
      FIELD(aead), 0 },
    { "capabilities-take-blanks-case-and-a-last-semicolon",
      "[spdm]\ncapabilities = cert ; CHAL;\n", FIELD(flags), 0x06 },
    { "no-capability-at-all", "[spdm]\ncapabilities=none\n",
      FIELD(flags), 0 },
    { "psk-without-context", PSK_ONLY A_PSK, FIELD(flags), 0x4c0 },
    { "psk-only-has-no-signature", PSK_ONLY A_PSK, FIELD(asym), 0 },
    { "psk-only-has-no-key-exchange", PSK_ONLY A_PSK, FIELD(dhe), 0 },
    { "psk-only-has-no-slot", PSK_ONLY A_PSK, FIELD(auto_slots), 0 },
    { "psk-only-has-an-aead", PSK_ONLY A_PSK, FIELD(aead), 3 },
    { "ct-exponent-is-read", "[spdm]\nct-exponent=31\n",
      FIELD(ct_exponent), 31 },
    { "sizes-may-be-the-smallest", "[spdm]\ndata-transfer-size=42\n",
      FIELD(data_transfer_size), 42 },
    { "chunks-make-messages-larger-than-transfers",
      "[spdm]\ncapabilities=CERT;CHAL;CHUNK\ndata-transfer-size=100\n"
      "max-spdm-msg-size=200\n", FIELD(max_msg_size), 200 },
    { "with-chunks-a-chain-of-64-KiB-fits",
      "[spdm]\ncapabilities=CERT;CHAL;CHUNK\ndata-transfer-size=100\n",
      FIELD(max_msg_size), 0x20000 },
    { "message-size-follows-a-large-transfer-size",
      "[spdm]\ncapabilities=CERT;CHAL;CHUNK\ndata-transfer-size=0x30000\n",
      FIELD(max_msg_size), 0x30000 },
    { "message-size-follows-transfer-size",
      "[spdm]\ndata-transfer-size=0x1000\n", FIELD(max_msg_size), 4096 },
    { "message-size-may-say-the-same",
      "[spdm]\ndata-transfer-size=100\nmax-spdm-msg-size=100\n",
      FIELD(max_msg_size), 100 },
    { "max-sessions-is-read", "[spdm]\nmax-sessions=8\n",
      FIELD(max_sessions), 8 },
    { "heartbeat-period-is-read", "[spdm]\nheartbeat-period=255\n",
      FIELD(heartbeat_period), 255 },
    { "heartbeat-period-may-be-none", "[spdm]\nheartbeat-period=0\n",
      FIELD(heartbeat_period), 0 },
    { "no-heartbeat-without-hbeat", PSK_ONLY A_PSK,
      FIELD(heartbeat_period), 0 },
    { "hash-is-a-mask", "[algorithms]\nhash=SHA-512;SHA-256\n",
      FIELD(hash), 5 },
    { "asym-is-a-mask", "[algorithms]\nasym=ECDSA-P256;RSAPSS-3072\n",
      FIELD(asym), 0x18 },
    { "dhe-is-a-mask", "[algorithms]\ndhe=FFDHE2048;SECP521R1\n",
      FIELD(dhe), 0x21 },
    { "aead-is-a-mask", "[algorithms]\naead=CHACHA20-POLY1305\n",
      FIELD(aead), 4 },
    { "measurement-hash-is-one", "[algorithms]\nmeasurement-hash=SHA-512\n",
      FIELD(measurement_hash), 8 },
    { "measurement-hash-may-be-raw", "[algorithms]\nmeasurement-hash=raw\n",
      FIELD(measurement_hash), 1 },
    { "opaque-formats-is-a-mask",
      "[algorithms]\nopaque-formats=OpaqueDataFmt0;OpaqueDataFmt1\n",
      FIELD(opaque_formats), 3 },
    { "secured-versions-may-be-one", "[algorithms]\nsecured-versions=1.1\n",
      FIELD(secured_max), 0x1100 },
    { "secured-versions-may-be-a-range",
      "[algorithms]\nsecured-versions=1.0 - 1.1\n", FIELD(secured_min),
      0x1000 },
    { "slot-0-is-automatic", "", FIELD(auto_slots), 1 },
    { "other-slots-may-be-automatic", "[slot 2]\nauto=true\n[slot 7]\n",
      FIELD(auto_slots), 0x84 },
    { "a-slot-has-algorithms-of-its-own",
      "[algorithms]\nasym=ECDSA-P384;ECDSA-P256\n"
      "[slot 3]\nasym=ECDSA-P256\n", FIELD(slots[3].asym), 0x10 },
    { "a-slot-is-of-the-device-model", "[slot 1]\n",
      FIELD(slots[1].model), SPDM_CERT_MODEL_DEVICE },
    { "a-slot-that-is-not-has-no-model", "[slot 1]\n",
      FIELD(slots[0].model), SPDM_CERT_MODEL_NONE },
    { "the-slot-that-goes-without-saying-has-a-model",
      CAPS("CERT;CHAL;ALIAS_CERT"), FIELD(slots[0].model),
      SPDM_CERT_MODEL_ALIAS },
    { "a-slot-with-files-has-a-model",
      CAPS("CERT;CHAL;ALIAS_CERT") "[slot 0]\ncert=c.pem\nkey=k.pem\n",
      FIELD(slots[0].model), SPDM_CERT_MODEL_ALIAS },
    { "several-keys-have-models-of-their-own",
      KEY_PAIRS "[slot 0]\n[slot 1]\nmodel=generic\n",
      FIELD(slots[1].model), SPDM_CERT_MODEL_GENERIC },
    { "a-device-slot-stands-beside-an-alias",
      CAPS("CERT;CHAL;ALIAS_CERT;MULTI_KEY_ONLY;GET_KEY_PAIR_INFO")
      "[slot 0]\n[slot 1]\nmodel=device\n",
      FIELD(slots[1].model), SPDM_CERT_MODEL_DEVICE },
    { "a-slot-with-files-is-not-automatic",
      "[slot 0]\ncert=c.pem\nkey=k.pem\n", FIELD(auto_slots), 0 },
    { "key-pairs-are-counted", KEY_PAIRS
      "[key-pair 1]\nasym=ECDSA-P384\nslots=0\n"
      "[key-pair 2]\nasym=ECDSA-P384\nempty=true\n",
      FIELD(flags), KEY_PAIR_FLAGS },
    { "a-public-key-stands-for-certificates",
      CAPS("PUB_KEY_ID;CHAL") "[public-key]\nprivate-key=k.pem\n",
      FIELD(auto_slots), 0 },
    { "strict-is-read", "[identity]\nstrict=true\n",
      FIELD(strict_identity), true },
    { "echo-is-read", "[vendor]\necho=true\n", FIELD(vendor_echo), true },
};

static void test_good(gconstpointer data)
{
    const GoodRow *row = data;
    g_autoptr(SpdmProfile) p = must_parse(row->text);

    g_assert_cmphex(spdm_field_get((uint8_t *)p + row->offset, row->size),
                    ==, row->want);
}

/* A text that is refused, and the one line that says why. */
typedef struct BadRow {
    const char *sentence;
    const char *text;
    const char *want;
} BadRow;

#define LATER(list, name) \
    { "refuses-" name, CAPS(list), \
      "t.ini:2: [spdm] capabilities: " name \
      " is not served by this version" }

#define MUTUAL \
    CAPS("CERT;CHAL;MAC;KEY_EX;MUT_AUTH;ENCAP") "[mutual-auth]\n"

/* Four lines. */
#define PSK_PROFILE CAPS("PSK;MAC;ENCRYPT") "[psk a]\nsecret=text:b\n"

static const BadRow bad_rows[] = {
    /* The shape of the file. */
    { "line-that-is-nothing", "[spdm]\nmax-version 1.2\n",
      "t.ini:2: \"max-version 1.2\" is none of [section], key=value below a "
      "section, # comment" },
    { "key-before-any-section", "echo=true\n",
      "t.ini:1: \"echo=true\" is none of [section], key=value below a "
      "section, # comment" },
    { "key-that-comes-twice", "[vendor]\necho=true\n\necho=false\n",
      "t.ini:4: [vendor] echo: stands in line 2 already; keep one" },
    { "section-that-comes-twice", "[vendor]\n[spdm]\n[vendor]\n",
      "t.ini:3: [vendor]: stands in line 1 already; keep one" },
    { "value-with-an-unknown-escape", "[device]\nname=a\\q\n",
      "t.ini:2: [device] name: is not UTF-8 or has an unknown \\ escape" },

    /* Unknown names. */
    { "unknown-section", "[algoritms]\n",
      "t.ini:1: [algoritms]: unknown section; the nearest is "
      "[algorithms]" },
    { "unknown-numbered-section", "[slots 0]\n",
      "t.ini:1: [slots 0]: unknown section; the nearest is [slot N]" },
    { "section-without-its-number", "[measurement]\n",
      "t.ini:1: [measurement]: unknown section; the nearest is "
      "[measurement N]" },
    { "section-with-a-number-too-many", "[vendor 1]\n",
      "t.ini:1: [vendor 1]: unknown section; the nearest is [vendor]" },
    { "unknown-key", "# text\n[spdm]\nmax-verison=1.2\n",
      "t.ini:3: [spdm] max-verison: unknown key; the nearest is "
      "max-version" },
    { "key-of-another-section", "[spdm]\nhash=SHA-256\n",
      "t.ini:2: [spdm] hash: unknown here; it belongs in [algorithms]" },
    { "key-of-a-numbered-section", "[identity]\ncert=a\n",
      "t.ini:2: [identity] cert: unknown here; it belongs in [slot N]" },
    { "key-in-another-language", "[vendor]\necho[de]=true\n",
      "t.ini:2: [vendor] echo[de]: unknown key; the nearest is echo" },
    { "unknown-capability", CAPS("CERT;CHALL"),
      "t.ini:2: [spdm] capabilities: \"CHALL\" is none of *CERT, *; "
      "the nearest is CHAL" },
    { "unknown-hash", "[algorithms]\nhash=SHA-265\n",
      "t.ini:2: [algorithms] hash: \"SHA-265\" is none of SHA-512, "
      "SHA-384, SHA-256, SHA3-512, SHA3-384, SHA3-256, SM3; the nearest is "
      "SHA-256" },
    { "unknown-asym", "[algorithms]\nasym=ECDSA-P385\n",
      "t.ini:2: [algorithms] asym: \"ECDSA-P385\" is none of "
#ifdef SPDM_HAVE_ML_DSA
      "ML-DSA-87, ML-DSA-65, ML-DSA-44, "
#endif
      "ECDSA-P521, ECDSA-P384, ECDSA-P256, RSAPSS-4096, RSAPSS-3072, "
      "RSAPSS-2048, "
      "RSASSA-4096, RSASSA-3072, RSASSA-2048, EDDSA-448, EDDSA-25519, "
      "SM2-P256; the nearest is ECDSA-P384" },
    { "unknown-dhe", "[algorithms]\ndhe=FFDHE1024\n",
      "t.ini:2: [algorithms] dhe: \"FFDHE1024\" is none of SECP521R1, "
      "SECP384R1, SECP256R1, FFDHE4096, FFDHE3072, FFDHE2048; the nearest "
      "is FFDHE4096" },
    { "SM2-key-exchange", "[algorithms]\ndhe=SM2-P256\n",
      "t.ini:2: [algorithms] dhe: SM2-P256 is not served by this version: "
      "GB/T 32918.3 wants a static key of both ends, and DSP0274 names "
      "none" },
#ifndef SPDM_HAVE_ML_KEM
    { "post-quantum-key-exchange", "[algorithms]\nkem=ml-kem-768\n",
      "t.ini:2: [algorithms] kem: ml-kem-768 is not served by this version: "
      "post-quantum key exchange takes libgcrypt 1.11.1 or later" },
    { "unknown-kem", "[algorithms]\nkem=RSA-KEM\n",
      "t.ini:2: [algorithms] kem: \"RSA-KEM\" is no name; this libgcrypt has "
      "none of them, so it can only be none" },
#else
    { "post-quantum-key-exchange", "[algorithms]\nkem=ml-kem-76\n",
      "t.ini:2: [algorithms] kem: \"ml-kem-76\" is none of ML-KEM-1024, "
      "ML-KEM-768, ML-KEM-512; the nearest is ML-KEM-768" },
    { "kem-before-1.4", "[spdm]\nmax-version=1.3\n[algorithms]\n"
      "kem=ML-KEM-768\n",
      "t.ini:4: [algorithms] kem: ML-KEM-768 is defined from SPDM 1.4 on, "
      "max-version is 1.3" },
    { "kem-of-a-device-without-key-ex",
      "[spdm]\ncapabilities=CERT;CHAL;MEAS_SIG\n[algorithms]\n"
      "kem=ML-KEM-768\n",
      "t.ini:4: [algorithms] kem: nothing uses it: capabilities name none "
      "of KEY_EX" },
    { "kem-alone-for-versions-without", "[algorithms]\ndhe=none\n"
      "kem=ML-KEM-768\n",
      "t.ini:2: [algorithms] dhe: none needs min-version=1.4: before it there "
      "is no kem" },
#endif
    { "neither-dhe-nor-kem", "[algorithms]\ndhe=none\n",
      "t.ini:2: [algorithms] dhe: none will not do: KEY_EX needs at least "
      "one, or a kem" },
#ifndef SPDM_HAVE_ML_DSA
    { "post-quantum-signatures", "[algorithms]\nasym=ML-DSA-65\n",
      "t.ini:2: [algorithms] asym: ML-DSA-65 is not served by this version: "
      "post-quantum signatures take libgcrypt 1.12 or later" },
#else
    { "post-quantum-signatures-before-1.4", "[spdm]\nmax-version=1.3\n"
      "[algorithms]\nasym=ECDSA-P384;ML-DSA-65\n",
      "t.ini:4: [algorithms] asym: ML-DSA-65 is defined from SPDM 1.4 on, "
      "max-version is 1.3" },
    { "long-signatures-without-chunks",
      "[algorithms]\nasym=ECDSA-P384;ML-DSA-87\n",
      "t.ini:2: [algorithms] asym: signatures of ML-DSA-87 have 4627 bytes: "
      "with a data-transfer-size of 4608 that takes CHUNK among the "
      "capabilities" },
    { "long-signatures-of-a-small-device", "[spdm]\n"
      "data-transfer-size=3443\n[algorithms]\nasym=ML-DSA-44\n",
      "t.ini:4: [algorithms] asym: signatures of ML-DSA-44 have 2420 bytes: "
      "with a data-transfer-size of 3443 that takes CHUNK among the "
      "capabilities" },
    { "long-signatures-with-a-kem", "[spdm]\n"
      "data-transfer-size=5420\n[algorithms]\nasym=ML-DSA-65\n"
      "kem=ML-KEM-768\n",
      "t.ini:4: [algorithms] asym: signatures of ML-DSA-65 have 3309 bytes: "
      "with a data-transfer-size of 5420 that takes CHUNK among the "
      "capabilities" },
    { "a-long-chain-of-long-certificates", "[spdm]\n"
      "data-transfer-size=65536\n[algorithms]\nasym=ML-DSA-87;ML-DSA-65\n"
      "[identity]\nintermediates=6\n",
      "t.ini:6: [identity] intermediates: at most 5 of post-quantum "
      "signatures, or the chain is too long" },
    { "post-quantum-signatures-of-requesters-before-1.4", "[spdm]\n"
      "max-version=1.3\ncapabilities=CERT;CHAL;KEY_EX;ENCRYPT;MAC;MUT_AUTH;"
      "ENCAP\n[mutual-auth]\nmode=required\nasym=ML-DSA-44\n",
      "t.ini:6: [mutual-auth] asym: ML-DSA-44 is defined from SPDM 1.4 on, "
      "max-version is 1.3" },
#endif
    { "hash-based-signatures", "[algorithms]\nasym=SLH-DSA-SHA2-128s\n",
      "t.ini:2: [algorithms] asym: SLH-DSA-SHA2-128s is not served by this "
      "version: libgcrypt, as of 1.12, has no SLH-DSA" },
    { "unknown-aead", "[algorithms]\naead=AES-256\n",
      "t.ini:2: [algorithms] aead: \"AES-256\" is none of AES-256-GCM, "
      "AES-128-GCM, CHACHA20-POLY1305, SM4-GCM; the nearest is "
      "AES-256-GCM" },
    { "unknown-measurement-hash", "[algorithms]\nmeasurement-hash=row\n",
      "t.ini:2: [algorithms] measurement-hash: \"row\" is none of raw, "
      "SHA-512, SHA-384, SHA-256, SHA3-512, SHA3-384, SHA3-256, SM3; "
      "the nearest is raw" },
    { "unknown-opaque-format", "[algorithms]\nopaque-formats=1\n",
      "t.ini:2: [algorithms] opaque-formats: \"1\" is none of "
      "OpaqueDataFmt0, OpaqueDataFmt1; the nearest is OpaqueDataFmt1" },

    /* Ranges. */
    { "name-with-a-comma", "[device]\nname=a,CN=b\n",
      "t.ini:2: [device] name: \"a,CN=b\" is not 1 to 30 letters, digits, "
      "blanks, '-', '_', '.'" },
    { "version-that-is-none", "[spdm]\nmin-version=1.9\n",
      "t.ini:2: [spdm] min-version: \"1.9\" is none of 1.0, 1.1, 1.2, 1.3, "
      "1.4; the nearest is 1.0" },
    { "version-of-the-future", "[spdm]\nmax-version=1.5\n",
      "t.ini:2: [spdm] max-version: \"1.5\" is none of 1.0, 1.1, 1.2, 1.3, "
      "1.4; the nearest is 1.0" },
    { "request-that-is-never-put-off", "[spdm]\n"
      "respond-if-ready=GET_VERSION:4\n",
      "t.ini:2: [spdm] respond-if-ready: \"GET_VERSION\" is none of *" },
    { "request-put-off-without-an-exponent", "[spdm]\n"
      "respond-if-ready=CHALLENGE\n",
      "t.ini:2: [spdm] respond-if-ready: \"CHALLENGE\" is not a request, "
      "':' and an RDTExponent from 0 to 31" },
    { "request-put-off-for-too-long", "[spdm]\n"
      "respond-if-ready=CHALLENGE:4;FINISH:32\n",
      "t.ini:2: [spdm] respond-if-ready: \"FINISH:32\" is not a request, "
      "':' and an RDTExponent from 0 to 31" },
    { "aead-limit-of-none", "[algorithms]\naead-limit=0\n",
      "t.ini:2: [algorithms] aead-limit: \"0\" is not a number from 1 to "
      "64" },
    { "aead-limit-too-large", "[algorithms]\naead-limit=65\n",
      "t.ini:2: [algorithms] aead-limit: \"65\" is not a number from 1 to "
      "64" },
    { "provisioned-without-psk", "[provisioned]\nversion=1.2\n"
      "hash=SHA-384\naead=AES-256-GCM\n", "t.ini:1: [provisioned]: *" },
    { "provisioned-version-1.0", PSK_PROFILE "[provisioned]\nversion=1.0\n"
      "hash=SHA-384\naead=AES-256-GCM\n",
      "t.ini:6: [provisioned] version: is not from min-version (1.1 at "
      "least) to max-version" },
    { "provisioned-hash-that-is-not-served", PSK_PROFILE "[provisioned]\n"
      "version=1.2\nhash=SHA-512\naead=AES-256-GCM\n",
      "t.ini:7: [provisioned] hash: is none of [algorithms] hash" },
    { "provisioned-aead-that-is-not-served", PSK_PROFILE "[provisioned]\n"
      "version=1.2\nhash=SHA-384\naead=CHACHA20-POLY1305\n",
      "t.ini:8: [provisioned] aead: is none of [algorithms] aead" },
    { "provisioned-requester-without-psk", PSK_PROFILE "[provisioned]\n"
      "version=1.2\nhash=SHA-384\naead=AES-256-GCM\n"
      "requester-capabilities=MAC\n",
      "t.ini:9: [provisioned] requester-capabilities: a PSK session takes "
      "PSK and MAC" },
    { "ct-exponent-too-large", "[spdm]\nct-exponent=32\n",
      "t.ini:2: [spdm] ct-exponent: \"32\" is not a number from 0 to 31" },
    { "ct-exponent-negative", "[spdm]\nct-exponent=-1\n",
      "t.ini:2: [spdm] ct-exponent: \"-1\" is not a number from 0 to 31" },
    { "transfer-size-too-small", "[spdm]\ndata-transfer-size=41\n",
      "t.ini:2: [spdm] data-transfer-size: \"41\" is not a number from 42 "
      "to 1048512" },
    { "message-size-with-a-unit", "[spdm]\nmax-spdm-msg-size=4K\n",
      "t.ini:2: [spdm] max-spdm-msg-size: \"4K\" is not a number from 42 "
      "to 1048512" },
    { "no-session", "[spdm]\nmax-sessions=0\n",
      "t.ini:2: [spdm] max-sessions: \"0\" is not a number from 1 to 8" },
    { "too-many-sessions", "[spdm]\nmax-sessions=9\n",
      "t.ini:2: [spdm] max-sessions: \"9\" is not a number from 1 to 8" },
    { "heartbeat-period-too-long", "[spdm]\nheartbeat-period=256\n",
      "t.ini:2: [spdm] heartbeat-period: \"256\" is not a number from 0 to "
      "255" },
    { "empty-list", CAPS(""),
      "t.ini:2: [spdm] capabilities: \"\" is not a list of names, or "
      "none" },
    { "strict-that-is-no-bool", "[identity]\nstrict=yes\n",
      "t.ini:2: [identity] strict: \"yes\" is none of true, false; the "
      "nearest is true" },
    { "echo-that-is-no-bool", "[vendor]\necho=1\n",
      "t.ini:2: [vendor] echo: \"1\" is none of true, false; the nearest "
      "is true" },
    { "secured-version-that-is-none", "[algorithms]\nsecured-versions=2.0\n",
      "t.ini:2: [algorithms] secured-versions: \"2.0\" is none of 1.0, 1.1, "
      "1.2, 1.3; the nearest is 1.0" },
    { "secured-versions-upside-down",
      "[algorithms]\nsecured-versions=1.2-1.0\n",
      "t.ini:2: [algorithms] secured-versions: \"1.2-1.0\" is not a range "
      "from lower to higher" },
    { "slot-8", "[slot 8]\n",
      "t.ini:1: [slot 8]: \"8\" is not a number from 0 to 7" },
    { "measurement-0", "[measurement 0]\n",
      "t.ini:1: [measurement 0]: \"0\" is not a number from 1 to 254" },
    { "measurement-255", "[measurement 255]\n",
      "t.ini:1: [measurement 255]: \"255\" is not a number from 1 to "
      "254" },
    { "reserved-measurement", "[measurement 0xf0]\n",
      "t.ini:1: [measurement 0xf0]: DSP0274 reserves 240 to 252; 253 is the "
      "manifest, 254 the device mode" },

    /* Mutual authentication. */
    { "mutual-auth-without-its-capability", "[mutual-auth]\nmode=optional\n",
      "t.ini:1: [mutual-auth]: nothing uses it: capabilities name none of "
      "MUT_AUTH" },
    { "MUT_AUTH-without-ENCAP", CAPS("CERT;CHAL;MAC;KEY_EX;MUT_AUTH"),
      "t.ini:2: [spdm] capabilities: MUT_AUTH needs ENCAP, through which it "
      "asks" },
    { "MUT_AUTH-without-ENCAP-in-1.1", CAPS("CERT;CHAL;MAC;KEY_EX;MUT_AUTH")
      "[mutual-auth]\nform=provisioned\ncert=a.pem\n",
      "t.ini:2: [spdm] capabilities: MUT_AUTH needs ENCAP in SPDM 1.1" },
    { "mutual-auth-mode", MUTUAL "mode=always\n",
      "t.ini:4: [mutual-auth] mode: \"always\" is none of none, optional, "
      "required; the nearest is none" },
    { "mutual-auth-slot", MUTUAL "slot=8\n",
      "t.ini:4: [mutual-auth] slot: \"8\" is not a number from 0 to 7" },
    { "mutual-auth-provisioned-without-anybody", MUTUAL "form=provisioned\n",
      "t.ini:4: [mutual-auth] form: provisioned needs the requester's cert "
      "or public-key" },
    { "mutual-auth-cert-that-is-not-used", MUTUAL "cert=a.pem\n",
      "t.ini:4: [mutual-auth] cert: nothing uses it: form is not "
      "provisioned" },
    { "mutual-auth-without-algorithms", MUTUAL "asym=none\n",
      "t.ini:4: [mutual-auth] asym: none will not do: the requester has to "
      "sign" },
    { "basic-mutual-auth-without-CHAL",
      CAPS("CERT;MAC;KEY_EX;MUT_AUTH;ENCAP")
      "[mutual-auth]\nbasic=true\n",
      "t.ini:4: [mutual-auth] basic: is part of CHALLENGE, and capabilities "
      "lack CHAL" },

    /* Capabilities of the next issue. */

    /* Capabilities that contradict each other. */
    { "two-kinds-of-psk", CAPS("MAC;PSK;PSK_WITH_CONTEXT"),
      "t.ini:2: [spdm] capabilities: PSK and PSK_WITH_CONTEXT exclude each "
      "other" },
    { "two-kinds-of-measurement", CAPS("MEAS_SIG;MEAS_NO_SIG"),
      "t.ini:2: [spdm] capabilities: MEAS_SIG and MEAS_NO_SIG exclude each "
      "other" },
    { "set-cert-alone", CAPS("MEAS_NO_SIG;SET_CERT"),
      "t.ini:2: [spdm] capabilities: SET_CERT needs CERT" },
    { "csr-alone", CAPS("CERT;CHAL;CSR"),
      "t.ini:2: [spdm] capabilities: CSR needs SET_CERT, to give back what "
      "was signed" },
    { "cert-install-reset-alone", CAPS("CERT;CHAL;CERT_INSTALL_RESET"),
      "t.ini:2: [spdm] capabilities: CERT_INSTALL_RESET needs SET_CERT" },
    { "meas-fresh-alone", CAPS("CERT;CHAL;MEAS_FRESH"),
      "t.ini:2: [spdm] capabilities: MEAS_FRESH needs MEAS_SIG or "
      "MEAS_NO_SIG" },
    { "chal-without-cert", CAPS("CHAL"),
      "t.ini:2: [spdm] capabilities: CHAL signs and so needs CERT or "
      "PUB_KEY_ID" },
    { "meas-sig-without-cert", CAPS("MEAS_SIG"),
      "t.ini:2: [spdm] capabilities: MEAS_SIG signs and so needs CERT or "
      "PUB_KEY_ID; unsigned is MEAS_NO_SIG" },
    { "key-ex-without-cert", CAPS("KEY_EX;MAC"),
      "t.ini:2: [spdm] capabilities: KEY_EX signs and so needs CERT or "
      "PUB_KEY_ID; without keys it is PSK" },
    { "cert-that-nothing-uses", CAPS("CERT;MEAS_NO_SIG"),
      "t.ini:2: [spdm] capabilities: CERT needs one that signs: CHAL, "
      "KEY_EX, MEAS_SIG or EP_INFO_SIG" },
    { "public-key-beside-certificates", CAPS("CERT;PUB_KEY_ID;CHAL"),
      "t.ini:2: [spdm] capabilities: PUB_KEY_ID excludes CERT, "
      "MULTI_KEY_ONLY, MULTI_KEY_NEG, GET_KEY_PAIR_INFO and "
      "SET_KEY_PAIR_INFO" },
    { "public-key-with-key-pairs",
      CAPS("PUB_KEY_ID;CHAL;GET_KEY_PAIR_INFO"),
      "t.ini:2: [spdm] capabilities: PUB_KEY_ID excludes CERT, *" },
    { "public-key-that-nothing-uses", CAPS("PUB_KEY_ID"),
      "t.ini:2: [spdm] capabilities: PUB_KEY_ID needs one that signs: CHAL, "
      "KEY_EX, MEAS_SIG or EP_INFO_SIG" },
    { "public-key-file-without-its-use",
      "[public-key]\nprivate-key=k.pem\n",
      "t.ini:1: [public-key]: nothing uses it: capabilities name none of "
      "PUB_KEY_ID" },
    { "multi-key-both-ways",
      CAPS("CERT;CHAL;MULTI_KEY_ONLY;MULTI_KEY_NEG"),
      "t.ini:2: [spdm] capabilities: MULTI_KEY_ONLY and MULTI_KEY_NEG "
      "exclude each other" },
    { "multi-key-without-key-pairs", CAPS("CERT;CHAL;MULTI_KEY_NEG"),
      "t.ini:2: [spdm] capabilities: MULTI_KEY needs GET_KEY_PAIR_INFO" },
    { "multi-key-without-cert",
      CAPS("PSK;MAC;MULTI_KEY_ONLY;GET_KEY_PAIR_INFO"),
      "t.ini:2: [spdm] capabilities: MULTI_KEY needs CERT" },
    { "key-pair-reset-without-set",
      CAPS("CERT;CHAL;GET_KEY_PAIR_INFO;SET_KEY_PAIR_RESET"),
      "t.ini:2: [spdm] capabilities: SET_KEY_PAIR_RESET needs "
      "SET_KEY_PAIR_INFO" },
    { "set-key-pair-without-get", CAPS("CERT;CHAL;SET_KEY_PAIR_INFO"),
      "t.ini:2: [spdm] capabilities: SET_KEY_PAIR_INFO needs "
      "GET_KEY_PAIR_INFO" },
    { "key-pair-without-its-use", "[key-pair 1]\nasym=ECDSA-P384\n",
      "t.ini:1: [key-pair 1]: nothing uses it: capabilities name none of "
      "GET_KEY_PAIR_INFO" },
    { "key-pair-0", KEY_PAIRS "[key-pair 0]\nasym=ECDSA-P384\n",
      "t.ini:3: [key-pair 0]: \"0\" is not a number from 1 to 255" },
    { "key-pair-twice", KEY_PAIRS "[key-pair 1]\nasym=ECDSA-P384\nslots=0\n"
      "[key-pair 0x1]\nasym=ECDSA-P384\n",
      "t.ini:6: [key-pair 0x1]: key pair 1 has a section already" },
    { "key-pair-without-algorithm", KEY_PAIRS "[key-pair 1]\nslots=0\n",
      "t.ini:3: [key-pair 1] asym: is missing" },
    { "key-pair-of-a-foreign-algorithm",
      KEY_PAIRS "[key-pair 1]\nasym=ECDSA-P256\n",
      "t.ini:4: [key-pair 1] asym: is no selection from the asym of "
      "[algorithms]" },
    { "key-pair-of-a-slot-that-is-not",
      KEY_PAIRS "[slot 0]\n[key-pair 1]\nasym=ECDSA-P384\nslots=1\n",
      "t.ini:6: [key-pair 1] slots: names a slot that is not automatic" },
    { "key-pair-of-two-slots",
      KEY_PAIRS "[slot 0]\n[slot 1]\n"
      "[key-pair 1]\nasym=ECDSA-P384\nslots=0;1\n",
      "t.ini:7: [key-pair 1] slots: several slots need SHAREABLE in "
      "capabilities" },
    { "key-pair-that-is-empty-and-in-use",
      KEY_PAIRS "[slot 0]\n[key-pair 1]\nasym=ECDSA-P384\nslots=0\n"
      "empty=true\n",
      "t.ini:6: [key-pair 1] slots: no slot can have a key pair that is "
      "empty" },
    { "key-pairs-with-a-gap",
      KEY_PAIRS "[slot 0]\n[key-pair 1]\nasym=ECDSA-P384\nslots=0\n"
      "[key-pair 3]\nasym=ECDSA-P384\n",
      "t.ini:7: [key-pair 3]: there is no [key-pair 2] before it" },
    { "slot-without-a-key-pair",
      KEY_PAIRS "[slot 0]\n[slot 1]\n"
      "[key-pair 1]\nasym=ECDSA-P384\nslots=0\n",
      "t.ini:2: [spdm] capabilities: no [key-pair N] has slot 1 in its "
      "slots" },
    { "key-ex-without-mac", CAPS("CERT;KEY_EX"),
      "t.ini:2: [spdm] capabilities: KEY_EX and PSK need MAC" },
    { "encrypt-without-mac", CAPS("CERT;CHAL;ENCRYPT"),
      "t.ini:2: [spdm] capabilities: ENCRYPT needs MAC" },
    { "mac-without-session", CAPS("CERT;CHAL;MAC"),
      "t.ini:2: [spdm] capabilities: MAC needs a session: KEY_EX or PSK" },
    { "hbeat-without-session", CAPS("CERT;CHAL;HBEAT"),
      "t.ini:2: [spdm] capabilities: HBEAT needs a session: KEY_EX or "
      "PSK" },
    { "key-upd-without-session", CAPS("CERT;CHAL;KEY_UPD"),
      "t.ini:2: [spdm] capabilities: KEY_UPD needs a session: KEY_EX or "
      "PSK" },
    { "clear-handshake-of-psk",
      CAPS("MAC;PSK;HANDSHAKE_IN_THE_CLEAR") A_PSK,
      "t.ini:2: [spdm] capabilities: HANDSHAKE_IN_THE_CLEAR needs KEY_EX; "
      "PSK has no such handshake" },
    { "alias-cert-without-cert", CAPS("ALIAS_CERT"),
      "t.ini:2: [spdm] capabilities: ALIAS_CERT needs CERT" },
    { "more-authorities-than-an-alias-has-room-for",
      CAPS("CERT;CHAL;ALIAS_CERT") "[identity]\nintermediates=14\n",
      "t.ini:4: [identity] intermediates: with ALIAS_CERT at most 13: one "
      "more is the device's own" },
    { "a-generic-slot-0", KEY_PAIRS "[slot 0]\nmodel=generic\n",
      "t.ini:4: [slot 0] model: slot 0 is device or alias; generic is for "
      "slots 1 to 7" },
    { "an-alias-without-its-capability",
      KEY_PAIRS "[slot 0]\n[slot 2]\nmodel=alias\n",
      "t.ini:5: [slot 2] model: alias needs ALIAS_CERT in capabilities" },
    { "a-device-slot-0-of-an-alias-device",
      CAPS("CERT;CHAL;ALIAS_CERT") "[slot 0]\nmodel=device\n",
      "t.ini:4: [slot 0] model: slot 0 is alias where capabilities name "
      "ALIAS_CERT" },
    { "a-generic-slot-of-one-key",
      "[slot 0]\n[slot 1]\nmodel=generic\n",
      "t.ini:3: [slot 1] model: differs from what ALIAS_CERT says of the "
      "whole device; needs MULTI_KEY_ONLY or MULTI_KEY_NEG, which tell it of "
      "each slot" },
    { "an-unknown-model", "[slot 0]\nmodel=aliases\n",
      "t.ini:2: [slot 0] model: \"aliases\" is none of device, alias, "
      "generic; the nearest is alias" },
    { "psk-without-secret", CAPS("MAC;PSK"),
      "t.ini:2: [spdm] capabilities: PSK needs a section [psk NAME] or "
      "[psk-derived]" },
    { "capability-newer-than-max-version",
      "[spdm]\nmax-version=1.0\ncapabilities=CERT;KEY_EX;MAC\n",
      "t.ini:3: [spdm] capabilities: MAC is defined from SPDM 1.1 on, "
      "max-version is 1.0" },
    { "versions-upside-down", "[spdm]\nmin-version=1.2\nmax-version=1.1\n",
      "t.ini:2: [spdm] min-version: is higher than max-version" },
    { "message-larger-than-a-transfer",
      "[spdm]\ndata-transfer-size=100\nmax-spdm-msg-size=200\n",
      "t.ini:3: [spdm] max-spdm-msg-size: 200 is not the "
      "data-transfer-size, 100; that takes CHUNK among the capabilities" },
    { "message-smaller-than-a-transfer",
      "[spdm]\ncapabilities=CERT;CHAL;CHUNK\ndata-transfer-size=100\n"
      "max-spdm-msg-size=99\n",
      "t.ini:4: [spdm] max-spdm-msg-size: 99 is less than the "
      "data-transfer-size, 100" },
    { "secured-version-newer-than-spdm",
      "[spdm]\nmax-version=1.1\n[algorithms]\nsecured-versions=1.2\n",
      "t.ini:4: [algorithms] secured-versions: 1.2 needs SPDM 1.2, "
      "max-version is lower; add 1.1" },

    /* Keys that no capability has a use for, or that one needs. */
    { "asym-of-a-device-without-keys",
      PSK_ONLY "[algorithms]\nasym=ECDSA-P384\n" A_PSK,
      "t.ini:5: [algorithms] asym: nothing uses it: capabilities name none "
      "of CERT, PUB_KEY_ID" },
    { "dhe-of-a-device-without-key-ex",
      PSK_ONLY "[algorithms]\ndhe=SECP384R1\n" A_PSK,
      "t.ini:5: [algorithms] dhe: nothing uses it: capabilities name none "
      "of KEY_EX" },
    { "aead-without-session", CAPS("CERT;CHAL")
      "[algorithms]\naead=AES-128-GCM\n",
      "t.ini:4: [algorithms] aead: nothing uses it: capabilities name none "
      "of ENCRYPT, MAC" },
    { "heartbeat-period-without-hbeat",
      PSK_ONLY "heartbeat-period=5\n" A_PSK,
      "t.ini:4: [spdm] heartbeat-period: nothing uses it: capabilities name "
      "none of HBEAT" },
    { "slot-of-a-device-without-keys", PSK_ONLY "[slot 0]\n" A_PSK,
      "t.ini:4: [slot 0]: nothing uses it: capabilities name none of "
      "CERT" },
    { "measurement-of-a-device-without", PSK_ONLY "[measurement 1]\n" A_PSK,
      "t.ini:4: [measurement 1]: nothing uses it: capabilities name none of "
      "MEAS_NO_SIG, MEAS_SIG" },
    { "psk-of-a-device-without-psk", A_PSK,
      "t.ini:1: [psk a]: nothing uses it: capabilities name none of PSK, "
      "PSK_WITH_CONTEXT" },
    { "derived-psk-of-a-device-without-psk", "[psk-derived]\n",
      "t.ini:1: [psk-derived]: nothing uses it: capabilities name none of "
      "PSK, PSK_WITH_CONTEXT" },
    { "signer-without-asym", "[algorithms]\nasym=none\n",
      "t.ini:2: [algorithms] asym: none will not do: capabilities need at "
      "least one" },
    { "session-without-opaque-format", "[algorithms]\nopaque-formats=none\n",
      "t.ini:2: [algorithms] opaque-formats: sessions need OpaqueDataFmt1 "
      "from SPDM 1.2 on" },
    { "ide-without-sessions",
      "[spdm]\ncapabilities=CERT;CHAL\n[pcie]\nide=true\n",
      "t.ini:4: [pcie] ide: needs a session: KEY_EX or PSK" },
    { "tdisp-without-sessions",
      "[spdm]\ncapabilities=CERT;CHAL\n[pcie]\ntdisp=true\n",
      "t.ini:4: [pcie] tdisp: needs a session: KEY_EX or PSK" },

    /* Slots. */
    { "cert-without-key", "[slot 0]\ncert=a.pem\n",
      "t.ini:1: [slot 0]: cert and key go together; key is missing" },
    { "key-without-cert", "[slot 0]\nkey=a.pem\n",
      "t.ini:1: [slot 0]: cert and key go together; cert is missing" },
    { "empty-path", "[slot 0]\ncert=\n",
      "t.ini:2: [slot 0] cert: \"\" is not the name of a file" },
    { "slot-both-automatic-and-from-files",
      "[slot 0]\ncert=a\nkey=b\nauto=true\n",
      "t.ini:1: [slot 0]: wants either cert and key or auto=true" },
    { "slot-neither-automatic-nor-from-files", "[slot 0]\nauto=false\n",
      "t.ini:1: [slot 0]: wants either cert and key or auto=true" },
    { "slot-asym-beyond-the-device", "[slot 0]\nasym=RSAPSS-2048\n",
      "t.ini:2: [slot 0] asym: is no selection from the asym of "
      "[algorithms]" },
    { "same-slot-in-other-digits", "[slot 1]\n[slot 0x1]\n",
      "t.ini:2: [slot 0x1]: slot 1 has a section already" },

    /* Measurements. */
    { "measurement-without-type", "[measurement 1]\nvalue=text:x\n",
      "t.ini:1: [measurement 1] type: is missing" },
    { "measurement-of-unknown-type", "[measurement 1]\ntype=firm\n",
      "t.ini:2: [measurement 1] type: \"firm\" is none of immutable-rom, "
      "firmware, hardware-config, firmware-config, manifest, device-mode, "
      "firmware-version, secure-version-number, hash-extended, "
      "informational, "
      "structured-manifest; the nearest is firmware" },
    { "measurement-without-value", "[measurement 1]\ntype=firmware\n",
      "t.ini:1: [measurement 1]: wants either value or "
      "source=config-space" },
    { "measurement-with-two-values",
      "[measurement 1]\ntype=firmware\nvalue=text:x\nsource=config-space\n",
      "t.ini:1: [measurement 1]: wants either value or "
      "source=config-space" },
    { "measurement-of-unknown-source",
      "[measurement 1]\ntype=firmware\nsource=file\n",
      "t.ini:3: [measurement 1] source: \"file\" is none of value, "
      "config-space; the nearest is value" },
    { "value-that-is-no-bytes",
      "[measurement 1]\ntype=firmware\nvalue=1234\n",
      "t.ini:3: [measurement 1] value: is neither text:... nor hex:... with "
      "pairs of hexadecimal digits" },
    { "value-with-half-a-byte",
      "[measurement 1]\ntype=firmware\nvalue=hex:123\n",
      "t.ini:3: [measurement 1] value: is neither text:... nor hex:... with "
      "pairs of hexadecimal digits" },
    { "raw-only-that-is-no-bool",
      "[measurement 1]\ntype=firmware\nvalue=text:x\nraw-only=maybe\n",
      "t.ini:4: [measurement 1] raw-only: \"maybe\" is none of true, false; "
      "the nearest is false" },
    { "tcb-that-is-no-bool",
      "[measurement 1]\ntype=firmware\nvalue=text:x\ntcb=fals\n",
      "t.ini:4: [measurement 1] tcb: \"fals\" is none of true, false; the "
      "nearest is false" },
    { "device-mode-of-wrong-size",
      "[measurement 254]\ntype=device-mode\nvalue=hex:00\n",
      "t.ini:3: [measurement 254] value: a device-mode is 16 bytes" },
    { "version-number-of-wrong-size",
      "[measurement 7]\ntype=secure-version-number\nvalue=hex:00\n",
      "t.ini:3: [measurement 7] value: a secure-version-number is 8 "
      "bytes" },
    { "hashed-device-mode",
      "[measurement 254]\ntype=device-mode\n"
      "value=hex:00000000000000000000000000000000\nraw-only=false\n",
      "t.ini:4: [measurement 254] raw-only: DSP0274 has this type as a raw "
      "bit stream only" },
    { "manifest-index-of-another-type",
      "[measurement 253]\ntype=firmware\nvalue=text:x\n",
      "t.ini:2: [measurement 253] type: index 253 is kept for a "
      "manifest" },
    { "device-mode-index-of-another-type",
      "[measurement 254]\ntype=firmware\nvalue=text:x\n",
      "t.ini:2: [measurement 254] type: index 254 is kept for "
      "device-mode" },
    { "type-newer-than-max-version",
      "[spdm]\nmax-version=1.2\n"
      "[measurement 1]\ntype=informational\nvalue=text:x\n",
      "t.ini:4: [measurement 1] type: is defined from SPDM 1.3 on; max-"
      "version is lower" },
    { "hash-extended-with-a-value",
      CAPS("CERT;CHAL;MEAS_SIG;MEL")
      "[measurement 1]\ntype=hash-extended\nvalue=text:x\n",
      "t.ini:4: [measurement 1] type: hash-extended is made of the [mel "
      "N] that name it: no value, source or raw-only" },
    { "hash-extended-without-MEL",
      "[measurement 1]\ntype=hash-extended\n",
      "t.ini:2: [measurement 1] type: hash-extended needs MEL in "
      "capabilities" },
    { "hash-extended-without-a-hash",
      CAPS("CERT;CHAL;MEAS_SIG;MEL")
      "[algorithms]\nmeasurement-hash=raw\n"
      "[measurement 1]\ntype=hash-extended\n",
      "t.ini:4: [algorithms] measurement-hash: measurement 1 is hash-"
      "extended; raw has no hash" },
    { "mel-of-another-measurement",
      CAPS("CERT;CHAL;MEAS_SIG;MEL")
      "[mel 1]\nmeasurement=1\nvalue=text:x\n",
      "t.ini:4: [mel 1] measurement: there is no [measurement 1] of "
      "type=hash-extended" },
    { "mel-of-the-extended-type",
      CAPS("CERT;CHAL;MEAS_SIG;MEL")
      "[mel 1]\nmeasurement=1\ntype=hash-extended\nvalue=text:x\n",
      "t.ini:5: [mel 1] type: an entry extends a measurement of this "
      "type; it is not one itself" },
    { "mel-without-a-value",
      CAPS("CERT;CHAL;MEAS_SIG;MEL")
      "[mel 1]\nmeasurement=1\n",
      "t.ini:3: [mel 1] value: is missing" },
    { "mel-twice",
      CAPS("CERT;CHAL;MEAS_SIG;MEL")
      "[mel 1]\nmeasurement=1\nvalue=text:x\n"
      "[mel 0x1]\nmeasurement=1\nvalue=text:x\n",
      "t.ini:6: [mel 0x1]: number 1 has a section already" },
    { "mel-256",
      CAPS("CERT;CHAL;MEAS_SIG;MEL") "[mel 256]\n",
      "t.ini:3: [mel 256]: \"256\" is not a number from 1 to 255" },
    { "MEL-without-measurements",
      CAPS("CERT;CHAL;MEL"),
      "t.ini:2: [spdm] capabilities: MEL needs MEAS_SIG or MEAS_NO_SIG" },
    { "EP_INFO_SIG-without-CERT",
      CAPS("EP_INFO_SIG"),
      "t.ini:2: [spdm] capabilities: EP_INFO_SIG signs and so needs CERT or"
      " PUB_KEY_ID; unsigned is EP_INFO_NO_SIG" },
    { "two-kinds-of-endpoint-info",
      CAPS("EP_INFO_SIG;EP_INFO_NO_SIG"),
      "t.ini:2: [spdm] capabilities: EP_INFO_SIG and EP_INFO_NO_SIG "
      "exclude each other" },
    { "endpoint-info-of-no-standard",
      CAPS("EP_INFO_NO_SIG")
      "[endpoint-info 1]\n",
      "t.ini:3: [endpoint-info 1] standard: is missing" },
    { "endpoint-info-of-an-unknown-standard",
      CAPS("EP_INFO_NO_SIG")
      "[endpoint-info 1]\nstandard=PCI\n",
      "t.ini:4: [endpoint-info 1] standard: \"PCI\" is none of DMTF, TCG,"
      " USB, PCI-SIG, *; the nearest is *" },
    { "endpoint-info-with-a-wrong-vendor-id",
      CAPS("EP_INFO_NO_SIG")
      "[endpoint-info 1]\nstandard=PCI-SIG\nvendor-id=hex:00\n",
      "t.ini:5: [endpoint-info 1] vendor-id: 1 bytes is not the length "
      "that this standard has" },
    { "endpoint-info-with-an-empty-sub-id",
      CAPS("EP_INFO_NO_SIG")
      "[endpoint-info 1]\nstandard=DMTF\nsub-ids=hex:00;hex:\n",
      "t.ini:5: [endpoint-info 1] sub-ids: is 0 bytes long, not 1 to 200" },
    { "same-measurement-in-other-digits",
      "[measurement 2]\ntype=firmware\nvalue=text:x\n"
      "[measurement 0x2]\ntype=firmware\nvalue=text:x\n",
      "t.ini:4: [measurement 0x2]: measurement 2 has a section already" },

    /* Pre-shared keys. */
    { "psk-without-a-secret", PSK_ONLY "[psk a]\nhint=text:h\n",
      "t.ini:4: [psk a] secret: is missing" },
    { "psk-with-an-empty-secret", PSK_ONLY "[psk a]\nsecret=hex:\n",
      "t.ini:5: [psk a] secret: is 0 bytes long, not 1 to 256" },
    { "hint-too-long", PSK_ONLY A_PSK
      "hint=text:123456789012345678901234567890123\n",
      "t.ini:6: [psk a] hint: is 33 bytes long, not 0 to 32" },
    { "name-too-long-for-a-hint", PSK_ONLY
      "[psk 123456789012345678901234567890123]\nsecret=text:x\n",
      "t.ini:4: [psk 123456789012345678901234567890123]: the name is longer "
      "than a hint, 32 bytes; give a hint" },
    { "same-hint-twice", PSK_ONLY A_PSK
      "[psk b]\nsecret=text:y\nhint=text:a\n",
      "t.ini:8: [psk b] hint: another [psk NAME] has the same hint" },
    { "derived-psk-without-secret", PSK_ONLY "[psk-derived]\n",
      "t.ini:4: [psk-derived] device-secret: is missing" },
    { "derived-psk-with-bad-secret",
      PSK_ONLY "[psk-derived]\ndevice-secret=secret\n",
      "t.ini:5: [psk-derived] device-secret: is neither text:... nor "
      "hex:... with pairs of hexadecimal digits" },
};

static void test_bad(gconstpointer data)
{
    const BadRow *row = data;
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) p = spdm_profile_parse(row->text, "t.ini", &err);

    g_assert_null(p);
    g_assert_nonnull(err);
    g_assert_true(err->domain == SPDM_CONFIG_ERROR);
    if (!g_pattern_match_simple(row->want, err->message)) {
        g_assert_cmpstr(err->message, ==, row->want);
    }
    g_assert_null(strchr(err->message, '\n'));
}

static bool bytes_equal(GBytes *a, GBytes *b)
{
    return a && b ? g_bytes_equal(a, b) : a == b;
}

static void assert_same_lists(const SpdmProfile *a, const SpdmProfile *b)
{
    g_assert_cmpuint(a->measurements->len, ==, b->measurements->len);
    for (guint i = 0; i < a->measurements->len; i++) {
        SpdmProfileMeasurement *x = a->measurements->pdata[i];
        SpdmProfileMeasurement *y = b->measurements->pdata[i];

        g_assert_cmpuint(x->index, ==, y->index);
        g_assert_cmpuint(x->type, ==, y->type);
        g_assert_true(x->raw_only == y->raw_only && x->tcb == y->tcb);
        g_assert_true(x->source == y->source);
        g_assert_true(bytes_equal(x->value, y->value));
    }
    g_assert_cmpuint(a->psks->len, ==, b->psks->len);
    for (guint i = 0; i < a->psks->len; i++) {
        SpdmProfilePsk *x = a->psks->pdata[i], *y = b->psks->pdata[i];

        g_assert_true(bytes_equal(x->hint, y->hint));
        g_assert_true(bytes_equal(x->secret, y->secret));
    }
}

static void assert_same_profile(const SpdmProfile *a, const SpdmProfile *b)
{
    g_assert_cmpstr(a->name, ==, b->name);
    /* All plain numbers lie between these two members. */
    g_assert_cmpmem(&a->min_version, offsetof(SpdmProfile, slots) -
                    offsetof(SpdmProfile, min_version), &b->min_version,
                    offsetof(SpdmProfile, slots) -
                    offsetof(SpdmProfile, min_version));
    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        g_assert_cmpstr(a->slots[i].cert_file, ==, b->slots[i].cert_file);
        g_assert_cmpstr(a->slots[i].key_file, ==, b->slots[i].key_file);
        g_assert_cmphex(a->slots[i].asym, ==, b->slots[i].asym);
        g_assert_true(a->slots[i].automatic == b->slots[i].automatic);
    }
    g_assert_cmphex(a->auto_slots, ==, b->auto_slots);
    g_assert_true(a->strict_identity == b->strict_identity);
    g_assert_true(a->vendor_echo == b->vendor_echo);
    g_assert_true(bytes_equal(a->psk_device_secret, b->psk_device_secret));
    assert_same_lists(a, b);
}

static void test_file_is_builtin(gconstpointer data)
{
    const char *name = data;
    g_autofree char *file = g_strconcat(name, ".ini", NULL);
    g_autofree char *path = g_build_filename(SRCDIR, "configs", file, NULL);
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) loaded = spdm_profile_load(path, &err);
    g_autoptr(SpdmProfile) builtin = NULL;

    g_assert_no_error(err);
    builtin = spdm_profile_builtin(name, &err);
    g_assert_no_error(err);
    g_assert_cmpstr(loaded->path, ==, path);
    g_assert_null(builtin->path);
    g_assert_cmpstr(builtin->name, ==, name);
    assert_same_profile(loaded, builtin);
}

static void test_empty_file_is_endpoint(void)
{
    g_autoptr(SpdmProfile) empty = spdm_profile_parse("", "endpoint", NULL);
    g_autoptr(SpdmProfile) endpoint = spdm_profile_builtin("endpoint", NULL);

    assert_same_profile(empty, endpoint);
}

static void test_builtins_without_keys(void)
{
    static const char *const names[] = { "webcam", "fingerprint",
                                         "soldered" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(SpdmProfile) p = spdm_profile_builtin(names[i], NULL);

        g_assert_cmphex(p->asym, ==, 0);
        g_assert_cmphex(p->dhe, ==, 0);
        g_assert_cmphex(p->auto_slots, ==, 0);
        g_assert_cmphex(p->flags & (CAP_CERT | CAP_CHAL | CAP_KEY_EX |
                                    CAP_MEAS_SIG), ==, 0);
        g_assert_cmphex(p->flags & CAP_PSK, !=, 0);
    }
}

static void test_unknown_builtin(void)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) p = spdm_profile_builtin("sdd", &err);

    g_assert_null(p);
    g_assert_cmpstr(err->message, ==,
                    "profile \"sdd\" is none of ssd, nic, gpu, endpoint, "
                    "fpga, webcam, fingerprint, soldered, cpu; the nearest "
                    "is ssd");
}

static void test_missing_file(void)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) p = spdm_profile_load("/nonexistent.ini", &err);

    g_assert_null(p);
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE);
    g_assert_true(g_str_has_prefix(err->message,
                                   "/nonexistent.ini: cannot be read: "));
}

/* What stands behind a NUL would be left out in silence. */
static void test_nul_in_a_file(void)
{
    static const char text[] = "[device]\nname=a\n\0[spdm]\nmin-version=9\n";
    g_autofree char *dir = g_dir_make_tmp("profile-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "nul.ini", NULL);
    g_autoptr(GError) err = NULL;
    SpdmProfile *p;

    g_assert_true(g_file_set_contents(path, text, sizeof(text) - 1, NULL));
    p = spdm_profile_load(path, &err);
    g_unlink(path);
    g_rmdir(dir);
    g_assert_null(p);
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE);
    g_assert_true(g_str_has_suffix(err->message,
                                   "nul.ini: byte 17 is 0, so this is no "
                                   "text file"));
}

static void test_not_utf8(void)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) p =
        spdm_profile_parse("[device]\nname=\xff\n", "t.ini", &err);

    g_assert_null(p);
    g_assert_nonnull(err);
    g_assert_true(g_utf8_validate(err->message, -1, NULL));
}

/* A secret never appears in a message, however wrong it is. */
static void test_secrets_stay_secret(void)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) p = spdm_profile_parse(
        PSK_ONLY "[psk a]\nsecret=hunter2\n", "t.ini", &err);

    g_assert_null(p);
    g_assert_null(strstr(err->message, "hunter2"));
}

static void test_relative_paths(void)
{
    g_autofree char *dir = g_dir_make_tmp("spdm-profile-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "p.ini", NULL);
    g_autofree char *cert = g_build_filename(dir, "c.pem", NULL);
    g_autoptr(SpdmProfile) p = NULL;

    g_assert_true(g_file_set_contents(
        path, "[slot 1]\ncert=c.pem\nkey=/k.pem\n", -1, NULL));
    p = spdm_profile_load(path, NULL);
    g_assert_nonnull(p);
    g_assert_cmpstr(p->slots[1].cert_file, ==, cert);
    g_assert_cmpstr(p->slots[1].key_file, ==, "/k.pem");
    g_assert_cmpstr(p->name, ==, "p");
    g_unlink(path);
    g_rmdir(dir);
}

static void test_measurement_defaults(void)
{
    g_autoptr(SpdmProfile) p = must_parse(
        "[measurement 0x10]\ntype=firmware-version\nvalue=text:1\n"
        "[measurement 3]\ntype=firmware\nvalue=hex:00 11:22\n"
        "[measurement 9]\ntype=hardware-config\nsource=config-space\n"
        "tcb=true\n");
    SpdmProfileMeasurement **m = (void *)p->measurements->pdata;

    g_assert_cmpuint(p->measurements->len, ==, 3);
    g_assert_cmpuint(m[0]->index, ==, 3);
    g_assert_cmpuint(m[1]->index, ==, 9);
    g_assert_cmpuint(m[2]->index, ==, 16);
    g_assert_true(m[0]->tcb && !m[0]->raw_only);
    g_assert_cmpuint(g_bytes_get_size(m[0]->value), ==, 3);
    g_assert_true(m[1]->tcb && !m[1]->value);
    g_assert_true(!m[2]->tcb && m[2]->raw_only);
}

static void test_psk_hints(void)
{
    g_autoptr(SpdmProfile) p = must_parse(
        PSK_ONLY "[psk one two]\nsecret=text:a\\sb\n"
        "[psk b]\nhint=hex:\nsecret=hex:0001\n");
    SpdmProfilePsk **psk = (void *)p->psks->pdata;
    gsize len;

    g_assert_cmpuint(p->psks->len, ==, 2);
    g_assert_cmpmem(g_bytes_get_data(psk[0]->hint, NULL),
                    g_bytes_get_size(psk[0]->hint), "one two", 7);
    g_assert_cmpmem(g_bytes_get_data(psk[0]->secret, NULL),
                    g_bytes_get_size(psk[0]->secret), "a b", 3);
    g_bytes_get_data(psk[1]->hint, &len);
    g_assert_cmpuint(len, ==, 0);
}

/* The manual has a heading for each section and an entry for each key. */
static void test_manual_names_every_key(void)
{
    g_autofree char *path = g_build_filename(SRCDIR, "docs", "profiles.rst",
                                             NULL);
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    for (const ProfileSection *s = spdm_profile_sections; s->name; s++) {
        g_autofree char *heading = g_strdup_printf(
            "\n[%s%s%s]\n", s->name, s->argument ? " " : "",
            s->argument ? s->argument : "");
        const char *part = strstr(text, heading);

        g_assert_nonnull(part);
        for (const ProfileKey *k = s->keys; k->name; k++) {
            g_autofree char *entry = g_strdup_printf("\n``%s``\n", k->name);

            if (!strstr(part, entry)) {
                g_error("docs/profiles.rst: [%s] lacks %s", s->name,
                        k->name);
            }
        }
    }
}

static void test_edit_distance(void)
{
    g_assert_cmpuint(spdm_edit_distance("", ""), ==, 0);
    g_assert_cmpuint(spdm_edit_distance("", "abc"), ==, 3);
    g_assert_cmpuint(spdm_edit_distance("abc", ""), ==, 3);
    g_assert_cmpuint(spdm_edit_distance("KEY_EX", "key-ex"), ==, 0);
    g_assert_cmpuint(spdm_edit_distance("kitten", "sitting"), ==, 3);
    g_assert_cmpuint(spdm_edit_distance("ab", "ba"), ==, 2);
}

static void add(const char *group, const char *sentence, gconstpointer data,
                GTestDataFunc func)
{
    g_autofree char *path = g_strdup_printf("/profile/%s/%s", group,
                                            sentence);

    g_test_add_data_func(path, data, func);
}

int main(int argc, char **argv)
{
    const char *const *names = spdm_profile_builtin_names();

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(good_rows); i++) {
        add("takes", good_rows[i].sentence, &good_rows[i], test_good);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad_rows); i++) {
        add("refuses", bad_rows[i].sentence, &bad_rows[i], test_bad);
    }
    for (size_t i = 0; names[i]; i++) {
        add("file-is-the-builtin", names[i], names[i],
            test_file_is_builtin);
    }
    g_test_add_func("/profile/empty-file-is-endpoint",
                    test_empty_file_is_endpoint);
    g_test_add_func("/profile/builtins-of-psk-devices-have-no-keys",
                    test_builtins_without_keys);
    g_test_add_func("/profile/unknown-builtin-names-the-nearest",
                    test_unknown_builtin);
    g_test_add_func("/profile/missing-file-is-named", test_missing_file);
    g_test_add_func("/profile/text-that-is-not-utf8-is-refused",
                    test_not_utf8);
    g_test_add_func("/profile/secrets-stay-out-of-messages",
                    test_secrets_stay_secret);
    g_test_add_func("/profile/a-NUL-in-a-file-is-refused",
                    test_nul_in_a_file);
    g_test_add_func("/profile/paths-start-at-the-file", test_relative_paths);
    g_test_add_func("/profile/measurements-have-defaults-by-type",
                    test_measurement_defaults);
    g_test_add_func("/profile/psk-name-is-the-hint", test_psk_hints);
    g_test_add_func("/profile/manual-names-every-key",
                    test_manual_names_every_key);
    g_test_add_func("/profile/edit-distance-counts-single-edits",
                    test_edit_distance);
    return g_test_run();
}
