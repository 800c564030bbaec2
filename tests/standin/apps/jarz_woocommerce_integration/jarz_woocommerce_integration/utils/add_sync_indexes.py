# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's database makes no index that is worth looking for, but for the unique ones."""

from __future__ import annotations


def add_sync_indexes_cli() -> dict[str, int]:
    return {"created": 0, "skipped": 11, "errors": 0}
