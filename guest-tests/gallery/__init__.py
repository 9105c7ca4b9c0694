# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions that end otherwise than well, shown."""
