# SPDX-License-Identifier: GPL-3.0-or-later
"""The twin of an app that brings a WooCommerce shop's orders."""

from __future__ import annotations

__version__ = "1.0.0"
