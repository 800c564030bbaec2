# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of apps (imitates `frappe/utils/fixtures.py`)."""

from __future__ import annotations

import os

import frappe
from frappe.modules.import_file import import_file_by_path


def sync_fixtures(app: str | None = None) -> None:
    """Import every `<app>/fixtures/*.json`, overwriting what the site has."""
    frappe.flags.in_fixtures = True
    for name in [app] if app else frappe.get_installed_apps():
        folder = frappe.get_app_path(name, "fixtures")
        if not os.path.isdir(folder):
            continue
        for fname in sorted(os.listdir(folder)):
            if not fname.endswith(".json"):
                continue
            try:
                import_file_by_path(os.path.join(folder, fname), force=True, data_import=True)
            except (ImportError, frappe.DoesNotExistError) as e:
                print(f"Skipping fixture syncing from the file {fname}. Reason: {e}")
    frappe.flags.in_fixtures = False
