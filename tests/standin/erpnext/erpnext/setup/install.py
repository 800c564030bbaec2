# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles. Units, groups, territories and warehouse types come with the setup wizard only, as in ERPNext 15."""

from __future__ import annotations

import frappe

ROLES = (
    "Accounts Manager",
    "Accounts User",
    "Item Manager",
    "Purchase Manager",
    "Purchase User",
    "Sales Manager",
    "Sales User",
    "Stock Manager",
    "Stock User",
)


def after_install() -> None:
    for role in ROLES:
        _insert({"doctype": "Role", "role_name": role}, role)
    frappe.db.commit()


def _insert(doc: dict[str, object], name: str) -> None:
    if not frappe.db.exists(doc["doctype"], name):
        frappe.get_doc(doc).insert(ignore_permissions=True, ignore_mandatory=True)
