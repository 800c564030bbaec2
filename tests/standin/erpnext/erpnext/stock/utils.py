# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for scheduled jobs."""

from __future__ import annotations


def check_reorder() -> None:
    pass


def update_valuation() -> None:
    pass
