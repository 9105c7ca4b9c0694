# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots Linux guests with SPDM devices and runs commands inside them."""
