/*
 * Bounded transcripts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core-util.h"

static void test_append(void)
{
    g_auto(SpdmTranscript) t = { .bytes = NULL };

    g_assert_cmpuint(spdm_transcript_view(&t).len, ==, 0);
    spdm_transcript_append(&t, text("ab"));
    spdm_transcript_append(&t, text(""));
    spdm_transcript_append(&t, text("c"));
    assert_bytes(spdm_transcript_view(&t), text("abc"));
}

static void test_bound(void)
{
    g_autofree uint8_t *big = g_malloc0(SPDM_TRANSCRIPT_LIMIT);
    g_auto(SpdmTranscript) t = { .bytes = NULL };

    spdm_transcript_append(&t, SPDM_BYTES(big, SPDM_TRANSCRIPT_LIMIT));
    g_assert_false(t.overflown);
    spdm_transcript_append(&t, text("x"));
    g_assert_true(t.overflown);
    g_assert_cmpuint(spdm_transcript_view(&t).len, ==, 0);
    spdm_transcript_append(&t, text("x"));
    g_assert_true(t.overflown);
    spdm_transcript_reset(&t);
    g_assert_false(t.overflown);
    spdm_transcript_append(&t, text("x"));
    assert_bytes(spdm_transcript_view(&t), text("x"));
}

static void test_copy(void)
{
    g_auto(SpdmTranscript) a = { .bytes = NULL };
    g_auto(SpdmTranscript) b = { .bytes = NULL };

    spdm_transcript_append(&a, text("a"));
    spdm_transcript_append(&b, text("was here"));
    spdm_transcript_copy(&b, &a);
    spdm_transcript_append(&a, text("!"));
    assert_bytes(spdm_transcript_view(&b), text("a"));
    spdm_transcript_copy(&b, &b);
    assert_bytes(spdm_transcript_view(&b), text("a"));
    a.overflown = true;
    spdm_transcript_copy(&b, &a);
    g_assert_true(b.overflown);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transcript/messages follow one another", test_append);
    g_test_add_func("/transcript/past the bound it is overflown and empty "
                    "until reset", test_bound);
    g_test_add_func("/transcript/a copy is its own", test_copy);
    return g_test_run();
}
