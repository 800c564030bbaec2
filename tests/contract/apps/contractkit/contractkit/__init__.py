# SPDX-License-Identifier: GPL-3.0-or-later
"""What the contract tests ask of a framework: every kind of name, field and answer, valid on real Frappe 15."""

from __future__ import annotations

__version__ = "1.0.0"
