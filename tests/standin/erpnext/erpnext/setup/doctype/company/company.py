# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document


class Company(Document):
    """Real ERPNext also creates accounts, cost centres and warehouses here; the stand-in only checks."""

    def validate(self) -> None:
        if not self.abbr:
            self.abbr = "".join(word[0] for word in self.company_name.split()).upper()
        self.abbr = self.abbr.strip()
        other = {"abbr": self.abbr, "name": ["!=", self.name]}
        if frappe.db.exists("Company", other):
            frappe.throw("Abbreviation already used for another company")
