# SPDX-License-Identifier: GPL-3.0-or-later
"""The setup wizard (imitates `frappe/desk/page/setup_wizard/setup_wizard.py`): stages of the apps, each marked when done.

With the traps of v15: it enables the scheduler, and once "frappe" counts as set up, the answers are overwritten with what
System Settings hold.
"""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe._local import _dict

_FROM_SETTINGS = ("country", "time_zone", "time_format", "currency")


@frappe.whitelist()
def setup_complete(args: Any) -> dict[str, str]:
    """Every stage in order; nothing when all was done before."""
    if frappe.is_setup_complete():
        return {"status": "ok"}
    values = _dict(json.loads(args) if isinstance(args, str) else args)
    if frappe.conf.get("trigger_site_setup_in_background"):
        return {"status": "registered"}
    return process_setup_stages(get_setup_stages(values), values)


def get_setup_stages(args: Any) -> list[dict[str, Any]]:
    stages = [{"tasks": [{"fn": update_global_settings, "args": args, "app_name": "frappe"}]}]
    for app in frappe.get_installed_apps(_ensure_on_bench=True):
        for method in frappe.get_hooks("setup_wizard_stages", app_name=app) or []:
            for stage in frappe.get_attr(method)(args):
                for task in stage["tasks"]:
                    task.setdefault("app_name", app)
                stages.append(stage)
    return [*stages, {"tasks": [{"fn": run_post_setup_complete, "args": args}]}]


def process_setup_stages(stages: list[dict[str, Any]], user_input: Any) -> dict[str, str]:
    done = set(frappe.get_all("Installed Application", filters={"is_setup_complete": 1}, pluck="app_name"))
    frappe.flags.in_setup_wizard = True
    try:
        for task in [task for stage in stages for task in stage["tasks"]]:
            if task.get("app_name") in done:
                continue
            if "frappe" in done:
                settings = frappe.get_single("System Settings")
                task["args"].update({name: settings.get(name) for name in _FROM_SETTINGS})
            task["fn"](task["args"])
            enable_setup_wizard_complete(task.get("app_name") or "frappe")
    except Exception:
        frappe.db.rollback()
        frappe.log_error(title="Setup failed: stand-in")
        raise
    finally:
        frappe.flags.in_setup_wizard = False
    frappe.db.commit()
    return {"status": "ok"}


def enable_setup_wizard_complete(app_name: str) -> None:
    frappe.db.set_value("Installed Application", {"app_name": app_name}, "is_setup_complete", 1)


def update_global_settings(args: Any) -> None:
    settings = frappe.get_single("System Settings")
    language = frappe.db.get_value("Language", {"language_name": args.get("language")}) or "en"
    settings.update(
        {"country": args.get("country"), "language": language, "time_zone": args.get("timezone")}
        | {"currency": args.get("currency"), "enable_scheduler": 1}
    )
    settings.flags.ignore_mandatory = True
    settings.save(ignore_permissions=True)


def run_post_setup_complete(args: Any) -> None:
    frappe.db.set_default("desktop:home_page", "workspace")
    frappe.db.set_single_value("System Settings", "setup_complete", int(frappe.is_setup_complete()))
    frappe.db.commit()
    frappe.clear_cache()


def make_records(records: list[dict[str, Any]]) -> None:
    """One after the other; one that is there already is passed over."""
    for record in records:
        doc = frappe.new_doc(record["doctype"])
        doc.update(record)
        doc.flags.ignore_mandatory = True
        try:
            doc.insert(ignore_permissions=True, set_name=record.get("name"))
        except frappe.DuplicateEntryError:
            continue
