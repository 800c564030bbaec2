# SPDX-License-Identifier: GPL-3.0-or-later
"""After installation."""

from __future__ import annotations

import frappe


def after_install() -> None:
    """Start with an empty, disabled configuration that knows two payment methods."""
    settings = frappe.get_single("Shop Settings")
    if not settings.payment_methods:
        for method in ("card", "cash"):
            settings.append("payment_methods", {"method": method, "enabled": 1})
        settings.save(ignore_permissions=True)
