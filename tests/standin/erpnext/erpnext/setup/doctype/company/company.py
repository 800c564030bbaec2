# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document

ACCOUNTS = {
    "Debtors": "Asset",
    "Cash": "Asset",
    "Creditors": "Liability",
    "Sales": "Income",
    "Cost of Goods Sold": "Expense",
}


class Company(Document):
    """Makes its warehouses and a few accounts; the first of its country commits: real ERPNext adds custom fields then.

    Cost centres and departments are not made.
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
        self.create_default_accounts()
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

    def create_default_accounts(self) -> None:
        """The accounts of the chart "Standard" that others link to."""
        made = {}
        for name, root in ACCOUNTS.items():
            account = frappe.new_doc("Account")
            account.update({"account_name": name, "company": self.name, "root_type": root})
            account.insert(ignore_permissions=True)
            made[name] = account.name
        self.db_set(
            {
                "default_receivable_account": made["Debtors"],
                "default_payable_account": made["Creditors"],
                "default_cash_account": made["Cash"],
            }
        )
