/*
 * What the tests of the soft provider share: a provider from a few lines of
 * profile.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef TEST_SOFT_UTIL_H
#define TEST_SOFT_UTIL_H

#include "config/soft-int.h"

#include <string.h>

#define PSK_ONLY \
    "[spdm]\nmin-version=1.1\ncapabilities=ENCRYPT;MAC;PSK\n"

enum { SHA256 = 1, SHA384 = 2, SHA512 = 4 };
enum { RSASSA_2048 = 1, RSAPSS_2048 = 2, P256 = 0x10, P384 = 0x80,
       P521 = 0x100 };

static const SpdmPciName test_pci = {
    .vendor = 0x1b36, .device = 0x0010, .class_code = 0x010802,
    .revision = 2, .ss_vendor = 0x1af4, .ss_device = 0x1100,
};
#define TEST_CMA_NAME \
    "Vendor=1b36:Device=0010:CC=010802:REV=02:SSVID=1af4:SSID=1100"

/* A device under test; clear it with device_clear(). */
typedef struct Device {
    SpdmProfile *profile;
    SpdmSoftProvider *soft;
    SpdmProvider p;
} Device;

static inline void device_clear(Device *d)
{
    g_clear_pointer(&d->soft, spdm_soft_provider_free);
    g_clear_pointer(&d->profile, spdm_profile_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Device, device_clear)

/* False with @errp set when the provider refuses. */
static inline bool device_try(Device *d, const char *profile,
                              SpdmSoftConfig config, GPtrArray *warnings,
                              GError **errp)
{
    g_autoptr(GError) err = NULL;

    memset(d, 0, sizeof(*d));
    d->profile = spdm_profile_parse(profile, "t.ini", &err);
    g_assert_no_error(err);
    config.profile = d->profile;
    if (!config.pci.vendor) {
        config.pci = test_pci;
    }
    d->soft = spdm_soft_provider_new(&config, warnings, errp);
    if (d->soft) {
        d->p = spdm_soft_provider(d->soft);
    }
    return d->soft != NULL;
}

static inline Device device_with(const char *profile, SpdmSoftConfig config)
{
    g_autoptr(GError) err = NULL;
    Device d;

    device_try(&d, profile, config, NULL, &err);
    g_assert_no_error(err);
    return d;
}

/* With seed and label; NULL for real randomness. */
static inline Device device(const char *profile, const char *seed,
                            const char *label)
{
    return device_with(profile, (SpdmSoftConfig){ .seed = seed,
                                                  .seed_label = label });
}

static inline SpdmBytes text(const char *s)
{
    return SPDM_BYTES(s, strlen(s));
}

static inline bool same_bytes(SpdmBytes a, SpdmBytes b)
{
    return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

#endif
