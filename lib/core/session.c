/*
 * The life of a session's data: made, moved, updated, wiped.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/session.h"

#include <string.h>

void spdm_traffic_keys_clear(SpdmTrafficKeys *keys)
{
    spdm_aead_free(keys->aead);
    spdm_wipe(keys, sizeof(*keys));
}

void spdm_session_clear(SpdmSession *s)
{
    SpdmTranscript *transcripts[] = {
        &s->d, &s->ed, &s->k, &s->f, &s->l1, &s->peer_key,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(s->keys); i++) {
        spdm_traffic_keys_clear(&s->keys[i]);
        spdm_traffic_keys_clear(&s->backup[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(transcripts); i++) {
        spdm_transcript_reset(transcripts[i]);
    }
    spdm_encap_clear(&s->encap);
    spdm_wipe(s, sizeof(*s)); /* phase 0 is FREE */
}

void spdm_session_move(SpdmSession *dst, SpdmSession *src)
{
    if (dst == src) {
        return;
    }
    spdm_session_clear(dst);
    *dst = *src;
    /* Buffers and cipher handles have a new owner: wipe without freeing. */
    spdm_wipe(src, sizeof(*src));
}

void spdm_session_drop_backup(SpdmSession *s, SpdmSender sender)
{
    spdm_traffic_keys_clear(&s->backup[sender]);
    s->has_backup[sender] = false;
}

void spdm_session_restore_backup(SpdmSession *s, SpdmSender sender)
{
    if (!s->has_backup[sender]) {
        return;
    }
    spdm_traffic_keys_clear(&s->keys[sender]);
    s->keys[sender] = s->backup[sender];
    spdm_wipe(&s->backup[sender], sizeof(s->backup[sender]));
    s->has_backup[sender] = false;
}

const char *spdm_session_phase_name(const SpdmSession *s)
{
    return s->phase == SPDM_SESSION_ESTABLISHED ? "established"
                                                : "handshake";
}

void spdm_session_describe(const SpdmSession *s, SpdmSessionInfo *info)
{
    *info = (SpdmSessionInfo){
        .id = s->id,
        .type = s->type == SPDM_SESSION_PSK ? "psk" : "sigma",
        .phase = spdm_session_phase_name(s),
        .secured_version = s->secured_version,
        .records_in = s->records_in,
        .records_out = s->records_out,
        .key_updates = s->key_updates,
        .mutual = s->phase == SPDM_SESSION_ESTABLISHED && s->has_cm,
    };
}
