# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for scheduled jobs."""

from __future__ import annotations


def reconcile_outbound_state() -> None:
    pass
