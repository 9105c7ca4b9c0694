/*
 * A profile: all that a virtual SPDM device is, apart from its keys.
 * Read from INI (GKeyFile) or taken from the built-in defaults.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_PROFILE_H
#define SPDM_PROFILE_H

#include "spdm/key-pair.h"

G_BEGIN_DECLS

/** Where a measurement's value comes from. */
typedef enum SpdmMeasurementSource {
    SPDM_MEASUREMENT_VALUE,        /* bytes in the profile */
    SPDM_MEASUREMENT_CONFIG_SPACE, /* the device's live config space */
} SpdmMeasurementSource;

typedef struct SpdmProfileMeasurement {
    uint8_t index;
    uint8_t type;
    bool raw_only;
    bool tcb;
    SpdmMeasurementSource source;
    GBytes *value;                 /* NULL for CONFIG_SPACE, and for
                                      hash-extended: made of the log */
} SpdmProfileMeasurement;

/** An entry of the measurement extension log. */
typedef struct SpdmProfileMel {
    uint8_t number;                /* N of [mel N]: the order */
    uint8_t measurement;           /* index of a hash-extended measurement */
    uint8_t type;
    GBytes *value;
} SpdmProfileMel;

/** A device class identifier of ENDPOINT_INFO. */
typedef struct SpdmProfileDeviceClass {
    uint8_t number;                /* N of [endpoint-info N]: the order */
    uint8_t standard;              /* registry or standards body ID */
    GBytes *vendor_id;             /* NULL: none */
    GPtrArray *sub_ids;            /* GBytes, 1 to 255 bytes; NULL: none */
} SpdmProfileDeviceClass;

typedef struct SpdmProfileSlot {
    char *cert_file;               /* PEM chain root..leaf; NULL: automatic */
    char *key_file;                /* PEM private key of the leaf */
    bool automatic;                /* makes its own chain */
    uint32_t asym;                 /* algorithms that the slot serves,
                                      as in SpdmProfile */
    SpdmCertModel model;           /* NONE: there is no such slot */
} SpdmProfileSlot;

typedef struct SpdmProfileKeyPair {
    uint8_t number;                /* KeyPairID */
    uint32_t asym;                 /* those that the key can serve */
    uint16_t usage;                /* SPDM_KEY_USAGE_*, 0: what is served */
    uint16_t usage_caps;           /* what it may be changed to, besides */
    uint16_t capabilities;         /* SPDM_KEY_PAIR_CAP_* */
    uint8_t slots;                 /* mask: whose leaf it is */
    bool empty;                    /* no key until one is generated */
} SpdmProfileKeyPair;

typedef struct SpdmProfilePsk {
    GBytes *hint;
    GBytes *secret;
} SpdmProfilePsk;

/** MUT_AUTH_CAP in SpdmProfile.flags. */
enum { SPDM_PROFILE_MUT_AUTH = 1 << 8 };

/** Optional SubCodes of SLOT_MANAGEMENT in SpdmProfile.slot_sub_codes. */
enum {
    SPDM_PROFILE_SLOT_GET_CSR = 1 << 0,
    SPDM_PROFILE_SLOT_MANAGE_BANK = 1 << 1,
    SPDM_PROFILE_SLOT_MANAGE_SLOT = 1 << 2,
    SPDM_PROFILE_SLOT_SET_CERTIFICATE = 1 << 3,
};

/** Whether a requester has to authenticate itself in KEY_EXCHANGE. */
typedef enum SpdmMutAuthMode {
    SPDM_MUT_AUTH_NONE,
    SPDM_MUT_AUTH_OPTIONAL,        /* those that can */
    SPDM_MUT_AUTH_REQUIRED,        /* InvalidPolicy for the others */
} SpdmMutAuthMode;

/** MutAuthRequested of KEY_EXCHANGE_RSP. */
typedef enum SpdmMutAuthForm {
    SPDM_MUT_AUTH_FORM_ENCAPSULATED,     /* the chain is fetched */
    SPDM_MUT_AUTH_FORM_IMPLICIT_DIGESTS, /* GET_DIGESTS goes without saying */
    SPDM_MUT_AUTH_FORM_PROVISIONED,      /* known in advance */
} SpdmMutAuthForm;

/** What both ends know of each other without asking; version 0: nothing. */
typedef struct SpdmProfileProvisioned {
    uint8_t version;               /* SPDMVersion byte */
    uint32_t flags;                /* of the requester */
    uint32_t hash;                 /* one bit each */
    uint16_t aead;
} SpdmProfileProvisioned;

/** PCIe component measurement's companions; spec/08. */
typedef struct SpdmProfilePcie {
    bool ide;                      /* answers IDE_KM */
    uint8_t ide_ports;             /* 1 to 8: MaxPortIndex + 1 */
    uint8_t ide_streams;           /* 1 to 8: selective streams of a port */
    bool tdisp;                    /* answers TDISP */
    bool cxl;                      /* answers CXL_IDE_KM and CXL TSP */
    uint16_t lock_flags;           /* LockInterfaceFlagsSupported */
    uint16_t interface_info;       /* INTERFACE_INFO of the report */
    GBytes *device_info;           /* its device specific info; NULL: none */
} SpdmProfilePcie;

/**
 * Plain data; the loader guarantees that it is consistent (see
 * docs/profiles.rst). Flags are the RESPONDER's CAPABILITIES flags.
 */
typedef struct SpdmProfile {
    char *name;                    /* "ssd": also in certificates */
    char *path;                    /* file it came from, NULL if built in */

    /* [spdm] */
    uint8_t min_version;           /* SPDMVersion byte, 0x10 to 0x14 */
    uint8_t max_version;
    uint32_t flags;                /* CAPABILITIES.Flags, all versions */
    uint16_t ext_flags;            /* CAPABILITIES.ExtFlags (1.4) */
    uint8_t ct_exponent;           /* CT = 2^this microseconds */
    uint32_t data_transfer_size;   /* bytes, >= 42 */
    uint32_t max_msg_size;         /* bytes, >= data_transfer_size */
    unsigned max_sessions;         /* 1 to 8 at once per connection */
    uint8_t heartbeat_period;      /* seconds, 0 = none */

    /**
     * By request code less 0x80: RDTExponent + 1 of the ResponseNotReady that
     * such a request is answered with first; 0: answered at once.
     */
    uint8_t not_ready[SPDM_REQUEST_CODES];

    /* [algorithms]: masks of what the responder accepts */
    uint32_t hash;
    uint32_t asym;
    uint16_t dhe;
    uint16_t kem;                  /* 1.4; goes before dhe */
    uint16_t aead;
    uint32_t measurement_hash;     /* one MeasurementHashAlgo bit */
    uint8_t opaque_formats;        /* OtherParams bits 3:0 */
    uint16_t secured_min;          /* DSP0277 version, 0x1000 to 0x1300 */
    uint16_t secured_max;
    uint8_t aead_limit;            /* a key protects 2^this records; 1 to 64 */

    /* [slot N] */
    SpdmProfileSlot slots[SPDM_SLOT_COUNT];
    uint8_t auto_slots;            /* mask: slots that make their own chain */
    GPtrArray *key_pairs;          /* SpdmProfileKeyPair, by number; empty:
                                      one for each slot and kind of key */
    char *public_key_file;         /* PEM private key of PUB_KEY_ID, NULL:
                                      the device makes one */
    bool strict_identity;          /* foreign CMA name is an error */
    uint8_t intermediates;         /* authorities above automatic leaves */
    bool trusted_environment;      /* slots 1 to 7 change outside sessions */
    char *state_file;              /* keeps provisioned slots, or NULL */

    /* [slot-management] */
    uint8_t slot_sub_codes;        /* SPDM_PROFILE_SLOT_*: what may be had
                                      besides what all devices serve */
    uint32_t bank_asym;            /* BaseAsym bits with a bank at first; 0:
                                      all of asym */

    /* [measurement N] */
    GPtrArray *measurements;       /* SpdmProfileMeasurement, by index */

    /* [mel N] */
    GPtrArray *mel;                /* SpdmProfileMel, by number */

    /* [endpoint-info N] */
    GPtrArray *device_classes;     /* SpdmProfileDeviceClass, by number;
                                      empty: one made of the PCI ids */

    /* [psk NAME] and [psk-derived] */
    GPtrArray *psks;               /* SpdmProfilePsk */
    GBytes *psk_device_secret;     /* not NULL: derived PSK is on */

    /* [mutual-auth] */
    SpdmMutAuthMode mut_auth;
    SpdmMutAuthForm mut_auth_form;
    bool basic_mut_auth;           /* asked for in CHALLENGE_AUTH too */
    uint8_t requester_slot;        /* 0 to 7: the requester's slot */
    uint32_t req_asym;             /* of requesters, likewise */
    char *requester_cert_file;     /* PEM chain root..leaf known in advance */
    char *requester_key_file;      /* public key known in advance */
    char *trust_file;              /* PEM roots of requesters; NULL: none */
    bool trust_any;                /* any root is believed */

    /* [provisioned]: PSK_EXCHANGE may follow VERSION directly */
    SpdmProfileProvisioned provisioned;

    /* [pcie]: IDE_KM and TDISP in VENDOR_DEFINED of PCI-SIG */
    SpdmProfilePcie pcie;

    /* [mctp] */
    bool pldm;                     /* answers PLDM control in sessions */
    uint8_t pldm_tid;              /* Terminus ID after a reset */

    /* [vendor]: an echo service for VENDOR_DEFINED, and OpaqueData that
     * stands in every response that has some; NULL: none */
    bool vendor_echo;
    GBytes *vendor_opaque;
} SpdmProfile;

/**
 * Reads @path. Errors are one line: file, section and key, what is wrong and
 * the nearest valid name or range. Returns NULL on error.
 */
SPDM_API SpdmProfile *spdm_profile_load(const char *path, GError **errp);

/** As spdm_profile_load(), from memory; @name stands for the file. */
SPDM_API SpdmProfile *spdm_profile_parse(const char *text, const char *name,
                                         GError **errp);

/** A built-in profile: "ssd", "nic", "gpu", "fpga", "webcam", ... */
SPDM_API SpdmProfile *spdm_profile_builtin(const char *name, GError **errp);

/** NULL-terminated, static: names that spdm_profile_builtin() knows. */
SPDM_API const char *const *spdm_profile_builtin_names(void);

/**
 * The names that this build takes at the key @key ("hash", "capabilities",
 * ...), preferred first; empty for a key that does not take names.
 * NULL-terminated, g_strfreev().
 */
SPDM_API char **spdm_profile_valid_names(const char *key);

SPDM_API void spdm_profile_free(SpdmProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmProfile, spdm_profile_free)

G_END_DECLS

#endif
