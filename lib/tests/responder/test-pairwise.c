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

enum { HASHES = 3, ASYMS = 9, DHES = 6, AEADS = 3 };

static bool seen_pairs[4][4][16][16];

static void note(const unsigned *pick)
{
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned j = 0; j < 4; j++) {
            seen_pairs[i][j][pick[i]][pick[j]] = true;
        }
    }
}

static void assert_all_pairs(const unsigned *sizes)
{
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned j = i + 1; j < 4; j++) {
            for (unsigned a = 0; a < sizes[i]; a++) {
                for (unsigned b = 0; b < sizes[j]; b++) {
                    g_assert_true(seen_pairs[i][j][a][b]);
                }
            }
        }
    }
}

/*
 * All 9 x 6 of signature and key exchange; hash and cipher run along so that
 * they meet everything (Latin square over 3 x 3).
 */
static void test_pairwise(void)
{
    const unsigned sizes[] = { HASHES, ASYMS, DHES, AEADS };
    unsigned n = 0;

    for (unsigned asym = 0; asym < ASYMS; asym++) {
        for (unsigned dhe = 0; dhe < DHES; dhe++, n++) {
            unsigned hash = (asym + dhe) % HASHES;
            unsigned aead = (asym + 2 * dhe + asym / 3 + dhe / 3) % AEADS;
            const unsigned pick[] = { hash, asym, dhe, aead };
            g_autoptr(Fx) fx = negotiated((FxOptions){
                .version = (uint8_t)(SPDM_VERSION_11 + n % 3),
                .hash = 1u << hash,
                .asym = 1u << asym,
                .dhe = (uint16_t)(1 << dhe),
                .aead = (uint16_t)(1 << aead) });

            g_assert_cmpuint(fx->conn.dhe->bit, ==, 1u << dhe);
            use(fx, fx_sigma(fx));
            use(fx, fx_psk(fx));
            note(pick);
        }
    }
    assert_all_pairs(sizes);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/responder/pairwise/sessions-over-all-pairs",
                    test_pairwise);
    return g_test_run();
}
