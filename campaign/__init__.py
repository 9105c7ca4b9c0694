# SPDX-License-Identifier: GPL-2.0-or-later
"""Lies, faults and oddities for a requester to be judged by."""
