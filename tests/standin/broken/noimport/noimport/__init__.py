# SPDX-License-Identifier: GPL-3.0-or-later
"""Its hooks need a package that nobody has."""

from __future__ import annotations

__version__ = "1.0.0"
