/*
 * Profile files.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/fuzz.h"
#include "spdm/profile.h"
#include "wire/defs.h"

/* What the loader promises of every profile that it takes. */
static void check(const SpdmProfile *p)
{
    fuzz_check(p->min_version >= SPDM_VERSION_10 &&
               p->max_version <= SPDM_VERSION_14 &&
               p->min_version <= p->max_version, "versions");
    fuzz_check(p->data_transfer_size >= 42 &&
               p->max_msg_size >= p->data_transfer_size, "sizes");
    fuzz_check(p->max_sessions >= 1 && p->max_sessions <= 8, "sessions");
    if (p->flags & (SPDM_KEY_EX_CAP | SPDM_PSK_CAP_MASK)) {
        fuzz_check(p->secured_min >= 0x1000 && p->secured_max <= 0x1300 &&
                   p->secured_min <= p->secured_max, "secured versions");
        fuzz_check(p->aead_limit >= 1 && p->aead_limit <= 64, "aead-limit");
    }
    fuzz_check(p->requester_slot < SPDM_SLOT_COUNT, "requester slot");
    for (guint i = 1; i < p->measurements->len; i++) {
        const SpdmProfileMeasurement *a =
            g_ptr_array_index(p->measurements, i - 1);
        const SpdmProfileMeasurement *b =
            g_ptr_array_index(p->measurements, i);

        fuzz_check(a->index < b->index, "measurements in disorder");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree char *text = g_strndup((const char *)data, len);
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) profile =
        spdm_profile_parse(text, "fuzz.ini", &err);

    fuzz_check_error(profile != NULL, err);
    if (profile) {
        check(profile);
    }
    return 0;
}

void fuzz_seeds(const FuzzSeeds *seeds)
{
    fuzz_seed_files(seeds, "configs");
    fuzz_seed_files(seeds, "campaign/profiles");
}
