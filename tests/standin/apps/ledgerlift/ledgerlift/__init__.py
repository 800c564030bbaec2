# SPDX-License-Identifier: GPL-3.0-or-later
"""Ledger entries, migrated page by page."""

from __future__ import annotations

__version__ = "1.0.0"
