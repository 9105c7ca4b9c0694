/*
 * A message in a few words, for ladders.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/describe.h"

#include "crypto/algs.h"
#include "spdm/requester.h"
#include "wire/pci-sig.h"

const char *spdm_message_name(uint8_t code)
{
    return spdm_code_name(code);
}

/* Appends what is worth telling about one message. */
typedef void (*Describe)(const SpdmMsg *m, GString *out);

static void version(const SpdmMsg *m, GString *out)
{
    for (unsigned i = 0; i < m->version.count; i++) {
        unsigned entry = m->version.entries[i];

        g_string_append_printf(out, "%s%u.%u", i ? " " : "", entry >> 12,
                               entry >> 8 & 0xf);
    }
}

static void capabilities(const SpdmMsg *m, GString *out)
{
    g_autofree char *flags = spdm_flags_describe(m->capabilities.flags);

    g_string_append(out, flags);
    if (m->h.version >= SPDM_VERSION_12) {
        g_string_append_printf(out, ", DataTransferSize %u",
                               m->capabilities.data_transfer_size);
    }
}

static void alg_tables(const SpdmMsg *m, GString *out)
{
    static const char *const names[] = {
        [SPDM_ALG_TYPE_DHE] = "DHE", [SPDM_ALG_TYPE_AEAD] = "AEAD",
        [SPDM_ALG_TYPE_REQ_ASYM] = "ReqAsym",
        [SPDM_ALG_TYPE_KEY_SCHEDULE] = "KeySchedule",
        [SPDM_ALG_TYPE_REQ_PQC_ASYM] = "ReqPqcAsym",
        [SPDM_ALG_TYPE_KEM] = "KEM",
    };

    for (unsigned i = 0; i < m->algorithms.table_count; i++) {
        const SpdmAlgTable *t = &m->algorithms.tables[i];
        bool named = t->type < G_N_ELEMENTS(names) && names[t->type];

        g_string_append_printf(out, " %s %#x", named ? names[t->type] : "?",
                               t->supported);
    }
}

static void negotiate(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "asym %#x hash %#x",
                           m->algorithms.base_asym, m->algorithms.base_hash);
    if (m->algorithms.pqc_asym) {
        g_string_append_printf(out, " pqc asym %#x", m->algorithms.pqc_asym);
    }
    alg_tables(m, out);
    if (m->algorithms.other_params & SPDM_OTHER_PARAMS_MULTI_KEY) {
        g_string_append(out, " responder multi-key");
    }
}

static const char *name_or(const char *name)
{
    return name ? name : "none";
}

static void algorithms(const SpdmMsg *m, GString *out)
{
    const SpdmAsymAlg *asym = spdm_asym_by_bit(
        spdm_asym_join(m->algorithms.base_asym, m->algorithms.pqc_asym));
    const SpdmHashAlg *hash = spdm_hash_by_bit(m->algorithms.base_hash);

    g_string_append_printf(out, "%s %s",
                           name_or(asym ? asym->name : NULL),
                           name_or(hash ? hash->name : NULL));
    for (unsigned i = 0; i < m->algorithms.table_count; i++) {
        const SpdmAlgTable *t = &m->algorithms.tables[i];
        const SpdmDheAlg *dhe = spdm_dhe_by_bit(t->supported);
        const SpdmKemAlg *kem = spdm_kem_by_bit(t->supported);
        const SpdmAeadAlg *aead = spdm_aead_by_bit(t->supported);

        if (t->type == SPDM_ALG_TYPE_DHE) {
            g_string_append_printf(out, " %s",
                                   name_or(dhe ? dhe->name : NULL));
        } else if (t->type == SPDM_ALG_TYPE_KEM) {
            g_string_append_printf(out, " %s",
                                   name_or(kem ? kem->name : NULL));
        } else if (t->type == SPDM_ALG_TYPE_AEAD) {
            g_string_append_printf(out, " %s",
                                   name_or(aead ? aead->name : NULL));
        }
    }
    if (m->algorithms.other_params & SPDM_OTHER_PARAMS_MULTI_KEY) {
        g_string_append(out, " requester multi-key");
    }
}

static void digests(const SpdmMsg *m, GString *out)
{
    const char *gap = "slots ";

    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        if (m->h.param2 & 1u << i) {
            g_string_append_printf(out, "%s%u", gap, i);
            gap = ",";
        }
    }
}

static void slot(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "slot %u", m->h.param1);
}

static void get_certificate(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "slot %u, offset %u, length %u",
                           m->h.param1 & 0xf, m->get_certificate.offset,
                           m->get_certificate.length);
}

static void certificate(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "slot %u, %u bytes, %u remain",
                           m->h.param1 & 0xf, m->certificate.portion_length,
                           m->certificate.remainder_length);
}

static void get_measurements(const SpdmMsg *m, GString *out)
{
    if (m->h.param2 == SPDM_MEAS_OP_COUNT) {
        g_string_append(out, "number");
    } else if (m->h.param2 == SPDM_MEAS_OP_ALL) {
        g_string_append(out, "all");
    } else {
        g_string_append_printf(out, "index %u", m->h.param2);
    }
    if (m->h.param1 & SPDM_MEAS_REQ_RAW) {
        g_string_append(out, ", raw");
    }
    if (m->h.param1 & SPDM_MEAS_REQ_SIGNATURE) {
        g_string_append_printf(out, ", signed by slot %u",
                               m->get_measurements.slot);
    }
}

static void measurements(const SpdmMsg *m, GString *out)
{
    if (m->measurements.block_count) {
        g_string_append_printf(out, "%u blocks, %zu bytes",
                               m->measurements.block_count,
                               m->measurements.record.len);
    } else {
        g_string_append_printf(out, "%u in all", m->h.param1);
    }
    if (m->measurements.signature.len) {
        g_string_append(out, ", signed");
    }
}

static void get_mel(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "offset %u, length %u", m->get_mel.offset,
                           m->get_mel.length);
}

static void mel(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "%u bytes, %u remain", m->mel.portion_length,
                           m->mel.remainder_length);
}

static void get_endpoint_info(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "SubCode %u", m->h.param1);
    if (m->get_endpoint_info.attributes & SPDM_EP_INFO_SIGNATURE) {
        g_string_append_printf(out, ", signed by slot %u", m->h.param2);
    }
}

static void endpoint_info(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "%zu bytes%s", m->endpoint_info.info.len,
                           m->endpoint_info.signature.len ? ", signed" : "");
}

static void event_groups(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "%u group%s, %zu bytes", m->h.param1,
                           m->h.param1 == 1 ? "" : "s",
                           m->event_types.list.len);
}

static void send_event(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "%u event%s", m->send_event.count,
                           m->send_event.count == 1 ? "" : "s");
}

static void key_exchange(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "slot %u, ReqSessionID 0x%04x",
                           m->h.param2, m->key_exchange.req_session_id);
}

static void key_exchange_rsp(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "RspSessionID 0x%04x, heartbeat %u s, signed",
                           m->key_exchange_rsp.rsp_session_id, m->h.param1);
}

static void psk_exchange(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "ReqSessionID 0x%04x, hint %zu bytes",
                           m->psk_exchange.req_session_id,
                           m->psk_exchange.hint.len);
}

static void psk_exchange_rsp(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "RspSessionID 0x%04x, heartbeat %u s%s",
                           m->psk_exchange_rsp.rsp_session_id, m->h.param1,
                           m->psk_exchange_rsp.context.len ? ", context"
                                                           : "");
}

static void key_update(const SpdmMsg *m, GString *out)
{
    static const char *const names[] = {
        [SPDM_UPDATE_KEY] = "UpdateKey",
        [SPDM_UPDATE_ALL_KEYS] = "UpdateAllKeys",
        [SPDM_VERIFY_NEW_KEY] = "VerifyNewKey",
    };
    bool known = m->h.param1 < G_N_ELEMENTS(names) && names[m->h.param1];

    g_string_append_printf(out, "%s, tag %u",
                           known ? names[m->h.param1] : "reserved",
                           m->h.param2);
}

static void vendor(const SpdmMsg *m, GString *out)
{
    const SpdmMsgVendor *v = &m->vendor;

    if (v->standard_id == SPDM_STANDARD_PCI_SIG && v->vendor_id.len == 2 &&
        v->vendor_id.data[0] == SPDM_VENDOR_PCI_SIG &&
        v->vendor_id.data[1] == 0) {
        spdm_describe_pci_sig(v->payload, out);
        return;
    }
    g_string_append_printf(out, "standard %u, %zu bytes",
                           m->vendor.standard_id, m->vendor.payload.len);
}

static void append_field(GString *out, const char *before,
                         SpdmKeyPairField field, uint32_t mask)
{
    g_autofree char *text = spdm_key_pair_field_text(field, mask);

    g_string_append_printf(out, ", %s%s", before, text);
}

static void get_key_pair_info(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "key pair %u",
                           m->key_pair_info.key_pair_id);
}

/* Both fields of an algorithm as the names have them. */
static uint32_t key_algorithm(uint32_t asym, SpdmBytes pqc)
{
    return spdm_asym_join(asym, (pqc.len > 0 ? pqc.data[0] : 0u) |
                                (pqc.len > 1 ? pqc.data[1] * 256u : 0u));
}

static void key_pair_info(const SpdmMsg *m, GString *out)
{
    const SpdmMsgKeyPairInfo *v = &m->key_pair_info;

    g_string_append_printf(out, "key pair %u of %u", v->key_pair_id,
                           v->total);
    append_field(out, "", SPDM_KEY_PAIR_FIELD_ALGORITHM,
                 key_algorithm(v->asym, v->pqc));
    append_field(out, "slots ", SPDM_KEY_PAIR_FIELD_SLOTS, v->slot_mask);
    append_field(out, "usage ", SPDM_KEY_PAIR_FIELD_USAGE, v->key_usage);
}

static void set_key_pair_info(const SpdmMsg *m, GString *out)
{
    static const char *const names[] = {
        [SPDM_KEY_PAIR_CHANGE] = "change",
        [SPDM_KEY_PAIR_ERASE] = "erase",
        [SPDM_KEY_PAIR_GENERATE] = "generate",
    };
    const SpdmMsgSetKeyPairInfo *v = &m->set_key_pair_info;
    bool known = m->h.param1 < G_N_ELEMENTS(names);

    g_string_append_printf(out, "%s key pair %u",
                           known ? names[m->h.param1] : "reserved",
                           v->key_pair_id);
    if (m->h.param1 == SPDM_KEY_PAIR_ERASE) {
        return;
    }
    append_field(out, "slots ", SPDM_KEY_PAIR_FIELD_SLOTS, v->slot_mask);
    if (key_algorithm(v->asym, v->pqc)) {
        append_field(out, "", SPDM_KEY_PAIR_FIELD_ALGORITHM,
                     key_algorithm(v->asym, v->pqc));
    }
    if (v->key_usage) {
        append_field(out, "usage ", SPDM_KEY_PAIR_FIELD_USAGE, v->key_usage);
    }
}

static void slot_management(const SpdmMsg *m, GString *out)
{
    static const struct {
        uint8_t code;
        const char *name;
    } names[] = {
        { SPDM_SLOT_SUPPORTED_SUB_CODES, "SupportedSubCodes" },
        { SPDM_SLOT_GET_BANK_INFO, "GetBankInfo" },
        { SPDM_SLOT_GET_BANK_DETAILS, "GetBankDetails" },
        { SPDM_SLOT_GET_CERTIFICATE_CHAIN, "GetCertificateChain" },
        { SPDM_SLOT_GET_CSR, "GetCSR" },
        { SPDM_SLOT_MANAGE_BANK, "ManageBank" },
        { SPDM_SLOT_MANAGE_SLOT, "ManageSlot" },
        { SPDM_SLOT_SET_CERTIFICATE, "SetCertificate" },
    };
    const char *name = "reserved";

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        name = names[i].code == m->h.param1 ? names[i].name : name;
    }
    g_string_append(out, name);
    if (m->h.code == SPDM_SLOT_MANAGEMENT && m->slot_management.offset) {
        g_string_append_printf(out, ", bank %u, slot %u",
                               m->slot_management.bank_id,
                               m->slot_management.slot_id &
                               SPDM_SLOT_ID_MASK);
    }
}

static void respond_if_ready(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "%s, token %u", spdm_code_name(m->h.param1),
                           m->h.param2);
}

/* The first chunk has the header of what it is a piece of. */
static void chunk(const SpdmMsg *m, GString *out)
{
    const SpdmMsgChunk *v = &m->chunk;

    g_string_append_printf(out, "handle %u, chunk %u%s", m->h.param2, v->seq,
                           m->h.param1 & SPDM_CHUNK_LAST ? ", the last" : "");
    if (v->seq == 0 && v->chunk.len >= SPDM_HEADER_SIZE) {
        g_string_append_printf(out, " of %s, %u bytes",
                               spdm_code_name(v->chunk.data[1]),
                               v->large_size);
    }
}

static void chunk_get(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "handle %u, chunk %u", m->h.param2,
                           m->chunk.seq);
}

static void chunk_ack(const SpdmMsg *m, GString *out)
{
    SpdmBytes inside = m->chunk.response;

    chunk_get(m, out);
    if (m->h.param1 & SPDM_CHUNK_EARLY_ERROR) {
        g_string_append(out, ", early error");
    }
    if (inside.len >= SPDM_HEADER_SIZE) {
        g_string_append_printf(out, ", with %s",
                               spdm_code_name(inside.data[1]));
    }
}

static void error(const SpdmMsg *m, GString *out)
{
    g_string_append_printf(out, "%s (0x%02x), data 0x%02x",
                           spdm_error_name(m->h.param1), m->h.param1,
                           m->h.param2);
}

static const struct {
    uint8_t code;
    Describe describe;
} table[] = {
    { SPDM_RESPONSE_OF(SPDM_GET_VERSION), version },
    { SPDM_GET_CAPABILITIES, capabilities },
    { SPDM_RESPONSE_OF(SPDM_GET_CAPABILITIES), capabilities },
    { SPDM_NEGOTIATE_ALGORITHMS, negotiate },
    { SPDM_RESPONSE_OF(SPDM_NEGOTIATE_ALGORITHMS), algorithms },
    { SPDM_RESPONSE_OF(SPDM_GET_DIGESTS), digests },
    { SPDM_GET_CERTIFICATE, get_certificate },
    { SPDM_RESPONSE_OF(SPDM_GET_CERTIFICATE), certificate },
    { SPDM_CHALLENGE, slot },
    { SPDM_RESPONSE_OF(SPDM_CHALLENGE), slot },
    { SPDM_CHUNK_SEND, chunk },
    { SPDM_RESPONSE_OF(SPDM_CHUNK_SEND), chunk_ack },
    { SPDM_CHUNK_GET, chunk_get },
    { SPDM_RESPONSE_OF(SPDM_CHUNK_GET), chunk },
    { SPDM_GET_MEASUREMENTS, get_measurements },
    { SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENTS), measurements },
    { SPDM_GET_MEASUREMENT_EXTENSION_LOG, get_mel },
    { SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENT_EXTENSION_LOG), mel },
    { SPDM_GET_ENDPOINT_INFO, get_endpoint_info },
    { SPDM_RESPONSE_OF(SPDM_GET_ENDPOINT_INFO), endpoint_info },
    { SPDM_RESPONSE_OF(SPDM_GET_SUPPORTED_EVENT_TYPES), event_groups },
    { SPDM_SUBSCRIBE_EVENT_TYPES, event_groups },
    { SPDM_SEND_EVENT, send_event },
    { SPDM_KEY_EXCHANGE, key_exchange },
    { SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE), key_exchange_rsp },
    { SPDM_PSK_EXCHANGE, psk_exchange },
    { SPDM_RESPONSE_OF(SPDM_PSK_EXCHANGE), psk_exchange_rsp },
    { SPDM_KEY_UPDATE, key_update },
    { SPDM_RESPONSE_OF(SPDM_KEY_UPDATE), key_update },
    { SPDM_VENDOR_DEFINED_REQUEST, vendor },
    { SPDM_RESPONSE_OF(SPDM_VENDOR_DEFINED_REQUEST), vendor },
    { SPDM_GET_KEY_PAIR_INFO, get_key_pair_info },
    { SPDM_RESPONSE_OF(SPDM_GET_KEY_PAIR_INFO), key_pair_info },
    { SPDM_SET_KEY_PAIR_INFO, set_key_pair_info },
    { SPDM_SLOT_MANAGEMENT, slot_management },
    { SPDM_RESPONSE_OF(SPDM_SLOT_MANAGEMENT), slot_management },
    { SPDM_RESPOND_IF_READY, respond_if_ready },
    { SPDM_ERROR, error },
};

static void embedded(const SpdmWireCtx *ctx, const SpdmMsg *m, GString *out)
{
    bool ack = m->h.code ==
               SPDM_RESPONSE_OF(SPDM_DELIVER_ENCAPSULATED_RESPONSE);

    if (ack && m->h.param2 == SPDM_ENCAP_SLOT_NUMBER) {
        g_string_append_printf(out, " slot %u", m->encap.message.len
                                                ? m->encap.message.data[0]
                                                : 0);
    } else if (ack && m->h.param2 != SPDM_ENCAP_PRESENT) {
        g_string_append(out, " no more");
    } else if (m->encap.message.len >= SPDM_HEADER_SIZE) {
        g_string_append_printf(out, " id %u: ", m->h.param1);
        spdm_describe(ctx->embedded, m->encap.message, out);
    }
}

static bool has_embedded(uint8_t code)
{
    return code == SPDM_DELIVER_ENCAPSULATED_RESPONSE ||
           code == SPDM_RESPONSE_OF(SPDM_GET_ENCAPSULATED_REQUEST) ||
           code == SPDM_RESPONSE_OF(SPDM_DELIVER_ENCAPSULATED_RESPONSE);
}

void spdm_describe(const SpdmWireCtx *ctx, SpdmBytes message, GString *out)
{
    SpdmMsg m;

    if (message.len < SPDM_HEADER_SIZE) {
        g_string_append_printf(out, "%zu bytes, no message", message.len);
        return;
    }
    g_string_append(out, spdm_code_name(message.data[1]));
    if (!spdm_msg_decode(ctx, message, &m, NULL, NULL)) {
        /* A request is shown before its tails are there: that is fine. */
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].code == m.h.code) {
            g_string_append_c(out, ' ');
            table[i].describe(&m, out);
        }
    }
    if (has_embedded(m.h.code) && ctx->embedded) {
        embedded(ctx, &m, out);
    }
}
