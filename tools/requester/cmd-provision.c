/*
 * csr and set-certificate: give the device an identity.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/tool.h"
#include "spdm/file.h"

/* Sessions protect what slots 1 to 7 get; slot 0 may do without. */
static bool begin(Tool *t, bool in_session, uint32_t *session, GError **errp)
{
    bool psk;

    *session = 0;
    if (!tool_connect(t, errp)) {
        return false;
    }
    if (!in_session) {
        return true;
    }
    psk = tool_wants_psk(t);
    return (psk || tool_identify(t, errp)) &&
           tool_open(t, psk, session, errp);
}

bool tool_end(Tool *t, uint32_t session, GError **errp)
{
    if (!session) {
        return true;
    }
    tool_report_session(t, session, "ended by END_SESSION");
    return spdm_requester_end_session(t->rq, session, false, errp);
}

static bool no_words(char **words, GError **errp)
{
    return !*words || tool_fail(errp, TOOL_USAGE, "\"%s\" after the command",
                                *words);
}

bool tool_say_reset(Tool *t, const SpdmProvisionResult *result)
{
    if (result->tag) {
        tool_say(t, "the device needs a reset; then: csr --tag %u",
                 result->tag);
    } else {
        tool_say(t, "the device needs a reset");
    }
    return true;
}

bool tool_write_csr(Tool *t, const GByteArray *csr, GError **errp)
{
    SpdmBytes der = SPDM_BYTES(csr->data, csr->len);
    g_autofree char *pem = NULL;
    g_autofree char *subject = spdm_csr_describe(der, &pem);

    tool_say(t, "CSR of %u bytes for %s, signed by its own key", csr->len,
             subject ? subject : "(no name)");
    return !t->opt.out || spdm_write_file(t->opt.out, pem, -1, errp);
}

static bool get_csr(Tool *t, uint32_t session, SpdmBytes info, GError **errp)
{
    SpdmCsrParams params = {
        .key_pair_id = (uint8_t)t->opt.key_pair,
        .model = (uint8_t)t->opt.model,
        .tag = (uint8_t)t->opt.tag,
        .overwrite = t->opt.overwrite,
        .requester_info = info,
    };
    g_autoptr(GByteArray) csr = g_byte_array_new();
    SpdmProvisionResult result;

    if (!spdm_requester_csr(t->rq, session, &params, &result, csr, errp)) {
        return false;
    }
    if (result.reset_required) {
        return tool_say_reset(t, &result);
    }
    return tool_write_csr(t, csr, errp);
}

bool cmd_csr(Tool *t, char **words, GError **errp)
{
    g_autofree char *info = NULL;
    gsize len = 0;
    uint32_t session;

    return no_words(words, errp) &&
           (!t->opt.info ||
            spdm_read_file(t->opt.info, &info, &len, errp)) &&
           begin(t, t->opt.sigma || t->opt.psk, &session, errp) &&
           get_csr(t, session, SPDM_BYTES(info, len), errp) &&
           tool_end(t, session, errp);
}

GBytes *tool_new_chain(Tool *t, GError **errp)
{
    g_autofree char *pem = NULL;
    gsize len;

    return spdm_read_file(t->opt.chain, &pem, &len, errp)
        ? spdm_requester_build_chain(t->rq, pem, len, t->opt.chain, errp)
        : NULL;
}

static bool set_certificate(Tool *t, uint32_t session, GError **errp)
{
    g_autoptr(GBytes) chain = t->opt.erase ? g_bytes_new(NULL, 0)
                                           : tool_new_chain(t, errp);
    SpdmSetCertificateParams params = {
        .slot = (uint8_t)t->opt.slot,
        .erase = t->opt.erase,
        .key_pair_id = (uint8_t)t->opt.key_pair,
        .model = (uint8_t)t->opt.model,
    };
    SpdmProvisionResult result;

    if (!chain) {
        return false;
    }
    params.chain = SPDM_BYTES(g_bytes_get_data(chain, NULL),
                              g_bytes_get_size(chain));
    if (!spdm_requester_set_certificate(t->rq, session, &params, &result,
                                        errp)) {
        return false;
    }
    if (result.reset_required) {
        tool_say_reset(t, &result);
    } else {
        tool_say(t, "slot %d %s", t->opt.slot,
                 t->opt.erase ? "is erased" : "has the chain");
    }
    return true;
}

/* --chain is the chain to set: the session is opened with that of slot 0. */
bool tool_begin_with_slot_0(Tool *t, bool protect, uint32_t *session,
                            GError **errp)
{
    bool in_session = (protect && !t->opt.trusted_environment) ||
                      t->opt.sigma || t->opt.psk;
    char *chain = t->opt.chain;
    int slot = t->opt.slot;
    bool ok;

    t->opt.chain = NULL;
    t->opt.slot = 0;
    ok = begin(t, in_session, session, errp);
    t->opt.chain = chain;
    t->opt.slot = slot;
    return ok;
}

bool cmd_set_certificate(Tool *t, char **words, GError **errp)
{
    uint32_t session;

    if (!no_words(words, errp)) {
        return false;
    }
    if (!t->opt.erase == !t->opt.chain) {
        return tool_fail(errp, TOOL_USAGE, "set-certificate needs --chain "
                         "FILE or --erase");
    }
    return tool_begin_with_slot_0(t, t->opt.slot != 0, &session, errp) &&
           set_certificate(t, session, errp) && tool_end(t, session, errp);
}
