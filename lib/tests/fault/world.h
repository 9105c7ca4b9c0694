/*
 * Our requester against our responder with a fault plan between them: frames
 * directly, or through the registers of a DOE mailbox.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TESTS_FAULT_WORLD_H
#define SPDM_TESTS_FAULT_WORLD_H

#include "../requester/fixture.h"
#include "spdm/fault.h"

typedef struct World {
    RqFixture *f;
    SpdmFaults *faults;
    GPtrArray *late;             /* GBytes: answers that nobody has fetched */
    bool gone;                   /* the device is */
    GBytes *identity;            /* as it was, in case a plan changes it */
    GBytes *user;

    /* The mailbox, for options.doe; as a host driver sees it. */
    DoeMailbox *mb;
    SpdmFaultDoe *doe;
    unsigned interrupts;
} World;

/** @plan: a text, or the name of a file in configs/faults without ".ini". */
World *world_new(const RqOptions *options, const char *plan);
void world_free(World *w);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

/** Everything a requester does, until it fails. */
bool world_everything(World *w, GError **errp);

/** Whether the mailbox (if any) and the responder serve a new requester. */
bool world_usable(World *w);

/** Whether every rule of the plan has fired; says which has not. */
bool world_all_fired(const World *w);

#endif
