/*
 * A message in a few words, for ladders and traces.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_DESCRIBE_H
#define SPDM_CORE_DESCRIBE_H

#include "wire/msg.h"

/**
 * Appends the message's name, and what of its fields is worth telling:
 * "KEY_EXCHANGE slot 0, ReqSessionID 0xffff". What it carries of another
 * message is described by ctx->embedded the same way.
 */
void spdm_describe(const SpdmWireCtx *ctx, SpdmBytes message, GString *out);

#endif
