/*
 * Whole sessions over algorithm combinations: every pair of hash, signature,
 * key exchange and cipher occurs in some session.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

static Fx *negotiated(FxOptions o)
{
    Fx *fx = fx_new(&o);

    fx_negotiate(fx);
    return fx;
}

static void use(Fx *fx, SpdmSession *s)
{
    fx_measurements(fx, s, SPDM_MEAS_REQ_SIGNATURE, SPDM_MEAS_OP_ALL);
    fx_key_update(fx, s, SPDM_UPDATE_ALL_KEYS, 1);
    fx_key_update(fx, s, SPDM_VERIFY_NEW_KEY, 2);
    fx_vendor(fx, s);
    fx_end_session(fx, s, 0);
}

/* Which of a table's rows a session takes. */
enum { HASH, ASYM, DHE, AEAD, TABLES };

static const unsigned sizes[TABLES] = { 7, 12, 6, 4 };

static bool seen_pairs[TABLES][TABLES][16][16];

/* RSASSA has no encoding of an SM3 digest. */
static bool possible(const unsigned *pick)
{
    return spdm_asym_takes_hash(spdm_asym_by_bit(1u << pick[ASYM]),
                                spdm_hash_by_bit(1u << pick[HASH]));
}

/* How many pairs it has that no session had; those are @noted on request. */
static unsigned fresh_pairs(const unsigned *pick, bool noted)
{
    unsigned n = 0;

    for (unsigned i = 0; i < TABLES; i++) {
        for (unsigned j = i + 1; j < TABLES; j++) {
            bool *seen = &seen_pairs[i][j][pick[i]][pick[j]];

            n += !*seen;
            *seen |= noted;
        }
    }
    return n;
}

/* The @n'th of all combinations. */
static void nth_pick(unsigned n, unsigned *pick)
{
    for (unsigned i = 0; i < TABLES; i++) {
        pick[i] = n % sizes[i];
        n /= sizes[i];
    }
}

/* The combination with most that is new; false when nothing is. */
static bool next_pick(unsigned *best)
{
    unsigned most = 0;

    for (unsigned n = 0; n < 7 * 12 * 6 * 4; n++) {
        unsigned pick[TABLES];
        unsigned fresh;

        nth_pick(n, pick);
        fresh = possible(pick) ? fresh_pairs(pick, false) : 0;
        if (fresh > most) {
            most = fresh;
            memcpy(best, pick, sizeof(pick));
        }
    }
    fresh_pairs(best, true);
    return most > 0;
}

/* An early one of the versions that have all of it, and each in turn. */
static uint8_t version_for(const unsigned *pick, unsigned n)
{
    uint8_t since = MAX(spdm_asym_by_bit(1u << pick[ASYM])->min_version,
                        spdm_hash_by_bit(1u << pick[HASH])->min_version);

    since = MAX(since, spdm_aead_by_bit((uint16_t)(1u << pick[AEAD]))
                           ->min_version);
    return (uint8_t)(MAX(since, SPDM_VERSION_11 + n % 3));
}

static void test_pairwise(void)
{
    unsigned pick[TABLES];

    for (unsigned n = 0; next_pick(pick); n++) {
        g_autoptr(Fx) fx = negotiated((FxOptions){
            .version = version_for(pick, n),
            .hash = 1u << pick[HASH],
            .asym = 1u << pick[ASYM],
            .dhe = (uint16_t)(1u << pick[DHE]),
            .aead = (uint16_t)(1u << pick[AEAD]) });

        g_assert_cmpuint(fx->conn.hash->bit, ==, 1u << pick[HASH]);
        g_assert_cmpuint(fx->conn.asym->bit, ==, 1u << pick[ASYM]);
        g_assert_cmpuint(fx->conn.dhe->bit, ==, 1u << pick[DHE]);
        g_assert_cmpuint(fx->conn.aead->bit, ==, 1u << pick[AEAD]);
        use(fx, fx_sigma(fx));
        use(fx, fx_psk(fx));
    }
    /* Enough for the largest product of two tables; all was possible. */
    g_assert_true(seen_pairs[HASH][ASYM][6][11]);
    g_assert_true(seen_pairs[DHE][AEAD][5][3]);
}

static void test_no_pair(void)
{
    for (unsigned asym = 0; asym < sizes[ASYM]; asym++) {
        const unsigned pick[TABLES] = { 6, asym, 0, 0 };
        g_autoptr(Fx) fx = fx_new(&(FxOptions){
            .version = SPDM_VERSION_12, .hash = 1u << pick[HASH],
            .asym = 1u << asym });
        g_autoptr(GByteArray) request = g_byte_array_new();

        fx_version(fx);
        fx_capabilities(fx);
        if (possible(pick)) {
            fx_algorithms(fx);
            continue;
        }
        fx_make_algorithms(fx, request);
        fx_send(fx, NULL, SPDM_BYTES(request->data, request->len));
        g_assert_cmphex(fx->answer->data[1], ==, SPDM_ERROR);
        g_assert_cmphex(fx->answer->data[2], ==, SPDM_ERROR_INVALID_REQUEST);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/responder/pairwise/sessions-over-all-pairs",
                    test_pairwise);
    g_test_add_func("/responder/pairwise/SM3-is-not-selected-with-RSASSA",
                    test_no_pair);
    return g_test_run();
}
