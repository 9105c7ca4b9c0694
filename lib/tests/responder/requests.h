/*
 * What DSP0274 says of each request before its meaning comes into it: since
 * which version, with which capabilities, where, and how a shortest valid one
 * looks. It is written from the standard's tables; the responder's own table
 * (responder/commands.c) is held against it, so the two must not be copied
 * from each other.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TESTS_RESPONDER_REQUESTS_H
#define SPDM_TESTS_RESPONDER_REQUESTS_H

#include "fixture.h"

/** How far the requester has come. In a session from STAGE_SIGMA_HS on. */
typedef enum Stage {
    STAGE_START,
    STAGE_VERSION,
    STAGE_CAPS,
    STAGE_NEGOTIATED,
    STAGE_SIGMA_HS,
    STAGE_PSK_HS,
    STAGE_SIGMA,
    STAGE_PSK,
    STAGE_COUNT,
} Stage;

enum {
    IN_OUTSIDE = 1 << 0,         /* no session */
    IN_SIGMA_HS = 1 << 1,        /* handshake phase of KEY_EXCHANGE */
    IN_PSK_HS = 1 << 2,
    IN_ESTABLISHED = 1 << 3,     /* application phase */
    IN_HANDSHAKE = IN_SIGMA_HS | IN_PSK_HS,
    IN_BOTH = IN_OUTSIDE | IN_ESTABLISHED,
    RULE_VERSIONS = 5,           /* 1.0 to 1.4 */
    MAX_RESERVED = 8,
};

/** Bits that are reserved, and in which versions; 0: all. */
typedef struct Reserved {
    uint8_t at;
    uint8_t mask;
    uint8_t first;
    uint8_t last;
} Reserved;

typedef struct Rule {
    uint8_t code;
    const char *name;
    uint8_t since;
    Stage earliest;
    unsigned in;
    uint32_t rsp_caps;           /* any of these bits, 0: none needed */
    uint32_t rsp_not_enough;     /* of the same field, and too little */
    uint32_t req_caps;
    uint32_t both_caps;          /* these bits on both ends are needed; all
                                    of them go when the rule is broken */
    uint8_t param1;
    uint8_t param2;
    /** After the header, from this version on; "*9": nine bytes. */
    const char *body[RULE_VERSIONS];
    void (*make)(Fx *fx, SpdmSession *s, GByteArray *out); /* instead */
    uint8_t answer;              /* ERROR to a right one, 0: the response */
    uint8_t answer_13;           /* ... from 1.3 on, 0: the same */
    bool open_ended;             /* has no size of its own */
    const char *not_served;      /* why, if a responder never does */
    Reserved reserved[MAX_RESERVED];
} Rule;

extern const Rule request_rules[];
extern const size_t request_rule_count;

/** The rule for @code, or NULL: no request of DSP0274. */
const Rule *rule_of(uint8_t code);

/** All capabilities on both ends but these; shortest sizes. */
FxOptions rule_options(uint8_t version, uint32_t rsp_without,
                       uint32_t req_without);

/** fx_new() with a device that has a key pair. */
Fx *rule_device(const FxOptions *o);

/** Where the request belongs: the first stage where it is right. */
Stage rule_home(const Rule *rule);

/** Whether the request is allowed in that stage. */
bool rule_allows(const Rule *rule, Stage stage);

/** Goes there; returns the stage's session, or NULL. */
SpdmSession *stage_go(Fx *fx, Stage stage);

/** Appends a shortest valid request. */
void rule_make(const Rule *rule, Fx *fx, SpdmSession *s, GByteArray *out);

/** ERROR that a right request gets, 0: its response. */
uint8_t rule_answer(const Rule *rule, uint8_t version);

/** VerifyData of FINISH or PSK_FINISH once more, after a change. */
void rule_mac(Fx *fx, SpdmSession *s, GByteArray *finish);

#endif
