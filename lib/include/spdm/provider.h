/*
 * The provider: where a responder's identity, secrets, measurements,
 * randomness and time come from. The library asks; the provider may be
 * software, hardware, or a decorator that lies on purpose.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_PROVIDER_H
#define SPDM_PROVIDER_H

#include "spdm/key-pair.h"
#include "spdm/slot-bank.h"

G_BEGIN_DECLS

/** Bytes of SpdmProviderOps.identity_save(), at most. */
enum { SPDM_IDENTITY_STATE_MAX = 12 * 1024 * 1024 };

/** One request for a signature. */
typedef struct SpdmSignRequest {
    uint8_t slot;          /* 0 to 7, or SPDM_SLOT_PUBLIC_KEY */
    uint32_t asym;         /* the algorithm, see base.h */
    uint32_t hash;         /* BaseHashSel bit */
    const char *context;   /* DSP0274 context string */
    SpdmBytes message;     /* signed after one hash, spec "Signature" */
} SpdmSignRequest;

/** What GET_CSR asks a device for. */
typedef struct SpdmCsrRequest {
    uint32_t asym;         /* the algorithm, see base.h */
    uint32_t hash;         /* BaseHashSel bit */
    uint8_t key_pair_id;   /* 0: the device's only key pair */
    uint8_t model;         /* CertificateInfo; 0: not a multi-key connection */
    SpdmBytes requester_info; /* valid CertificationRequestInfo, or empty */
    SpdmBytes opaque;      /* OpaqueData */
} SpdmCsrRequest;

/** What SET_CERTIFICATE wants in a slot. */
typedef struct SpdmSetCertificate {
    uint8_t slot;          /* 0 to 7 */
    uint32_t asym;         /* the algorithm, see base.h */
    uint32_t hash;         /* BaseHashSel bit, of RootHash */
    uint8_t key_pair_id;   /* as above */
    uint8_t model;
    SpdmBytes chain;       /* SPDM chain structure that verifies by itself and
                              whose leaf fits asym; empty: erase */
    bool at_reset;         /* takes effect at the next platform_reset() */
} SpdmSetCertificate;

/** What became of it. */
typedef enum SpdmProvisionStatus {
    SPDM_PROVISION_OK,
    SPDM_PROVISION_NO_KEY, /* the leaf's key is none of the device's */
    SPDM_PROVISION_FAILED, /* it could not be stored; nothing has changed */
} SpdmProvisionStatus;

/**
 * CSRTrackingTags of GET_CSR (1.3), as masks: bit n is tag n, bit 0 the one
 * request of 1.2, which has no tag. They are the device's: a reset, or the
 * end of a connection, does not end them.
 */
typedef struct SpdmCsrTags {
    uint8_t waiting;         /* for a reset */
    uint8_t ready;           /* have seen theirs */
} SpdmCsrTags;

/** A measurement block's content before it is encoded. */
typedef struct SpdmMeasurement {
    uint8_t index;         /* 1 to 0xFE */
    uint8_t type;          /* DMTFSpecMeasurementValueType, bits 6:0 */
    bool raw_only;         /* never hashed (device mode, versions, SVN) */
    bool tcb;              /* part of measurement summary type 1 */
    GBytes *raw;           /* the value as a raw bit stream; owned. Of type
                              8 (hash-extended) it is not used: the value
                              follows from the measurement extension log */
} SpdmMeasurement;

/** An entry of the measurement extension log (1.3); MELIndex counts from 1. */
typedef struct SpdmMelEntry {
    uint8_t meas_index;    /* the hash-extended measurement it extends */
    uint8_t type;          /* DMTFSpecMeasurementValueType, bits 6:0 */
    GBytes *raw;           /* the value as a raw bit stream; owned */
} SpdmMelEntry;

/** A VENDOR_DEFINED_REQUEST. */
typedef struct SpdmVendorRequest {
    uint16_t standard;     /* StandardID */
    SpdmBytes vendor_id;
    SpdmBytes payload;
    uint32_t session_id;   /* of the session it came in, 0: none */
    bool established;      /* ... which is past its handshake */
    size_t room;           /* bytes that the answer's payload may have */
} SpdmVendorRequest;

/** What becomes of it; all but the first two are an ERROR. */
typedef enum SpdmVendorResult {
    SPDM_VENDOR_ANSWERED,
    SPDM_VENDOR_SILENT,    /* there is no answer at all */
    SPDM_VENDOR_UNSERVED,  /* UnsupportedRequest */
    SPDM_VENDOR_MALFORMED, /* InvalidRequest */
    SPDM_VENDOR_NEEDS_SESSION, /* SessionRequired, or in a handshake
                              UnexpectedRequest */
    SPDM_VENDOR_TOO_LARGE, /* ResponseTooLarge: more than room; nothing has
                              changed */
} SpdmVendorResult;

/**
 * Functions return quickly and never fail for want of memory. They are called
 * from the thread that calls into the responder, one at a time. @opaque is
 * the provider's own.
 */
typedef struct SpdmProviderOps {
    /** Fills @len random bytes (seeded providers repeat themselves). */
    void (*random)(void *opaque, void *buf, size_t len);

    /** Monotonic time in microseconds: QEMU's virtual clock, or the host's. */
    int64_t (*now_us)(void *opaque);

    /**
     * Slots that hold a chain usable with this algorithm, as a mask; 0 when
     * the device has no asymmetric identity. @asym here and below is a bit of
     * BaseAsymSel, or of PqcAsymSel above SPDM_PQC_ASYM_SHIFT.
     */
    uint8_t (*slots)(void *opaque, uint32_t asym);

    /**
     * The SPDM certificate chain structure of @slot for this hash (with its
     * header and RootHash), borrowed until the next call; an empty view when
     * there is none.
     */
    SpdmBytes (*cert_chain)(void *opaque, uint8_t slot, uint32_t asym,
                            uint32_t hash);

    /**
     * The digest of what cert_chain() would give, into @out, whose size is
     * the hash's; false when there is none. NULL: the chain is hashed each
     * time.
     */
    bool (*chain_hash)(void *opaque, uint8_t slot, uint32_t asym,
                       uint32_t hash, uint8_t *out);

    /**
     * Whether slots(), cert_chain(), slot_key() and public_key() answer from
     * memory: no key or chain is left to be made at first use. NULL: perhaps
     * not.
     */
    bool (*chains_made)(void *opaque);

    /**
     * The key of @slot for this algorithm: false when it has none. Slots
     * with a key and no chain are told here only. NULL: a device that serves
     * no connections with several keys (MULTI_KEY_CAP).
     */
    bool (*slot_key)(void *opaque, uint8_t slot, uint32_t asym,
                     SpdmSlotKey *key);

    /**
     * DER SubjectPublicKeyInfo of the key that the requester was given
     * instead of certificates (PUB_KEY_ID_CAP), borrowed until the next
     * call; empty when there is none for this algorithm. May be NULL.
     */
    SpdmBytes (*public_key)(void *opaque, uint32_t asym);

    /**
     * Fills @pair with key pair @id; false when there is none. @id 0 fills
     * the number of pairs alone. NULL: KEY_PAIR_INFO is not served.
     */
    bool (*key_pair)(void *opaque, uint8_t id, SpdmKeyPair *pair);

    /**
     * Does what SET_KEY_PAIR_INFO asks for. What the pair's capabilities
     * forbid was refused already. NULL: SET_KEY_PAIR_INFO is not served.
     */
    SpdmKeyPairResult (*set_key_pair)(void *opaque,
                                      const SpdmKeyPairChange *change);

    /** Writes the signature (S bytes) to @sig; false on failure. */
    bool (*sign)(void *opaque, const SpdmSignRequest *request, uint8_t *sig);

    /**
     * All measurements in ascending index order: elements are
     * SpdmMeasurement, the array is the caller's (g_ptr_array_unref()).
     */
    GPtrArray *(*measurements)(void *opaque);

    /**
     * The same as they will be after an update that is under way (1.3
     * NewMeasurementRequested). May be NULL: there never is one.
     */
    GPtrArray *(*new_measurements)(void *opaque);

    /**
     * The measurement extension log: elements are SpdmMelEntry, the array is
     * the caller's. NULL: it cannot be had now (ERROR OperationFailed). May
     * be NULL: the same.
     */
    GPtrArray *(*mel)(void *opaque);

    /**
     * EPInfo of ENDPOINT_INFO for this SubCode, as it stands in the message;
     * the caller's. NULL: no such SubCode (ERROR InvalidRequest). May be
     * NULL: the same.
     */
    GBytes *(*endpoint_info)(void *opaque, uint8_t sub_code);

    /**
     * Finds the pre-shared key for @hint, or derives it from the device
     * secret and @opaque_data (PSK_EXCHANGE OpaqueData). Writes up to
     * SPDM_MAX_PSK bytes to @psk and their number to @len. False: unknown.
     */
    bool (*psk)(void *opaque, SpdmBytes hint, SpdmBytes opaque_data,
                uint32_t hash, uint8_t *psk, size_t *len);

    /**
     * Answers VENDOR_DEFINED_REQUEST: appends the payload of the response to
     * @reply. May be NULL: no vendor is served.
     */
    SpdmVendorResult (*vendor)(void *opaque, const SpdmVendorRequest *request,
                               GByteArray *reply);

    /**
     * Answers a message that is not SPDM and came in a record of an
     * established session (DSP0276): @message begins with its MCTP message
     * type, and so does the @reply that is appended to. False: it is not
     * answered. May be NULL: none is.
     */
    bool (*application)(void *opaque, SpdmBytes message, GByteArray *reply);

    /**
     * A session is over, whoever ended it; its id may come again. May be
     * NULL.
     */
    void (*session_ended)(void *opaque, uint32_t session_id);

    /**
     * What vendor() has brought about (keys of an IDE stream, the state of an
     * interface), as bytes for a VM snapshot, secrets included, and such bytes
     * made true again. @sessions: the ids of those that were loaded. NULL:
     * there is no such state.
     */
    GBytes *(*vendor_save)(void *opaque);
    bool (*vendor_load)(void *opaque, SpdmBytes state,
                        const uint32_t *sessions, unsigned session_count,
                        GError **errp);

    /**
     * Appends a PKCS#10 request (DER) for the key pair @ask names, signed by
     * it; false when there is no such key pair or the request cannot be made.
     * May be NULL, as all below: then GET_CSR fails (SET_CERTIFICATE,
     * likewise).
     */
    bool (*csr)(void *opaque, const SpdmCsrRequest *ask, GByteArray *csr);

    /**
     * Puts a chain into a slot, or (empty chain) erases the slot as far as it
     * serves ask->asym. What it says OK to is not lost any more, whatever
     * happens.
     */
    SpdmProvisionStatus (*set_certificate)(void *opaque,
                                           const SpdmSetCertificate *ask);

    /**
     * Fills @bank with bank @id; false when there is none. The slots of a
     * bank are those that the functions above show for a BaseAsymSel of its
     * algorithm. NULL: SLOT_MANAGEMENT (1.4) is not served.
     */
    bool (*bank)(void *opaque, uint8_t id, SpdmBank *bank);

    /**
     * Gives bank @id another algorithm, one bit of asym or pqc that is
     * available to it; none of its slots holds a chain, before or after.
     * False: it could not be stored, nothing has changed. NULL: banks are
     * as they are.
     */
    bool (*set_bank)(void *opaque, uint8_t id, uint32_t asym, uint32_t pqc);

    /** Slots that a platform_reset() is going to change, as a mask. */
    uint8_t (*staged_slots)(void *opaque);

    /**
     * CSRTrackingTags as they are, and as they shall be; false when that
     * could not be stored. A platform_reset() makes those ready that wait.
     * NULL: with CERT_INSTALL_RESET_CAP, no CSR can be had.
     */
    SpdmCsrTags (*csr_tags)(void *opaque);
    bool (*set_csr_tags)(void *opaque, const SpdmCsrTags *tags);

    /**
     * The platform was reset: what was set with at_reset takes effect. The
     * slots that change are returned as a mask.
     */
    uint8_t (*platform_reset)(void *opaque);

    /**
     * What was provisioned, as bytes for a VM snapshot (secrets included), and
     * such bytes made true again; at most SPDM_IDENTITY_STATE_MAX of them.
     */
    GBytes *(*identity_save)(void *opaque);
    bool (*identity_load)(void *opaque, SpdmBytes state, GError **errp);

    /**
     * CAPABILITIES.Flags as they are now, in place of the profile's, for the
     * next GET_CAPABILITIES; and whether the device could ever have had
     * @flags, for what a snapshot says. NULL (both): those of the profile.
     */
    uint32_t (*flags)(void *opaque);
    bool (*flags_possible)(void *opaque, uint32_t flags);

    /**
     * What its user has changed of the device since it was made, as bytes for
     * a VM snapshot, secrets included, and such bytes made true again. NULL
     * (both): nothing can be changed.
     */
    GBytes *(*user_save)(void *opaque);
    bool (*user_load)(void *opaque, SpdmBytes state, GError **errp);

    /**
     * Randomness of one ephemeral key alone: @len bytes from @offset on of a
     * stream that @index names. With a seed that stream is always the same,
     * without it is never the same twice. False: random() is to be used, and
     * a key that was made ahead of time is not; @len 0 only asks that. NULL:
     * the same, and none is ever made ahead.
     */
    bool (*ephemeral_random)(void *opaque, uint64_t index, uint64_t offset,
                             void *buf, size_t len);

    /** Position of a seeded random stream, for snapshots; may be NULL. */
    uint64_t (*random_tell)(void *opaque);
    void (*random_seek)(void *opaque, uint64_t position);

    /**
     * Whether the requester is to be believed: @chain is the certificate
     * chain structure it showed, made for @hash; @asym is the requester's
     * bit its leaf must fit. When not, *why is a static sentence. NULL:
     * nobody is believed. (DSP0274 "Mutual authentication".)
     */
    bool (*trusts_requester)(void *opaque, SpdmBytes chain, uint32_t asym,
                             uint32_t hash, const char **why);

    /**
     * What was provisioned of the requester in advance: the certificate chain
     * structure of its @slot, or for SPDM_SLOT_PUBLIC_KEY its DER
     * SubjectPublicKeyInfo; fit for the algorithm @asym. Borrowed until
     * the next call; an empty view when there is none. May be NULL.
     */
    SpdmBytes (*requester_chain)(void *opaque, uint8_t slot, uint32_t asym,
                                 uint32_t hash);
} SpdmProviderOps;

typedef struct SpdmProvider {
    const SpdmProviderOps *ops;
    void *opaque;
} SpdmProvider;

/** Frees @m and its bytes. */
SPDM_API void spdm_measurement_free(SpdmMeasurement *m);
SPDM_API void spdm_mel_entry_free(SpdmMelEntry *entry);

G_END_DECLS

#endif
