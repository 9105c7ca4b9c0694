/*
 * Ephemeral Diffie-Hellman: groups, agreement, leading zeros, hostile peers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/dhe.h"

#include <gnutls/gnutls.h>

#include "crypto/gcrypt-priv.h"
#include "crypto/hash.h"

#include "crypto-util.h"

/* --- Agreement ----------------------------------------------------------- */

/*
 * Both private values and the secret's SHA-256, computed with Python's own
 * integers; half of them were searched for until the secret began with 00.
 */
typedef struct AgreeRow {
    const char *sentence;
    const char *alg;
    unsigned zeros;
    const char *a;
    const char *b;
    const char *secret_sha256;
} AgreeRow;

static const AgreeRow agree_rows[] = {
    { "SECP256R1 with no leading zeros", "SECP256R1", 0,
      "404498f1941839805f70b719c29722bab78d280898eff48ac97a947a82dcca7f",
      "db665598306db9da93407b70151241b050c05da1206fccd8949071b77493a810",
      "a2ce269a50f0d930fd17af7d764a11111c5a91e6c513630bf229e8ee40fd7428" },
    { "SECP256R1 with one leading zero", "SECP256R1", 1,
      "404498f1941839805f70b719c29722bab78d280898eff48ac97a947a82dcca7f",
      "c4dde66e2d55d978eb0d3319762241173ad51f08d20587767188c5882d73d8d9",
      "0d982bbd4d1576fff9b0ef7ebae05611202c72ee6e92559ab6d79486b8de3239" },
    { "SECP384R1 with no leading zeros", "SECP384R1", 0,
      "65f9cad2c4599bcafdcbbe3f169b5726c398150cfb57fb75ae411703115277ce"
      "5e5e618ec878c6c5f1f0f64f94ed89db",
      "ecd0509537728c65a37465948b348260736751c6c8313e6736efbef8855489d1"
      "ef47f44538087d4069403606a255117a",
      "deb89d49f5367eb141501b4efc3c11dc3c4669ba56fc40293d4d2336e947b91a" },
    { "SECP384R1 with one leading zero", "SECP384R1", 1,
      "65f9cad2c4599bcafdcbbe3f169b5726c398150cfb57fb75ae411703115277ce"
      "5e5e618ec878c6c5f1f0f64f94ed89db",
      "fed09e33615ed07d22a7699e44babdeb96d6fc38bd9addcb6a68e5b6f1974ce4"
      "9946850dde92f35f435cd6b6a82ca8ab",
      "ee712fb73a3b968c4b92f7613ca08fc6e5b256fa4a79f1c2d6a0b1068c50d068" },
    { "SECP521R1 with no leading zeros", "SECP521R1", 0,
      "012c79126d47197a5d49f6063487e150096399e63326a5b3139083972472ff68"
      "c81d622a80648ef271e2ced4f2bec871d4a3411274b90cfd16f11c9f8b85e788"
      "6c00",
      "0083b7e509c263f6b8a1a3169392216c1a9ea14266f0ffd804b8fb2884afa631"
      "28819b26c00670aaa198e0a26c75a62f6ce3418d4fac1183a115af96e85974d7"
      "478c",
      "20ea2306f12f59427bf9c2ba165c822aa3c3ea496c2df7d079eadaae29ca9b95" },
    { "SECP521R1 with one leading zero", "SECP521R1", 1,
      "012c79126d47197a5d49f6063487e150096399e63326a5b3139083972472ff68"
      "c81d622a80648ef271e2ced4f2bec871d4a3411274b90cfd16f11c9f8b85e788"
      "6c00",
      "012a5cf5fb71a215fc645ca586772a4a8351b4213d7c4c0e747c46fdd9763b2e"
      "b2f3e0c4bb77ff89e3f194b1951b3cecc15a57012ab7fb934f7f0a3d4f019be0"
      "f369",
      "ef9f4e68e2e4e3d9cb269be38cb62163c32ac5011a99b74f2f7226d0f4a55d1f" },
    { "FFDHE2048 with no leading zeros", "FFDHE2048", 0,
      "8768d2c177cc01fe37071f856a8f1bbb261bac3a7db039e670dbbf7c7c19f332",
      "23de9bbdc24a963f37a017654a5f106e6d5dbdaaf4a473dfd5b4e62bd71b3c1c",
      "19e7abbf23a7aab5fcac0806a61f665e4d20bd99a10cdab17b9368c91dabfd47" },
    { "FFDHE2048 with one leading zero", "FFDHE2048", 1,
      "8768d2c177cc01fe37071f856a8f1bbb261bac3a7db039e670dbbf7c7c19f332",
      "1d6e97890ea5e53f6329ce657de922b93485ecfa38f7055050645fd2aec37459",
      "b67bf969dfed50eead713173f749877e2620fa189d1fa44672d9f25174887d96" },
    { "FFDHE3072 with no leading zeros", "FFDHE3072", 0,
      "8768d2c177cc01fe37071f856a8f1bbb261bac3a7db039e670dbbf7c7c19f332"
      "bd33b002aa83ee44",
      "23de9bbdc24a963f37a017654a5f106e6d5dbdaaf4a473dfd5b4e62bd71b3c1c"
      "908efae09642da1a",
      "fbcfa51aa1af606de605cd96dcb9ace55b430a75b27e82d83c32dfaff0e6f673" },
    { "FFDHE3072 with one leading zero", "FFDHE3072", 1,
      "8768d2c177cc01fe37071f856a8f1bbb261bac3a7db039e670dbbf7c7c19f332"
      "bd33b002aa83ee44",
      "b923310d12d499d9a700ce12f1b8b07b9c0a75f35c93f7dc78ababe1fe673736"
      "c28f7708415f9244",
      "fd105ed891c94e3e6d857a983fe0ee8daa0c4cbb7f4409657db2592778ea1ad6" },
    { "FFDHE4096 with no leading zeros", "FFDHE4096", 0,
      "8768d2c177cc01fe37071f856a8f1bbb261bac3a7db039e670dbbf7c7c19f332"
      "bd33b002aa83ee44a6d5f6eb0dbbb8aa",
      "23de9bbdc24a963f37a017654a5f106e6d5dbdaaf4a473dfd5b4e62bd71b3c1c"
      "908efae09642da1ade7fe374153810ec",
      "a0be1d83e0453047a094cafae9a72ab5040233a28ee68b0fc0497d87048de027" },
    { "FFDHE4096 with one leading zero", "FFDHE4096", 1,
      "8768d2c177cc01fe37071f856a8f1bbb261bac3a7db039e670dbbf7c7c19f332"
      "bd33b002aa83ee44a6d5f6eb0dbbb8aa",
      "66a622e3ea849109ba42ac96907b531f5934e624b514406d91daa0d0ce0736b5"
      "3fafd6dca44426ae97352f7ccd091d78",
      "56332e7724f130a6bc910f4bb7f9c44ef3b4b005f4e90deb9766cb92da58f78e" },
};

static SpdmBytes public_of(const SpdmDheAlg *alg, const SpdmDhe *dhe)
{
    return SPDM_BYTES(spdm_dhe_public(dhe), alg->public_size);
}

static void test_agree(gconstpointer data)
{
    const AgreeRow *row = data;
    const SpdmDheAlg *alg = spdm_dhe_by_name(row->alg);
    g_autoptr(GBytes) a_priv = unhex(row->a);
    g_autoptr(GBytes) b_priv = unhex(row->b);
    g_autoptr(SpdmDhe) a = spdm_dhe_from_private(alg, view(a_priv));
    g_autoptr(SpdmDhe) b = spdm_dhe_from_private(alg, view(b_priv));
    g_auto(SpdmSharedSecret) ab = { 0 };
    g_auto(SpdmSharedSecret) ba = { 0 };
    uint8_t digest[SPDM_MAX_HASH];
    unsigned zeros = 0;
    SpdmBytes secret;

    g_assert_true(spdm_dhe_compute(a, public_of(alg, b), &ab));
    g_assert_true(spdm_dhe_compute(b, public_of(alg, a), &ba));
    g_assert_cmpuint(ab.len, ==, alg->secret_size);
    g_assert_cmpmem(ab.data, ab.len, ba.data, ba.len);
    while (ab.data[zeros] == 0) {
        zeros++;
    }
    g_assert_cmpuint(zeros, ==, row->zeros);
    secret = SPDM_BYTES(ab.data, ab.len);
    spdm_hash(spdm_hash_by_name("SHA-256"), &secret, 1, digest);
    assert_hex(digest, 32, row->secret_sha256);
}

static void test_fresh_pairs_agree(gconstpointer data)
{
    const SpdmDheAlg *alg = data;
    SpdmRng rng = spdm_rng_system();

    for (int i = 0; i < 4; i++) {
        g_autoptr(SpdmDhe) a = spdm_dhe_new(alg, &rng);
        g_autoptr(SpdmDhe) b = spdm_dhe_new(alg, &rng);
        g_auto(SpdmSharedSecret) ab = { 0 };
        g_auto(SpdmSharedSecret) ba = { 0 };

        g_assert_true(memcmp(spdm_dhe_public(a), spdm_dhe_public(b),
                             alg->public_size) != 0);
        g_assert_true(spdm_dhe_compute(a, public_of(alg, b), &ab));
        g_assert_true(spdm_dhe_compute(b, public_of(alg, a), &ba));
        g_assert_cmpmem(ab.data, ab.len, ba.data, ba.len);
    }
}

static void test_seeded_pairs_repeat(gconstpointer data)
{
    const SpdmDheAlg *alg = data;
    g_autoptr(SpdmSeeded) s = spdm_seeded_new("demo", alg->name);
    SpdmRng rng = spdm_seeded_rng(s);
    g_autoptr(SpdmDhe) first = spdm_dhe_new(alg, &rng);
    g_autoptr(SpdmDhe) second = spdm_dhe_new(alg, &rng);
    g_autoptr(SpdmDhe) again = NULL;

    spdm_seeded_seek(s, 0);
    again = spdm_dhe_new(alg, &rng);
    g_assert_cmpmem(spdm_dhe_public(first), alg->public_size,
                    spdm_dhe_public(again), alg->public_size);
    g_assert_true(memcmp(spdm_dhe_public(first), spdm_dhe_public(second),
                         alg->public_size) != 0);
}

/* --- Hostile peers ------------------------------------------------------- */

/* p of the field or of the group. */
static gcry_mpi_t modulus(const SpdmDheAlg *alg)
{
    gcry_mpi_t p = NULL;

    if (alg->curve) {
        g_auto(gcry_ctx_t) ec = spdm_ec_open(alg->curve);

        return gcry_mpi_ec_get_mpi("p", ec, 1);
    }
    g_assert_true(!gcry_mpi_scan(&p, GCRYMPI_FMT_HEX, alg->prime, 0, NULL));
    return p;
}

/* Changes a good ExchangeData; @len is its length so far. */
typedef void Spoil(const SpdmDheAlg *alg, uint8_t *peer, size_t *len);

static void all_zero(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    memset(peer, 0, *len);
}

static void all_ones(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    memset(peer, 0xff, *len);
}

static void shorter(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    *len -= 1;
}

static void longer(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    peer[*len] = 0;
    *len += 1;
}

static void nothing(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    *len = 0;
}

static void other_y(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    peer[*len - 1] ^= 1;
}

static void other_x(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    peer[*len / 2 - 1] ^= 1;
}

static void x_is_p(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    g_auto(gcry_mpi_t) p = modulus(alg);

    spdm_mpi_write(p, peer, *len / 2);
}

/* The good point in other words; fits only where a coordinate has room. */
static void x_plus_p(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    g_auto(gcry_mpi_t) p = modulus(alg);
    g_auto(gcry_mpi_t) x = spdm_mpi_read(SPDM_BYTES(peer, *len / 2));

    gcry_mpi_add(x, x, p);
    spdm_mpi_write(x, peer, *len / 2);
}

static void y_plus_p(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    size_t half = *len / 2;
    g_auto(gcry_mpi_t) p = modulus(alg);
    g_auto(gcry_mpi_t) y = spdm_mpi_read(SPDM_BYTES(peer + half, half));

    gcry_mpi_add(y, y, p);
    spdm_mpi_write(y, peer + half, half);
}

/* The point (0, sqrt(b)) is on the curve; x = 0 with another y is not. */
static void x_is_zero(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    memset(peer, 0, *len / 2);
}

static void y_is_one(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    memset(peer, 0, *len);
    peer[*len - 1] = 1;
}

static void y_is_p_minus_1(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    g_auto(gcry_mpi_t) p = modulus(alg);

    gcry_mpi_sub_ui(p, p, 1);
    spdm_mpi_write(p, peer, *len);
}

static void y_is_p(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    g_auto(gcry_mpi_t) p = modulus(alg);

    spdm_mpi_write(p, peer, *len);
}

static void y_is_p_plus_2(const SpdmDheAlg *alg, uint8_t *peer, size_t *len)
{
    g_auto(gcry_mpi_t) p = modulus(alg);

    gcry_mpi_add_ui(p, p, 2);
    spdm_mpi_write(p, peer, *len);
}

typedef struct HostileRow {
    const char *sentence;
    const char *alg;
    Spoil *spoil;
} HostileRow;

#define EC_ROWS(name)                                                   \
    { name " with all bytes zero", name, all_zero },                    \
    { name " with all bits one", name, all_ones },                      \
    { name " with one byte too few", name, shorter },                   \
    { name " with one byte too many", name, longer },                   \
    { name " without any byte", name, nothing },                        \
    { name " with a y off the curve", name, other_y },                  \
    { name " with an x off the curve", name, other_x },                 \
    { name " with x = 0 off the curve", name, x_is_zero },              \
    { name " with x = p", name, x_is_p }

#define FF_ROWS(name)                                                   \
    { name " with y = 0", name, all_zero },                             \
    { name " with y = 1", name, y_is_one },                             \
    { name " with y = p - 1", name, y_is_p_minus_1 },                   \
    { name " with y = p", name, y_is_p },                               \
    { name " with y = p + 2", name, y_is_p_plus_2 },                    \
    { name " with all bits one", name, all_ones },                      \
    { name " with one byte too few", name, shorter },                   \
    { name " with one byte too many", name, longer },                   \
    { name " without any byte", name, nothing }

static const HostileRow hostile_rows[] = {
    EC_ROWS("SECP256R1"), EC_ROWS("SECP384R1"), EC_ROWS("SECP521R1"),
    { "SECP521R1 with x + p for x", "SECP521R1", x_plus_p },
    { "SECP521R1 with y + p for y", "SECP521R1", y_plus_p },
    FF_ROWS("FFDHE2048"), FF_ROWS("FFDHE3072"), FF_ROWS("FFDHE4096"),
};

static void test_hostile(gconstpointer data)
{
    const HostileRow *row = data;
    const SpdmDheAlg *alg = spdm_dhe_by_name(row->alg);
    g_autoptr(SpdmSeeded) s = spdm_seeded_new("demo", row->alg);
    SpdmRng rng = spdm_seeded_rng(s);
    g_autoptr(SpdmDhe) ours = spdm_dhe_new(alg, &rng);
    g_autoptr(SpdmDhe) theirs = spdm_dhe_new(alg, &rng);
    uint8_t peer[SPDM_MAX_DHE + 1];
    size_t len = alg->public_size;
    g_auto(SpdmSharedSecret) out = { 0 };

    memcpy(peer, spdm_dhe_public(theirs), len);
    g_assert_true(spdm_dhe_compute(ours, SPDM_BYTES(peer, len), &out));
    row->spoil(alg, peer, &len);
    g_assert_false(spdm_dhe_compute(ours, SPDM_BYTES(peer, len), &out));
}

/* --- Private values ------------------------------------------------------ */

static gcry_mpi_t group_order(const SpdmDheAlg *alg)
{
    g_auto(gcry_ctx_t) ec = NULL;
    gcry_mpi_t p;

    if (alg->curve) {
        ec = spdm_ec_open(alg->curve);
        return spdm_ec_order(ec);
    }
    p = modulus(alg);
    gcry_mpi_rshift(p, p, 1);
    return p;
}

static SpdmDhe *pair_of(const SpdmDheAlg *alg, gcry_mpi_t priv)
{
    uint8_t buf[SPDM_MAX_DHE];

    spdm_mpi_write(priv, buf, sizeof(buf));
    return spdm_dhe_from_private(alg, SPDM_BYTES(buf, sizeof(buf)));
}

static void test_private_range(gconstpointer data)
{
    const SpdmDheAlg *alg = data;
    g_auto(gcry_mpi_t) value = group_order(alg);
    g_autoptr(SpdmDhe) at_order = pair_of(alg, value);
    g_autoptr(SpdmDhe) below = NULL;
    g_autoptr(SpdmDhe) one = NULL;
    g_autoptr(SpdmDhe) zero = NULL;

    g_assert_null(at_order);
    gcry_mpi_sub_ui(value, value, 1);
    below = pair_of(alg, value);
    g_assert_nonnull(below);
    gcry_mpi_set_ui(value, 1);
    one = pair_of(alg, value);
    g_assert_nonnull(one);
    gcry_mpi_set_ui(value, 0);
    zero = pair_of(alg, value);
    g_assert_null(zero);
    g_assert_null(spdm_dhe_from_private(alg, SPDM_BYTES(NULL, 0)));
}

/* --- The groups themselves ----------------------------------------------- */

typedef struct PrimeRow {
    const char *sentence;
    const char *alg;
    const gnutls_datum_t *from_gnutls;
} PrimeRow;

static const PrimeRow prime_rows[] = {
    { "FFDHE2048", "FFDHE2048", &gnutls_ffdhe_2048_group_prime },
    { "FFDHE3072", "FFDHE3072", &gnutls_ffdhe_3072_group_prime },
    { "FFDHE4096", "FFDHE4096", &gnutls_ffdhe_4096_group_prime },
};

/*
 * RFC 7919 appendix A: 64 ones, bits of e, 64 ones; p and (p - 1) / 2 prime;
 * and p = 7 mod 8, so that 2 generates the group of order (p - 1) / 2.
 */
static void test_prime(gconstpointer data)
{
    static const uint8_t ones[8] = { 255, 255, 255, 255, 255, 255, 255, 255 };
    static const uint8_t e[] = { 0xad, 0xf8, 0x54, 0x58, 0xa2, 0xbb, 0x4a };
    const PrimeRow *row = data;
    const SpdmDheAlg *alg = spdm_dhe_by_name(row->alg);
    g_auto(gcry_mpi_t) p = modulus(alg);
    uint8_t buf[SPDM_MAX_DHE];

    g_assert_cmpuint(gcry_mpi_get_nbits(p), ==, alg->public_size * 8);
    spdm_mpi_write(p, buf, alg->public_size);
    g_assert_cmpmem(buf, 8, ones, 8);
    g_assert_cmpmem(buf + 8, sizeof(e), e, sizeof(e));
    g_assert_cmpmem(buf + alg->public_size - 8, 8, ones, 8);
    g_assert_true(!gcry_prime_check(p, 0));
    gcry_mpi_rshift(p, p, 1);
    g_assert_true(!gcry_prime_check(p, 0));
    g_assert_cmpmem(buf, alg->public_size, row->from_gnutls->data,
                    row->from_gnutls->size);
}

/* --- Golden vectors ------------------------------------------------------ */

static GBytes *get_hex(GKeyFile *file, const char *group, const char *key)
{
    g_autofree char *value = g_key_file_get_string(file, group, key, NULL);

    return value ? unhex(value) : NULL;
}

static void check_side(const SpdmDheAlg *alg, GKeyFile *file,
                       const char *group, const char *side,
                       const char *other)
{
    g_autofree char *private_key = g_strconcat(side, "_dhe_private", NULL);
    g_autofree char *public_key = g_strconcat(side, "_dhe_public", NULL);
    g_autofree char *peer_key = g_strconcat(other, "_dhe_public", NULL);
    g_autoptr(GBytes) priv = get_hex(file, group, private_key);
    g_autoptr(GBytes) pub = get_hex(file, group, public_key);
    g_autoptr(GBytes) peer = get_hex(file, group, peer_key);
    g_autoptr(GBytes) secret = get_hex(file, group, "dhe_secret");
    g_autoptr(SpdmDhe) dhe = spdm_dhe_from_private(alg, view(priv));
    g_auto(SpdmSharedSecret) out = { 0 };

    g_assert_nonnull(dhe);
    g_assert_cmpmem(spdm_dhe_public(dhe), alg->public_size,
                    view(pub).data, view(pub).len);
    g_assert_true(spdm_dhe_compute(dhe, view(peer), &out));
    g_assert_cmpmem(out.data, out.len, view(secret).data, view(secret).len);
}

/* "SECP_256_R1" of the vectors is our "SECP256R1". */
static const SpdmDheAlg *vector_alg(GKeyFile *file)
{
    g_autofree char *name = g_key_file_get_string(file, "connection", "dhe",
                                                  NULL);
    g_auto(GStrv) words = g_strsplit(name ? name : "", "_", -1);
    g_autofree char *joined = g_strjoinv("", words);

    return spdm_dhe_by_name(joined);
}

static unsigned check_vector(const char *path)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    const SpdmDheAlg *alg;
    unsigned sessions = 0;

    g_assert_true(g_key_file_load_from_file(file, path, 0, NULL));
    alg = vector_alg(file);
    for (int i = 1; ; i++) {
        g_autofree char *group = g_strdup_printf("session %d", i);

        if (!g_key_file_has_group(file, group)) {
            return sessions;
        }
        if (g_key_file_has_key(file, group, "dhe_secret", NULL)) {
            g_assert_nonnull(alg);
            check_side(alg, file, group, "requester", "responder");
            check_side(alg, file, group, "responder", "requester");
            sessions++;
        }
    }
}

static void test_vectors(void)
{
    const char *dir_name = g_getenv("SPDM_VECTORS");
    g_autoptr(GDir) dir = NULL;
    const char *name;
    unsigned sessions = 0;

    if (!dir_name) {
        dir_name = SRCDIR "/../shared/vectors";
    }
    dir = g_dir_open(dir_name, 0, NULL);
    if (!dir) {
        g_test_skip("no golden vectors; SPDM_VECTORS may name their directory");
        return;
    }
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(dir_name, name, NULL);

        if (g_str_has_suffix(name, ".txt")) {
            sessions += check_vector(path);
        }
    }
    g_test_message("%u sessions agree", sessions);
    g_assert_cmpuint(sessions, >, 0);
}

static void add_per_alg(const char *group, GTestDataFunc func)
{
    for (const SpdmDheAlg *alg = spdm_dhe_algs; alg->name; alg++) {
        g_autofree char *path = g_strdup_printf("/crypto/dhe/%s/%s", group,
                                                alg->name);

        g_test_add_data_func(path, alg, func);
    }
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ADD_ROWS("dhe/known pairs agree", agree_rows, test_agree);
    add_per_alg("fresh pairs agree", test_fresh_pairs_agree);
    add_per_alg("a seed repeats its pairs", test_seeded_pairs_repeat);
    add_per_alg("private values are 1 to order - 1", test_private_range);
    ADD_ROWS("dhe/a peer is refused", hostile_rows, test_hostile);
    ADD_ROWS("dhe/the prime is that of RFC 7919", prime_rows, test_prime);
    g_test_add_func("/crypto/dhe/golden vectors agree", test_vectors);
    return g_test_run();
}
