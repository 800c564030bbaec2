# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting documents (imitates `frappe/model/delete_doc.py`)."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cstr


def delete_doc(
    doctype: str | None = None,
    name: Any = None,
    force: bool = False,
    ignore_doctypes: list[str] | None = None,
    for_reload: bool = False,
    ignore_permissions: bool = False,
    flags: Any = None,
    ignore_on_trash: bool = False,
    ignore_missing: bool = True,
    delete_permanently: bool = False,
) -> bool | None:
    """Delete documents with their children and secrets; False for one that is not there."""
    doctype, name = doctype or frappe.form_dict.get("dt"), name or frappe.form_dict.get("dn")
    for item in name if isinstance(name, (list, tuple)) else [name]:
        if not frappe.get_meta(doctype).issingle and not frappe.db.exists(doctype, item):
            if ignore_missing:
                return False
            frappe.throw(f"{doctype} {item} not found", frappe.DoesNotExistError(doctype=doctype))
        if doctype == "DocType":
            delete_doctype(cstr(item), for_reload)
            continue
        doc = frappe.get_doc(doctype, item)
        if ignore_permissions:
            doc.flags.ignore_permissions = True
        if not for_reload:
            _check(doc, force, ignore_on_trash)
        _delete_rows(doc, ignore_doctypes or [])
        if not for_reload:
            doc.run_method("after_delete")
    return None


def _check(doc: Any, force: bool, ignore_on_trash: bool) -> None:
    """Permission, docstatus, the controller's on_trash, and links unless forced."""
    doc.check_permission("delete")
    if doc.docstatus == 1:
        frappe.throw(f"{doc.doctype} {doc.name}: Submitted Record cannot be deleted. You must Cancel it first.")
    if not ignore_on_trash:
        doc.run_method("on_trash")
    if not force:
        try:
            check_links(doc)
        except frappe.LinkExistsError:
            if doc.meta.has_field("enabled") or doc.meta.has_field("disabled"):
                text = f"You can disable this {doc.doctype} instead of deleting it."
                frappe.throw(text, frappe.LinkExistsError)
            raise


def _delete_rows(doc: Any, ignore_doctypes: list[str]) -> None:
    from frappe.utils.password import delete_all_passwords_for

    delete_all_passwords_for(doc.doctype, doc.name)
    if doc.meta.issingle:
        frappe.db.delete("Singles", {"doctype": doc.doctype})
    else:
        frappe.db.delete(doc.doctype, {"name": doc.name})
    for df in doc.meta.get_table_fields():
        if df.options not in ignore_doctypes and frappe.db.table_exists(df.options):
            frappe.db.delete(df.options, {"parent": doc.name, "parenttype": doc.doctype})


def delete_doctype(name: str, for_reload: bool = False) -> None:
    """A DocType's rows of metadata; its table stays (uninstall-app drops it, orphans keep it)."""
    frappe.db.delete("DocType", {"name": name})
    frappe.db.delete("DocField", {"parent": name, "parenttype": "DocType"})
    frappe.db.delete("DocPerm", {"parent": name, "parenttype": "DocType"})
    if not for_reload:
        frappe.db.delete("Custom Field", {"dt": name})
        frappe.db.delete("Property Setter", {"doc_type": name})
    frappe.clear_cache(doctype=name)


def check_links(doc: Any) -> None:
    """LinkExistsError while another document's Link field points here."""
    links = frappe.db.sql(
        "select parent, fieldname from `tabDocField` where fieldtype='Link' and options=%s"
        " union select dt, fieldname from `tabCustom Field` where fieldtype='Link' and options=%s",
        (doc.doctype, doc.doctype),
    )
    for parent, fieldname in links:
        if parent in ("Activity Log", "Error Log", "Scheduled Job Log") or not frappe.db.exists("DocType", parent):
            continue
        meta = frappe.get_meta(parent)
        if meta.issingle:
            if frappe.db.get_singles_dict(parent).get(fieldname) == doc.name:
                _link_error(doc, parent, parent)
            continue
        if meta.is_virtual or not frappe.db.has_column(parent, fieldname):
            continue
        columns = "name, parent, parenttype" if meta.istable else "name"
        row = frappe.db.sql(f"select {columns} from `tab{parent}` where `{fieldname}`=%s limit 1", (doc.name,))
        if row:
            where = (row[0][2], row[0][1]) if meta.istable else (parent, row[0][0])
            if where != (doc.doctype, doc.name):
                _link_error(doc, *where)


def _link_error(doc: Any, doctype: str, name: str) -> None:
    frappe.throw(
        f"Cannot delete or cancel because {doc.doctype} {frappe.bold(doc.name)} is linked with "
        f"{doctype} {frappe.bold(name)}",
        frappe.LinkExistsError,
    )
