/*
 * How a protocol step ends. The one place where a status becomes an ERROR
 * response is status.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_STATUS_H
#define SPDM_CORE_STATUS_H

#include "wire/msg.h"

/**
 * Result of a gate, a handler or a finishing step. @why is a static sentence
 * for people (trace, qom-get); it never goes on the wire.
 */
typedef struct SpdmStatus {
    bool failed;
    bool drop;               /* say nothing (silent discard) */
    SpdmErrorCode code;      /* ERROR Param1 */
    uint8_t param;           /* ERROR Param2 */
    uint8_t data[SPDM_MAX_ERROR_DATA]; /* ExtendedErrorData */
    uint8_t data_len;
    bool end_session;        /* the session the request came in dies too */
    bool reset_conn;         /* ... and the connection begins anew */
    const char *why;
} SpdmStatus;

#define SPDM_STATUS_OK ((SpdmStatus){ .failed = false })

/** An ERROR of this code with Param2 0. */
static inline SpdmStatus spdm_fail(SpdmErrorCode code, const char *why)
{
    return (SpdmStatus){ .failed = true, .code = code, .why = why };
}

/** No answer at all. */
static inline SpdmStatus spdm_drop(const char *why)
{
    return (SpdmStatus){ .failed = true, .drop = true, .why = why };
}

/** UnsupportedRequest names the request it refuses. */
SpdmStatus spdm_unsupported(uint8_t request_code, const char *why);

/** An ERROR after which the session is gone. */
SpdmStatus spdm_fail_session(SpdmErrorCode code, const char *why);

/** ResponseNotReady with its four bytes of extended data. */
SpdmStatus spdm_not_ready(uint8_t rdt_exponent, uint8_t request_code,
                          uint8_t token, uint8_t rdtm);

/** ExtendedErrorData is @value: a size (ResponseTooLarge, DataTooLarge). */
void spdm_status_put_u32(SpdmStatus *status, uint32_t value);

/**
 * Appends the ERROR message for a failed status. @version: connection
 * version, 0 before one is agreed (then 1.0 is used). Codes newer than
 * @version are replaced: SessionRequired by Unspecified (1.1), others by
 * InvalidRequest or Unspecified.
 */
void spdm_status_encode(const SpdmStatus *status, uint8_t version,
                        GByteArray *out);

#endif
