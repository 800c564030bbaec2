# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document


class Company(Document):
    """Makes its warehouses; the first of its country commits: real ERPNext adds custom fields of the country then.

    Accounts, cost centres and departments are not made.
    """

    def validate(self) -> None:
        if not self.abbr:
            self.abbr = "".join(word[0] for word in self.company_name.split()).upper()
        self.abbr = self.abbr.strip()
        other = {"abbr": self.abbr, "name": ["!=", self.name]}
        if frappe.db.exists("Company", other):
            frappe.throw("Abbreviation already used for another company")

    def on_update(self) -> None:
        if frappe.db.exists("Warehouse", {"company": self.name}):
            return
        self.create_default_warehouses()
        if frappe.db.count("Company", {"country": self.country}) == 1:
            frappe.db.commit()

    def create_default_warehouses(self) -> None:
        """Needs the Warehouse Type Transit, which an installation does not bring."""
        parent = None
        for name in ("All Warehouses", "Stores", "Work In Progress", "Finished Goods", "Goods In Transit"):
            kind = "Transit" if name == "Goods In Transit" else None
            warehouse = frappe.new_doc("Warehouse")
            warehouse.update({"warehouse_name": name, "company": self.name, "is_group": int(parent is None)})
            warehouse.update({"parent_warehouse": parent, "warehouse_type": kind})
            warehouse.insert(ignore_permissions=True, ignore_mandatory=True)
            parent = parent or warehouse.name
