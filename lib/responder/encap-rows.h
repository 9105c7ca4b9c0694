/*
 * Embedded requests that have files of their own; see SpdmEncapRow.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_ENCAP_ROWS_H
#define SPDM_RESPONDER_ENCAP_ROWS_H

#include "responder/encap.h"

/* encap-identity.c: GET_DIGESTS and GET_CERTIFICATE. */
bool spdm_encap_get_digests(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m);
SpdmStatus spdm_encap_digests(SpdmTxn *t, SpdmEncapFlow *flow,
                              const SpdmMsg *m, SpdmBytes bytes);
void spdm_encap_commit_digests(SpdmTxn *t, const SpdmEncapFlow *flow);
bool spdm_encap_get_certificate(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m);
SpdmStatus spdm_encap_certificate(SpdmTxn *t, SpdmEncapFlow *flow,
                                  const SpdmMsg *m, SpdmBytes bytes);
void spdm_encap_commit_certificate(SpdmTxn *t, const SpdmEncapFlow *flow);

/* encap-challenge.c: CHALLENGE. */
bool spdm_encap_challenge(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m);
SpdmStatus spdm_encap_challenge_auth(SpdmTxn *t, SpdmEncapFlow *flow,
                                     const SpdmMsg *m, SpdmBytes bytes);
void spdm_encap_commit_challenge_auth(SpdmTxn *t, const SpdmEncapFlow *flow);

/* encap-endpoint-info.c: GET_ENDPOINT_INFO. */
bool spdm_encap_get_endpoint_info(SpdmTxn *t, SpdmEncapFlow *flow,
                                  SpdmMsg *m);
SpdmStatus spdm_encap_endpoint_info(SpdmTxn *t, SpdmEncapFlow *flow,
                                    const SpdmMsg *m, SpdmBytes bytes);
void spdm_encap_commit_endpoint_info(SpdmTxn *t, const SpdmEncapFlow *flow);
bool spdm_encap_endpoint_signed(const SpdmEncapFlow *flow);

/* events.c: SEND_EVENT. */
bool spdm_encap_send_event(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m);
SpdmStatus spdm_encap_event_ack(SpdmTxn *t, SpdmEncapFlow *flow,
                                const SpdmMsg *m, SpdmBytes bytes);
void spdm_encap_commit_event_ack(SpdmTxn *t, const SpdmEncapFlow *flow);
void spdm_encap_event_refused(SpdmTxn *t, const SpdmEncapFlow *flow,
                              uint8_t code);

#endif
