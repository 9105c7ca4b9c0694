/*
 * IDE_KM (PCIe 6.33.3; spec/08 section 3): QUERY, KEY_PROG, K_SET_GO,
 * K_SET_STOP. Only KEY_PROG has an answer for what is wrong; the others are
 * not answered then.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"
#include "pcie/pcie-int.h"

#include <string.h>

static const SpdmWireCtx no_ctx;

/* An answer of @size bytes, if there is room behind the protocol byte. */
static bool has_room(const SpdmVendorRequest *request, size_t size)
{
    return request->room > size;
}

static SpdmVendorResult say(SpdmIdeKm *m, GByteArray *reply)
{
    SpdmCoder c = spdm_coder_writer(&no_ctx, reply);

    spdm_code_ide_km(&c, m);
    return SPDM_VENDOR_ANSWERED;
}

static IdeKey *key_of(IdeStream *stream, uint8_t sub_stream)
{
    unsigned set = sub_stream & SPDM_IDE_KEY_SET_1 ? 1 : 0;
    unsigned direction = sub_stream & SPDM_IDE_TX ? 1 : 0;

    return &stream->keys[set][direction]
                        [sub_stream >> SPDM_IDE_SUB_STREAM_SHIFT];
}

static SpdmVendorResult query(SpdmPcie *p, const SpdmVendorRequest *request,
                              const SpdmIdeKm *m, GByteArray *reply)
{
    enum { FIXED = 7 };
    const SpdmPciFunction *f = &p->function;
    g_autoptr(GByteArray) registers = g_byte_array_new();
    SpdmIdeKm answer = {
        .object = SPDM_IDE_QUERY_RESP,
        .port = m->port,
        .dev_func = (uint8_t)f->requester_id,
        .bus = (uint8_t)(f->requester_id >> 8),
        .segment = f->segment,
        .max_port = p->profile->ide_ports - 1,
    };

    if (m->port >= p->profile->ide_ports) {
        return SPDM_VENDOR_SILENT;
    }
    if (!has_room(request, FIXED + ide_registers_size(p))) {
        return SPDM_VENDOR_TOO_LARGE;
    }
    if (m->port > 0) {
        /* Downstream ports are devices of the bus below the first. */
        answer.bus++;
        answer.dev_func = (uint8_t)((m->port - 1) << 3);
    }
    ide_registers(p, m->port, registers);
    answer.registers = SPDM_BYTES(registers->data, registers->len);
    return say(&answer, reply);
}

/* A key that is in use cannot be replaced: the other key set is for that. */
static SpdmIdeStatus program(SpdmPcie *p, const SpdmIdeKm *m,
                             uint32_t session_id)
{
    IdeStream *stream;
    IdeKey *key;

    if (m->port >= p->profile->ide_ports) {
        return SPDM_IDE_UNSUPPORTED_PORT;
    }
    if (!spdm_ide_sub_stream_name(m->sub_stream)) {
        return SPDM_IDE_UNSUPPORTED_VALUE;
    }
    stream = ide_stream_make(p, m->port, m->stream);
    if (!stream) {
        return SPDM_IDE_UNSUPPORTED_VALUE;
    }
    key = key_of(stream, m->sub_stream);
    if (key->state == IDE_KEY_ACTIVE) {
        return SPDM_IDE_FAILURE;
    }
    key->state = IDE_KEY_PROGRAMMED;
    key->session_id = session_id;
    memcpy(key->key, m->key.data, sizeof(key->key));
    memcpy(key->ifv, m->ifv.data, sizeof(key->ifv));
    return SPDM_IDE_OK;
}

enum { ADDRESS_SIZE = 7 };   /* of an object without key or registers */

/* @whole: the object has the size of a KEY_PROG. */
static SpdmVendorResult key_prog(SpdmPcie *p,
                                 const SpdmVendorRequest *request,
                                 const SpdmIdeKm *m, bool whole,
                                 GByteArray *reply)
{
    SpdmIdeKm answer = {
        .object = SPDM_IDE_KP_ACK,
        .stream = m->stream,
        .sub_stream = m->sub_stream,
        .port = m->port,
        .status = SPDM_IDE_INCORRECT_LENGTH,
    };

    if (!has_room(request, ADDRESS_SIZE)) {
        return SPDM_VENDOR_TOO_LARGE;
    }
    if (whole) {
        answer.status = program(p, m, request->session_id);
    }
    return say(&answer, reply);
}

/*
 * One key set of a direction's sub-stream is active at a time; the other is
 * wiped when this takes over. Without a key there is nothing to go on with,
 * and the stream is insecure (the register says so, no message does).
 */
static void go(SpdmPcie *p, IdeStream *stream, uint8_t sub_stream)
{
    IdeKey *key = key_of(stream, sub_stream);
    IdeKey *other = key_of(stream, sub_stream ^ SPDM_IDE_KEY_SET_1);

    if (key->state == IDE_KEY_PROGRAMMED) {
        key->state = IDE_KEY_ACTIVE;
    }
    if (other->state == IDE_KEY_ACTIVE) {
        spdm_wipe(other, sizeof(*other));
    }
    ide_stream_changed(p, stream);
}

static void stop(SpdmPcie *p, IdeStream *stream, uint8_t sub_stream)
{
    spdm_wipe(key_of(stream, sub_stream), sizeof(IdeKey));
    ide_stream_changed(p, stream);
}

static SpdmVendorResult key_set(SpdmPcie *p,
                                const SpdmVendorRequest *request,
                                const SpdmIdeKm *m, GByteArray *reply)
{
    SpdmIdeKm answer = *m;
    IdeStream *stream;

    answer.object = SPDM_IDE_K_GOSTOP_ACK;
    if (m->port >= p->profile->ide_ports ||
        !spdm_ide_sub_stream_name(m->sub_stream)) {
        return SPDM_VENDOR_SILENT;
    }
    if (!has_room(request, ADDRESS_SIZE)) {
        return SPDM_VENDOR_TOO_LARGE;
    }
    stream = ide_stream(p, m->port, m->stream);
    if (stream && m->object == SPDM_IDE_K_SET_GO) {
        go(p, stream, m->sub_stream);
    } else if (stream) {
        stop(p, stream, m->sub_stream);
    }
    return say(&answer, reply);
}

/* The address of a KEY_PROG is all that its answer needs. */
static bool read_address(SpdmBytes object, SpdmIdeKm *m)
{
    SpdmBytes head = SPDM_BYTES(object.data,
                                MIN(object.len, (size_t)ADDRESS_SIZE));
    SpdmCoder c = spdm_coder_reader(&no_ctx, head);

    if (object.len < ADDRESS_SIZE || object.data[0] != SPDM_IDE_KEY_PROG) {
        return false;
    }
    spdm_code_ide_km_address(&c, m);
    return spdm_coder_ok(&c);
}

SpdmVendorResult pcie_ide_km(SpdmPcie *p, const SpdmVendorRequest *request,
                             SpdmBytes object, GByteArray *reply)
{
    SpdmCoder c = spdm_coder_reader(&no_ctx, object);
    SpdmIdeKm m = { 0 };
    bool whole;

    spdm_code_ide_km(&c, &m);
    whole = spdm_coder_ok(&c) && !spdm_coder_left(&c);
    if (m.object == SPDM_IDE_KEY_PROG && (whole || read_address(object, &m))) {
        return key_prog(p, request, &m, whole, reply);
    }
    if (!whole) {
        return SPDM_VENDOR_SILENT;
    }
    switch (m.object) {
    case SPDM_IDE_QUERY:
        return query(p, request, &m, reply);
    case SPDM_IDE_K_SET_GO:
    case SPDM_IDE_K_SET_STOP:
        return key_set(p, request, &m, reply);
    default:
        return SPDM_VENDOR_SILENT;
    }
}
