# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for scheduled jobs."""

from __future__ import annotations


def sync_territories_cron() -> None:
    pass
