# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document


class JewellerySKU(Document):
    def on_update(self):
        if self.is_web_visible and self.is_web_approved:
            frappe.enqueue(
                "diamondcasa_jewellery.utils.sync.sync_sku_to_diamondcasa", sku_name=self.name, queue="default"
            )
