# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for scheduled jobs."""

from __future__ import annotations


def process_due_sync_events() -> None:
    pass


def purge_old_sync_events() -> None:
    pass
