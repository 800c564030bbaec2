# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.model.naming import append_number_if_name_exists, make_autoname


class Customer(Document):
    def autoname(self) -> None:
        """By customer_name (a taken one gets a number) unless Selling Settings ask for a series."""
        by = frappe.db.get_single_value("Selling Settings", "cust_master_name") or "Customer Name"
        if by == "Customer Name":
            name = self.customer_name
            self.name = append_number_if_name_exists("Customer", name, separator=" - ")
        else:
            self.naming_series = self.naming_series or "CUST-.YYYY.-"
            self.name = make_autoname(self.naming_series + ".#####", doc=self)

    def validate(self) -> None:
        self.customer_group = self.customer_group or frappe.db.get_single_value("Selling Settings", "customer_group")
        self.territory = self.territory or frappe.db.get_single_value("Selling Settings", "territory")
