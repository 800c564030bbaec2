# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom Field: named `<DocType>-<fieldname>`; saving one alters the table, which commits."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.database.schema import update_table
from frappe.model.document import Document


class CustomField(Document):
    def autoname(self) -> None:
        self._set_fieldname()
        self.name = f"{self.dt}-{self.fieldname}"

    def _set_fieldname(self) -> None:
        if not self.fieldname:
            if not self.label and self.fieldtype not in ("Section Break", "Column Break", "Tab Break"):
                frappe.throw("Label is mandatory")
            prefix = "" if self.fieldtype in ("Section Break", "Column Break", "Tab Break") else "custom_"
            self.fieldname = prefix + frappe.scrub(self.label or f"{self.fieldtype}_{self.idx or ''}")
        self.fieldname = self.fieldname.lower()

    def before_insert(self) -> None:
        self._set_fieldname()

    def validate(self) -> None:
        meta = frappe.get_meta(self.dt, cached=False)
        fieldnames = [df.fieldname for df in meta.fields]
        if self.is_new() and self.fieldname in fieldnames:
            field, doctype = frappe.bold(self.fieldname), frappe.bold(self.dt)
            frappe.throw(f"A field with the name {field} already exists in {doctype}")
        if self.insert_after == "append" or (not self.insert_after and fieldnames):
            self.insert_after = fieldnames[-1]
        if self.insert_after and self.insert_after in fieldnames:
            self.idx = fieldnames.index(self.insert_after) + 1

    def on_update(self) -> None:
        frappe.local.cache.get("metas", {}).pop(self.dt, None)
        meta = frappe.get_meta(self.dt, cached=False)
        if not meta.issingle and not meta.is_virtual:
            update_table(self.dt, bool(meta.istable), meta.fields)
        frappe.local.cache.pop("table_columns", None)

    def on_trash(self) -> None:
        """The column stays in the table, as in real Frappe."""
        frappe.db.delete("Property Setter", {"doc_type": self.dt, "field_name": self.fieldname})
        frappe.local.cache.get("metas", {}).pop(self.dt, None)

    def after_delete(self) -> None:
        frappe.local.cache.get("metas", {}).pop(self.dt, None)


def create_custom_fields(custom_fields: dict[Any, Any], ignore_validate: bool = False, update: bool = True) -> None:
    """Create or update `{doctype or tuple of them: field or list of fields}`."""
    for doctypes, fields in custom_fields.items():
        for doctype in (doctypes,) if isinstance(doctypes, str) else doctypes:
            for df in [fields] if isinstance(fields, dict) else fields:
                name = frappe.db.get_value("Custom Field", {"dt": doctype, "fieldname": df["fieldname"]})
                if not name:
                    create_custom_field(doctype, df, ignore_validate)
                elif update:
                    doc = frappe.get_doc("Custom Field", name)
                    doc.flags.ignore_validate = ignore_validate
                    doc.update(df)
                    doc.save()
    frappe.clear_cache()


def create_custom_field(
    doctype: str, df: dict[str, Any], ignore_validate: bool = False, is_system_generated: bool = True
) -> Any:
    if frappe.db.get_value("Custom Field", {"dt": doctype, "fieldname": df.get("fieldname")}):
        return None
    values = {"doctype": "Custom Field", "dt": doctype, "permlevel": 0, "fieldtype": "Data"}
    doc = frappe.get_doc({**values, **df, "is_system_generated": int(is_system_generated)})
    doc.flags.ignore_validate = ignore_validate
    return doc.insert()
