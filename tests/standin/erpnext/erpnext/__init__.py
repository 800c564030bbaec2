# SPDX-License-Identifier: GPL-3.0-or-later
"""STAND-IN for ERPNext: a few DocTypes by their real names (see README.md)."""

from __future__ import annotations

__version__ = "15.0.0"
