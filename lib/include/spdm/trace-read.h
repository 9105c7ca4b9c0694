/*
 * Reading traces: a third party that watches a connection, opens records with
 * the secrets of a key log, decodes every field, and checks what each message
 * claims: signatures, verify data, digests, chains. From that it says why a
 * connection ended where it did.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TRACE_READ_H
#define SPDM_TRACE_READ_H

#include "spdm/responder.h"

G_BEGIN_DECLS

typedef enum SpdmEntryKind {
    SPDM_ENTRY_MESSAGE,
    SPDM_ENTRY_SESSION,      /* a session's state changed */
    SPDM_ENTRY_ABORT,
    SPDM_ENTRY_FAULT,        /* a rule of a fault plan acted */
    SPDM_ENTRY_DOE,
    SPDM_ENTRY_NOTE,
} SpdmEntryKind;

/** One field of a message. */
typedef struct SpdmEntryField {
    const char *name;        /* of DSP0274; static */
    size_t offset;           /* in the message */
    size_t len;
    char *value;             /* for people */
} SpdmEntryField;

/** One line of a ladder; strings are owned by it. */
typedef struct SpdmEntry {
    SpdmEntryKind kind;
    int64_t us;              /* since 1970 */
    uint32_t session;        /* 0: none */

    /* Messages. */
    bool requester;          /* it sent */
    bool secured;
    bool opened;             /* of secured ones: readable */
    uint8_t code;
    size_t size;             /* bytes; of a record if it is not opened */
    GPtrArray *fields;       /* SpdmEntryField; NULL: none */
    char *holds;             /* what was verified; NULL: nothing */
    char *finding;           /* what is wrong with it; NULL: nothing */

    char *name;              /* "KEY_EXCHANGE", "fault", "session" */
    char *text;              /* what is worth telling; may be "" */
    char *verdict;           /* what became of it, a sentence; or NULL */
    bool bad;                /* ... which is no end in order */
} SpdmEntry;

typedef struct SpdmObserver SpdmObserver;

SPDM_API SpdmObserver *spdm_observer_new(void);
SPDM_API void spdm_observer_free(SpdmObserver *o);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmObserver, spdm_observer_free)

/** Takes a key log; false with @errp: one line, with @name and the line. */
SPDM_API bool spdm_observer_keys(SpdmObserver *o, SpdmBytes text,
                                 const char *name, GError **errp);

/** Whether @bytes begin like a packet capture. */
SPDM_API bool spdm_observer_is_pcap(SpdmBytes bytes);

/**
 * Takes a whole capture. False with @errp when it is none, or is cut: what
 * came before that is observed.
 */
SPDM_API bool spdm_observer_pcap(SpdmObserver *o, SpdmBytes bytes,
                                 GError **errp);

/** Takes one message, in the clear, of a "message" event. */
SPDM_API void spdm_observer_message(SpdmObserver *o, int64_t us,
                                    bool requester, bool secured,
                                    uint32_t session, SpdmBytes message);

/** Takes anything else that happened; strings are copied. */
SPDM_API void spdm_observer_event(SpdmObserver *o, SpdmEntryKind kind,
                                  int64_t us, uint32_t session,
                                  const char *name, const char *text);

/** No more comes: judges the end. */
SPDM_API void spdm_observer_end(SpdmObserver *o);

/** Elements are SpdmEntry, in their order; borrowed. */
SPDM_API const GPtrArray *spdm_observer_entries(const SpdmObserver *o);

/**
 * The options that give spdm_dump the secrets of a key log, in its order:
 * "--dhe_secret 00ff --psk 01"; wipe and g_free() it.
 */
SPDM_API char *spdm_observer_dump_options(const SpdmObserver *o);

/** What of the connection was negotiated, for a heading; g_free(). */
SPDM_API char *spdm_observer_summary(const SpdmObserver *o);

G_END_DECLS

#endif
