/*
 * Layouts of IDE_KM objects (PCIe 6.33.3; spec/08 section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/pci-sig.h"

static void query(SpdmCoder *c, SpdmIdeKm *m)
{
    spdm_code_reserved(c, 1);
    spdm_code_u8(c, "PortIndex", &m->port);
}

static void query_resp(SpdmCoder *c, SpdmIdeKm *m)
{
    query(c, m);
    spdm_code_u8(c, "DevFunc", &m->dev_func);
    spdm_code_u8(c, "Bus", &m->bus);
    spdm_code_u8(c, "Segment", &m->segment);
    spdm_code_u8(c, "MaxPortIndex", &m->max_port);
    spdm_code_rest(c, "Registers", &m->registers);
}

/* @status: a KP_ACK; the byte is reserved elsewhere. */
static void address(SpdmCoder *c, SpdmIdeKm *m, bool status)
{
    spdm_code_reserved(c, 2);
    spdm_code_u8(c, "StreamID", &m->stream);
    if (status) {
        spdm_code_u8(c, "Status", &m->status);
    } else {
        spdm_code_reserved(c, 1);
    }
    spdm_code_u8(c, "KeySubStream", &m->sub_stream);
    spdm_code_u8(c, "PortIndex", &m->port);
}

void spdm_code_ide_km_address(SpdmCoder *c, SpdmIdeKm *m)
{
    spdm_code_u8(c, "ObjectID", &m->object);
    address(c, m, false);
}

static void key_prog(SpdmCoder *c, SpdmIdeKm *m)
{
    address(c, m, false);
    spdm_code_bytes(c, "Key", &m->key, SPDM_IDE_KEY_SIZE);
    spdm_code_bytes(c, "IFV", &m->ifv, SPDM_IDE_IFV_SIZE);
}

static void kp_ack(SpdmCoder *c, SpdmIdeKm *m)
{
    address(c, m, true);
}

static void key_set(SpdmCoder *c, SpdmIdeKm *m)
{
    address(c, m, false);
}

static const struct {
    const char *name;
    void (*code)(SpdmCoder *c, SpdmIdeKm *m);
} objects[] = {
    [SPDM_IDE_QUERY] = { "QUERY", query },
    [SPDM_IDE_QUERY_RESP] = { "QUERY_RESP", query_resp },
    [SPDM_IDE_KEY_PROG] = { "KEY_PROG", key_prog },
    [SPDM_IDE_KP_ACK] = { "KP_ACK", kp_ack },
    [SPDM_IDE_K_SET_GO] = { "K_SET_GO", key_set },
    [SPDM_IDE_K_SET_STOP] = { "K_SET_STOP", key_set },
    [SPDM_IDE_K_GOSTOP_ACK] = { "K_GOSTOP_ACK", key_set },
};

void spdm_code_ide_km(SpdmCoder *c, SpdmIdeKm *m)
{
    spdm_code_u8(c, "ObjectID", &m->object);
    if (m->object >= G_N_ELEMENTS(objects)) {
        spdm_coder_fail(c);
        return;
    }
    objects[m->object].code(c, m);
}

const char *spdm_ide_object_name(uint8_t object)
{
    return object < G_N_ELEMENTS(objects) ? objects[object].name : NULL;
}

const char *spdm_ide_sub_stream_name(uint8_t sub_stream)
{
    static const char *const names[][4] = {
        { "K0 Rx PR", "K1 Rx PR", "K0 Tx PR", "K1 Tx PR" },
        { "K0 Rx NPR", "K1 Rx NPR", "K0 Tx NPR", "K1 Tx NPR" },
        { "K0 Rx CPL", "K1 Rx CPL", "K0 Tx CPL", "K1 Tx CPL" },
    };
    unsigned kind = sub_stream >> SPDM_IDE_SUB_STREAM_SHIFT;
    unsigned rest = sub_stream & ((1u << SPDM_IDE_SUB_STREAM_SHIFT) - 1);

    return kind < G_N_ELEMENTS(names) && rest < G_N_ELEMENTS(names[0])
           ? names[kind][rest] : NULL;
}
