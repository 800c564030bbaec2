# SPDX-License-Identifier: GPL-3.0-or-later
"""Whitelisted document methods (imitates `frappe/client.py`)."""

from __future__ import annotations

import json
from typing import Any

import frappe


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


@frappe.whitelist()
def get_list(
    doctype: str,
    fields: Any = None,
    filters: Any = None,
    order_by: str | None = None,
    limit_start: Any = None,
    limit_page_length: Any = 20,
    parent: str | None = None,
    debug: bool = False,
    as_dict: bool = True,
    or_filters: Any = None,
    group_by: str | None = None,
    pluck: str | None = None,
) -> Any:
    return frappe.get_list(
        doctype,
        fields=_parsed(fields),
        filters=_parsed(filters),
        or_filters=_parsed(or_filters),
        order_by=order_by or "KEEP_DEFAULT_ORDERING",
        limit_start=limit_start,
        limit_page_length=limit_page_length,
        as_list=not as_dict,
        group_by=group_by,
        pluck=pluck,
    )


@frappe.whitelist()
def get_count(doctype: str, filters: Any = None, debug: bool = False, cache: bool = False) -> int:
    if not frappe.has_permission(doctype, "read"):
        raise frappe.PermissionError
    return frappe.db.count(doctype, _parsed(filters))


@frappe.whitelist()
def get(doctype: str, name: Any = None, filters: Any = None, parent: str | None = None) -> Any:
    if filters and not name:
        name = frappe.db.get_value(doctype, _parsed(filters))
        if not name:
            frappe.throw("No document found for given filters", frappe.DoesNotExistError)
    doc = frappe.get_doc(doctype, name) if name else frappe.get_single(doctype)
    doc.check_permission()
    return doc.as_dict()


@frappe.whitelist()
def get_value(doctype: str, fieldname: Any, filters: Any = None, as_dict: bool = True, **kwargs: Any) -> Any:
    if not frappe.has_permission(doctype, "read"):
        raise frappe.PermissionError
    fields = _parsed(fieldname)
    fields = [fields] if isinstance(fields, str) else fields
    return frappe.db.get_value(doctype, _parsed(filters), fields, as_dict=as_dict) or {}


@frappe.whitelist(methods=["POST", "PUT"])
def set_value(doctype: str, name: str, fieldname: Any, value: Any = None) -> Any:
    values = _parsed(fieldname)
    values = values if isinstance(values, dict) else {fieldname: value}
    doc = frappe.get_doc(doctype, name)
    doc.update(values)
    doc.save()
    return doc.as_dict()


@frappe.whitelist(methods=["POST", "PUT"])
def insert(doc: Any = None) -> Any:
    return frappe.get_doc(_parsed(doc)).insert().as_dict()


@frappe.whitelist(methods=["POST", "PUT"])
def save(doc: Any) -> Any:
    return frappe.get_doc(_parsed(doc)).save().as_dict()


@frappe.whitelist(methods=["DELETE", "POST"])
def delete(doctype: str, name: str) -> None:
    frappe.delete_doc(doctype, name, ignore_missing=False)
