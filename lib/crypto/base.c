/*
 * The error domain that every part of the library shares.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "spdm/base.h"

G_DEFINE_QUARK(spdm-config-error-quark, spdm_config_error)
