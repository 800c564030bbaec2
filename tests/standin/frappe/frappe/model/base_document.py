# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a document and their way into the database (imitates `frappe/model/base_document.py`)."""

from __future__ import annotations

import datetime
import json
from typing import Any

import frappe
from frappe._local import _dict
from frappe.model import default_fields, table_fields
from frappe.utils import cast, cint, compare, cstr, now

DOCTYPES_FOR_DOCTYPE = {"DocType", "DocField", "DocPerm"}
RESERVED = {"doctype", "meta", "flags", "_doc_before_save", "_original_modified", "_action", "parent_doc"}


def filter_rows(rows: list[Any], filters: dict[str, Any], limit: int | None = None) -> list[Any]:
    """Rows of a list that match `{"field": value | [op, value]}`."""
    out = [row for row in rows if all(_matches(row.get(key), wanted) for key, wanted in filters.items())]
    return out[:limit] if limit else out


def _matches(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return bool(value) is wanted
    op, operand = wanted if isinstance(wanted, (list, tuple)) else ("=", wanted)
    return compare(value, op, operand)


class BaseDocument:
    """Attributes are the fields; child tables are lists of BaseDocuments."""

    def __init__(self, d: dict[str, Any]) -> None:
        if d.get("doctype"):
            self.doctype = d["doctype"]
        self.update(d)
        self.flags = _dict(d.get("flags") or {})
        if hasattr(self, "__setup__"):
            self.__setup__()

    @property
    def meta(self) -> Any:
        return frappe.get_meta(self.doctype)

    def init_valid_columns(self) -> None:
        """Every field exists as an attribute (None), as callers of real documents expect."""
        for name in (*default_fields, *self.meta.get_valid_columns()):
            self.__dict__.setdefault(name, 0 if name in ("docstatus", "idx") else None)
        self.__dict__["docstatus"] = cint(self.__dict__.get("docstatus"))

    def update(self, d: Any) -> BaseDocument:
        d = d if isinstance(d, dict) else d.as_dict()
        for key in ("name", "doctype"):
            if key in d:
                self.set(key, d[key])
        for key, value in d.items():
            if key not in ("name", "doctype", "flags"):
                self.set(key, value)
        return self

    def update_if_missing(self, d: dict[str, Any]) -> None:
        for key, value in d.items():
            if value is not None and self.get(key) is None:
                self.set(key, value)

    def get(self, key: Any, filters: Any = None, limit: int | None = None, default: Any = None) -> Any:
        if isinstance(key, dict):
            return filter_rows(self.get_all_children(), key, limit)
        value = self.__dict__.get(key)
        if filters and isinstance(value, list):
            return filter_rows(value, filters, limit)
        return default if value is None else value

    def getone(self, key: str, filters: Any = None) -> Any:
        rows = self.get(key, filters, limit=1)
        return rows[0] if rows else None

    def set(self, key: str, value: Any, as_value: bool = False) -> None:
        if key in RESERVED - {"doctype"}:
            return
        is_rows = isinstance(value, (list, tuple)) and not as_value
        if is_rows and (self._child_doctype(key) or key in self._table_names()):
            self.__dict__[key] = []
            self.extend(key, value)
            return
        self.__dict__[key] = value

    def _table_names(self) -> tuple[str, ...]:
        return ("fields", "permissions") if getattr(self, "doctype", None) == "DocType" else ()

    def _child_doctype(self, key: str) -> str | None:
        doctype = self.__dict__.get("doctype") or getattr(type(self), "doctype", None)
        return self.meta.get_table_field_doctype(key) if doctype else None

    def append(self, key: str, value: Any = None) -> Any:
        if value is None:
            value = {}
        rows = self.__dict__.setdefault(key, [])
        if rows is None:
            rows = self.__dict__[key] = []
        row = self._init_child(value, key)
        rows.append(row)
        row.idx = row.idx or len(rows)
        return row

    def extend(self, key: str, value: Any) -> None:
        for item in value:
            self.append(key, item)

    def remove(self, doc: Any) -> None:
        rows = self.__dict__[doc.parentfield]
        rows.remove(doc)
        for i, row in enumerate(rows):
            row.idx = i + 1

    def _init_child(self, value: Any, key: str) -> Any:
        from frappe.model.document import get_controller

        if isinstance(value, BaseDocument):
            row = value
        else:
            doctype = self._child_doctype(key) or (value or {}).get("doctype")
            if not doctype:
                raise AttributeError(key)
            row = get_controller(doctype)({**value, "doctype": doctype})
        row.__dict__["parent_doc"] = self
        row.parent, row.parenttype, row.parentfield = self.get("name"), self.doctype, key
        if not row.get("name"):
            row.__dict__["__islocal"] = 1
        return row

    def delete_key(self, key: str) -> None:
        self.__dict__.pop(key, None)

    def get_all_children(self, parenttype: str | None = None) -> list[Any]:
        out: list[Any] = []
        for df in self.meta.get_table_fields():
            if not parenttype or df.options == parenttype:
                out += self.get(df.fieldname) or []
        return out

    def is_new(self) -> bool:
        return bool(self.__dict__.get("__islocal"))

    def get_valid_dict(self, ignore_nulls: bool = False, **kwargs: Any) -> _dict:
        """Column -> value as stored: Check 0/1, numbers coerced, empty dates NULL."""
        out = _dict()
        for name in self.meta.get_valid_columns():
            df = self.meta.get_field(name)
            if df is not None and df.is_virtual:
                continue
            value = self.get(name) if df is None else _stored(df, self.get(name))
            if isinstance(value, (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)):
                value = str(value)
            if not (ignore_nulls and value is None):
                out[name] = value
        return out

    def as_dict(
        self, no_nulls: bool = False, no_default_fields: bool = False, convert_dates_to_str: bool = False, **kw: Any
    ) -> _dict:
        """Fields and children as plain dicts, standard fields first."""
        out = _dict()
        for name in self.meta.get_valid_columns():
            df = self.meta.get_field(name)
            value = self.get(name) if df is None else _stored(df, self.get(name))
            if df is not None and df.is_virtual:
                value = getattr(self, name, None)
            if no_default_fields and name in default_fields:
                continue
            if convert_dates_to_str and isinstance(value, (datetime.datetime, datetime.date, datetime.timedelta)):
                value = str(value)
            if not (no_nulls and value is None):
                out[name] = value
        out["doctype"] = self.doctype
        for df in self.meta.get_table_fields():
            rows = self.get(df.fieldname) or []
            out[df.fieldname] = [
                row.as_dict(no_nulls=no_nulls, convert_dates_to_str=convert_dates_to_str) for row in rows
            ]
        for key in ("__islocal",):
            if self.__dict__.get(key):
                out[key] = self.__dict__[key]
        return out

    def db_insert(self, ignore_if_duplicate: bool = False) -> None:
        """INSERT; duplicates become DuplicateEntryError (name) or UniqueValidationError (field)."""
        if not self.get("creation"):
            self.creation = self.modified = now()
            self.owner = self.modified_by = frappe.session.user
        d = self.get_valid_dict(ignore_nulls=self.doctype in DOCTYPES_FOR_DOCTYPE)
        columns = ", ".join(f"`{c}`" for c in d)
        marks = ", ".join(["%s"] * len(d))
        try:
            frappe.db.sql(f"insert into `tab{self.doctype}` ({columns}) values ({marks})", list(d.values()))
        except Exception as e:
            # MariaDB looks at the primary key first, SQLite at the youngest index
            if frappe.db.is_duplicate_entry(e) and frappe.db.exists(self.doctype, self.name):
                if not ignore_if_duplicate:
                    frappe.msgprint(f"{self.doctype} {frappe.bold(self.name)} already exists", "Duplicate Name")
                    raise frappe.DuplicateEntryError(self.doctype, self.name, e) from e
            else:
                self._raise_unique(e)
        self.__dict__["__islocal"] = False

    def db_update(self) -> None:
        if self.get("__islocal") or not self.name:
            self.db_insert()
            return
        d = self.get_valid_dict(ignore_nulls=self.doctype in DOCTYPES_FOR_DOCTYPE)
        name = cstr(d.pop("name"))
        pairs = ", ".join(f"`{c}`=%s" for c in d)
        try:
            frappe.db.sql(f"update `tab{self.doctype}` set {pairs} where `name`=%s", [*d.values(), name])
        except Exception as e:
            self._raise_unique(e)

    def _raise_unique(self, e: Exception) -> None:
        if not frappe.db.is_unique_key_violation(e):
            raise e
        columns = e.args[2] if len(e.args) > 2 else []
        label = self.meta.get_label(columns[-1]) if columns else ""
        frappe.msgprint(f"{label} must be unique")
        raise frappe.UniqueValidationError(self.doctype, self.name, e) from e

    def _fix_numeric_types(self) -> None:
        for df in self.meta.fields:
            value = self.get(df.fieldname)
            if df.fieldtype == "Check":
                self.set(df.fieldname, cint(value))
            elif value is not None and df.fieldtype in ("Int", "Float", "Currency", "Percent"):
                self.set(df.fieldname, cast(df.fieldtype, value))

    def is_dummy_password(self, pwd: str) -> bool:
        return "".join(set(pwd)) == "*"

    def get_password(self, fieldname: str = "password", raise_exception: bool = True) -> Any:
        """The field's own value when it is not stars, else the decrypted secret of `__Auth`."""
        from frappe.utils.password import get_decrypted_password

        value = self.get(fieldname)
        if value and not self.is_dummy_password(value):
            return value
        return get_decrypted_password(self.doctype, self.name, fieldname, raise_exception=raise_exception)

    def get_table_fieldnames(self) -> list[str]:
        return [df.fieldname for df in self.meta.fields if df.fieldtype in table_fields]


def _stored(df: Any, value: Any) -> Any:
    """Value of a field as its column takes it; an empty value of a unique field is NULL."""
    if df.fieldtype == "Check":
        value = 1 if cint(value) else 0
    elif df.fieldtype == "Int" and not isinstance(value, int):
        value = cint(value)
    elif df.fieldtype in ("Currency", "Float", "Percent") and not isinstance(value, float):
        value = cast(df.fieldtype, value)
    elif df.fieldtype in ("Date", "Datetime", "Time") and value == "":
        value = None
    elif isinstance(value, list):
        frappe.throw(f"Value for {df.label} cannot be a list")
    elif df.fieldtype == "JSON" and isinstance(value, dict):
        value = json.dumps(value, separators=(",", ":"))
    return None if df.unique and cstr(value).strip() == "" else value
