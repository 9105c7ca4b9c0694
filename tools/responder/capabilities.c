/*
 * --print-capabilities, as swtpm has it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "responder/capabilities.h"

#include <stdio.h>

#include "common/json.h"
#include "spdm/profile.h"

static void list(Json *j, const char *key, const char *const *names)
{
    json_begin(j, key, '[');
    for (; *names; names++) {
        json_string(j, NULL, *names);
    }
    json_end(j, ']');
}

/* What may stand in a profile at that key is what is served. */
static void served(Json *j, const char *key)
{
    g_auto(GStrv) names = spdm_profile_valid_names(key);

    list(j, key, (const char *const *)names);
}

void capabilities_print(void)
{
    static const char *const keys[] = {
        "max-version", "capabilities", "hash", "asym", "dhe", "kem",
        "aead", "measurement-hash", "secured-versions", NULL,
    };
    static const char *const protocols[] = { "emulator", "qemu-spdm-port",
                                             "dsp0287", NULL };
    static const char *const transports[] = { "none", "mctp", "doe", "tcp",
                                              "storage", NULL };
    static const char *const features[] = { "unix-socket", "ready-file",
                                            "sd-notify", "many-clients",
                                            "seed", "control", NULL };
    Json j;

    json_init(&j);
    json_begin(&j, NULL, '{');
    json_string(&j, "type", "spdm-responder");
    list(&j, "protocols", protocols);
    list(&j, "transports", transports);
    list(&j, "features", features);
    list(&j, "profiles", spdm_profile_builtin_names());
    for (const char *const *key = keys; *key; key++) {
        served(&j, *key);
    }
    json_end(&j, '}');
    puts(j.text->str);
    json_clear(&j);
}
