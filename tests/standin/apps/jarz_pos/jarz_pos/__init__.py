# SPDX-License-Identifier: GPL-3.0-or-later
"""The twin of an app that jarz_woocommerce_integration needs."""

from __future__ import annotations

__version__ = "1.0.0"
