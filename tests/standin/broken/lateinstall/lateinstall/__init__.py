# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails in after_install, when the site already lists it."""

from __future__ import annotations

__version__ = "1.0.0"
