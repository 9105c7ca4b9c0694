/*
 * [mutual-auth]: what contradicts itself there.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"

#include <string.h>

/* "any" is a choice that has to be written down, never a default. */
bool spdm_parse_trust(ProfileReader *r, const ProfileKey *key,
                      const char *text, void *field)
{
    r->profile->trust_any = strcmp(text, "any") == 0;
    return r->profile->trust_any || spdm_parse_path(r, key, text, field);
}

static bool check_known(ProfileReader *r, const SpdmProfile *p)
{
    bool in_advance = p->mut_auth_form == SPDM_MUT_AUTH_FORM_PROVISIONED;

    if (in_advance && !p->requester_cert_file && !p->requester_key_file) {
        return spdm_profile_complain_at(r, r->section, "form",
                                        "provisioned needs the requester's "
                                        "cert or public-key");
    }
    if (!in_advance && p->requester_cert_file) {
        return spdm_profile_complain_at(r, r->section, "cert",
                                        "nothing uses it: form is not "
                                        "provisioned");
    }
    return true;
}

static bool check_use(ProfileReader *r, const SpdmProfile *p)
{
    if (p->basic_mut_auth && !(p->flags & CAP_CHAL)) {
        return spdm_profile_complain_at(r, r->section, "basic",
                                        "is part of CHALLENGE, and "
                                        "capabilities lack CHAL");
    }
    if (p->mut_auth == SPDM_MUT_AUTH_REQUIRED && !(p->flags & CAP_KEY_EX)) {
        return spdm_profile_complain_at(r, r->section, "mode",
                                        "required is about KEY_EXCHANGE, "
                                        "and capabilities lack KEY_EX");
    }
    if (!p->req_asym) {
        return spdm_profile_complain_at(r, r->section, "asym",
                                        "none will not do: the requester "
                                        "has to sign");
    }
    return true;
}

/* DSP0274 1.1 has the two go together; else what is fetched needs it. */
static bool check_encap(ProfileReader *r, const SpdmProfile *p)
{
    bool fetches = p->basic_mut_auth ||
                   p->mut_auth_form != SPDM_MUT_AUTH_FORM_PROVISIONED;
    bool speaks_11 = p->min_version <= SPDM_VERSION_11 &&
                     p->max_version >= SPDM_VERSION_11;

    if ((p->flags & CAP_ENCAP) || (!fetches && !speaks_11)) {
        return true;
    }
    return spdm_profile_complain_at(r, "spdm", "capabilities", fetches ?
                                    "MUT_AUTH needs ENCAP, through which it "
                                    "asks" :
                                    "MUT_AUTH needs ENCAP in SPDM 1.1");
}

bool spdm_close_mutual(ProfileReader *r, void *object)
{
    SpdmProfile *p = object;

    if (!(p->flags & SPDM_PROFILE_MUT_AUTH)) {
        p->mut_auth = SPDM_MUT_AUTH_NONE;
        return true;
    }
    return check_encap(r, p) && check_known(r, p) && check_use(r, p);
}
