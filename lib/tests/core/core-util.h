/*
 * What the core tests share: hex, and sessions with keys in them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TEST_CORE_UTIL_H
#define SPDM_TEST_CORE_UTIL_H

#include <string.h>

#include "core/conn.h"
#include "core/secmsg.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmSession, spdm_session_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmConn, spdm_conn_reset)

static inline SpdmBytes view(const GByteArray *bytes)
{
    return SPDM_BYTES(bytes->data, bytes->len);
}

static inline SpdmBytes text(const char *string)
{
    return SPDM_BYTES(string, strlen(string));
}

/** Bytes of a hex string; blanks and '|' are for the reader. */
static inline GByteArray *hex(const char *digits)
{
    GByteArray *out = g_byte_array_new();

    while (*digits) {
        uint8_t byte;

        if (*digits == ' ' || *digits == '|') {
            digits++;
            continue;
        }
        byte = (uint8_t)(g_ascii_xdigit_value(digits[0]) << 4 |
                         g_ascii_xdigit_value(digits[1]));
        g_byte_array_append(out, &byte, 1);
        digits += 2;
    }
    return out;
}

static inline void assert_bytes(SpdmBytes got, SpdmBytes want)
{
    g_assert_cmpmem(got.data, got.len, want.data, want.len);
}

/** A session of these algorithms, without keys. */
static inline void fill_session(SpdmSession *s, SpdmSessionType type,
                                uint8_t version)
{
    memset(s, 0, sizeof(*s));
    s->phase = SPDM_SESSION_HANDSHAKE;
    s->type = type;
    s->id = 0xfffdfffe;
    s->secured_version = 0x1200;
    s->version = version;
    s->hash = spdm_hash_by_name("SHA-384");
    s->aead = spdm_aead_by_name("AES-256-GCM");
}

/** The same with keys of its data phase. */
static inline void fill_established(SpdmSession *s)
{
    uint8_t th[SPDM_MAX_HASH];

    fill_session(s, SPDM_SESSION_SIGMA, SPDM_VERSION_12);
    memset(th, 0x11, sizeof(th));
    spdm_session_derive_handshake(s, text("a shared secret"), th);
    memset(th, 0x22, sizeof(th));
    spdm_session_derive_data(s, th);
    s->phase = SPDM_SESSION_ESTABLISHED;
}

/** Its peer: the same keys, other cipher handles. */
static inline void fill_peer(SpdmSession *peer, const SpdmSession *s)
{
    *peer = *s;
    peer->d = peer->ed = peer->k = peer->f = peer->l1 =
        (SpdmTranscript){ .bytes = NULL };
    for (unsigned i = 0; i < 2; i++) {
        peer->keys[i].aead = NULL;
        peer->backup[i].aead = NULL;
    }
}

#endif
