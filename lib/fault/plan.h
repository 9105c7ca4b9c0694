/*
 * A plan from the inside.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FAULT_PLAN_H
#define SPDM_FAULT_PLAN_H

#include "config/ini-lines.h"
#include "config/suggest.h"
#include "spdm/fault.h"
#include "wire/fields.h"

/** Events of rules: those of taps, as bits, and the beginning. */
enum {
    FAULT_ON_RX_FRAME = 1 << SPDM_TAP_RX_FRAME,
    FAULT_ON_RX_MSG = 1 << SPDM_TAP_RX_MSG,
    FAULT_ON_COMPOSE = 1 << SPDM_TAP_COMPOSE,
    FAULT_ON_TX_MSG = 1 << SPDM_TAP_TX_MSG,
    FAULT_ON_TX_FRAME = 1 << SPDM_TAP_TX_FRAME,
    FAULT_ON_START = 1 << 16,
    FAULT_ON_FRAMES = FAULT_ON_RX_FRAME | FAULT_ON_TX_FRAME,
    FAULT_ON_MESSAGES = FAULT_ON_RX_MSG | FAULT_ON_COMPOSE | FAULT_ON_TX_MSG,
    FAULT_ON_RX = FAULT_ON_RX_FRAME | FAULT_ON_RX_MSG,
    FAULT_ON_TAPS = FAULT_ON_FRAMES | FAULT_ON_MESSAGES,
    FAULT_ON_ANY = FAULT_ON_TAPS | FAULT_ON_START,
};

/** Codes that are none: any message, and DOE discovery (which is no SPDM). */
enum { FAULT_ANY = -1, FAULT_DISCOVERY = -2 };

#define FAULT_DISCOVERY_NAME "DOE_DISCOVERY"

/** A part of a message: FIELD[#NTH] or @OFFSET, then [FROM:TO]. */
typedef struct FaultTarget {
    char *field;             /* NULL: from an offset to the end */
    unsigned nth;            /* of that name, from 1 */
    int64_t offset;          /* below 0: from the end */
    bool indexed;            /* only bytes from..to-1 of it */
    size_t from;
    size_t to;
} FaultTarget;

typedef enum FaultValueKind {
    FAULT_VALUE_NUMBER,      /* little-endian, as wide as the target */
    FAULT_VALUE_BIG,         /* the same, big-endian */
    FAULT_VALUE_BYTES,
    FAULT_VALUE_FILL,        /* count bytes, or as many as the target has */
    FAULT_VALUE_RANDOM,      /* likewise */
    FAULT_VALUE_PREVIOUS,    /* what the target had in the message before */
} FaultValueKind;

typedef struct FaultValue {
    FaultValueKind kind;
    uint64_t number;
    uint8_t fill;
    size_t count;            /* 0: as many as the target has */
    GBytes *bytes;
} FaultValue;

typedef enum FaultActionKind {
    FAULT_SET,
    FAULT_XOR,
    FAULT_OR,
    FAULT_CLEAR,
    FAULT_ADD,
    FAULT_INSERT,
    FAULT_DELETE,
    FAULT_SPLICE,
    FAULT_TRUNCATE,
    FAULT_EXTEND,
    FAULT_REPLACE,
    FAULT_DROP,
    FAULT_ANSWER,
    FAULT_ERROR,
    FAULT_SWAP,
    FAULT_REPLAY,
    FAULT_DUPLICATE,
    FAULT_DELAY,
    FAULT_PLAIN,
    FAULT_SEQUENCE,
    FAULT_INNER_LENGTH,
    FAULT_SESSION_END,
    FAULT_DOE,
    FAULT_RESET,
    FAULT_UNPLUG,
    FAULT_SURPRISE,
    FAULT_MEASUREMENT,
    FAULT_FIRMWARE_VERSION,
    FAULT_CERTIFICATE,
    FAULT_PSK,
    FAULT_CAPABILITIES,
    FAULT_LIES,
} FaultActionKind;

typedef enum FaultSessionEnd {
    FAULT_END_NOW,
    FAULT_END_AFTER,
    FAULT_END_ALL,
} FaultSessionEnd;

typedef struct FaultAction {
    FaultActionKind kind;
    FaultTarget target;
    FaultValue value;
    int64_t number;          /* skews, times, choices */
    uint8_t code;            /* of messages and errors */
    uint8_t param2;
    char *text;
    SpdmDoeOrders doe;
} FaultAction;

typedef struct FaultRule {
    char *name;
    unsigned line;
    unsigned on;             /* one of FAULT_ON_* */
    int message;             /* code, or FAULT_ANY, FAULT_DISCOVERY */
    int request;             /* ... of the request that is answered */
    uint8_t version;         /* 0: any */
    bool only_inside;
    bool only_outside;
    char *phase;             /* NULL: any */
    uint64_t nth;            /* 0: none, as the others */
    uint64_t every;
    double probability;      /* 1: always */
    uint64_t limit;          /* fires that often at most */
    GArray *actions;         /* FaultAction, in the file's order */
    GString *shown;          /* the actions as written */
    bool keeps;              /* needs messages from before */
} FaultRule;

/** Lies of [provider]. */
typedef enum FaultSign {
    FAULT_SIGN_TRUE,
    FAULT_SIGN_OTHER_KEY,
    FAULT_SIGN_SLOT,
    FAULT_SIGN_CONTEXT,
    FAULT_SIGN_HASH,
    FAULT_SIGN_STALE,
    FAULT_SIGN_FAILS,
} FaultSign;

typedef enum FaultChain {
    FAULT_CHAIN_TRUE,
    FAULT_CHAIN_OTHER,
    FAULT_CHAIN_OTHER_DEVICE,
    FAULT_CHAIN_EXPIRED,
    FAULT_CHAIN_NOT_YET_VALID,
    FAULT_CHAIN_REQUESTER,
    FAULT_CHAIN_ROOT_ALONE,
    FAULT_CHAIN_NO_ISSUER,
    FAULT_CHAIN_KEY_USAGE,
    FAULT_CHAIN_NO_KEY_USAGE,
    FAULT_CHAIN_NOT_A_CA,
    FAULT_CHAIN_NO_CONSTRAINTS,
    FAULT_CHAIN_NO_CERT_SIGN,
    FAULT_CHAIN_LEAF_CA,
    FAULT_CHAIN_EXTENSION,
    FAULT_CHAIN_SLOT,
} FaultChain;

typedef struct FaultLies {
    bool from_start;         /* told until a rule says otherwise */
    FaultSign sign;
    uint8_t sign_slot;
    FaultChain chain;
    uint8_t chain_slot;
    GArray *chain_edits;     /* FaultAction on the chain structure */
    GHashTable *measurements; /* index -> GBytes */
    bool psk_wrong;
    bool psk_unknown;
    bool nonce_repeat;
    int64_t clock_us;
    bool leading_zero;       /* of the shared secret */
} FaultLies;

struct SpdmFaultPlan {
    char *name;
    char *description;
    uint64_t seed;
    GPtrArray *rules;        /* FaultRule */
    FaultLies lies;
};

/** What is being read; for errors. */
typedef struct FaultReader {
    const char *file;
    const SpdmIniLines *lines;
    const char *section;
    const char *key;
    GError **errp;
} FaultReader;

/** Sets the error "FILE:LINE: [SECTION] KEY: ..."; always false. */
bool fault_complain(const FaultReader *r, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/**
 * "@what" is none of a list: the error names the nearest that @name_at (NULL
 * behind the last) gives. Always false.
 */
bool fault_unknown(const FaultReader *r, const char *what, const char *word,
                   const char *(*name_at)(const void *list, unsigned i),
                   const void *list);

/** The same for an array of strings that NULL ends. */
bool fault_unknown_word(const FaultReader *r, const char *what,
                        const char *word, const char *const *words);

/** Index of @word in @words; -1, and the error is set. */
int fault_choose(const FaultReader *r, const char *what, const char *word,
                 const char *const *words);

/** A whole number with or without sign, "0x" for hex. */
bool fault_integer(const FaultReader *r, const char *text, int64_t *out);
bool fault_number(const FaultReader *r, const char *text, uint64_t min,
                  uint64_t max, uint64_t *out);

/** "1200ms", "20us", "5s". */
bool fault_duration(const FaultReader *r, const char *text, int64_t *us);

/** "true" or "yes"; a key is not there to say no. */
bool fault_yes(const FaultReader *r, const char *text);

/** Hex digits, blanks allowed between bytes. */
GBytes *fault_hex(const FaultReader *r, const char *text);

/** Code of a message's name. */
bool fault_message(const FaultReader *r, const char *text, int *code);

bool fault_parse_target(const FaultReader *r, const char *text,
                        FaultTarget *target);
bool fault_parse_value(const FaultReader *r, const char *text,
                       FaultValue *value);

/** Whether @target can be in what @rule sees, by name. */
bool fault_check_target(const FaultReader *r, const FaultRule *rule,
                        const FaultTarget *target);

/** An action of one key; false and the error for a key that is none. */
bool fault_parse_action(const FaultReader *r, FaultRule *rule,
                        const char *text);

/** Of "chain": an edit of the chain structure. */
bool fault_parse_edit(const FaultReader *r, const char *key,
                      const char *text, GArray *actions);

void fault_action_clear(FaultAction *a);
GArray *fault_actions_new(void);

/** [rule NAME] without its actions; and what does not go together. */
bool fault_parse_selector(const FaultReader *r, FaultRule *rule,
                          const char *text, bool *known);
bool fault_check_rule(FaultReader *r, const FaultRule *rule);

/** "tx-msg" for FAULT_ON_TX_MSG. */
const char *fault_event_name(unsigned on);

bool fault_parse_lie(const FaultReader *r, FaultLies *lies,
                     const char *text);

/* Tables for docs and suggestions. */
typedef struct FaultKeyDoc {
    const char *name;
    const char *value;       /* form */
    const char *about;
    unsigned on;             /* events of actions; 0: a selector */
} FaultKeyDoc;

const FaultKeyDoc *fault_selector_doc(unsigned i);
const FaultKeyDoc *fault_action_doc(unsigned i);
const FaultKeyDoc *fault_lie_doc(unsigned i);
const FaultKeyDoc *fault_plan_doc(unsigned i);

#endif
