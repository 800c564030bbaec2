# SPDX-License-Identifier: GPL-3.0-or-later
"""Without package metadata at its root, so nothing can install it."""

from __future__ import annotations

__version__ = "1.0.0"
