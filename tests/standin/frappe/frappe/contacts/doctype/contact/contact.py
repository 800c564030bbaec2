# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document


class Contact(Document):
    def autoname(self) -> None:
        names = [self.first_name, self.middle_name, self.last_name]
        self.name = " ".join(cell.strip() for cell in names if cell) or self.company_name
        if self.links:
            self.name = f"{self.name}-{self.links[0].link_name.strip()}"
        if frappe.db.exists("Contact", self.name):
            from frappe.model.naming import append_number_if_name_exists

            self.name = append_number_if_name_exists("Contact", self.name)

    def validate(self) -> None:
        self.full_name = " ".join(filter(None, [self.first_name, self.middle_name, self.last_name]))
        self.email_id = next((row.email_id for row in self.email_ids if row.is_primary), "")
        self.phone = next((row.phone for row in self.phone_nos if row.is_primary_phone), "")
        self.mobile_no = next((row.phone for row in self.phone_nos if row.is_primary_mobile_no), "")
