# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe


def execute() -> None:
    """Orders of early versions without a status are pending."""
    for name in frappe.get_all("Shop Order", filters={"status": ["is", "not set"]}, pluck="name"):
        frappe.db.set_value("Shop Order", name, "status", "Pending", update_modified=False)
