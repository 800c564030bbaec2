# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe


def on_material_request_submit(doc, method):
    """Reads a Single that is none, as long as it says is_single."""
    if frappe.get_single("DiamondCasa Jewellery Settings").get("enable_prebagging"):
        frappe.get_doc({"doctype": "Bag", "bag_number": doc.name}).insert()
