/*
 * PSK_FINISH -> PSK_FINISH_RSP: a PSK handshake with context ends.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

SpdmStatus spdm_rsp_psk_finish(SpdmTxn *t)
{
    return spdm_check_requester_verify_data(t);
}
