# SPDX-License-Identifier: GPL-3.0-or-later
"""A patch that changes nothing, so that the framework has a Patch Log of its own."""

from __future__ import annotations


def execute() -> None:
    pass
