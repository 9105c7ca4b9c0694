/*
 * A bounded part of lib/fuzz: the same cases every time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile.h"
#include "wire/defs.h"

static const HostileConfig worlds[] = {
    { "ssd", SPDM_TRANSPORT_PCI_DOE, SPDM_VERSION_12, 0, 1, 0, false },
    { "gpu", SPDM_TRANSPORT_MCTP, SPDM_VERSION_13, 0, 2, 0, false },
    { "nic", SPDM_TRANSPORT_NONE, SPDM_VERSION_11, 0, 3, 0, false },
    { "nic", SPDM_TRANSPORT_PCI_DOE, SPDM_VERSION_13, SPDM_ENCRYPT_CAP, 4, 0,
      false },
    { "cpu", SPDM_TRANSPORT_PCI_DOE, SPDM_VERSION_12, 0, 5, 0, false },
    { "soldered", SPDM_TRANSPORT_PCI_DOE, SPDM_VERSION_11, 0, 6, 0, false },
    { "webcam", SPDM_TRANSPORT_MCTP, SPDM_VERSION_13, 0, 7, 0, false },
    { "ssd", SPDM_TRANSPORT_MCTP, SPDM_VERSION_10, 0, 8, 0, false },
    { "nic", SPDM_TRANSPORT_PCI_DOE, SPDM_VERSION_13, 0, 9, 100, false },
    { "ssd", SPDM_TRANSPORT_MCTP, SPDM_VERSION_12, SPDM_ENCRYPT_CAP, 10, 42,
      false },
};

static void fields(Hostile *h)
{
    hostile_fields(h);
}

static void requests(Hostile *h)
{
    hostile_requests(h, 80);
}

static void growth(Hostile *h)
{
    hostile_growth(h, 400);
}

static void snapshots(Hostile *h)
{
    hostile_snapshots(h, 200);
}

static void responses(Hostile *h)
{
    hostile_responses(h, 16);
}

static void chains(Hostile *h)
{
    hostile_chains(h, 300);
    hostile_files(h, 100);
}

static const struct {
    const char *name;
    void (*campaign)(Hostile *h);
} campaigns[] = {
    { "every-field-cut-stretched-and-bent", fields },
    { "requests-of-any-shape-in-any-order", requests },
    { "repeated-requests-take-no-more-memory", growth },
    { "damaged-snapshots-are-refused-or-harmless", snapshots },
    { "a-lying-device-does-not-harm-the-requester", responses },
    { "damaged-chains-and-PEM-files-are-only-refused", chains },
};

static void test_row(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    g_autoptr(Hostile) h =
        hostile_new(&worlds[i / G_N_ELEMENTS(campaigns)]);

    campaigns[i % G_N_ELEMENTS(campaigns)].campaign(h);
    g_assert_cmpuint(hostile_cases(h), >, 0);
}

/* A transcript that is never emptied overflows, and stays small. */
static void test_hundred_thousand(void)
{
    g_autoptr(Hostile) h = hostile_new(&worlds[6]);

    hostile_repeat(h, SPDM_GET_MEASUREMENTS, 100000);
}

static void add_world(size_t world)
{
    static const char *const transports[] = { "none", "mctp", "doe" };

    for (size_t i = 0; i < G_N_ELEMENTS(campaigns); i++) {
        const HostileConfig *c = &worlds[world];
        g_autofree char *path = g_strdup_printf(
            "/hostile/%s-1.%u-over-%s%s%s/%s", c->profile, c->version & 0xf,
            transports[c->transport], c->without ? "-MAC-only" : "",
            c->chunks ? "-in-chunks" : "",
            campaigns[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(
                             world * G_N_ELEMENTS(campaigns) + i), test_row);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(worlds); i++) {
        add_world(i);
    }
    g_test_add_func("/hostile/100000-measurements-leave-the-device-working",
                    test_hundred_thousand);
    return g_test_run();
}
