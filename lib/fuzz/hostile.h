/*
 * A hostile guest, and a hostile device: deterministic campaigns against the
 * responder and the requester.
 *
 * A world is a responder with a built-in profile, an honest requester that
 * walks once through everything the two can do, and the record of that walk:
 * before each request, the responder's state as a snapshot. Campaigns go back
 * to any of these moments and send what no honest requester would.
 *
 * Whatever they find ends the process: by abort() with the seed, the case and
 * the bytes, or by a sanitizer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FUZZ_HOSTILE_H
#define SPDM_FUZZ_HOSTILE_H

#include "spdm/requester.h"

typedef struct HostileConfig {
    const char *profile;     /* a built-in one, or with '/' a file of the
                                source tree */
    SpdmTransportType transport;
    uint8_t version;         /* SPDMVersion; 0: the highest there is */
    uint32_t without;        /* capabilities our requester hides */
    uint64_t seed;
    uint32_t chunks;         /* DataTransferSize of both ends, which then
                                have CHUNK_CAP; 0: as the profile has it */
    bool full;               /* the walk does all that there is */
} HostileConfig;

typedef struct Hostile Hostile;

Hostile *hostile_new(const HostileConfig *config);
void hostile_free(Hostile *h);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hostile, hostile_free)

/** Cases sent so far, for the report. */
uint64_t hostile_cases(const Hostile *h);

/** Everything an honest pair can do still works. */
void hostile_honest(Hostile *h);

/** At every moment, every field of the request cut, stretched and bent. */
void hostile_fields(Hostile *h);

/**
 * @n bursts of mutated requests, right or out of order, outside or in records
 * with valid keys, and mutated frames.
 */
void hostile_requests(Hostile *h, unsigned n);

/** @n times each cheap request: memory must not follow. */
void hostile_growth(Hostile *h, unsigned n);

/** As above for the first request of this code. */
void hostile_repeat(Hostile *h, uint8_t code, unsigned n);

/** @n damaged snapshots are loaded and, when taken, used. */
void hostile_snapshots(Hostile *h, unsigned n);

/** As above, with every byte of each @every'th state of the walk. */
void hostile_snapshot_bytes(Hostile *h, unsigned every);

/** @n walks of the requester with a device that lies. */
void hostile_responses(Hostile *h, unsigned n);

/** @n damaged certificate chains are verified. */
void hostile_chains(Hostile *h, unsigned n);

/** @n damaged PEM files of certificates and keys are read. */
void hostile_files(Hostile *h, unsigned n);

/**
 * One input of a coverage-guided fuzzer: a moment, then frames or changes of
 * its snapshot.
 */
void hostile_input(Hostile *h, const uint8_t *data, size_t len);

#endif
