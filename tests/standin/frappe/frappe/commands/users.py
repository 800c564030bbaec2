# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and passwords (part of `frappe/commands/site.py` in real Frappe)."""

from __future__ import annotations

import sys
from typing import Any

import click

import frappe
from frappe.commands import each_site, pass_context


@click.command("set-admin-password")
@click.argument("admin-password", required=False)
@click.option("--logout-all-sessions", is_flag=True, default=False)
@pass_context
def set_admin_password(context: Any, admin_password: str | None, logout_all_sessions: bool) -> None:
    "Set Administrator password for a site"
    _set_password(context, "Administrator", admin_password, logout_all_sessions)


@click.command("set-password")
@click.argument("user")
@click.argument("password", required=False)
@click.option("--logout-all-sessions", is_flag=True, default=False)
@pass_context
def set_password(context: Any, user: str, password: str | None, logout_all_sessions: bool) -> None:
    "Set password for a user on a site"
    _set_password(context, user, password, logout_all_sessions)


def _set_password(context: Any, user: str, password: str | None, logout_all_sessions: bool) -> None:
    import getpass

    from frappe.utils.password import update_password

    for site in each_site(context):
        password = password or getpass.getpass(f"{user}'s password for {site}: ")
        if not frappe.db.exists("User", user):
            print(f"User {user} does not exist")
            sys.exit(1)
        update_password(user, password, logout_all_sessions=logout_all_sessions)
        frappe.db.commit()


@click.command("add-system-manager")
@click.argument("email")
@click.option("--first-name")
@click.option("--last-name")
@click.option("--password")
@click.option("--send-welcome-email", default=False, is_flag=True)
@pass_context
def add_system_manager(context: Any, email: str, **options: Any) -> None:
    "Add a new system manager to a site"
    for _site in each_site(context):
        _add_user(email, roles=("System Manager",), **options)
        frappe.db.commit()


@click.command("add-user")
@click.argument("email")
@click.option("--first-name")
@click.option("--last-name")
@click.option("--password")
@click.option("--user-type")
@click.option("--add-role", multiple=True)
@click.option("--send-welcome-email", default=False, is_flag=True)
@pass_context
def add_user(context: Any, email: str, add_role: Any, user_type: str | None, **options: Any) -> None:
    "Add user to a site"
    for _site in each_site(context):
        _add_user(email, roles=add_role, **options)
        frappe.db.commit()


def _add_user(
    email: str,
    roles: Any,
    first_name: str | None = None,
    last_name: str | None = None,
    password: str | None = None,
    send_welcome_email: bool = False,
) -> None:
    user = frappe.new_doc("User", email=email, first_name=first_name or email, last_name=last_name, enabled=1)
    user.insert()
    user.add_roles(*roles)
    if password:
        from frappe.utils.password import update_password

        update_password(user.name, password)


@click.command("disable-user")
@click.argument("email")
@pass_context
def disable_user(context: Any, email: str) -> None:
    """Disable a user account on site."""
    for _site in each_site(context):
        user = frappe.get_doc("User", email)
        user.enabled = 0
        user.save(ignore_permissions=True)
        frappe.db.commit()


commands = [set_admin_password, set_password, add_system_manager, add_user, disable_user]
