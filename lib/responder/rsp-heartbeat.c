/*
 * HEARTBEAT -> HEARTBEAT_ACK.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* What keeps the session alive is the record, whatever is in it. */
SpdmStatus spdm_rsp_heartbeat(SpdmTxn *t)
{
    if (!t->session->heartbeat_period) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "the HeartbeatPeriod of this session is 0");
    }
    return SPDM_STATUS_OK;
}
