# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document


class Role(Document):
    def validate(self) -> None:
        if self.disabled and self.name in ("Administrator", "System Manager", "Guest", "All"):
            frappe.throw("Standard roles cannot be disabled")
