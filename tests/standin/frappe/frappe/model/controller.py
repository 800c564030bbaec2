# SPDX-License-Identifier: GPL-3.0-or-later
"""Which class a DocType's documents have, and what their fields start with."""

from __future__ import annotations

import importlib
import os
from typing import Any

import frappe
from frappe.utils import cint, now


def get_controller(doctype: str) -> Any:
    """Class of `<app>/<module>/doctype/<dt>/<dt>.py`, or of a hook; plain Document when there is none."""
    cache = frappe.local.cache.setdefault("controllers", {})
    if doctype not in cache:
        cache[doctype] = _import_controller(doctype)
    return cache[doctype]


def _import_controller(doctype: str) -> Any:
    from frappe.model.document import Document
    from frappe.modules import get_module_app

    overrides = frappe.get_hooks("override_doctype_class", {}) if not frappe.flags.in_install_db else {}
    if overrides.get(doctype):
        module_path, class_name = overrides[doctype][-1].rsplit(".", 1)
        return getattr(frappe.get_module(module_path), class_name)
    row = None
    if doctype not in ("DocType", "DocField", "DocPerm"):
        row = frappe.db.get_value("DocType", doctype, ["module", "custom"], as_dict=True, ignore=True)
    module = row.module if row else "Core"
    if row and row.custom:
        return Document
    folder = frappe.scrub(doctype)
    app = get_module_app(module)
    name = f"{app}.{frappe.scrub(module)}.doctype.{folder}.{folder}"
    path = frappe.get_app_path(app, module, "doctype", folder, f"{folder}.py")
    if not os.path.exists(path):
        if app in ("frappe", "erpnext"):
            return Document  # the stand-in's own apps leave empty controllers out
        raise ImportError(f"Module import failed for {doctype}, the DocType you're trying to open might be deleted.")
    class_name = doctype.replace(" ", "").replace("-", "")
    try:
        return getattr(importlib.import_module(name), class_name)
    except AttributeError:
        raise ImportError(doctype) from None


def default_value(df: Any) -> Any:
    """The field's default; a Select without one starts with its first option (which may be empty)."""
    if df.default in (None, ""):
        first = df.fieldtype == "Select" and df.options and df.options not in ("[Select]", "Loading...")
        return df.options.split("\n", 1)[0] if first else None
    if df.default == "__user":
        return frappe.session.user
    if df.fieldtype == "Date" and str(df.default).lower() == "today":
        return frappe.utils.nowdate()
    if df.fieldtype == "Datetime" and str(df.default).lower() == "now":
        return now()
    if str(df.default).startswith(":"):
        return None
    return cint(df.default) if df.fieldtype in ("Check", "Int") else df.default
