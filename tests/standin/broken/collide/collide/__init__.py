# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a DocType named as one of ERPNext."""

from __future__ import annotations

__version__ = "1.0.0"
