# SPDX-License-Identifier: GPL-3.0-or-later
"""Requires an app that no bench has."""

from __future__ import annotations

__version__ = "1.0.0"
