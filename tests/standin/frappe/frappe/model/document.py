# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents: load, insert, save, delete, controllers (imitates `frappe/model/document.py`)."""

from __future__ import annotations

from typing import Any

import frappe
from frappe._local import _dict
from frappe.model.base_document import BaseDocument
from frappe.model.controller import get_controller
from frappe.model.steps import StepsMixin
from frappe.model.validation import ValidationMixin
from frappe.utils import cstr, now


def get_doc(*args: Any, **kwargs: Any) -> Any:
    """See `frappe.get_doc`."""
    if args and isinstance(args[0], BaseDocument):
        return args[0]
    if args and isinstance(args[0], str):
        doctype = args[0]
    elif args and isinstance(args[0], dict):
        kwargs, args = dict(args[0]), ()
        doctype = kwargs.get("doctype", "")
    elif args:
        raise ValueError("First non keyword argument must be a string or dict")
    else:
        doctype = kwargs.get("doctype", "")
    if not doctype:
        raise ValueError('"doctype" is a required key')
    controller = get_controller(doctype)
    return controller(*args, **kwargs) if args else controller(kwargs)


def new_doc(doctype: str, *, parent_doc: Any = None, parentfield: str | None = None, **kwargs: Any) -> Any:
    doc = get_doc({"doctype": doctype, **kwargs})
    doc.__dict__["__islocal"] = 1
    doc._set_defaults()
    if parent_doc is not None:
        doc.parent, doc.parenttype, doc.parentfield = parent_doc.name, parent_doc.doctype, parentfield
    return doc


class Document(BaseDocument, StepsMixin, ValidationMixin):
    """Base of all controllers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.doctype: Any = None
        self.name: Any = None
        self.flags = _dict()
        if args and isinstance(args[0], str):
            self.doctype = args[0]
            self.name = self.doctype if len(args) == 1 else args[1]
            self.load_from_db()
            return
        data = args[0] if args else kwargs
        if not data:
            raise ValueError("Illegal arguments")
        super().__init__(data)
        for df in self.meta.get_table_fields():
            self.__dict__.setdefault(df.fieldname, [])
        self.init_valid_columns()

    def load_from_db(self) -> Document:
        """Fields and children from the database; a Single never saved comes with its defaults."""
        if self.meta.issingle:
            values = frappe.db.get_singles_dict(self.doctype)
            self.__dict__.update({"doctype": self.doctype, "name": self.doctype})
            self.__dict__.update(values)
            self.init_valid_columns()
            if not values:
                self._set_defaults(force=True)
            self.name = self.doctype
            self._fix_numeric_types()
        else:
            row = frappe.db.get_value(self.doctype, self.name, "*", as_dict=True)
            if not row:
                error = frappe.DoesNotExistError(doctype=self.doctype)
                frappe.throw(f"{self.doctype} {self.name} not found", error)
            self.__dict__.update(row)
            self.init_valid_columns()
        for df in self.meta.get_table_fields():
            parent = {"parent": str(self.name), "parenttype": self.doctype, "parentfield": df.fieldname}
            rows = []
            if frappe.db.exists("DocType", df.options):
                rows = frappe.db.get_values(df.options, parent, "*", as_dict=True, order_by="idx asc")
            self.set(df.fieldname, rows)
        self.__dict__.pop("__islocal", None)
        if hasattr(self, "onload_document"):
            self.onload_document()
        return self

    def reload(self) -> Document:
        return self.load_from_db()

    def check_permission(self, permtype: str = "read", permlevel: Any = None) -> None:
        """PermissionError (403) without the role for it, unless flags.ignore_permissions."""
        if self.flags.ignore_permissions or frappe.has_permission(self.doctype, permtype, self):
            return
        need = f"You need the '{permtype}' permission on {frappe.bold(self.doctype)} {self.name or ''}"
        frappe.flags.error_message = need + " to perform this action."
        raise frappe.PermissionError

    def has_permission(self, permtype: str = "read", **kwargs: Any) -> bool:
        return bool(self.flags.ignore_permissions) or frappe.has_permission(self.doctype, permtype, self)

    def insert(
        self,
        ignore_permissions: bool | None = None,
        ignore_links: bool | None = None,
        ignore_if_duplicate: bool = False,
        ignore_mandatory: bool | None = None,
        set_name: str | None = None,
        set_child_names: bool = True,
    ) -> Document:
        """Checks and hooks in the order of real Frappe, then INSERT of parent and children."""
        for flag, value in (
            ("permissions", ignore_permissions),
            ("links", ignore_links),
            ("mandatory", ignore_mandatory),
        ):
            if value is not None:
                self.flags[f"ignore_{flag}"] = value
        self.__dict__["__islocal"] = True
        self._set_defaults()
        self.set_user_and_timestamp()
        self.check_permission("create")
        self._action = "save"
        self._validate_links()
        self.run_method("before_insert")
        self._set_new_name(set_name)
        self._link_children()
        self.flags.in_insert = True
        self._run_before_save()
        self._validate()
        if self.meta.issingle:
            self.update_single(self.get_valid_dict())
        elif self.doctype and not self.meta.is_virtual:
            self.db_insert(ignore_if_duplicate=ignore_if_duplicate)
        for child in self.get_all_children():
            child.db_insert()
        self.run_method("after_insert")
        self._run_after_save()
        self.flags.in_insert = False
        self.__dict__.pop("__islocal", None)
        return self

    def save(self, ignore_permissions: bool | None = None, ignore_version: bool | None = None) -> Document:
        """INSERT when new, else UPDATE; a document changed meanwhile raises TimestampMismatchError."""
        if ignore_permissions is not None:
            self.flags.ignore_permissions = ignore_permissions
        if self.get("__islocal") or not self.get("name"):
            return self.insert()
        self._set_defaults()
        self.check_permission("write")
        self.set_user_and_timestamp()
        self.check_if_latest()
        self._link_children()
        self._validate_links()
        self._run_before_save()
        self._validate()
        if self.meta.issingle:
            self.update_single(self.get_valid_dict())
        else:
            self.db_update()
        self._update_children()
        self._run_after_save()
        return self

    def submit(self) -> Document:
        self.docstatus = 1
        return self.save()

    def cancel(self) -> Document:
        self.docstatus = 2
        return self.save()

    def delete(self, ignore_permissions: bool = False, force: bool = False, **kwargs: Any) -> None:
        frappe.delete_doc(self.doctype, self.name, ignore_permissions=ignore_permissions, force=force, flags=self.flags)

    def _run_before_save(self) -> None:
        self.reset_seen()
        if self.flags.ignore_validate:
            return
        self.run_method("before_validate")
        self.run_method("validate")
        self.run_method("before_save")

    def reset_seen(self) -> None:
        """Part of the interface, without a function here."""

    def _validate(self) -> None:
        self._validate_mandatory()
        for doc in [self, *self.get_all_children()]:
            doc._validate_data_fields()
            doc._validate_selects()
            doc._validate_non_negative()
            doc._validate_length()
            doc._sync_autoname_field()
            doc._save_passwords()
        self._validate_set_only_once()

    def _validate_set_only_once(self) -> None:
        before = self.get_doc_before_save()
        if before is None or self.is_new():
            return
        for df in self.meta.fields:
            if df.set_only_once and cstr(before.get(df.fieldname)) != cstr(self.get(df.fieldname)):
                label = frappe.bold(df.label)
                frappe.throw(f"Value cannot be changed for {label}", frappe.CannotChangeConstantError)

    def _run_after_save(self) -> None:
        self.run_method("on_update")
        self.run_method("on_change")

    def _update_children(self) -> None:
        for df in self.meta.get_table_fields():
            rows = self.get(df.fieldname) or []
            keep = [row.name for row in rows if row.name and not row.is_new()]
            where = {"parent": str(self.name), "parenttype": self.doctype, "parentfield": df.fieldname}
            frappe.db.delete(df.options, {**where, "name": ["not in", keep]} if keep else where)
            for row in rows:
                row.db_update()

    def update_single(self, d: dict[str, Any]) -> None:
        frappe.db.delete("Singles", {"doctype": self.doctype})
        for field, value in d.items():
            if field != "doctype":
                query = "insert into `tabSingles` (doctype, field, value) values (%s, %s, %s)"
                frappe.db.sql(query, (self.doctype, field, value))
        if self.doctype == "System Settings" and hasattr(frappe.local, "system_settings"):
            del frappe.local.system_settings

    def run_method(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Controller method, then doc_events of hooks for this DocType and for `*`."""
        out = None
        if callable(getattr(type(self), method, None)):
            out = getattr(self, method)(*args, **kwargs)
        if frappe.flags.in_install != "frappe" and not frappe.flags.in_install_db:
            events = frappe.get_hooks("doc_events", {})
            for doctype in (self.doctype, "*"):
                for handler in (events.get(doctype) or {}).get(method, []):
                    frappe.get_attr(handler)(self, method)
        return out

    def db_set(
        self, fieldname: Any, value: Any = None, update_modified: bool = True, commit: bool = False, **kw: Any
    ) -> None:
        """Write columns at once, without validation."""
        values = fieldname if isinstance(fieldname, dict) else {fieldname: value}
        for key, new in values.items():
            self.set(key, new)
        if update_modified and (self.doctype, self.name) not in (frappe.flags.currently_saving or []):
            self.modified, self.modified_by = now(), frappe.session.user
        name = None if self.meta.issingle else self.name
        frappe.db.set_value(self.doctype, name, dict(values), update_modified=update_modified, modified=self.modified)
        self.run_method("on_change")
        if commit:
            frappe.db.commit()

    def db_get(self, fieldname: str) -> Any:
        return frappe.db.get_value(self.doctype, self.name, fieldname)

    def get_title(self) -> Any:
        return self.get(self.meta.get_title_field()) or ""

    def add_comment(self, *args: Any, **kwargs: Any) -> None:
        """Comments are not modelled."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: doctype={self.doctype} {self.name or 'unsaved'}>"
