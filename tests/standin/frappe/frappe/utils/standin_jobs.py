# SPDX-License-Identifier: GPL-3.0-or-later
"""The framework's own scheduled jobs: names to list and to run, nothing to do."""

from __future__ import annotations


def flush_queue() -> None:
    pass


def sync_deferred() -> None:
    pass


def clean_old_logs() -> None:
    pass
