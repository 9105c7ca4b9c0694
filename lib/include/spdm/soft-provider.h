/*
 * The provider that comes with the library: keys and secrets in memory, made
 * automatically or read from the files a profile names.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_SOFT_PROVIDER_H
#define SPDM_SOFT_PROVIDER_H

#include "spdm/pci-function.h"
#include "spdm/profile.h"
#include "spdm/provider.h"
#include "spdm/responder.h"

G_BEGIN_DECLS

typedef struct SpdmSoftProvider SpdmSoftProvider;

/**
 * What a PCI function is called; see PCIe CMA, otherName 2.23.147. Vendor 0
 * is no PCI function: its leaf gets no such name.
 */
typedef struct SpdmPciName {
    uint16_t vendor;
    uint16_t device;
    uint32_t class_code;           /* 24 bits */
    uint8_t revision;
    uint16_t ss_vendor;
    uint16_t ss_device;
} SpdmPciName;

typedef struct SpdmSoftConfig {
    const SpdmProfile *profile;    /* borrowed; must outlive the provider */
    SpdmPciName pci;               /* names the automatic leaf */
    const char *trust_file;        /* PEM roots of requesters, beside those
                                      of the profile; NULL: none */
    const char *seed;              /* NULL: real randomness */
    const char *seed_label;        /* tells devices with one seed apart */
    const char *state_file;        /* where provisioned slots are kept; NULL:
                                      the profile's, if it names one */

    /** Clock, microseconds; NULL: g_get_monotonic_time(). */
    int64_t (*now_us)(void *opaque);
    /** Live config space for the hardware measurement; NULL: none. */
    GBytes *(*config_space)(void *opaque);
    /** The function on its bus, for IDE_KM and TDISP; NULL: it is on none. */
    void (*pci_function)(void *opaque, SpdmPciFunction *function);
    /** Told, in a line, that what a requester wanted stored could not be: once
     * until it can again. On the thread that the request is served on. NULL:
     * nobody is. */
    void (*trouble)(void *opaque, const char *line);
    void *opaque;
} SpdmSoftConfig;

/**
 * Loads or makes chains and keys for every hash and signature algorithm the
 * profile accepts (automatic chains are made at first use, cached). Errors
 * name file and reason. Warnings (a leaf whose CMA name is another device's)
 * are appended to @warnings as strings when it is not NULL.
 */
SPDM_API SpdmSoftProvider *
spdm_soft_provider_new(const SpdmSoftConfig *config, GPtrArray *warnings,
                       GError **errp);

SPDM_API void spdm_soft_provider_free(SpdmSoftProvider *soft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmSoftProvider, spdm_soft_provider_free)

/**
 * What the state file, if there is one, holds: each device needs its own. It
 * has private keys in it where they cannot be made again (automatic slots
 * without a seed). It is replaced whole, so that a crash leaves the old or the
 * new one; a damaged one is refused by spdm_soft_provider_new(). See "State
 * file" in docs/profiles.rst.
 */

/** Borrowed, valid as long as @soft. */
SPDM_API SpdmProvider spdm_soft_provider(SpdmSoftProvider *soft);

/**
 * Makes every key and chain that would be made at first use: RSA keys take a
 * second, longer than a guest may wait for an answer. Optional.
 */
SPDM_API bool spdm_soft_provider_prepare(SpdmSoftProvider *soft,
                                         GError **errp);

/**
 * Makes one of them, so that others may use the provider in between; @more is
 * false when there was none left. False with @errp when it cannot be made.
 */
SPDM_API bool spdm_soft_provider_prepare_one(SpdmSoftProvider *soft,
                                             bool *more, GError **errp);

/**
 * What takes long of it, apart: the private key that is to be made next (some
 * RSA keys take a second). NULL when prepare_one() has none to make.
 * spdm_soft_key_make() needs nothing of the provider, which others may use
 * meanwhile; what it made is given to the device by spdm_soft_key_keep(),
 * which frees @key, as spdm_soft_key_free() does alone. A key from a seed is
 * the same whoever makes it.
 */
typedef struct SpdmSoftKey SpdmSoftKey;

SPDM_API SpdmSoftKey *spdm_soft_key_wanted(SpdmSoftProvider *soft);
SPDM_API void spdm_soft_key_make(SpdmSoftKey *key);
SPDM_API void spdm_soft_key_keep(SpdmSoftProvider *soft, SpdmSoftKey *key);
SPDM_API void spdm_soft_key_free(SpdmSoftKey *key);

/**
 * Gives measurement @index of the profile another value, at once or (@pending)
 * as what an update under way will make of it: then requesters see it when
 * they ask for new measurements (1.3), and setting it for good ends that.
 * Follow it with spdm_responder_measurement_changed() or
 * spdm_responder_measurement_pending(). The error says why a value is
 * impossible: no such measurement, one that follows from something else, a
 * wrong size.
 */
SPDM_API bool
spdm_soft_provider_set_measurement(SpdmSoftProvider *soft, unsigned index,
                                   SpdmBytes value, bool pending,
                                   GError **errp);

/** What a change made by a user is to those that are connected. */
typedef struct SpdmSoftChange {
    uint8_t measurements[SPDM_MEASUREMENT_MAP]; /* those that changed */
    bool pending;                  /* ... or are to change by an update */
    uint8_t slots;                 /* mask: whose chains changed */
} SpdmSoftChange;

/** Tells one responder of the device; sessions may end by it. */
SPDM_API void spdm_soft_change_tell(const SpdmSoftChange *change,
                                    SpdmResponder *r);

/**
 * A measurement as a user writes it, "[pending:]N:text:..." or
 * "[pending:]N:hex:...". Every responder of the device has to be told of
 * @change. The error is a line.
 */
SPDM_API bool spdm_soft_provider_change(SpdmSoftProvider *soft,
                                        const char *text,
                                        SpdmSoftChange *change,
                                        GError **errp);

/**
 * Another chain in a slot, as a user writes it while the device runs:
 *
 *   SLOT:CHAIN.pem          its leaf is for a key pair of the device
 *   SLOT:CHAIN.pem:KEY.pem  the key comes with it: the slot's key pair of that
 *                           kind becomes this key
 *   SLOT:erase              no chain, for any algorithm
 *
 * Files are as those of [slot N] in a profile; their names have no colon. The
 * chain takes effect at once, whatever CERT_INSTALL_RESET says of requests,
 * and is kept as one of SET_CERTIFICATE is. @warnings (may be NULL) as for
 * spdm_soft_provider_new(). Every responder of the device has to be told of
 * @change. On error, a line, nothing has changed.
 */
SPDM_API bool
spdm_soft_provider_set_chain(SpdmSoftProvider *soft, const char *text,
                             GPtrArray *warnings, SpdmSoftChange *change,
                             GError **errp);

/**
 * A kind of change that a user makes while the device runs, as text; see
 * docs/devices.rst for what each takes and does. Changes are part of a
 * snapshot.
 */
typedef struct SpdmSoftSetter {
    const char *name;              /* "measurement" */
    const char *about;             /* forms, and what they do; one line */

    /** On error, a line, nothing has changed. @warnings as above. Every
     * responder of the device has to be told of @change. */
    bool (*set)(SpdmSoftProvider *soft, const char *text,
                GPtrArray *warnings, SpdmSoftChange *change, GError **errp);
} SpdmSoftSetter;

/** All kinds; ends with a NULL name. */
SPDM_API extern const SpdmSoftSetter spdm_soft_setters[];

/** That with this name, or NULL. */
SPDM_API const SpdmSoftSetter *spdm_soft_setter(const char *name);

/** The same as "NAME=TEXT", as orders of fault plans have it. */
SPDM_API bool spdm_soft_provider_assign(SpdmSoftProvider *soft,
                                        const char *assignment,
                                        SpdmSoftChange *change,
                                        GError **errp);

/**
 * The root certificates (PEM, concatenated) of slot chains, for a guest to
 * trust; g_free(). Empty string for a device without asymmetric keys.
 */
SPDM_API char *spdm_soft_provider_roots_pem(SpdmSoftProvider *soft,
                                            GError **errp);

/**
 * The pre-shared key of a device with a [psk-derived] secret, as both ends
 * compute it:
 *
 *   HMAC-Hash(device_secret, "qemu-spdm psk" || 00 ||
 *             len(hint) as u16 LE || hint ||
 *             len(opaque_data) as u16 LE || opaque_data)
 *
 * Hash is the negotiated BaseHash, @hash its bit; @hint and @opaque_data are
 * those of PSK_EXCHANGE, every byte of them. @psk receives H bytes
 * (SPDM_MAX_HASH is room enough), @len their number. False for an unknown
 * hash or a hint or opaque data beyond 65535 bytes.
 */
SPDM_API bool spdm_psk_derive(uint32_t hash, SpdmBytes device_secret,
                              SpdmBytes hint, SpdmBytes opaque_data,
                              uint8_t *psk, size_t *len);

G_END_DECLS

#endif
