# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking an app off a site (part of `frappe/installer.py` in real Frappe)."""

from __future__ import annotations

import json

import frappe


def remove_from_installed_apps(app_name: str) -> None:
    installed_apps = frappe.get_installed_apps()
    if app_name in installed_apps:
        installed_apps.remove(app_name)
        frappe.db.set_global("installed_apps", json.dumps(installed_apps))
        frappe.clear_cache()
        frappe.get_single("Installed Applications").update_versions()
        frappe.db.commit()


def remove_app(
    app_name: str, dry_run: bool = False, yes: bool = False, no_backup: bool = False, force: bool = False
) -> None:
    """Drop every DocType of the app's modules with its table. Scheduled jobs stay until the next migrate."""
    import click

    from frappe.installer import _run

    site = frappe.local.site
    app_hooks = frappe.get_hooks(app_name=app_name)
    if not _may_remove(app_name, force):
        return
    print(f"Uninstalling App {app_name} from Site {site}...")
    question = "All doctypes (including custom), modules related to this app will be deleted."
    if not dry_run and not yes and not click.confirm(question + " Are you sure you want to continue?"):
        return
    if not (dry_run or no_backup):
        from frappe.utils.backups import scheduled_backup

        print("Backing up...")
        scheduled_backup(ignore_files=True)
    frappe.flags.in_uninstall = True
    _run(app_hooks.before_uninstall)
    _run(frappe.get_hooks("before_app_uninstall"), app_name)
    modules = frappe.get_all("Module Def", filters={"app_name": app_name}, pluck="name")
    for doctype in _delete_modules(modules, dry_run):
        print(f"* dropping Table for '{doctype}'...")
        if not dry_run:
            frappe.delete_doc("DocType", doctype, ignore_on_trash=True, force=True)
            frappe.db.sql_ddl(f"DROP TABLE IF EXISTS `tab{doctype}`")
    if not dry_run:
        remove_from_installed_apps(app_name)
        frappe.get_single("Installed Applications").update_versions()
        frappe.db.commit()
        frappe.clear_cache()
    _run(app_hooks.after_uninstall)
    _run(frappe.get_hooks("after_app_uninstall"), app_name)
    click.secho(f"Uninstalled App {app_name} from Site {site}", fg="green")
    frappe.flags.in_uninstall = False


def _may_remove(app_name: str, force: bool) -> bool:
    """Says why not: not installed (unless forced), or needed by another app."""
    import click

    if not force and app_name not in frappe.get_installed_apps():
        click.secho(f"App {app_name} not installed on Site {frappe.local.site}", fg="yellow")
        return False
    for app in frappe.get_installed_apps():
        required = frappe.get_hooks(app_name=app).required_apps if app != app_name else None
        if required and any(app_name in name for name in required):
            click.secho(f"App {app_name} is a dependency of {app}. Uninstall {app} first.", fg="yellow")
            return False
    return True


def _delete_modules(modules: list[str], dry_run: bool) -> list[str]:
    """Delete modules with all records that link to them; returns DocTypes whose tables must go."""
    links = frappe.get_all(
        "DocField", filters={"fieldtype": "Link", "options": "Module Def"}, fields=["parent", "fieldname"]
    )
    drop: list[str] = []
    for module in modules:
        print(f"Deleting Module '{module}'")
        doctypes = frappe.get_all("DocType", filters={"module": module}, fields=["name", "issingle", "is_virtual"])
        for doctype in doctypes:
            print(f"* removing DocType '{doctype.name}'...")
            if dry_run:
                continue
            if doctype.issingle:
                frappe.delete_doc(doctype.name, doctype.name, ignore_on_trash=True, force=True)
                frappe.delete_doc("DocType", doctype.name, ignore_on_trash=True, force=True)
            else:
                drop.append(doctype.name)
        for link in links:
            if link.parent == "DocType" or not frappe.db.table_exists(link.parent):
                continue
            for record in frappe.get_all(link.parent, filters={link.fieldname: module}, pluck="name"):
                print(f"* removing {link.parent} '{record}'...")
                if not dry_run:
                    frappe.delete_doc(link.parent, record, ignore_on_trash=True, force=True)
        print(f"* removing Module Def '{module}'...")
        if not dry_run:
            frappe.delete_doc("Module Def", module, ignore_on_trash=True, force=True)
    return drop
