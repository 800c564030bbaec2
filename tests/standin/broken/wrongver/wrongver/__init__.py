# SPDX-License-Identifier: GPL-3.0-or-later
"""Was made for a Frappe of long ago."""

from __future__ import annotations

__version__ = "1.0.0"
