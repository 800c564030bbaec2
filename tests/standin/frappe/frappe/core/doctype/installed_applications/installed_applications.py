# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of the site's apps, as `list-apps` shows them."""

from __future__ import annotations

import frappe
from frappe.model.document import Document


class InstalledApplications(Document):
    def update_versions(self) -> None:
        done = {row.app_name: row.is_setup_complete for row in self.installed_applications if row.has_setup_wizard}
        self.set("installed_applications", [])
        for app in frappe.utils.get_installed_apps_info():
            wizard = app["app_name"] in ("frappe", "erpnext")
            self.append(
                "installed_applications",
                {
                    "app_name": app["app_name"],
                    "app_version": app["version"] or "UNVERSIONED",
                    "git_branch": app["branch"] or "UNVERSIONED",
                    "has_setup_wizard": int(wizard),
                    "is_setup_complete": int(wizard and bool(done.get(app["app_name"]) or _set_up(app["app_name"]))),
                },
            )
        self.save()
        frappe.db.set_single_value("System Settings", "setup_complete", int(frappe.is_setup_complete()))


def _set_up(app: str) -> bool:
    """v15 guesses: frappe when a System User besides Administrator exists, erpnext when a Company does."""
    if app == "frappe":
        users = {"user_type": "System User", "name": ["not in", ["Administrator", "Guest"]]}
        return frappe.db.has_table("User") and bool(frappe.db.get_value("User", users))
    return frappe.db.has_table("Company") and bool(frappe.get_all("Company", limit=1))
