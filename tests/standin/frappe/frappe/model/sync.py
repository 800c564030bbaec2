# SPDX-License-Identifier: GPL-3.0-or-later
"""DocTypes and pages of apps into the site (imitates `frappe/model/sync.py`)."""

from __future__ import annotations

import os
from typing import Any

import frappe
from frappe.modules.import_file import import_file_by_path

FIRST = ("docfield", "docperm", "doctype", "role", "has_role", "custom_field", "property_setter", "module_def")


def sync_all(force: bool = False, reset_permissions: bool = False) -> None:
    for app in frappe.get_installed_apps():
        sync_for(app, force)
    frappe.clear_cache()


def sync_for(app_name: str, force: bool = False, **kwargs: Any) -> None:
    """Import every DocType file of the app, then its pages, each with a commit of its own: a failure leaves the earlier ones."""
    files = doctype_files(app_name)
    for path in [*files, *doctype_files(app_name, "page")]:
        import_file_by_path(path, force=force)
        frappe.db.commit()
    if files:
        print(f"Updating DocTypes for {app_name:<20}: [{'=' * 40}] 100%")


def doctype_files(app_name: str, kind: str = "doctype") -> list[str]:
    files = []
    for module in frappe.local.app_modules.get(app_name) or []:
        folder = os.path.join(frappe.get_app_path(app_name, module), kind)
        if not os.path.isdir(folder):
            continue
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name, f"{name}.json")
            if os.path.exists(path):
                files.append(path)
    rank = {name: i for i, name in enumerate(FIRST)} if app_name == "frappe" else {}
    return sorted(files, key=lambda p: rank.get(os.path.basename(p)[:-5], len(FIRST)))


def remove_orphan_doctypes() -> None:
    """Metadata of standard DocTypes whose code is gone; their tables stay."""
    orphans = []
    for name, module in frappe.db.sql("select name, module from `tabDocType` where custom=0"):
        app = frappe.local.module_app.get(frappe.scrub(module))
        folder = frappe.scrub(name)
        if app is None or not os.path.isdir(frappe.get_app_path(app, module, "doctype", folder)):
            orphans.append(name)
    if orphans:
        print(f"Orphaned DocType(s) found: {', '.join(orphans)}")
        for name in orphans:
            frappe.delete_doc("DocType", name, force=True, ignore_missing=True)
        frappe.db.commit()
