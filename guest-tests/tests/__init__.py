# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest tests: suites of rows, see qspdm.tap."""
