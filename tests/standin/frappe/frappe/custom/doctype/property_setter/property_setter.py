# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import frappe
from frappe.model.document import Document


class PropertySetter(Document):
    """Named `<DocType>-<field or main>-<property>`; a new one replaces its predecessor."""

    def autoname(self) -> None:
        field = self.field_name or self.row_name or "main"
        self.name = f"{self.doc_type}-{field}-{self.property}"

    def validate(self) -> None:
        if self.is_new():
            frappe.db.delete(
                "Property Setter",
                {"doc_type": self.doc_type, "field_name": self.field_name or "", "property": self.property},
            )

    def on_update(self) -> None:
        frappe.local.cache.get("metas", {}).pop(self.doc_type, None)

    def after_delete(self) -> None:
        frappe.local.cache.get("metas", {}).pop(self.doc_type, None)
