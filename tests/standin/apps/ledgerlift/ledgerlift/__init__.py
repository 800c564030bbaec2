# SPDX-License-Identifier: GPL-3.0-or-later
"""Ledger entries, migrated page by page."""

__version__ = "1.0.0"
