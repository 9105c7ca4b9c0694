/*
 * What a user changes while the device runs, as it is written: "3:text:new"
 * and "pending:3:hex:00" for a measurement, "2.0.0" for the firmware's
 * version. The other kinds have files of their own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/soft-int.h"

#include <string.h>

bool soft_refuse(GError **errp, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_propagate_error(errp, g_error_new_valist(
        SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE, format, args));
    va_end(args);
    return false;
}

static bool refuse(const char *text, GError **errp)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                "\"%s\" is not [pending:]N:text:... or [pending:]N:hex:...",
                text);
    return false;
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
    value = spdm_parse_value(parts[1]);
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

/* --- the firmware's version ----------------------------------------------- */

enum { FIRMWARE_VERSION = 6 };

/* The measurement that tells it; 0 with @errp: none, or which one? */
static unsigned version_index(const SpdmProfile *profile, GError **errp)
{
    unsigned found = 0, count = 0;

    for (guint i = 0; i < profile->measurements->len; i++) {
        const SpdmProfileMeasurement *m = profile->measurements->pdata[i];

        if (m->type == FIRMWARE_VERSION) {
            found = m->index;
            count++;
        }
    }
    if (count != 1) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "the profile has %u measurements of "
                    "type=firmware-version, not one: set them by their "
                    "index", count);
        return 0;
    }
    return found;
}

static bool set_version(SpdmSoftProvider *soft, const char *text,
                        GPtrArray *warnings, SpdmSoftChange *change,
                        GError **errp)
{
    static const char prefix[] = "pending:";
    bool pending = g_str_has_prefix(text, prefix);
    const char *version = pending ? text + strlen(prefix) : text;
    unsigned index = version_index(soft->config.profile, errp);

    if (!index) {
        return false;
    }
    if (!*version) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "write [pending:]VERSION");
        return false;
    }
    if (!spdm_soft_provider_set_measurement(
            soft, index, SPDM_BYTES(version, strlen(version)), pending,
            errp)) {
        return false;
    }
    *change = (SpdmSoftChange){ .pending = pending };
    change->measurements[index / 8] = (uint8_t)(1u << index % 8);
    return true;
}

/* --- all kinds ------------------------------------------------------------ */

static bool set_measurement(SpdmSoftProvider *soft, const char *text,
                            GPtrArray *warnings, SpdmSoftChange *change,
                            GError **errp)
{
    return spdm_soft_provider_change(soft, text, change, errp);
}

const SpdmSoftSetter spdm_soft_setters[] = {
    { "measurement", "[pending:]N:text:... or N:hex:...: measurement N "
      "changes", set_measurement },
    { "firmware-version", "[pending:]VERSION: the measurement that tells it "
      "changes", set_version },
    { "certificate", "SLOT:CHAIN.pem[:KEY.pem] or SLOT:erase: a slot changes",
      spdm_soft_provider_set_chain },
    { "psk", "HINT=KEY or HINT=remove, each text:... or hex:...: a pre-shared "
      "key is added, replaced or removed", soft_set_psk },
    { "capabilities", "NAME;..., +NAME;-NAME or profile: what the next "
      "CAPABILITIES says", soft_set_capabilities },
    { NULL, NULL, NULL },
};

const SpdmSoftSetter *spdm_soft_setter(const char *name)
{
    const SpdmSoftSetter *s = spdm_soft_setters;

    while (s->name && strcmp(s->name, name)) {
        s++;
    }
    return s->name ? s : NULL;
}

bool spdm_soft_provider_assign(SpdmSoftProvider *soft, const char *assignment,
                               SpdmSoftChange *change, GError **errp)
{
    g_auto(GStrv) parts = g_strsplit(assignment, "=", 2);
    const SpdmSoftSetter *setter = parts[0] ? spdm_soft_setter(parts[0])
                                            : NULL;

    if (!setter || !parts[1]) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "\"%s\" is no change of a device", assignment);
        return false;
    }
    return setter->set(soft, parts[1], NULL, change, errp);
}
