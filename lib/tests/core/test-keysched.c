/*
 * The key schedule's rules; its values are compared by test-vectors.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core-util.h"
#include "crypto/hash.h"
#include "crypto/random.h"

static uint8_t th1[SPDM_MAX_HASH], th2[SPDM_MAX_HASH];

static SpdmBytes secret(const SpdmSecret *s)
{
    return SPDM_BYTES(s->data, s->len);
}

/* Expand(prk, LE16(len) || "spdm1.X " || label || context, len). */
static void assert_expands(const SpdmSession *s, const SpdmSecret *prk,
                           const char *label, const uint8_t *context,
                           SpdmBytes want)
{
    g_autoptr(GByteArray) info = g_byte_array_new();
    g_autofree char *words = g_strdup_printf("spdm1.%u %s",
                                             s->version & 0xfu, label);
    const uint8_t len[] = { (uint8_t)want.len, 0 };
    g_auto(SpdmSecret) got = { .len = 0 };

    g_byte_array_append(info, len, sizeof(len));
    g_byte_array_append(info, (const uint8_t *)words, strlen(words));
    if (context) {
        g_byte_array_append(info, context, s->hash->size);
    }
    spdm_hkdf_expand(s->hash, prk, view(info), want.len, &got);
    assert_bytes(secret(&got), want);
}

static void test_handshake(void)
{
    g_auto(SpdmSession) s;

    fill_session(&s, SPDM_SESSION_SIGMA, SPDM_VERSION_13);
    spdm_session_derive_handshake(&s, text("ikm"), th1);
    assert_expands(&s, &s.handshake_secret, "req hs data", th1,
                   secret(&s.keys[0].secret));
    assert_expands(&s, &s.handshake_secret, "rsp hs data", th1,
                   secret(&s.keys[1].secret));
    for (unsigned i = 0; i < 2; i++) {
        assert_expands(&s, &s.keys[i].secret, "finished", NULL,
                       secret(&s.finished[i]));
        assert_expands(&s, &s.keys[i].secret, "key", NULL,
                       secret(&s.keys[i].key));
        assert_expands(&s, &s.keys[i].secret, "iv", NULL,
                       SPDM_BYTES(s.keys[i].iv, SPDM_AEAD_IV_SIZE));
        g_assert_cmpuint(s.keys[i].sequence, ==, 0);
        g_assert_cmpuint(s.keys[i].key.len, ==, s.aead->key_size);
    }
}

/* Rows: which salt a session of this type and version starts from. */
typedef struct SaltRow {
    const char *sentence;
    SpdmSessionType type;
    uint8_t version;
    uint8_t fill;
} SaltRow;

static const SaltRow salt_rows[] = {
    { "SIGMA of 1.2 from zeros", SPDM_SESSION_SIGMA, 0x12, 0 },
    { "SIGMA of 1.3 from zeros", SPDM_SESSION_SIGMA, 0x13, 0 },
    { "PSK of 1.1 from zeros", SPDM_SESSION_PSK, 0x11, 0 },
    { "PSK of 1.2 from zeros", SPDM_SESSION_PSK, 0x12, 0 },
    { "PSK of 1.3 from ones", SPDM_SESSION_PSK, 0x13, 0xff },
    { "PSK of 1.4 from ones", SPDM_SESSION_PSK, 0x14, 0xff },
};

static void test_salt(gconstpointer data)
{
    const SaltRow *row = data;
    uint8_t salt[SPDM_MAX_HASH];
    g_auto(SpdmSession) s;
    g_auto(SpdmSecret) want = { .len = 0 };

    fill_session(&s, row->type, row->version);
    spdm_session_derive_handshake(&s, text("ikm"), th1);
    memset(salt, row->fill, sizeof(salt));
    spdm_hkdf_extract(s.hash, SPDM_BYTES(salt, s.hash->size), text("ikm"),
                      &want);
    assert_bytes(secret(&s.handshake_secret), secret(&want));
}

static bool all_zero(const void *data, size_t len)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < len; i++) {
        if (bytes[i]) {
            return false;
        }
    }
    return true;
}

static void test_data_wipes(void)
{
    g_auto(SpdmSession) s;
    SpdmSecret before;

    fill_session(&s, SPDM_SESSION_SIGMA, SPDM_VERSION_12);
    spdm_session_derive_handshake(&s, text("ikm"), th1);
    before = s.keys[0].secret;
    s.keys[0].sequence = 3;
    spdm_session_derive_data(&s, th2);
    g_assert_true(all_zero(&s.handshake_secret, sizeof(SpdmSecret)));
    g_assert_false(spdm_equal_ct(before.data, s.keys[0].secret.data,
                                 before.len));
    g_assert_cmpuint(s.keys[0].sequence, ==, 0);
    g_assert_cmpuint(s.export_master.len, ==, s.hash->size);
}

static void test_update(void)
{
    g_auto(SpdmSession) s;
    SpdmTrafficKeys old, other;

    fill_established(&s);
    s.keys[0].sequence = 5;
    old = s.keys[0];
    other = s.keys[1];
    spdm_session_update_keys(&s, SPDM_SENDER_REQUESTER);
    assert_expands(&s, &old.secret, "traffic upd", NULL,
                   secret(&s.keys[0].secret));
    g_assert_cmpuint(s.keys[0].sequence, ==, 0);
    g_assert_true(s.has_backup[0]);
    assert_bytes(secret(&s.backup[0].key), secret(&old.key));
    g_assert_cmpuint(s.backup[0].sequence, ==, 5);
    g_assert_false(s.has_backup[1]);
    assert_bytes(secret(&s.keys[1].key), secret(&other.key));
}

static void test_restore(void)
{
    g_auto(SpdmSession) s;
    SpdmSecret old;

    fill_established(&s);
    s.keys[1].sequence = 5;
    old = s.keys[1].key;
    spdm_session_update_keys(&s, SPDM_SENDER_RESPONDER);
    spdm_session_restore_backup(&s, SPDM_SENDER_RESPONDER);
    assert_bytes(secret(&s.keys[1].key), secret(&old));
    g_assert_cmpuint(s.keys[1].sequence, ==, 5);
    g_assert_false(s.has_backup[1]);
    g_assert_true(all_zero(&s.backup[1], sizeof(s.backup[1])));
    /* Without a backup nothing changes. */
    spdm_session_restore_backup(&s, SPDM_SENDER_RESPONDER);
    assert_bytes(secret(&s.keys[1].key), secret(&old));
}

static void test_drop(void)
{
    g_auto(SpdmSession) s;

    fill_established(&s);
    spdm_session_update_keys(&s, SPDM_SENDER_REQUESTER);
    spdm_session_drop_backup(&s, SPDM_SENDER_REQUESTER);
    g_assert_false(s.has_backup[0]);
    g_assert_true(all_zero(&s.backup[0], sizeof(s.backup[0])));
}

static void test_verify_data(void)
{
    uint8_t got[SPDM_MAX_HASH], want[SPDM_MAX_HASH];
    g_auto(SpdmSession) s;
    SpdmBytes th;

    fill_session(&s, SPDM_SESSION_SIGMA, SPDM_VERSION_12);
    spdm_session_derive_handshake(&s, text("ikm"), th1);
    th = SPDM_BYTES(th2, s.hash->size);
    spdm_session_verify_data(&s, SPDM_SENDER_RESPONDER, th2, got);
    spdm_hmac(s.hash, secret(&s.finished[1]), &th, 1, want);
    assert_bytes(SPDM_BYTES(got, s.hash->size),
                 SPDM_BYTES(want, s.hash->size));
}

static void test_clear(void)
{
    SpdmSession s;

    fill_established(&s);
    spdm_session_update_keys(&s, SPDM_SENDER_REQUESTER);
    spdm_transcript_append(&s.k, text("k"));
    spdm_transcript_append(&s.l1, text("l1"));
    spdm_session_clear(&s);
    g_assert_true(all_zero(&s, sizeof(s)));
    g_assert_cmpint(s.phase, ==, SPDM_SESSION_FREE);
}

static void test_move(void)
{
    g_auto(SpdmSession) dst = { .phase = SPDM_SESSION_FREE };
    SpdmSession src;

    fill_established(&src);
    spdm_transcript_append(&src.k, text("k"));
    spdm_session_move(&dst, &src);
    g_assert_true(all_zero(&src, sizeof(src)));
    g_assert_cmphex(dst.id, ==, 0xfffdfffe);
    assert_bytes(spdm_transcript_view(&dst.k), text("k"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    memset(th1, 0x31, sizeof(th1));
    memset(th2, 0x32, sizeof(th2));
    for (unsigned i = 0; i < G_N_ELEMENTS(salt_rows); i++) {
        g_autofree char *path = g_strdup_printf("/keysched/salt/%s",
                                                salt_rows[i].sentence);

        g_test_add_data_func(path, &salt_rows[i], test_salt);
    }
    g_test_add_func("/keysched/handshake keys come from TH1 and labels",
                    test_handshake);
    g_test_add_func("/keysched/data keys replace and wipe the handshake",
                    test_data_wipes);
    g_test_add_func("/keysched/an update touches one direction and keeps "
                    "the old keys", test_update);
    g_test_add_func("/keysched/a restored backup goes on where it was",
                    test_restore);
    g_test_add_func("/keysched/a dropped backup is wiped", test_drop);
    g_test_add_func("/keysched/VerifyData is an HMAC with the finished key",
                    test_verify_data);
    g_test_add_func("/keysched/a cleared session is all zeros", test_clear);
    g_test_add_func("/keysched/a moved session leaves nothing behind",
                    test_move);
    return g_test_run();
}
