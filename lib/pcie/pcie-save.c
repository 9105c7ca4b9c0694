/*
 * Streams and TDI as bytes, for VM snapshots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"
#include "pcie/pcie-int.h"

#include <string.h>

enum { FORMAT = 2 };         /* counts up with every change of this file */

static const SpdmWireCtx no_ctx;

/* Bytes of a fixed array: decoding copies what the coder views. */
static void code_array(SpdmCoder *c, const char *name, uint8_t *at,
                       size_t len)
{
    SpdmBytes view = SPDM_BYTES(at, len);

    spdm_code_bytes(c, name, &view, len);
    if (spdm_coder_ok(c) && view.data != at) {
        memcpy(at, view.data, len);
    }
}

static void code_key(SpdmCoder *c, IdeKey *key)
{
    uint8_t state = (uint8_t)key->state;

    spdm_code_u8(c, "State", &state);
    if (state > IDE_KEY_ACTIVE) {
        spdm_coder_fail(c);
        state = IDE_KEY_EMPTY;
    }
    key->state = (IdeKeyState)state;
    spdm_code_u32(c, "SessionID", &key->session_id);
    code_array(c, "Key", key->key, sizeof(key->key));
    code_array(c, "IFV", key->ifv, sizeof(key->ifv));
}

/* Both sets of a direction's sub-stream cannot be active. */
static void code_keys(SpdmCoder *c, IdeStream *stream)
{
    for (unsigned d = 0; d < IDE_DIRECTIONS; d++) {
        for (unsigned s = 0; s < IDE_SUB_STREAMS; s++) {
            code_key(c, &stream->keys[0][d][s]);
            code_key(c, &stream->keys[1][d][s]);
            if (stream->keys[0][d][s].state == IDE_KEY_ACTIVE &&
                stream->keys[1][d][s].state == IDE_KEY_ACTIVE) {
                spdm_coder_fail(c);
            }
        }
    }
}

static void code_streams(SpdmCoder *c, SpdmPcie *p)
{
    for (unsigned port = 0; port < p->profile->ide_ports; port++) {
        for (unsigned i = 0; i < p->profile->ide_streams; i++) {
            IdeStream *stream = &p->streams[port][i];

            spdm_code_bool(c, "Used", &stream->used);
            if (stream->used) {
                spdm_code_u8(c, "StreamID", &stream->id);
                code_keys(c, stream);
            }
        }
    }
}

static void code_function(SpdmCoder *c, SpdmPciFunction *f)
{
    spdm_code_bool(c, "Known", &f->known);
    spdm_code_u8(c, "Segment", &f->segment);
    spdm_code_u16(c, "RequesterID", &f->requester_id);
    spdm_code_u16(c, "Command", &f->command);
    spdm_code_u16(c, "MSIXControl", &f->msix_control);
    for (unsigned i = 0; i < SPDM_PCI_BARS; i++) {
        spdm_code_u64(c, "Address", &f->bars[i].address);
        spdm_code_u64(c, "Size", &f->bars[i].size);
        spdm_code_bool(c, "MSIXTable", &f->bars[i].msix_table);
    }
}

static void code_tdi(SpdmCoder *c, Tdi *tdi)
{
    spdm_code_u8(c, "State", &tdi->state);
    spdm_code_u32(c, "SessionID", &tdi->session_id);
    spdm_code_u32(c, "FunctionID", &tdi->function_id);
    spdm_code_bool(c, "HasNonce", &tdi->has_nonce);
    code_array(c, "Nonce", tdi->nonce, sizeof(tdi->nonce));
    spdm_code_u16(c, "Flags", &tdi->flags);
    spdm_code_u8(c, "Port", &tdi->port);
    spdm_code_u8(c, "StreamID", &tdi->stream);
    spdm_code_u64(c, "MMIOReportingOffset", &tdi->mmio_offset);
    code_function(c, &tdi->function);
}

static void code_cxl_keys(SpdmCoder *c, CxlKeys *keys)
{
    spdm_code_bool(c, "IsPending", &keys->is_pending);
    spdm_code_bool(c, "IsActive", &keys->is_active);
    code_array(c, "Pending", keys->pending, sizeof(keys->pending));
    code_array(c, "Active", keys->active, sizeof(keys->active));
}

static void code_cxl(SpdmCoder *c, Cxl *cxl)
{
    for (unsigned port = 0; port < IDE_MAX_PORTS; port++) {
        code_cxl_keys(c, &cxl->keys[port][0]);
        code_cxl_keys(c, &cxl->keys[port][1]);
    }
    spdm_code_u32(c, "SessionID", &cxl->session_id);
    spdm_code_bool(c, "Locked", &cxl->locked);
    spdm_code_u8(c, "PSKValid", &cxl->psk_valid);
    code_array(c, "PSKs", &cxl->psks[0][0], sizeof(cxl->psks));
    code_array(c, "Configuration", cxl->configuration,
               sizeof(cxl->configuration));
}

static void code_saved(SpdmCoder *c, SpdmPcie *p)
{
    uint8_t format = FORMAT;
    uint8_t ports = p->profile->ide_ports, streams = p->profile->ide_streams;

    spdm_code_u8(c, "Format", &format);
    spdm_code_u8(c, "Ports", &ports);
    spdm_code_u8(c, "Streams", &streams);
    if (format != FORMAT || ports != p->profile->ide_ports ||
        streams != p->profile->ide_streams) {
        spdm_coder_fail(c);
        return;
    }
    code_streams(c, p);
    code_tdi(c, &p->tdi);
    if (p->profile->cxl) {
        code_cxl(c, &p->cxl);
    }
}

static void wipe_and_free(gpointer opaque)
{
    GByteArray *state = opaque;

    spdm_wipe(state->data, state->len);
    g_byte_array_unref(state);
}

GBytes *spdm_pcie_save(const SpdmPcie *p)
{
    SpdmPcie copy = *p;
    GByteArray *out = g_byte_array_new();
    SpdmCoder c = spdm_coder_writer(&no_ctx, out);

    code_saved(&c, &copy);
    spdm_wipe(&copy, sizeof(copy));
    return g_bytes_new_with_free_func(out->data, out->len, wipe_and_free,
                                      out);
}

static bool has_session(const uint32_t *sessions, unsigned count, uint32_t id)
{
    for (unsigned i = 0; i < count; i++) {
        if (sessions[i] == id) {
            return true;
        }
    }
    return false;
}

/* As TDISP makes them: tdisp.c and ide.c take that for granted. */
static bool tdi_is_sound(SpdmPcie *p, const uint32_t *sessions,
                         unsigned count)
{
    const Tdi *tdi = &p->tdi;
    const IdeStream *stream;

    if (tdi->state > SPDM_TDI_ERROR ||
        tdi->has_nonce != (tdi->state == SPDM_TDI_CONFIG_LOCKED)) {
        return false;
    }
    if (!tdi_is_bound(tdi)) {
        return true;
    }
    if (!p->profile->tdisp || tdi->port >= p->profile->ide_ports ||
        !has_session(sessions, count, tdi->session_id)) {
        return false;
    }
    stream = ide_stream(p, tdi->port, tdi->stream);
    return !p->profile->ide || (stream && ide_is_secure(stream));
}

static bool cxl_is_sound(const SpdmPcie *p, const uint32_t *sessions,
                         unsigned count)
{
    const Cxl *cxl = &p->cxl;

    return cxl->session_id ? has_session(sessions, count, cxl->session_id)
                           : !cxl->locked && !cxl->psk_valid;
}

bool spdm_pcie_load(SpdmPcie *p, SpdmBytes state, const uint32_t *sessions,
                    unsigned session_count, GError **errp)
{
    SpdmCoder c = spdm_coder_reader(&no_ctx, state);

    spdm_pcie_reset(p);
    code_saved(&c, p);
    if (spdm_coder_ok(&c) && !spdm_coder_left(&c) &&
        tdi_is_sound(p, sessions, session_count) &&
        cxl_is_sound(p, sessions, session_count)) {
        return true;
    }
    spdm_pcie_reset(p);
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                "saved device: its IDE streams and TDI contradict "
                "themselves, or are of another profile");
    return false;
}
