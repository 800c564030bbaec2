# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document


class Account(Document):
    def autoname(self) -> None:
        """`{account_name} - {abbr of the company}`."""
        self.name = f"{self.account_name.strip()} - {frappe.get_cached_value('Company', self.company, 'abbr')}"
