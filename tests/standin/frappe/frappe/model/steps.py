# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps before a document is written: defaults, stamps, conflicts, names (part of `frappe/model/document.py`)."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.controller import default_value
from frappe.model.naming import set_new_name
from frappe.utils import cstr, now


class StepsMixin:
    """In the order in which `Document.insert` and `Document.save` take them."""

    doctype: str
    name: Any
    meta: Any
    flags: Any
    get: Any

    def _set_defaults(self, force: bool = False) -> None:
        """Defaults of the DocType where a new document (or new row) has None."""
        if frappe.flags.in_import:
            return
        for doc in [self, *self.get_all_children()]:
            if not (force or doc.is_new()):
                continue
            title = doc.meta.title_field
            for df in doc.meta.fields:
                if doc.get(df.fieldname) is None and df.fieldname != title:
                    doc.set(df.fieldname, default_value(df))

    def set_user_and_timestamp(self) -> None:
        self._original_modified = self.modified
        self.modified, self.modified_by = now(), frappe.session.user
        if self.is_new():
            setup = frappe.flags.in_install or frappe.flags.in_patch or frappe.flags.in_migrate
            self.creation = (self.creation if setup else None) or self.modified
            self.owner = (self.owner if setup else None) or self.modified_by
        for child in self.get_all_children():
            child.modified, child.modified_by = self.modified, self.modified_by
            child.owner, child.creation = child.owner or self.owner, child.creation or self.creation
            child.docstatus = self.docstatus

    def check_if_latest(self) -> None:
        self._action = "save"
        before = self.load_doc_before_save()
        if before is None:
            return
        if cstr(before.modified) != cstr(self._original_modified):
            frappe.msgprint(
                f"Error: Document has been modified after you have opened it ({before.modified}, {self.modified}). "
                "Please refresh to get the latest document.",
                raise_exception=frappe.TimestampMismatchError,
            )

    def load_doc_before_save(self) -> Any:
        self._doc_before_save = frappe.get_doc(self.doctype, self.name)
        return self._doc_before_save

    def get_doc_before_save(self) -> Any:
        return self.__dict__.get("_doc_before_save")

    def has_value_changed(self, fieldname: str) -> bool:
        before = self.get_doc_before_save()
        return True if before is None else cstr(before.get(fieldname)) != cstr(self.get(fieldname))

    def _set_new_name(self, set_name: str | None) -> None:
        if self.flags.name_set:
            return
        if set_name:
            self.name = set_name
        else:
            set_new_name(self)
        for child in self.get_all_children():
            set_new_name(child)
        self.flags.name_set = True

    def _link_children(self) -> None:
        for df in self.meta.get_table_fields():
            for i, row in enumerate(self.get(df.fieldname) or []):
                row.parent, row.parenttype, row.parentfield = self.name, self.doctype, df.fieldname
                row.idx = row.idx or i + 1
                if not row.get("name"):
                    set_new_name(row)
