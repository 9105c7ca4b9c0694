/*
 * Serves a responder from memory: a built-in profile, keys made at start, one
 * GET_VERSION in a DOE data object, and the answer as a hex dump.
 *
 *   cc serve.c $(pkg-config --cflags --libs qemu-spdm) -o serve
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <spdm/responder.h>
#include <spdm/soft-provider.h>
#include <stdio.h>

static void dump(const char *title, const uint8_t *bytes, size_t len)
{
    printf("%s", title);
    for (size_t i = 0; i < len; i++) {
        printf(" %02x", bytes[i]);
    }
    printf("\n");
}

int main(void)
{
    /* DOE header (vendor 1, CMA-SPDM, 3 dwords), then GET_VERSION. */
    static const uint8_t get_version[] = {
        0x01, 0x00, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00,
        0x10, 0x84, 0x00, 0x00,
    };
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) profile = NULL;
    g_autoptr(SpdmSoftProvider) keys = NULL;
    g_autoptr(SpdmResponder) responder = NULL;
    g_auto(SpdmReply) reply = { .bytes = NULL };
    SpdmSoftConfig config = { .seed = "example" };
    SpdmProvider provider;

    profile = spdm_profile_builtin("ssd", &err);
    config.profile = profile;
    keys = profile ? spdm_soft_provider_new(&config, NULL, &err) : NULL;
    if (keys) {
        provider = spdm_soft_provider(keys);
        responder = spdm_responder_new(profile, &provider,
                                       SPDM_TRANSPORT_PCI_DOE, &err);
    }
    if (!responder) {
        fprintf(stderr, "serve: %s\n", err->message);
        return 1;
    }

    dump("request ", get_version, sizeof(get_version));
    spdm_responder_process(responder, get_version, sizeof(get_version),
                           &reply);
    dump("response", reply.bytes->data, reply.bytes->len);
    return reply.verdict == SPDM_VERDICT_REPLY ? 0 : 1;
}
