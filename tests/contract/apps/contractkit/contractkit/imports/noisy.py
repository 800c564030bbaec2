# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints more than a pipe holds."""

from __future__ import annotations

print("--- erpops imports ---\n[]\n" + "noise " * 40_000)
