# SPDX-License-Identifier: GPL-3.0-or-later
"""After installation."""

from __future__ import annotations

import frappe


def after_install() -> None:
    """Fails late without jarz_pos: the app is called installed by then, and has no jobs and no fixtures."""
    if not frappe.db.exists("DocType", "Jarz Bundle"):
        frappe.throw("Could not find DocType: Jarz Bundle", frappe.LinkValidationError)
    role = "WooCommerce Sync Operator"
    if not frappe.db.exists("Role", role):
        frappe.get_doc({"doctype": "Role", "role_name": role}).insert(ignore_permissions=True)
