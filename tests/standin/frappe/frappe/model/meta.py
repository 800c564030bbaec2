# SPDX-License-Identifier: GPL-3.0-or-later
"""DocType metadata: DocType row, DocFields, Custom Fields, Property Setters (`frappe/model/meta.py`)."""

from __future__ import annotations

import json
import os
from typing import Any

import frappe
from frappe._local import _dict
from frappe.model import no_value_fields, table_fields

BOOTSTRAP = ("DocType", "DocField", "DocPerm", "DefaultValue")
STANDARD_LABELS = {"name": "ID", "owner": "Created By", "creation": "Created On", "modified": "Last Updated On"}


class FieldRow(_dict):
    """A DocField (or Custom Field) of a Meta."""

    __slots__ = ()

    def as_dict(self, *args: Any, **kwargs: Any) -> _dict:
        return _dict(self)


def is_single(doctype: str) -> bool:
    """Asked for every get_value, so without building a Meta; False while the framework bootstraps."""
    singles = frappe.local.cache.get("singles")
    if singles is None:
        try:
            singles = set(frappe.db.sql("select name from `tabDocType` where issingle=1", pluck=True))
        except Exception as e:
            if not frappe.db.is_table_missing(e):
                raise
            singles = set()
        frappe.local.cache["singles"] = singles
    return doctype in singles


def get_meta(doctype: Any, cached: bool = True) -> Meta:
    """Meta of a DocType by name (or of a document); DoesNotExistError for an unknown one."""
    doctype = doctype if isinstance(doctype, str) else doctype.doctype
    metas = frappe.local.cache.setdefault("metas", {})
    if not cached or doctype not in metas:
        metas[doctype] = Meta(doctype)
    return metas[doctype]


class Meta:
    """Read with attributes (`meta.autoname`), `meta.get("fields", {...})` and the helpers below."""

    doctype = "DocType"
    _metaclass = True

    def __init__(self, doctype: str) -> None:
        self.name = doctype
        self._row: _dict = _dict()
        self.fields: list[FieldRow] = []
        self.permissions: list[_dict] = []
        if doctype in BOOTSTRAP and not self._in_database(doctype):
            self._load_from_file(doctype)
        else:
            self._load_from_database(doctype)
        self._by_name = {df.fieldname: df for df in self.fields if df.fieldname}

    @staticmethod
    def _in_database(doctype: str) -> bool:
        return bool(frappe.db.exists("DocType", doctype)) and frappe.db.table_exists("DocField")

    def _load_from_file(self, doctype: str) -> None:
        folder = frappe.scrub(doctype)
        path = os.path.join(os.path.dirname(frappe.__file__), "core", "doctype", folder, f"{folder}.json")
        with open(path) as f:
            doc = json.load(f)
        self.fields = [FieldRow(x, parent=doctype, idx=i + 1) for i, x in enumerate(doc.pop("fields"))]
        self.permissions = [_dict(p) for p in doc.pop("permissions", [])]
        self._row = _dict(doc)

    def _load_from_database(self, doctype: str) -> None:
        rows = frappe.db.sql("select * from `tabDocType` where name=%s", (doctype,), as_dict=True)
        if not rows:
            frappe.throw(f"DocType {doctype} not found", frappe.DoesNotExistError(doctype="DocType"))
        self._row = rows[0]
        self.name = self._row.name
        fields = frappe.db.sql("select * from `tabDocField` where parent=%s order by idx", (self.name,), as_dict=1)
        self.fields = [FieldRow(df) for df in fields]
        perms = frappe.db.sql("select * from `tabDocPerm` where parent=%s order by idx", (self.name,), as_dict=1)
        self.permissions = perms
        if frappe.local.cache.get("has_custom_tables") or self._custom_tables_exist():
            self._add_custom_fields()
            self._apply_property_setters()

    @staticmethod
    def _custom_tables_exist() -> bool:
        known = frappe.db.table_exists("Custom Field") and frappe.db.table_exists("Property Setter")
        frappe.local.cache["has_custom_tables"] = known
        return known

    def _add_custom_fields(self) -> None:
        rows = frappe.db.sql(
            "select * from `tabCustom Field` where dt=%s order by idx, creation", (self.name,), as_dict=1
        )
        for row in rows:
            df = FieldRow(row, parent=self.name, is_custom_field=1)
            names = [f.fieldname for f in self.fields]
            at = names.index(df.insert_after) + 1 if df.insert_after in names else len(names)
            self.fields.insert(at, df)

    def _apply_property_setters(self) -> None:
        rows = frappe.db.sql("select * from `tabProperty Setter` where doc_type=%s", (self.name,), as_dict=1)
        for row in rows:
            value: Any = frappe.utils.cint(row.value) if row.property_type in ("Check", "Int") else row.value
            if row.doctype_or_field == "DocType":
                self._row[row.property] = value
            else:
                for df in self.fields:
                    if df.fieldname == row.field_name:
                        df[row.property] = value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._row.get(name)

    def get(self, key: str, filters: Any = None, limit: int | None = None, default: Any = None) -> Any:
        value = self.fields if key == "fields" else getattr(self, key)
        if isinstance(value, list) and filters:
            from frappe.model.base_document import filter_rows

            return filter_rows(value, filters, limit)
        return default if value is None else value

    def as_dict(self, *args: Any, **kwargs: Any) -> _dict:
        return _dict(self._row, fields=[df.as_dict() for df in self.fields], permissions=self.permissions)

    def get_field(self, fieldname: str) -> FieldRow | None:
        return self._by_name.get(fieldname)

    def has_field(self, fieldname: str) -> bool:
        return fieldname in self._by_name

    def get_label(self, fieldname: str) -> str:
        df = self.get_field(fieldname)
        return (df and df.label) or STANDARD_LABELS.get(fieldname) or frappe.unscrub(fieldname)

    def get_options(self, fieldname: str) -> Any:
        df = self.get_field(fieldname)
        return df.options if df else None

    def get_table_fields(self) -> list[FieldRow]:
        return [df for df in self.fields if df.fieldtype in table_fields]

    def get_link_fields(self) -> list[FieldRow]:
        return [df for df in self.fields if df.fieldtype == "Link" and df.options != "[Select]"]

    def get_select_fields(self) -> list[FieldRow]:
        return [df for df in self.fields if df.fieldtype == "Select" and df.options not in ("[Select]", "Loading...")]

    def get_data_fields(self) -> list[FieldRow]:
        return [df for df in self.fields if df.fieldtype == "Data"]

    def get_password_fields(self) -> list[FieldRow]:
        return [df for df in self.fields if df.fieldtype == "Password"]

    def get_title_field(self) -> str:
        return self.title_field or ("title" if self.has_field("title") else "name")

    def get_valid_columns(self) -> list[str]:
        """Columns a document of this DocType may hold, standard ones first."""
        if "valid_columns" not in self.__dict__:
            standard = ["name", "owner", "creation", "modified", "modified_by", "docstatus", "idx"]
            if self.istable:
                standard += ["parent", "parentfield", "parenttype"]
            own = [df.fieldname for df in self.fields if df.fieldtype not in no_value_fields and df.fieldname]
            self.__dict__["valid_columns"] = standard + [n for n in own if n not in standard]
        return self.__dict__["valid_columns"]

    def get_table_field_doctype(self, fieldname: str) -> str | None:
        df = self.get_field(fieldname)
        return df.options if df and df.fieldtype in table_fields else None

    def get_permissions(self, parenttype: str | None = None) -> list[_dict]:
        return self.permissions

    def get_custom_fields(self) -> list[FieldRow]:
        return [df for df in self.fields if df.get("is_custom_field")]

    def has_permlevels(self) -> bool:
        return any(df.permlevel for df in self.fields)
