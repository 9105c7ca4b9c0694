/*
 * IDE streams of a device's ports (PCIe 6.33): keys, states, and the image of
 * the IDE extended capability. The keys protect nothing: no link is encrypted.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"
#include "pcie/pcie-int.h"

#include <string.h>

IdeStream *ide_stream(SpdmPcie *p, uint8_t port, uint8_t id)
{
    for (unsigned i = 0; i < p->profile->ide_streams; i++) {
        IdeStream *stream = &p->streams[port][i];

        if (stream->used && stream->id == id) {
            return stream;
        }
    }
    return NULL;
}

IdeStream *ide_stream_make(SpdmPcie *p, uint8_t port, uint8_t id)
{
    IdeStream *stream = ide_stream(p, port, id);

    for (unsigned i = 0; !stream && i < p->profile->ide_streams; i++) {
        if (!p->streams[port][i].used) {
            stream = &p->streams[port][i];
            stream->used = true;
            stream->id = id;
        }
    }
    return stream;
}

/* The keys of both sets, all directions and sub-streams, one by one. */
static IdeKey *nth_key(IdeStream *stream, unsigned n)
{
    enum { COUNT = IDE_KEY_SETS * IDE_DIRECTIONS * IDE_SUB_STREAMS };

    return n < COUNT ? &stream->keys[0][0][0] + n : NULL;
}

static bool has_keys(IdeStream *stream)
{
    IdeKey *key;

    for (unsigned n = 0; (key = nth_key(stream, n)); n++) {
        if (key->state != IDE_KEY_EMPTY) {
            return true;
        }
    }
    return false;
}

static const IdeKey *active_key(const IdeStream *stream, unsigned direction,
                                unsigned sub)
{
    for (unsigned set = 0; set < IDE_KEY_SETS; set++) {
        const IdeKey *key = &stream->keys[set][direction][sub];

        if (key->state == IDE_KEY_ACTIVE) {
            return key;
        }
    }
    return NULL;
}

/* @session_id 0: whosever the keys are. */
static bool is_secure_by(const IdeStream *stream, uint32_t session_id)
{
    for (unsigned direction = 0; direction < IDE_DIRECTIONS; direction++) {
        for (unsigned sub = 0; sub < IDE_SUB_STREAMS; sub++) {
            const IdeKey *key = active_key(stream, direction, sub);

            if (!key || (session_id && key->session_id != session_id)) {
                return false;
            }
        }
    }
    return true;
}

bool ide_is_secure(const IdeStream *stream)
{
    return stream->used && is_secure_by(stream, 0);
}

bool ide_find_secure(SpdmPcie *p, uint8_t id, uint32_t session_id,
                     uint8_t *port)
{
    for (uint8_t i = 0; i < p->profile->ide_ports; i++) {
        const IdeStream *stream = ide_stream(p, i, id);

        if (stream && is_secure_by(stream, session_id)) {
            *port = i;
            return true;
        }
    }
    return false;
}

void ide_stream_changed(SpdmPcie *p, IdeStream *stream)
{
    const Tdi *tdi = &p->tdi;

    /* PCIe 11.2: a TDI does not outlive the security of its stream. */
    if (tdi_is_bound(tdi) && !ide_is_secure(stream) &&
        stream == ide_stream(p, tdi->port, tdi->stream)) {
        tdi_fail(p);
    }
    if (!has_keys(stream)) {
        spdm_wipe(stream, sizeof(*stream));
    }
}

void ide_reset(SpdmPcie *p)
{
    spdm_wipe(p->streams, sizeof(p->streams));
}

void ide_session_ended(SpdmPcie *p, uint32_t session_id)
{
    for (unsigned port = 0; port < IDE_MAX_PORTS; port++) {
        for (unsigned i = 0; i < IDE_MAX_STREAMS; i++) {
            IdeKey *key;

            for (unsigned n = 0;
                 (key = nth_key(&p->streams[port][i], n)); n++) {
                if (key->session_id == session_id) {
                    key->session_id = 0;
                }
            }
        }
    }
}

/* IDE Extended Capability registers (PCIe 7.9.26). */
enum {
    CAP_SELECTIVE = 1 << 1,
    CAP_IDE_KM = 1 << 6,
    CAP_STREAMS_SHIFT = 16,  /* number of selective streams, less one */
    CAP_TEE_LIMITED = 1 << 24,

    CTL_ENABLE = 1 << 0,
    CTL_DEFAULT = 1 << 22,
    CTL_STREAM_ID_SHIFT = 24,

    STS_SECURE = 2,

    DEVICE_DWORDS = 2,       /* capability, control */
    STREAM_DWORDS = 5,       /* capability, control, status, RID x 2 */
};

size_t ide_registers_size(const SpdmPcie *p)
{
    return 4 * (DEVICE_DWORDS + STREAM_DWORDS * p->profile->ide_streams);
}

/* A stream with keys is one that the host has given its id and enabled. */
static void stream_registers(SpdmCoder *c, const SpdmPcie *p, uint8_t port,
                             const IdeStream *stream)
{
    const Tdi *tdi = &p->tdi;
    uint32_t control = 0, none = 0;
    uint32_t status = ide_is_secure(stream) ? STS_SECURE : 0;

    if (stream->used) {
        control = CTL_ENABLE | (uint32_t)stream->id << CTL_STREAM_ID_SHIFT;
    }
    if (stream->used && tdi_is_bound(tdi) && tdi->port == port &&
        tdi->stream == stream->id) {
        control |= CTL_DEFAULT;
    }
    spdm_code_u32(c, "SelectiveIDECapability", &none);
    spdm_code_u32(c, "SelectiveIDEControl", &control);
    spdm_code_u32(c, "SelectiveIDEStatus", &status);
    spdm_code_u32(c, "RIDAssociation1", &none);
    spdm_code_u32(c, "RIDAssociation2", &none);
}

void ide_registers(const SpdmPcie *p, uint8_t port, GByteArray *out)
{
    const SpdmWireCtx ctx = { 0 };
    SpdmCoder c = spdm_coder_writer(&ctx, out);
    uint32_t capability = CAP_SELECTIVE | CAP_IDE_KM |
        (uint32_t)(p->profile->ide_streams - 1) << CAP_STREAMS_SHIFT;
    uint32_t control = 0;

    if (p->profile->tdisp) {
        capability |= CAP_TEE_LIMITED;
    }
    spdm_code_u32(&c, "IDECapability", &capability);
    spdm_code_u32(&c, "IDEControl", &control);
    for (unsigned i = 0; i < p->profile->ide_streams; i++) {
        stream_registers(&c, p, port, &p->streams[port][i]);
    }
}
