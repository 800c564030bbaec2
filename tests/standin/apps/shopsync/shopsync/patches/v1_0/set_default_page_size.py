# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe


def execute() -> None:
    """Give Shop Settings of early versions a page size."""
    if not frappe.db.get_single_value("Shop Settings", "page_size"):
        frappe.db.set_single_value("Shop Settings", "page_size", 20)
