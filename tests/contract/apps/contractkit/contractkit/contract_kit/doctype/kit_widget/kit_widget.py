# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document


class KitWidget(Document):
    def validate(self) -> None:
        """Refuses as apps do; or commits in the middle, as Company of ERPNext does."""
        if self.title == "refuse":
            frappe.throw("The widget <b>refuses</b> this title")

    def on_update(self) -> None:
        if self.title == "commit":
            frappe.db.commit()
