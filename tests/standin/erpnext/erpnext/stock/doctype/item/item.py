# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.utils import strip


class Item(Document):
    def autoname(self) -> None:
        """Named by item_code, or by series when Stock Settings say so."""
        if frappe.db.get_single_value("Stock Settings", "item_naming_by") == "Naming Series":
            from frappe.model.naming import make_autoname

            self.naming_series = self.naming_series or "STO-ITEM-.YYYY.-"
            self.item_code = make_autoname(self.naming_series + ".#####", doc=self)
        self.item_code = strip(self.item_code)
        self.name = self.item_code

    def validate(self) -> None:
        if not self.item_code:
            frappe.throw("Item Code is mandatory because Item is not automatically numbered", frappe.MandatoryError)
        self.item_name = self.item_name or self.item_code
        self.description = self.description or self.item_name
