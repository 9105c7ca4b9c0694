# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures what qemu-spdm costs; scripts/bench is its front end."""
