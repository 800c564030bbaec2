# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document


class Warehouse(Document):
    def autoname(self) -> None:
        """`{warehouse_name} - {abbr of the company}`."""
        if self.company:
            suffix = f" - {frappe.get_cached_value('Company', self.company, 'abbr')}"
            if not self.warehouse_name.endswith(suffix):
                self.name = self.warehouse_name + suffix
                return
        self.name = self.warehouse_name
