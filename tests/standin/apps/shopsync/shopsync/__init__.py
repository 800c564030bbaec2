# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders of a web shop in ERPNext."""

from __future__ import annotations

__version__ = "1.0.0"
