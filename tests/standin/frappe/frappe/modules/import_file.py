# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON files into documents (imitates `frappe/modules/import_file.py`).

A DocType is imported when its file's hash differs from `migration_hash`; whoever imports last owns it:
a DocType of the same name from another app is overwritten without a question, as in real Frappe.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import frappe
from frappe.database.schema import update_table
from frappe.utils import get_datetime, now


def import_file(module: str, dt: str, dn: str, force: bool = False, **kwargs: Any) -> Any:
    folder, name = frappe.scrub(dt), frappe.scrub(dn)
    return import_file_by_path(os.path.join(frappe.get_module_path(module), folder, name, f"{name}.json"), force)


def calculate_hash(path: str) -> str:
    with open(path, "rb") as f:
        return hashlib.md5(f.read(), usedforsecurity=False).hexdigest()


def import_file_by_path(path: str, force: bool = False, data_import: bool = False, **kwargs: Any) -> bool | None:
    """True if the file was read, whether or not something had to be imported; None if it is missing."""
    if not os.path.exists(path):
        print(f"{path} missing")
        return None
    with open(path) as f:
        try:
            docs = json.load(f)
        except ValueError:
            print(f"bad json: {path}")
            raise
    digest = calculate_hash(path)
    for doc in docs if isinstance(docs, list) else [docs]:
        if doc["doctype"] == "DocType":
            stored = frappe.db.get_value("DocType", doc["name"], "migration_hash", ignore=True)
            if force or stored != digest:
                import_doctype(doc, digest)
            continue
        known = frappe.db.get_value(doc["doctype"], doc["name"], "modified") if doc.get("name") else None
        if not force and known and get_datetime(doc.get("modified")) <= get_datetime(known):
            continue
        import_doc(doc, data_import)
    return True


def import_doctype(doc: dict[str, Any], digest: str | None = None) -> None:
    """Replace the metadata rows of a DocType and bring its table up to date."""
    from frappe.model.delete_doc import delete_doctype

    name = doc["name"]
    if frappe.db.exists("DocType", name):
        delete_doctype(name, for_reload=True)
    children = {"DocField": doc.get("fields", []), "DocPerm": doc.get("permissions", [])}
    _insert_row("DocType", {**doc, "migration_hash": digest}, {})
    for child, field in (("DocField", "fields"), ("DocPerm", "permissions")):
        for i, row in enumerate(children[child]):
            parent = {"parent": name, "parenttype": "DocType", "parentfield": field, "idx": i + 1}
            _insert_row(child, row, {**parent, "name": frappe.generate_hash(length=10)})
    frappe.local.cache.get("metas", {}).pop(name, None)
    for key in ("singles", "controllers"):
        frappe.local.cache.pop(key, None)
    if not doc.get("issingle") and not doc.get("is_virtual"):
        fields = [frappe._dict(df) for df in doc.get("fields", [])]
        update_table(name, bool(doc.get("istable")), fields + _custom_fields(name))


def _custom_fields(doctype: str) -> list[Any]:
    if not frappe.db.table_exists("Custom Field"):
        return []
    return frappe.db.sql("select * from `tabCustom Field` where dt=%s", (doctype,), as_dict=True)


def _insert_row(doctype: str, data: dict[str, Any], extra: dict[str, Any]) -> None:
    columns = frappe.local.cache.setdefault("table_columns", {})
    if doctype not in columns:
        columns[doctype] = frappe.db.get_table_columns(doctype)
    stamp = now()
    values = {"creation": stamp, "modified": stamp, "owner": "Administrator", "modified_by": "Administrator"}
    values.update(data)
    values.update(extra)
    row = {k: v for k, v in values.items() if k in columns[doctype] and v is not None}
    names = ", ".join(f"`{k}`" for k in row)
    marks = ", ".join(["%s"] * len(row))
    frappe.db.sql(f"insert into `tab{doctype}` ({names}) values ({marks})", list(row.values()))


def import_doc(doc: dict[str, Any], data_import: bool = False) -> Any:
    """Insert a document from a file, replacing the one of the same name."""
    frappe.flags.in_import = True
    try:
        new = frappe.get_doc(dict(doc, __islocal=1))
        new.run_method("before_import")
        if new.name and frappe.db.exists(new.doctype, new.name):
            frappe.delete_doc(new.doctype, new.name, force=True, for_reload=True)
        new.flags.ignore_links = True
        if not data_import:
            new.flags.update(ignore_validate=True, ignore_permissions=True, ignore_mandatory=True)
        new.insert()
    finally:
        frappe.flags.in_import = False
    return new
