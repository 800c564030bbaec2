# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of apps (imitates `frappe/modules/utils.py`)."""

from __future__ import annotations

from typing import Any

import frappe


def get_module_app(module: str) -> str:
    """App that lists the module in its modules.txt; the site's Module Def as a fallback."""
    app = frappe.local.module_app.get(frappe.scrub(module))
    if app is None:
        frappe.throw(f"Module {module} not found", frappe.DoesNotExistError)
    return app


def scrub(txt: str) -> str:
    return frappe.scrub(txt)


def reload_doc(module: str, dt: str | None = None, dn: str | None = None, force: bool = False, **kw: Any) -> Any:
    return frappe.reload_doc(module, dt, dn, force=force)


def load_doctype_module(doctype: str, module: str | None = None, prefix: str = "", suffix: str = "") -> Any:
    import importlib

    module = module or frappe.db.get_value("DocType", doctype, "module") or "Core"
    folder = frappe.scrub(doctype)
    app = get_module_app(module)
    return importlib.import_module(f"{app}.{frappe.scrub(module)}.doctype.{folder}.{prefix}{folder}{suffix}")
