/*
 * What a user has changed of the device while it ran, as bytes for a VM
 * snapshot: measurements, pre-shared keys, capabilities. (Certificate chains
 * are part of what is provisioned: soft-state.c.)
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"
#include "crypto/secret.h"
#include "wire/msg.h"

#include <string.h>

enum {
    MAX_MEASUREMENTS = 2 * UINT8_MAX,
    MAX_PSKS = 1024,
};

static const SpdmWireCtx no_ctx;

static void code_measurement(SpdmCoder *c, uint8_t *index, bool *pending,
                             SpdmBytes *value)
{
    spdm_code_u8(c, "Index", index);
    spdm_code_bool(c, "Pending", pending);
    spdm_code_sized16(c, "ValueLength", "Value", value);
}

static void code_psk(SpdmCoder *c, SpdmBytes *hint, SpdmBytes *secret)
{
    spdm_code_sized16(c, "HintLength", "Hint", hint);
    spdm_code_sized16(c, "SecretLength", "Secret", secret);
}

/* --- writing -------------------------------------------------------------- */

static uint16_t count_values(GBytes *const *values)
{
    uint16_t count = 0;

    for (unsigned i = 0; i <= UINT8_MAX; i++) {
        count += values[i] != NULL;
    }
    return count;
}

static void write_values(SpdmCoder *c, GBytes *const *values, bool pending)
{
    for (unsigned i = 0; i <= UINT8_MAX; i++) {
        if (values[i]) {
            SpdmBytes value = soft_bytes(values[i]);
            uint8_t index = (uint8_t)i;

            code_measurement(c, &index, &pending, &value);
        }
    }
}

static void write_psks(SpdmCoder *c, const GPtrArray *psks)
{
    uint16_t count = (uint16_t)psks->len;

    spdm_code_u16(c, "PSKs", &count);
    for (guint i = 0; i < psks->len; i++) {
        const SpdmProfilePsk *psk = psks->pdata[i];
        SpdmBytes hint = soft_bytes(psk->hint);
        SpdmBytes secret = soft_bytes(psk->secret);

        code_psk(c, &hint, &secret);
    }
}

static void wipe_and_free(gpointer opaque)
{
    GByteArray *state = opaque;

    spdm_wipe(state->data, state->len);
    g_byte_array_unref(state);
}

/* An upper bound. */
static guint size_of(const SpdmSoftProvider *soft)
{
    guint size = 64;

    for (unsigned i = 0; i <= UINT8_MAX; i++) {
        GBytes *values[] = { soft->changed[i], soft->pending[i] };

        for (unsigned k = 0; k < G_N_ELEMENTS(values); k++) {
            size += values[k] ? 8 + (guint)g_bytes_get_size(values[k]) : 0;
        }
    }
    return size + soft->psks->len * (8 + SPDM_MAX_PSK_HINT + SPDM_MAX_PSK);
}

GBytes *soft_user_save(const SpdmSoftProvider *soft)
{
    /* At full size from the start: growing would leave copies of keys. */
    GByteArray *out = g_byte_array_sized_new(size_of(soft));
    SpdmCoder c = spdm_coder_writer(&no_ctx, out);
    uint32_t flags = soft->flags;
    uint16_t count = (uint16_t)(count_values(soft->changed) +
                                count_values(soft->pending));

    spdm_code_u32(&c, "Flags", &flags);
    spdm_code_u16(&c, "Measurements", &count);
    write_values(&c, soft->changed, false);
    write_values(&c, soft->pending, true);
    write_psks(&c, soft->psks);
    return g_bytes_new_with_free_func(out->data, out->len, wipe_and_free,
                                      out);
}

/* --- reading -------------------------------------------------------------- */

typedef struct Read {
    SpdmSoftProvider *soft;
    SpdmCoder c;
    uint32_t flags;
    GBytes *changed[UINT8_MAX + 1];
    GBytes *pending[UINT8_MAX + 1];
    GPtrArray *psks;
    GError **errp;
} Read;

static void clear_values(GBytes **values)
{
    for (unsigned i = 0; i <= UINT8_MAX; i++) {
        g_clear_pointer(&values[i], g_bytes_unref);
    }
}

static bool refuse(Read *r, const char *what)
{
    if (r->errp && !*r->errp) {
        g_set_error(r->errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved device: %s", what);
    }
    return false;
}

static bool read_measurements(Read *r)
{
    uint16_t count = 0;

    spdm_code_u16(&r->c, "Measurements", &count);
    for (unsigned i = 0; i < count && spdm_coder_ok(&r->c); i++) {
        uint8_t index = 0;
        bool pending = false;
        SpdmBytes value = SPDM_BYTES(NULL, 0);
        GBytes **place;

        code_measurement(&r->c, &index, &pending, &value);
        place = pending ? &r->pending[index] : &r->changed[index];
        if (!spdm_coder_ok(&r->c) || *place ||
            !soft_measurement_fits(r->soft, index, value.len, r->errp)) {
            return refuse(r, "its measurements are not this device's");
        }
        *place = g_bytes_new(value.data, value.len);
    }
    return spdm_coder_ok(&r->c) && count <= MAX_MEASUREMENTS;
}

static bool read_psks(Read *r)
{
    uint16_t count = 0;

    spdm_code_u16(&r->c, "PSKs", &count);
    if (count > MAX_PSKS) {
        return false;
    }
    for (unsigned i = 0; i < count && spdm_coder_ok(&r->c); i++) {
        SpdmBytes hint = SPDM_BYTES(NULL, 0), secret = hint;

        code_psk(&r->c, &hint, &secret);
        if (!spdm_coder_ok(&r->c) ||
            !soft_psk_add(r->psks, hint, secret)) {
            return refuse(r, "a pre-shared key is none");
        }
    }
    return spdm_coder_ok(&r->c);
}

static bool read_all(Read *r)
{
    spdm_code_u32(&r->c, "Flags", &r->flags);
    if (!spdm_coder_ok(&r->c) || !soft_flags_possible(r->soft, r->flags)) {
        return refuse(r, "its capabilities are not this device's");
    }
    return (read_measurements(r) && read_psks(r) &&
            spdm_coder_left(&r->c) == 0) ||
           refuse(r, "what was changed of it is damaged");
}

static void take_over(Read *r)
{
    SpdmSoftProvider *soft = r->soft;
    GPtrArray *psks = soft->psks;

    clear_values(soft->changed);
    clear_values(soft->pending);
    memcpy(soft->changed, r->changed, sizeof(r->changed));
    memcpy(soft->pending, r->pending, sizeof(r->pending));
    memset(r->changed, 0, sizeof(r->changed));
    memset(r->pending, 0, sizeof(r->pending));
    soft->psks = r->psks;
    r->psks = psks;
    soft->flags = r->flags;
}

bool soft_user_load(SpdmSoftProvider *soft, SpdmBytes state, GError **errp)
{
    g_autofree Read *r = g_new0(Read, 1);
    g_autoptr(GError) err = NULL;
    bool ok;

    r->soft = soft;
    r->c = spdm_coder_reader(&no_ctx, state);
    r->psks = soft_psk_table();
    r->errp = &err;
    ok = read_all(r);
    if (ok) {
        take_over(r);
    } else {
        g_propagate_error(errp, g_steal_pointer(&err));
    }
    clear_values(r->changed);
    clear_values(r->pending);
    g_ptr_array_unref(r->psks);
    return ok;
}
