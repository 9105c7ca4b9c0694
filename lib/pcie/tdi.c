/*
 * A TEE device interface (PCIe 11.2): its states, what it is bound to, and
 * its report.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"
#include "pcie/pcie-int.h"

#include <string.h>

enum {
    PAGE_SHIFT = 12,
    PAGE_MASK = (1 << PAGE_SHIFT) - 1,
    COMMAND_MEMORY = 1 << 1,
    COMMAND_MASTER = 1 << 2,
    ATTRIBUTE_MSIX_TABLE = 1 << 0,
    ATTRIBUTE_MSIX_PBA = 1 << 1,
};

uint32_t tdi_check_lock(SpdmPcie *p, const SpdmTdisp *m, uint32_t session_id,
                        uint8_t *port)
{
    if ((m->lock_flags & ~p->profile->lock_flags) ||
        (m->mmio_offset & PAGE_MASK)) {
        return SPDM_TDISP_INVALID_REQUEST;
    }
    /* A device without IDE is one inside the root complex, and needs none. */
    if (p->profile->ide &&
        !ide_find_secure(p, m->stream, session_id, port)) {
        return SPDM_TDISP_INVALID_DEVICE_CONFIGURATION;
    }
    return 0;
}

void tdi_lock(SpdmPcie *p, const SpdmTdisp *m, uint32_t session_id,
              uint8_t port)
{
    Tdi *tdi = &p->tdi;

    *tdi = (Tdi){
        .state = SPDM_TDI_CONFIG_LOCKED,
        .session_id = session_id,
        .function_id = m->function,
        .has_nonce = true,
        .flags = m->lock_flags,
        .port = port,
        .stream = m->stream,
        .mmio_offset = m->mmio_offset,
        .function = p->function,
    };
    spdm_rng_fill(p->rng, tdi->nonce, sizeof(tdi->nonce));
}

static void forget_nonce(Tdi *tdi)
{
    spdm_wipe(tdi->nonce, sizeof(tdi->nonce));
    tdi->has_nonce = false;
}

void tdi_start(SpdmPcie *p)
{
    forget_nonce(&p->tdi);
    p->tdi.state = SPDM_TDI_RUN;
}

void tdi_stop(SpdmPcie *p)
{
    spdm_wipe(&p->tdi, sizeof(p->tdi));
}

void tdi_fail(SpdmPcie *p)
{
    if (tdi_is_bound(&p->tdi)) {
        tdi_stop(p);
        p->tdi.state = SPDM_TDI_ERROR;
    }
}

void tdi_watch(SpdmPcie *p)
{
    const SpdmPciFunction *then = &p->tdi.function, *now = &p->function;
    uint16_t lost = then->command & ~now->command;
    bool moved = then->known != now->known ||
                 then->requester_id != now->requester_id ||
                 then->segment != now->segment;

    for (unsigned i = 0; i < SPDM_PCI_BARS; i++) {
        moved |= then->bars[i].address != now->bars[i].address;
    }
    if (moved || (lost & (COMMAND_MEMORY | COMMAND_MASTER))) {
        tdi_fail(p);
    }
}

/* A function on no bus has one BAR, of 64 KiB at 0, to have something. */
static const SpdmPciBar made_up = { .size = 64 * 1024 };

static const SpdmPciBar *bar_of(const SpdmPcie *p, unsigned i)
{
    const SpdmPciFunction *f = &p->tdi.function;

    return !f->known && i == 0 ? &made_up : &f->bars[i];
}

static void add_range(SpdmCoder *c, const SpdmPcie *p, unsigned bar)
{
    const SpdmPciBar *b = bar_of(p, bar);
    SpdmMmioRange range = {
        .first_page = (b->address + p->tdi.mmio_offset) >> PAGE_SHIFT,
        .pages = (uint32_t)((b->size + PAGE_MASK) >> PAGE_SHIFT),
        .attributes = b->msix_table
                      ? ATTRIBUTE_MSIX_TABLE | ATTRIBUTE_MSIX_PBA : 0,
        .id = (uint16_t)bar,
    };

    spdm_code_mmio_range(c, &range);
}

GByteArray *tdi_report(const SpdmPcie *p)
{
    const SpdmWireCtx ctx = { 0 };
    GByteArray *out = g_byte_array_new();
    SpdmCoder c = spdm_coder_writer(&ctx, out);
    GBytes *given = p->profile->device_info;
    SpdmTdiReport report = {
        .interface_info = p->profile->interface_info,
        .msix_control = p->tdi.function.msix_control,
    };
    SpdmBytes info = { NULL, 0 };

    if (given) {
        info.data = g_bytes_get_data(given, &info.len);
    }
    for (unsigned i = 0; i < SPDM_PCI_BARS; i++) {
        report.range_count += bar_of(p, i)->size != 0;
    }
    spdm_code_tdi_report(&c, &report);
    for (unsigned i = 0; i < SPDM_PCI_BARS; i++) {
        if (bar_of(p, i)->size) {
            add_range(&c, p, i);
        }
    }
    spdm_code_sized32(&c, "DeviceSpecificInfoLen", "DeviceSpecificInfo",
                      &info);
    return out;
}
