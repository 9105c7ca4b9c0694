/*
 * "3:text:new" and "pending:3:hex:00": a measurement's new value, as a user
 * writes it while the device runs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/soft-int.h"

#include <string.h>

static bool refuse(const char *text, GError **errp)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                "\"%s\" is not [pending:]N:text:... or [pending:]N:hex:...",
                text);
    return false;
}

static GBytes *parse_value(const char *text)
{
    if (g_str_has_prefix(text, "text:")) {
        return g_bytes_new(text + strlen("text:"),
                           strlen(text + strlen("text:")));
    }
    return g_str_has_prefix(text, "hex:")
           ? spdm_decode_hex(text + strlen("hex:")) : NULL;
}

void spdm_soft_change_tell(const SpdmSoftChange *change, SpdmResponder *r)
{
    static const uint8_t none[SPDM_MEASUREMENT_MAP];

    if (memcmp(change->measurements, none, sizeof(none)) == 0) {
        /* Nothing to say of measurements. */
    } else if (change->pending) {
        spdm_responder_measurement_pending(r, change->measurements);
    } else {
        spdm_responder_measurement_changed(r, change->measurements);
    }
    if (change->slots) {
        spdm_responder_certificate_changed(r, change->slots);
    }
}

bool spdm_soft_provider_change(SpdmSoftProvider *soft, const char *text,
                               SpdmSoftChange *change, GError **errp)
{
    static const char prefix[] = "pending:";
    bool pending = g_str_has_prefix(text, prefix);
    const char *rest = pending ? text + strlen(prefix) : text;
    g_auto(GStrv) parts = g_strsplit(rest, ":", 2);
    g_autoptr(GBytes) value = NULL;
    uint32_t index;

    if (!parts[0] || !parts[1] || !spdm_parse_uint(parts[0], &index)) {
        return refuse(text, errp);
    }
    value = parse_value(parts[1]);
    if (!value) {
        return refuse(text, errp);
    }
    if (!spdm_soft_provider_set_measurement(soft, index, soft_bytes(value),
                                            pending, errp)) {
        return false;
    }
    *change = (SpdmSoftChange){ .pending = pending };
    change->measurements[index / 8] = (uint8_t)(1u << index % 8);
    return true;
}
