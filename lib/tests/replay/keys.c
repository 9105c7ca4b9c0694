/*
 * What the library cannot be told: private keys that are not in a recording
 * (what they made is), and a combination of versions that ours does not make.
 * The linker puts these functions in the place of the library's (--wrap).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "replay.h"

#include <string.h>

#include "core/opaque.h"
#include "crypto/dhe.h"
#include "crypto/pk.h"

static struct {
    const Recording *rec;
    unsigned message;
    SpdmSender sender;
} keys;

bool __wrap_spdm_sign(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
                      const SpdmHashAlg *hash, const char *context,
                      const SpdmBytes *parts, size_t n, const SpdmRng *rng,
                      uint8_t *sig);
bool __wrap_spdm_private_key_fits(const SpdmPrivateKey *key,
                                  const SpdmAsymAlg *alg);
SpdmDhe *__wrap_spdm_dhe_new(const SpdmDheAlg *alg, const SpdmRng *rng);
bool __real_spdm_opaque_parse(uint8_t version, SpdmBytes bytes,
                              SpdmOpaque *o);
bool __wrap_spdm_opaque_parse(uint8_t version, SpdmBytes bytes,
                              SpdmOpaque *o);

void keys_of(const Recording *rec, unsigned message, SpdmSender sender)
{
    keys.rec = rec;
    keys.message = message;
    keys.sender = sender;
}

bool __wrap_spdm_sign(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
                      const SpdmHashAlg *hash, const char *context,
                      const SpdmBytes *parts, size_t n, const SpdmRng *rng,
                      uint8_t *sig)
{
    g_autoptr(GByteArray) bytes = rec_signature(keys.rec, keys.message);

    if (bytes->len != alg->sig_size) {
        return false;
    }
    memcpy(sig, bytes->data, bytes->len);
    return true;
}

bool __wrap_spdm_private_key_fits(const SpdmPrivateKey *key,
                                  const SpdmAsymAlg *alg)
{
    return true;
}

SpdmDhe *__wrap_spdm_dhe_new(const SpdmDheAlg *alg, const SpdmRng *rng)
{
    unsigned session = rec_opens(keys.rec, keys.message);
    g_autoptr(GByteArray) private = rec_hex_of(
        keys.rec, "session", session,
        keys.sender == SPDM_SENDER_RESPONDER ? "responder_dhe_private"
                                             : "requester_dhe_private");

    return spdm_dhe_from_private(alg, rec_view(private));
}

/*
 * The emulators agree on secured messages 1.2 with SPDM 1.1, too. Our
 * requester takes them for those of 1.1, which are the same but for the byte
 * order that 1.1 leaves open.
 */
bool __wrap_spdm_opaque_parse(uint8_t version, SpdmBytes bytes,
                              SpdmOpaque *o)
{
    enum { SECURED_11 = 0x1100 };
    bool ok = __real_spdm_opaque_parse(version, bytes, o);

    if (keys.rec && keys.sender == SPDM_SENDER_REQUESTER &&
        version == SPDM_VERSION_11) {
        o->selected = MIN(o->selected, SECURED_11);
    }
    return ok;
}
