# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of new documents (imitates `frappe/model/naming.py`)."""

from __future__ import annotations

import re
from typing import Any

import frappe
from frappe.utils import cint, cstr, now_datetime

BRACED = re.compile(r"(\{[\w | #]+\})")


def set_new_name(doc: Any) -> None:
    """Order of real Frappe: controller's autoname(), the DocType's rule, at last a hash."""
    meta = doc.meta
    rule = meta.autoname or ""
    doc.run_method("before_naming")
    if rule.lower() != "prompt" and not frappe.flags.in_import:
        keep = doc.name if meta.istable and doc.name and not doc.is_new() else None
        doc.name = keep
    if meta.issingle:
        doc.name = doc.doctype
    if not doc.name:
        doc.run_method("autoname")
    if not doc.name and rule:
        _by_rule(rule, doc)
    if not doc.name:
        doc.name = make_autoname("hash")
    doc.name = validate_name(doc.doctype, doc.name)


def _by_rule(rule: str, doc: Any) -> None:
    kind = rule.lower()
    if kind.startswith("field:"):
        doc.name = cstr(doc.get(rule[6:])).strip()
        if not doc.name:
            frappe.throw(f"{doc.meta.get_label(rule[6:])} is required")
    elif kind.startswith("naming_series:"):
        _by_naming_series(doc)
    elif kind.startswith("prompt"):
        if not doc.name:
            frappe.throw("Please set the document name")
    elif kind.startswith("format:"):
        doc.name = BRACED.sub(lambda m: parse_series([m[0][1:-1]], doc), rule[7:])
    elif kind == "hash":
        doc.name = make_autoname("hash")
    elif kind == "autoincrement":
        doc.name = cint(frappe.db.sql(f"select max(cast(name as int)) from `tab{doc.doctype}`")[0][0]) + 1
    elif "#" in rule:
        doc.name = make_autoname(rule, doc=doc)


def _by_naming_series(doc: Any) -> None:
    doc.naming_series = doc.get("naming_series") or (doc.meta.get_options("naming_series") or "").split("\n")[0]
    if not doc.naming_series:
        frappe.throw("Naming Series mandatory")
    doc.name = make_autoname(doc.naming_series + ".#####", doc=doc)


def make_autoname(key: str = "", doctype: str = "", doc: Any = None) -> str:
    """`hash` gives ten characters; else a series such as `INV-.YYYY.-.#####`."""
    if key == "hash":
        return frappe.generate_hash(length=10)
    if "#" not in key:
        key += ".#####"
    return parse_series(key.split("."), doc)


def parse_series(parts: list[str], doc: Any = None) -> str:
    today = now_datetime()
    dates = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d"}
    name = ""
    for part in parts:
        if part and set(part) == {"#"}:
            name += getseries(name, len(part))
        elif part in dates:
            name += today.strftime(dates[part])
        elif part.startswith("{") and part.endswith("}"):
            name += cstr(doc.get(part[1:-1]))
        elif doc is not None and part and doc.get(part) is not None and doc.meta.has_field(part):
            name += cstr(doc.get(part))
        else:
            name += part
    return name


def getseries(key: str, digits: int) -> str:
    """Next number of a series (table `tabSeries`)."""
    frappe.db.sql("insert into `tabSeries` (name, current) values (%s, 0) on conflict (name) do nothing", (key,))
    frappe.db.sql("update `tabSeries` set current = current + 1 where name=%s", (key,))
    current = frappe.db.sql("select current from `tabSeries` where name=%s", (key,))[0][0]
    return str(current).zfill(digits)


def validate_name(doctype: str, name: Any) -> Any:
    if isinstance(name, int):
        return name
    name = cstr(name).strip()
    if not name:
        frappe.throw(f"No Name Specified for {doctype}")
    if name.startswith("New " + doctype):
        frappe.throw("There were some errors setting the name, please contact the administrator", frappe.NameError)
    if any(c in name for c in "<>") and doctype != "Patch Log":
        frappe.throw("Name cannot contain special characters like '<', '>'", frappe.NameError)
    return name


def append_number_if_name_exists(doctype: str, value: str, fieldname: str = "name", separator: str = "-") -> str:
    count, candidate = 0, value
    while frappe.db.exists(doctype, {fieldname: candidate}):
        count += 1
        candidate = f"{value}{separator}{count}"
    return candidate
