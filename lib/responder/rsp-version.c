/*
 * GET_VERSION -> VERSION: everything starts anew.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* VersionNumberEntry: major and minor in the high byte. */
static uint16_t version_entry(uint8_t version)
{
    return (uint16_t)(version << 8);
}

SpdmStatus spdm_rsp_version(SpdmTxn *t)
{
    SpdmMsgVersion *v = &t->rsp.version;

    for (uint8_t i = SPDM_VERSION_10; i <= SPDM_VERSION_14; i++) {
        if (spdm_responder_offers(t->r, i)) {
            v->entries[v->count++] = version_entry(i);
        }
    }
    return SPDM_STATUS_OK;
}

/* DSP0274 GET_VERSION: cancels all earlier requests and their state. */
void spdm_commit_version(SpdmTxn *t)
{
    spdm_txn_reset_conn(t, "ended: GET_VERSION");
    t->conn->state = SPDM_CONN_AFTER_VERSION;
}
