/*
 * The requester: SPDM 1.0 to 1.4 from the asking end, one call an exchange.
 *
 * It owns no threads, timers, globals or files. Input and output, waiting,
 * time and randomness come through SpdmRequesterIo, so a call takes as long
 * as the io makes it take. One requester is one connection; calls on it must
 * not overlap.
 *
 * Every call that returns bool or a pointer fails with @errp set in
 * SPDM_REQUESTER_ERROR and a sentence that names the message. After a
 * failure inside a session that session is gone and its keys are wiped; a
 * failure before NEGOTIATE_ALGORITHMS is done loses the connection. Nothing
 * goes on with less security than was agreed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_REQUESTER_H
#define SPDM_REQUESTER_H

#include "spdm/check.h"
#include "spdm/key-pair.h"
#include "spdm/responder.h"
#include "spdm/slot-bank.h"

G_BEGIN_DECLS

typedef struct SpdmRequester SpdmRequester;

/** Domain and codes of what goes wrong. */
typedef enum SpdmRequesterError {
    SPDM_REQUESTER_ERROR_USAGE,     /* call out of order, not negotiated */
    SPDM_REQUESTER_ERROR_TRANSPORT, /* no answer, or the io failed */
    SPDM_REQUESTER_ERROR_PEER,      /* the responder answered ERROR */
    SPDM_REQUESTER_ERROR_PROTOCOL,  /* the answer breaks DSP0274 */
    SPDM_REQUESTER_ERROR_VERIFY,    /* signature, MAC, chain, policy */
} SpdmRequesterError;

#define SPDM_REQUESTER_ERROR (spdm_requester_error_quark())
SPDM_API GQuark spdm_requester_error_quark(void);

/** What the requester needs from its surroundings. */
typedef struct SpdmRequesterIo {
    /**
     * Sends one frame of the transport and waits at most @timeout_us for the
     * answer, which it appends to @reply. False with @errp set when there is
     * none.
     */
    bool (*send_receive)(void *opaque, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us,
                         GError **errp);

    /** Waits (Busy, ResponseNotReady); NULL: g_usleep(). */
    void (*sleep_us)(void *opaque, int64_t us);

    /** Monotonic time in microseconds; NULL: g_get_monotonic_time(). */
    int64_t (*now_us)(void *opaque);

    /** Fills @len random bytes; NULL: libgcrypt's generator. */
    void (*random)(void *opaque, void *buf, size_t len);

    void *opaque;
} SpdmRequesterIo;

/**
 * A key of ours, for a responder that wants to know who asks (mutual
 * authentication). Either a certificate chain with the key of its leaf, or
 * (slot SPDM_SLOT_PUBLIC_KEY) a raw key that the responder knows already, or
 * @automatic: root, intermediate and leaf are made here, the leaf for
 * whatever algorithm is negotiated.
 */
typedef struct SpdmRequesterIdentity {
    uint8_t slot;                /* 0 to 7, or SPDM_SLOT_PUBLIC_KEY */
    bool automatic;
    const char *name;            /* for error lines; NULL: "slot N" */
    SpdmBytes chain;             /* PEM or bare DER, root to leaf */
    SpdmBytes key;               /* PEM or DER, unencrypted private key */
    uint16_t key_usage;          /* KeyUsageMask (1.3); 0: everything */
    uint8_t cert_model;          /* 1 to 3 (1.3); 0: DeviceCert */
} SpdmRequesterIdentity;

/** An event that the responder sent; views are valid during the call. */
typedef struct SpdmRequesterEvent {
    uint32_t session;
    uint32_t instance;           /* EventInstanceID */
    uint8_t registry;            /* whose event group: 0 DMTF, 3 PCI-SIG */
    SpdmBytes vendor_id;
    uint16_t type;               /* EventTypeID */
    SpdmBytes detail;
} SpdmRequesterEvent;

/** What to offer, and what to insist on. */
typedef struct SpdmRequesterConfig {
    SpdmTransportType transport;
    SpdmRequesterIo io;
    const char *seed;            /* reproducible randomness; NULL: io's */

    /* Offered. A mask of 0 stands for all that the library has. */
    uint8_t min_version;         /* SPDMVersion bytes */
    uint8_t max_version;
    uint32_t flags;              /* GET_CAPABILITIES Flags, all versions */
    uint8_t ct_exponent;
    uint32_t data_transfer_size; /* bytes, >= 42 */
    uint32_t max_msg_size;       /* bytes, with CHUNK_CAP in flags; at least
                                    data_transfer_size; 0: 128 KiB or that */
    uint32_t hash;
    uint32_t asym;
    uint32_t req_asym;           /* of those that an identity fits */
    uint16_t dhe;
    uint16_t kem;                /* 1.4, besides dhe */
    uint16_t aead;
    uint8_t opaque_formats;      /* OtherParams bits 3:0 */
    bool multi_key;              /* ask a responder that leaves it to us for
                                    several keys (1.3, MULTI_KEY_CAP 2) */
    uint16_t secured_min;        /* DSP0277, 0x1000 to 0x1300 */
    uint16_t secured_max;
    uint8_t aead_limit;          /* a key protects 2^this records; 1 to 64
                                    (DSP0277 1.3) */
    bool ask_supported;          /* for the Supported Algorithms block of
                                    CAPABILITIES (1.3, CHUNK_CAP) */
    GBytes *opaque;              /* sent in every request that has OpaqueData
                                    of its own, in an element; NULL: none */

    /* Who we are: see spdm_requester_config_identify(). */
    const SpdmRequesterIdentity *identities;
    unsigned identity_count;

    /** Called for each event of a SEND_EVENT, in order; NULL: nobody is. */
    void (*event)(void *opaque, const SpdmRequesterEvent *event);
    void *event_opaque;

    /* Policy. */
    const char *trust_pem;       /* roots; NULL: any root is believed */
    const char *cma_name;        /* PCIe CMA name of the leaf, or NULL */
    const char *cma_name_serial; /* the same with SN=..., as good; or NULL */
    int64_t wall_time;           /* seconds since 1970; 0: not checked */
    uint32_t required_flags;     /* CAPABILITIES Flags that must be there */

    /* Patience. */
    int64_t timeout_us;          /* for an answer */
    int64_t max_wait_us;         /* for Busy or ResponseNotReady, in all */
    unsigned busy_retries;
} SpdmRequesterConfig;

/** Defaults: all versions and algorithms, one-way authentication, 1 s. */
SPDM_API void spdm_requester_config_init(SpdmRequesterConfig *config);

/**
 * Presents these identities, and offers what they are for: MUT_AUTH, ENCAP,
 * CHAL, EP_INFO_SIG, and CERT or (for a raw key, which has to be the only
 * one) PUB_KEY_ID. @list is borrowed until spdm_requester_new() returns.
 */
SPDM_API void
spdm_requester_config_identify(SpdmRequesterConfig *config,
                               const SpdmRequesterIdentity *list,
                               unsigned count);

/**
 * Sets what is offered by names, separated by commas: @kind is "hash",
 * "asym", "req-asym", "dhe", "kem", "aead", "version" ("1.2" or "1.1-1.3"),
 * "secured" or "flags" ("KEY_EX,MAC"; "+X,-Y" changes what is set). The error
 * names the valid ones.
 */
SPDM_API bool spdm_requester_config_offer(SpdmRequesterConfig *config,
                                          const char *kind,
                                          const char *names, GError **errp);

/** As "flags" above, for required_flags. */
SPDM_API bool spdm_requester_config_require(SpdmRequesterConfig *config,
                                            const char *names,
                                            GError **errp);

/** @config is copied, with its strings. NULL with @errp on a bad one. */
SPDM_API SpdmRequester *
spdm_requester_new(const SpdmRequesterConfig *config, GError **errp);

/** Wipes all keys, sends nothing; NULL is allowed. */
SPDM_API void spdm_requester_free(SpdmRequester *rq);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmRequester, spdm_requester_free)

/**
 * Attaches a tap (ladders, faults; see spdm/tap.h for the order). @tap is
 * borrowed until it is removed. False when there are SPDM_MAX_TAPS.
 */
SPDM_API bool spdm_requester_add_tap(SpdmRequester *rq, const SpdmTap *tap);

/** Detaches @tap; nothing happens when it is not attached. */
SPDM_API void spdm_requester_remove_tap(SpdmRequester *rq,
                                        const SpdmTap *tap);

/**
 * The one tap that is told the secrets of sessions (SPDM_TAP_SECRET), and
 * nothing else: for a key log. NULL: nobody is. @tap is borrowed.
 */
SPDM_API void spdm_requester_set_secret_tap(SpdmRequester *rq,
                                            const SpdmTap *tap);

/* ------------------------------------------------------------ connection */

/** One entry of DOE discovery. */
typedef struct SpdmDoeEntry {
    uint16_t vendor;
    uint8_t type;
} SpdmDoeEntry;

/**
 * Asks a DOE instance for its protocols. @version is 0, or 2 when the
 * capability is of version 2. @entries has room for @max; *count is filled.
 */
SPDM_API bool spdm_requester_discover(SpdmRequester *rq, uint8_t version,
                                      SpdmDoeEntry *entries, unsigned max,
                                      unsigned *count, GError **errp);

/** GET_VERSION: all that was before is forgotten, keys are wiped. */
SPDM_API bool spdm_requester_version(SpdmRequester *rq, GError **errp);

/** GET_CAPABILITIES with the highest version that both have. */
SPDM_API bool spdm_requester_capabilities(SpdmRequester *rq, GError **errp);

/** NEGOTIATE_ALGORITHMS. */
SPDM_API bool spdm_requester_algorithms(SpdmRequester *rq, GError **errp);

/** The three above. */
SPDM_API bool spdm_requester_connect(SpdmRequester *rq, GError **errp);

/**
 * The responder went through a reset, or is reached anew: goes on with what
 * was negotiated, without GET_VERSION to NEGOTIATE_ALGORITHMS, if it has
 * CACHE_CAP (DSP0274). Sessions end; verified chains stay known.
 */
SPDM_API bool spdm_requester_resume(SpdmRequester *rq, GError **errp);

/**
 * What was negotiated, to be kept for another run; NULL with @errp when there
 * is nothing that a responder without CACHE_CAP would keep. No secrets.
 * Unref with g_bytes_unref().
 */
SPDM_API GBytes *spdm_requester_save_negotiated(SpdmRequester *rq,
                                                GError **errp);

/**
 * Takes it back instead of spdm_requester_connect(). Refused when damaged,
 * or when it is nothing that this requester would have negotiated.
 */
SPDM_API bool spdm_requester_load_negotiated(SpdmRequester *rq,
                                             GBytes *state, GError **errp);

/** What is known of a responder that is not asked; masks of one bit each. */
typedef struct SpdmProvisionedPeer {
    uint8_t version;             /* SPDMVersion byte; one that it listed */
    uint32_t flags;              /* its CAPABILITIES Flags */
    uint32_t hash;
    uint16_t aead;
} SpdmProvisionedPeer;

/**
 * In place of GET_CAPABILITIES and NEGOTIATE_ALGORITHMS, right after
 * spdm_requester_version(): PSK_EXCHANGE may follow at once (DSP0274
 * PSK_EXCHANGE). Only PSK sessions are possible then.
 */
SPDM_API bool spdm_requester_provision(SpdmRequester *rq,
                                       const SpdmProvisionedPeer *peer,
                                       GError **errp);

/* -------------------------------------------------------------- identity */

/** GET_DIGESTS, in @session or (0) outside. */
SPDM_API bool spdm_requester_digests(SpdmRequester *rq, uint32_t session,
                                     GError **errp);

/**
 * GET_CERTIFICATE until the chain of @slot is whole, in portions of at most
 * @portion bytes (0: as large as possible); then verifies it by the policy.
 */
SPDM_API bool spdm_requester_certificate(SpdmRequester *rq, uint32_t session,
                                         uint8_t slot, uint16_t portion,
                                         GError **errp);

/**
 * A chain (SPDM structure) known from before: verified as one that came by
 * GET_CERTIFICATE. Needs the negotiated hash; forgotten at GET_VERSION.
 */
SPDM_API bool spdm_requester_set_chain(SpdmRequester *rq, uint8_t slot,
                                       const uint8_t *chain, size_t len,
                                       GError **errp);

/**
 * The responder's public key, known from before (PUB_KEY_ID_CAP): it takes
 * part as SPDM_SLOT_PUBLIC_KEY. @spki is a DER SubjectPublicKeyInfo, or PEM:
 * then the first of its "PUBLIC KEY" blocks that fits the negotiated
 * algorithm. Forgotten at GET_VERSION.
 */
SPDM_API bool spdm_requester_set_public_key(SpdmRequester *rq,
                                            const uint8_t *spki, size_t len,
                                            GError **errp);

/** The verified chain of @slot, borrowed; NULL when there is none. */
SPDM_API GBytes *spdm_requester_chain(const SpdmRequester *rq, uint8_t slot);

/**
 * PEM of the roots of our own chains: what a responder has to trust. Empty
 * without a chain; g_free().
 */
SPDM_API char *spdm_requester_own_roots(const SpdmRequester *rq);

/** Subjects of the verified chain, root first; NULL-terminated, owned. */
SPDM_API char **spdm_requester_subjects(const SpdmRequester *rq,
                                        uint8_t slot);

/** CMA name of the verified leaf; NULL when it has none; g_free(). */
SPDM_API char *spdm_requester_leaf_cma_name(const SpdmRequester *rq,
                                            uint8_t slot);

/** Slots of the latest DIGESTS, as a mask. */
SPDM_API uint8_t spdm_requester_slots(const SpdmRequester *rq);

/**
 * What the latest DIGESTS said of the key of @slot (0 to 7) on a connection
 * with several keys. False: nothing.
 */
SPDM_API bool spdm_requester_slot_key(const SpdmRequester *rq, uint8_t slot,
                                      SpdmSlotKey *key);

/**
 * GET_KEY_PAIR_INFO of pair @id (1.3), in @session or (0) outside. Its
 * public_key_info comes as @public_key_info (the caller's; may be NULL).
 */
SPDM_API bool spdm_requester_key_pair(SpdmRequester *rq, uint32_t session,
                                      uint8_t id, SpdmKeyPair *pair,
                                      GBytes **public_key_info,
                                      GError **errp);

/** SET_KEY_PAIR_INFO (1.3). */
SPDM_API bool spdm_requester_set_key_pair(SpdmRequester *rq,
                                          uint32_t session,
                                          const SpdmKeyPairChange *change,
                                          GError **errp);

/**
 * CHALLENGE. @summary: 0 none, 1 TCB, 0xFF all. The chain of @slot must be
 * known. When CHALLENGE_AUTH asks for basic mutual authentication, that is
 * gone through as well.
 */
SPDM_API bool spdm_requester_challenge(SpdmRequester *rq, uint8_t slot,
                                       uint8_t summary, GError **errp);

/* ---------------------------------------------------------- measurements */

typedef struct SpdmMeasurementQuery {
    uint8_t index;               /* 0 the number, 1 to 0xFE, 0xFF all */
    bool sign;
    bool raw;                    /* raw bit streams wanted (1.2) */
    bool fresh;                  /* new measurement wanted (1.3) */
    uint8_t slot;                /* whose key signs */
} SpdmMeasurementQuery;

/** One measurement block as received. */
typedef struct SpdmMeasurementValue {
    uint8_t index;
    uint8_t type;                /* DMTFSpecMeasurementValueType, bits 6:0 */
    bool raw;
    GBytes *value;
} SpdmMeasurementValue;

/** What MEASUREMENTS said; clear with spdm_measurement_list_clear(). */
typedef struct SpdmMeasurementList {
    unsigned total;              /* answer to index 0 */
    GPtrArray *values;           /* SpdmMeasurementValue */
    bool verified;               /* a signature over it was good */
    uint8_t content_changed;     /* 1.2: 0 no detection, 2 unchanged */
} SpdmMeasurementList;

SPDM_API void spdm_measurement_list_clear(SpdmMeasurementList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmMeasurementList,
                                 spdm_measurement_list_clear)

/** "mutable firmware", ... for a value type; static. */
SPDM_API const char *spdm_measurement_type_name(uint8_t type);

/** GET_MEASUREMENTS. @list may be NULL. */
SPDM_API bool spdm_requester_measurements(SpdmRequester *rq,
                                          uint32_t session,
                                          const SpdmMeasurementQuery *query,
                                          SpdmMeasurementList *list,
                                          GError **errp);

/* ------------------------------------------- measurement extension log */

/** One entry of the measurement extension log. */
typedef struct SpdmMelValue {
    uint32_t index;              /* MELIndex */
    uint8_t measurement;         /* the measurement that it extends */
    uint8_t type;                /* DMTFSpecMeasurementValueType, bits 6:0 */
    bool raw;
    GBytes *value;
} SpdmMelValue;

/** The whole log; clear with spdm_mel_log_clear(). */
typedef struct SpdmMelLog {
    GBytes *bytes;               /* as it was read */
    GPtrArray *entries;          /* SpdmMelValue, MELIndex ascending */
} SpdmMelLog;

SPDM_API void spdm_mel_log_clear(SpdmMelLog *log);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmMelLog, spdm_mel_log_clear)

/**
 * GET_MEASUREMENT_EXTENSION_LOG (1.3) until the log is whole, in portions of
 * at most @portion bytes (0: as large as possible). @log may be NULL.
 */
SPDM_API bool spdm_requester_mel(SpdmRequester *rq, uint32_t session,
                                 uint32_t portion, SpdmMelLog *log,
                                 GError **errp);

/**
 * Whether each hash-extended measurement of @list is what @log makes of it.
 * Sends nothing; an error is the check mel-extended. Worth as much as the
 * signature over @list.
 */
SPDM_API bool spdm_requester_mel_verify(SpdmRequester *rq,
                                        const SpdmMelLog *log,
                                        const SpdmMeasurementList *list,
                                        GError **errp);

/* ---------------------------------------------------------- provisioning */

/** What GET_CSR asks for; all zero: a CSR for the device's key. */
typedef struct SpdmCsrParams {
    uint8_t key_pair_id;         /* 1.3, connections with several keys */
    uint8_t model;               /* 1.3: 1 device, 2 alias, 3 generic */
    uint8_t tag;                 /* 1.3: CSRTrackingTag of an earlier one */
    bool overwrite;              /* 1.3: give up CSRs that wait */
    SpdmBytes requester_info;    /* DER CertificationRequestInfo, or empty */
    SpdmBytes opaque;
} SpdmCsrParams;

/** What SET_CERTIFICATE puts where. */
typedef struct SpdmSetCertificateParams {
    uint8_t slot;
    bool erase;                  /* 1.3; then without a chain */
    uint8_t key_pair_id;         /* 1.3, connections with several keys */
    uint8_t model;
    SpdmBytes chain;             /* SPDM certificate chain structure */
} SpdmSetCertificateParams;

/** Not a failure: the responder goes on once it is reset. */
typedef struct SpdmProvisionResult {
    bool reset_required;
    uint8_t tag;                 /* GET_CSR from 1.3 on: repeat it with this */
} SpdmProvisionResult;

/**
 * GET_CSR (1.2), in @session or (0) outside. The CSR (PKCS#10, DER), signed by
 * its own key and for one of the negotiated algorithm, is appended to @csr,
 * unless a reset is required.
 */
SPDM_API bool spdm_requester_csr(SpdmRequester *rq, uint32_t session,
                                 const SpdmCsrParams *params,
                                 SpdmProvisionResult *result,
                                 GByteArray *csr, GError **errp);

/**
 * SET_CERTIFICATE (1.2), in @session or (0) outside. What was known of the
 * slot is forgotten: ask for digests and the certificate anew.
 */
SPDM_API bool
spdm_requester_set_certificate(SpdmRequester *rq, uint32_t session,
                               const SpdmSetCertificateParams *params,
                               SpdmProvisionResult *result, GError **errp);

/**
 * An SPDM certificate chain structure for the negotiated hash, from PEM (or
 * DER) certificates, root first; @name stands in errors. Unref the GBytes.
 */
SPDM_API GBytes *spdm_requester_build_chain(const SpdmRequester *rq,
                                            const char *pem, size_t len,
                                            const char *name, GError **errp);

/**
 * Subject ("CN=...") of a DER certification request, and the request as PEM;
 * NULL when it is none. Both are freed with g_free().
 */
SPDM_API char *spdm_csr_describe(SpdmBytes csr, char **pem);

/* --------------------------------------------- banks of slots (1.4) */

/** A bank as SLOT_MANAGEMENT GetBankInfo lists it. */
typedef struct SpdmBankInfo {
    uint8_t id;
    uint8_t slots;               /* slots there are, as a mask */
    uint8_t modifiable;          /* ... and those of them that can change */
} SpdmBankInfo;

/** What GetBankDetails says. */
typedef struct SpdmBankDetails {
    SpdmBank bank;               /* but for its total */
    bool selected;               /* the bank of this connection */
    unsigned slot_count;
    SpdmBankSlot slots[SPDM_SLOT_COUNT];
    uint8_t digests[SPDM_SLOT_COUNT][64]; /* of slots[], zeros: no chain */
    size_t digest_size;
} SpdmBankDetails;

/*
 * Each is one SLOT_MANAGEMENT, in @session or (0) outside, and needs
 * SLOT_MGMT_CAP and a negotiated hash.
 */

/** SupportedSubCodes: bit n of *mask for SubCode n. */
SPDM_API bool spdm_requester_slot_sub_codes(SpdmRequester *rq,
                                            uint32_t session, uint64_t *mask,
                                            GError **errp);

/** GetBankInfo: appends SpdmBankInfo to @banks. */
SPDM_API bool spdm_requester_banks(SpdmRequester *rq, uint32_t session,
                                   GArray *banks, GError **errp);

/** GetBankDetails of BankID @bank. */
SPDM_API bool spdm_requester_bank_details(SpdmRequester *rq,
                                          uint32_t session, uint8_t bank,
                                          SpdmBankDetails *details,
                                          GError **errp);

/**
 * GetCertificateChain: the chain structure of a slot, which verifies by
 * itself; whom to trust is not asked. Unref it.
 */
SPDM_API GBytes *spdm_requester_bank_chain(SpdmRequester *rq,
                                           uint32_t session, uint8_t bank,
                                           uint8_t slot, GError **errp);

/** GetCSR: as spdm_requester_csr(), for the algorithm of @bank. */
SPDM_API bool spdm_requester_bank_csr(SpdmRequester *rq, uint32_t session,
                                      uint8_t bank,
                                      const SpdmCsrParams *params,
                                      SpdmProvisionResult *result,
                                      GByteArray *csr, GError **errp);

/**
 * SetCertificate, or ManageSlot (Erase): as spdm_requester_set_certificate(),
 * for a slot of @bank.
 */
SPDM_API bool spdm_requester_bank_set_certificate(
    SpdmRequester *rq, uint32_t session, uint8_t bank,
    const SpdmSetCertificateParams *params, SpdmProvisionResult *result,
    GError **errp);

/** ManageBank (ConfigAlgo): one bit of @asym (KEY_PAIR_INFO) or @pqc. */
SPDM_API bool spdm_requester_config_bank(SpdmRequester *rq, uint32_t session,
                                         uint8_t bank, uint32_t asym,
                                         uint32_t pqc, GError **errp);

/* ---------------------------------------------------- endpoint information */

/** A device class identifier. */
typedef struct SpdmDeviceClassId {
    uint8_t standard;            /* registry or standards body ID */
    GBytes *vendor_id;           /* may be empty */
    GPtrArray *sub_ids;          /* GBytes */
} SpdmDeviceClassId;

/** What ENDPOINT_INFO said; clear with spdm_endpoint_info_clear(). */
typedef struct SpdmEndpointInfo {
    bool verified;               /* a signature over it was good */
    GBytes *bytes;               /* EPInfo */
    GPtrArray *classes;          /* SpdmDeviceClassId */
} SpdmEndpointInfo;

SPDM_API void spdm_endpoint_info_clear(SpdmEndpointInfo *info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmEndpointInfo, spdm_endpoint_info_clear)

/** "PCI-SIG", ... for a registry or standards body ID; static. */
SPDM_API const char *spdm_standard_name(uint16_t standard);

/**
 * GET_ENDPOINT_INFO (1.3) for device class identifiers, with a signature by
 * @slot (whose chain must be known) if @sign. @info may be NULL.
 */
SPDM_API bool spdm_requester_endpoint_info(SpdmRequester *rq,
                                           uint32_t session, bool sign,
                                           uint8_t slot,
                                           SpdmEndpointInfo *info,
                                           GError **errp);

/* -------------------------------------------------------------- sessions */

typedef struct SpdmKeyExchangeParams {
    uint8_t slot;                /* its chain must be known */
    uint8_t summary;             /* 0 none, 1 TCB, 0xFF all */
    uint8_t policy;              /* SessionPolicy */
} SpdmKeyExchangeParams;

/**
 * KEY_EXCHANGE: *session receives the id of a session in its handshake.
 * Wants no CHALLENGE before.
 */
SPDM_API bool spdm_requester_key_exchange(SpdmRequester *rq,
                                          const SpdmKeyExchangeParams *params,
                                          uint32_t *session, GError **errp);

/**
 * FINISH: the session is established. When KEY_EXCHANGE_RSP asked for mutual
 * authentication, its encapsulated flow comes first, unless
 * spdm_requester_encapsulated() went through it already, and FINISH is
 * signed.
 */
SPDM_API bool spdm_requester_finish(SpdmRequester *rq, uint32_t session,
                                    GError **errp);

typedef struct SpdmPskExchangeParams {
    SpdmBytes hint;
    SpdmBytes secret;            /* empty: derive() is asked */
    SpdmBytes opaque;            /* sent along, in an element of its own */
    uint8_t summary;
    uint8_t policy;

    /**
     * The secret that goes with the hint and the whole OpaqueData as sent:
     * as SpdmProviderOps.psk of the responder.
     */
    bool (*derive)(void *user, SpdmBytes hint, SpdmBytes opaque_data,
                   uint32_t hash, uint8_t *psk, size_t *len);
    void *user;
} SpdmPskExchangeParams;

/**
 * PSK_EXCHANGE. With a responder that takes no context (PSK_CAP 1) the
 * session is established at once, otherwise spdm_requester_psk_finish() is
 * due.
 */
SPDM_API bool spdm_requester_psk_exchange(SpdmRequester *rq,
                                          const SpdmPskExchangeParams *params,
                                          uint32_t *session, GError **errp);

SPDM_API bool spdm_requester_psk_finish(SpdmRequester *rq, uint32_t session,
                                        GError **errp);

SPDM_API bool spdm_requester_heartbeat(SpdmRequester *rq, uint32_t session,
                                       GError **errp);

/** KEY_UPDATE of our direction, or of both, then VerifyNewKey. */
SPDM_API bool spdm_requester_key_update(SpdmRequester *rq, uint32_t session,
                                        bool all, GError **errp);

/** END_SESSION; the keys are wiped whatever the answer. */
SPDM_API bool spdm_requester_end_session(SpdmRequester *rq, uint32_t session,
                                         bool clear_state, GError **errp);

/** Wipes the session's keys and sends nothing. False: no such session. */
SPDM_API bool spdm_requester_forget_session(SpdmRequester *rq,
                                            uint32_t session);

/* --------------------------------------------------------- encapsulation */

/**
 * GET_ENCAPSULATED_REQUEST, and an answer to each request that the responder
 * then makes (DSP0274 "Encapsulated request flows"): GET_DIGESTS,
 * GET_CERTIFICATE, CHALLENGE, KEY_UPDATE of the responder's key, SEND_EVENT,
 * GET_ENDPOINT_INFO. In an established session, outside (0), or in a
 * handshake that has mutual authentication to do. @answered (may be NULL)
 * receives their number, 0 when the responder had nothing to ask.
 */
SPDM_API bool spdm_requester_encapsulated(SpdmRequester *rq,
                                          uint32_t session,
                                          unsigned *answered, GError **errp);

/* ---------------------------------------------------------------- events */

/** Event types of the DMTF, as masks: bit n for type n. */
enum {
    SPDM_ALL_EVENT_TYPES = -1,
};

/**
 * GET_SUPPORTED_EVENT_TYPES (1.3) in an established session; @types receives
 * those of the DMTF.
 */
SPDM_API bool spdm_requester_event_types(SpdmRequester *rq, uint32_t session,
                                         uint32_t *types, GError **errp);

/**
 * SUBSCRIBE_EVENT_TYPES: exactly these from now on, SPDM_ALL_EVENT_TYPES all
 * that there are, 0 none. Events come with the responder's encapsulated
 * requests.
 */
SPDM_API bool spdm_requester_subscribe(SpdmRequester *rq, uint32_t session,
                                       uint32_t types, GError **errp);

/* ----------------------------------------------------------------- other */

/** VENDOR_DEFINED_REQUEST; the answer's payload is appended to @reply. */
SPDM_API bool spdm_requester_vendor(SpdmRequester *rq, uint32_t session,
                                    uint16_t standard, SpdmBytes vendor_id,
                                    SpdmBytes payload, GByteArray *reply,
                                    GError **errp);

/**
 * Any bytes as a request, in @session or outside. The answer is appended to
 * @reply and only the checks of framing and records are made; transcripts
 * and state do not change.
 */
SPDM_API bool spdm_requester_raw(SpdmRequester *rq, uint32_t session,
                                 SpdmBytes message, GByteArray *reply,
                                 GError **errp);

/**
 * A message that is not SPDM, in a record of @session (DSP0276; MCTP only).
 * @message begins with its MCTP message type (0x01: PLDM), and so does the
 * answer, which is appended to @reply whatever is in it.
 */
SPDM_API bool spdm_requester_application(SpdmRequester *rq, uint32_t session,
                                         SpdmBytes message,
                                         GByteArray *reply, GError **errp);

/** What is known of the connection; strings are static. */
typedef struct SpdmRequesterInfo {
    uint8_t version;             /* 0 until agreed */
    const char *version_name;    /* "1.2", "" */
    uint32_t req_flags;
    uint32_t rsp_flags;
    uint8_t rsp_ct_exponent;
    uint32_t rsp_data_transfer_size;
    uint32_t rsp_max_msg_size;
    const char *hash;            /* "" when not selected, as below */
    const char *asym;
    const char *req_asym;
    const char *dhe;             /* one of these two is "" */
    const char *kem;
    const char *aead;
    const char *measurement_hash;
    bool multi_key;              /* the responder may have several keys */
    bool authenticated;          /* a signature of the peer was good */
    bool challenged;             /* we proved ourselves to it (CHALLENGE) */
    unsigned session_count;
    SpdmSessionInfo sessions[8];
    unsigned version_count;      /* what VERSION listed, first 8 */
    uint16_t versions[8];

    /* The latest failure. */
    bool has_supported;          /* CAPABILITIES told what it can do: */
    uint32_t supported_hash;
    uint32_t supported_asym;

    SpdmCheck failed_check;      /* NONE if it was something else */
    uint8_t error_code;          /* ERROR Param1, 0 if it was none */
    const char *error_name;
    uint8_t failed_request;      /* its code */
} SpdmRequesterInfo;

SPDM_API void spdm_requester_info(const SpdmRequester *rq,
                                  SpdmRequesterInfo *info);

/** One line of the session table; false: no such session. */
SPDM_API bool spdm_requester_session_info(const SpdmRequester *rq,
                                          uint32_t session,
                                          SpdmSessionInfo *info,
                                          uint8_t *heartbeat_period);

/** "CERT,CHAL,MEAS_SIG": names of CAPABILITIES Flags; g_free(). */
SPDM_API char *spdm_flags_describe(uint32_t flags);

/** "KEY_EXCHANGE" for 0xE4, "UNKNOWN" if there is none; static. */
SPDM_API const char *spdm_message_name(uint8_t code);

/**
 * The message in a few words, with its decoded key fields, as a tap saw it on
 * this requester's connection: "KEY_EXCHANGE slot 0, ReqSessionID 0xffff".
 * g_free().
 */
SPDM_API char *spdm_requester_describe(const SpdmRequester *rq,
                                       const uint8_t *message, size_t len);

G_END_DECLS

#endif
