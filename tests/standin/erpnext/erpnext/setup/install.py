# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and the roots of the trees, which ERPNext makes at installation or in its setup wizard."""

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
TREES = {
    "Item Group": ("item_group", "All Item Groups", ["Products", "Raw Material", "Services", "Consumable"]),
    "Customer Group": ("customer_group", "All Customer Groups", ["Individual", "Commercial", "Government"]),
    "Territory": ("territory", "All Territories", ["Rest Of The World"]),
}


def after_install() -> None:
    for role in ROLES:
        _insert({"doctype": "Role", "role_name": role}, role)
    for uom, whole in {"Nos": 1, "Unit": 1, "Box": 1, "Pair": 1, "Kg": 0, "Gram": 0, "Meter": 0, "Hour": 0}.items():
        _insert({"doctype": "UOM", "uom_name": uom, "must_be_whole_number": whole}, uom)
    for doctype, (field, root, leaves) in TREES.items():
        _insert({"doctype": doctype, f"{field}_name": root, "is_group": 1}, root)
        for leaf in leaves:
            _insert({"doctype": doctype, f"{field}_name": leaf, f"parent_{field}": root}, leaf)
    _insert({"doctype": "Warehouse Type", "name": "Transit"}, "Transit")
    frappe.db.commit()


def _insert(doc: dict[str, object], name: str) -> None:
    if not frappe.db.exists(doc["doctype"], name):
        frappe.get_doc(doc).insert(ignore_permissions=True, ignore_mandatory=True)
