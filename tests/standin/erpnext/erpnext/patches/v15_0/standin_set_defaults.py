# SPDX-License-Identifier: GPL-3.0-or-later
"""A patch that changes nothing."""

from __future__ import annotations


def execute() -> None:
    """Nothing to set."""
