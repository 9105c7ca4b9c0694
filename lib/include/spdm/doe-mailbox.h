/*
 * The registers of a PCIe DOE instance (PCIe 6.30): a bounded mailbox that
 * knows neither SPDM nor QEMU.
 *
 * The owner forwards config-space accesses and gets whole data objects back
 * through submit(). It answers with doe_mailbox_complete(), at once or later,
 * naming the generation it was given; an answer to an object that the host
 * has aborted meanwhile is recognised by its generation and discarded. All
 * calls on one mailbox come from one thread at a time.
 *
 * Where PCIe leaves a host's mistake undefined, the mailbox sets Error:
 * docs/devices.rst lists every case.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_DOE_MAILBOX_H
#define SPDM_DOE_MAILBOX_H

#include "spdm/base.h"

G_BEGIN_DECLS

/** Offsets from the extended capability's header, and its bits. */
enum {
    DOE_CAP_ID = 0x2e,
    DOE_CAP_SIZE = 0x18,

    DOE_REG_CAPABILITIES = 0x04,
    DOE_REG_CONTROL = 0x08,
    DOE_REG_STATUS = 0x0c,
    DOE_REG_WRITE = 0x10,
    DOE_REG_READ = 0x14,
};

#define DOE_CAPABILITIES_INTERRUPT (1u << 0)
#define DOE_CAPABILITIES_VECTOR_SHIFT 1
#define DOE_CAPABILITIES_VECTOR_MAX 0x7ffu

#define DOE_CONTROL_ABORT (1u << 0)
#define DOE_CONTROL_INTERRUPT_ENABLE (1u << 1)
#define DOE_CONTROL_GO (1u << 31)

#define DOE_STATUS_BUSY (1u << 0)
#define DOE_STATUS_INTERRUPT (1u << 1)
#define DOE_STATUS_ERROR (1u << 2)
#define DOE_STATUS_READY (1u << 31)

/** No data object is larger: 2^18 dwords. */
#define DOE_OBJECT_MAX (1u << 20)

typedef struct DoeMailbox DoeMailbox;

/** How an object ends. */
typedef enum DoeOutcome {
    DOE_REPLY,   /* the bytes become readable: Ready */
    DOE_DROP,    /* silent discard: neither Ready nor Error */
    DOE_ERROR,   /* Error; only Abort or reset clears it */
} DoeOutcome;

typedef struct DoeMailboxConfig {
    size_t max_object;        /* inbound bytes; a larger object is an Error */
    bool interrupt_support;
    uint16_t vector;          /* MSI/MSI-X vector, 0 to 0x7ff */

    /**
     * One whole object: its length field agrees with its size. Busy is set;
     * doe_mailbox_complete() may be called before this returns. @object is
     * the callee's to unref.
     */
    void (*submit)(void *opaque, uint64_t generation, GBytes *object);

    /** The answer to the object in flight is no longer wanted; may be NULL. */
    void (*cancel)(void *opaque);

    /** Send the interrupt message; NULL when interrupts are not supported. */
    void (*interrupt)(void *opaque);
    void *opaque;
} DoeMailboxConfig;

/** A mailbox in its power-on state. */
SPDM_API DoeMailbox *doe_mailbox_new(const DoeMailboxConfig *config);
SPDM_API void doe_mailbox_free(DoeMailbox *mb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DoeMailbox, doe_mailbox_free)

/**
 * A config read of 1, 2 or 4 bytes at @offset from the capability's header.
 * Bytes outside the registers read as zero, and so does a part of a mailbox
 * register: those are moved in whole dwords only.
 */
SPDM_API uint32_t doe_mailbox_read(DoeMailbox *mb, unsigned offset,
                                   unsigned size);

/** A config write, by the same rules; what is not defined is ignored. */
SPDM_API void doe_mailbox_write(DoeMailbox *mb, unsigned offset,
                                uint32_t value, unsigned size);

/**
 * The answer to the object submitted as @generation. @reply is padded to a
 * dword with zeros; it counts as DROP when it is empty or NULL. False: the
 * object was aborted and the answer discarded.
 */
SPDM_API bool doe_mailbox_complete(DoeMailbox *mb, uint64_t generation,
                                   DoeOutcome outcome, GBytes *reply);

/** Conventional reset, FLR, power-on: as new, work in flight cancelled. */
SPDM_API void doe_mailbox_reset(DoeMailbox *mb);

/** For people and tests: what the registers say, and counters. */
typedef struct DoeMailboxInfo {
    bool busy;
    bool ready;
    bool error;
    bool interrupt_enable;
    const char *error_reason;  /* sentence, static; "" without Error */
    size_t inbound;            /* bytes held of the object being written */
    size_t outbound;           /* bytes of answers not yet popped */
    uint64_t generation;       /* of the latest object submitted */
    uint64_t objects;          /* submitted since creation */
    uint64_t replies;
    uint64_t drops;
    uint64_t errors;
    uint64_t aborts;
} DoeMailboxInfo;

SPDM_API void doe_mailbox_info(const DoeMailbox *mb, DoeMailboxInfo *info);

/**
 * Everything a snapshot needs, as plain data; g_bytes_unref(). An object in
 * flight stays in flight under its generation: its owner saves the answer.
 */
SPDM_API GBytes *doe_mailbox_save(const DoeMailbox *mb);

/**
 * Replaces the state by a saved one. False with @errp when @state is not
 * one, or is too large for this mailbox, which is then as new.
 */
SPDM_API bool doe_mailbox_load(DoeMailbox *mb, GBytes *state, GError **errp);

G_END_DECLS

#endif
