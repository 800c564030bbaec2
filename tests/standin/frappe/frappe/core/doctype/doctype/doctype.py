# SPDX-License-Identifier: GPL-3.0-or-later
"""DocTypes made as documents (custom ones); files of apps come through modules/import_file.py."""

from __future__ import annotations

import frappe
from frappe.database.schema import update_table
from frappe.model.document import Document


class DocType(Document):
    def autoname(self) -> None:
        if not self.name:
            frappe.throw("Please set the document name")

    def validate(self) -> None:
        seen: set[str] = set()
        for df in self.fields or []:
            if not df.fieldname and df.label:
                df.fieldname = frappe.scrub(df.label)
            if df.fieldname in seen:
                frappe.throw(f"{self.name}: Fieldname {df.fieldname} appears multiple times in rows")
            seen.add(df.fieldname)

    def on_update(self) -> None:
        frappe.local.cache.get("metas", {}).pop(self.name, None)
        for key in ("singles", "controllers"):
            frappe.local.cache.pop(key, None)
        if not self.issingle and not self.is_virtual:
            update_table(self.name, bool(self.istable), self.fields)
