# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of the framework; everything heavy is imported inside them (a start costs < 0.25 s)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

import frappe
from frappe.exceptions import IncorrectSitePath, SiteNotSpecifiedError


def pass_context(f: Callable[..., Any]) -> Callable[..., Any]:
    """Hand over the group's options; a missing or unknown site ends with its text and rc 1."""

    @wraps(f)
    def _func(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return f(frappe._dict(ctx.obj), *args, **kwargs)
        except SiteNotSpecifiedError as e:
            click.secho(str(e), fg="yellow")
            sys.exit(1)
        except IncorrectSitePath:
            site = (ctx.obj.get("sites") or [""])[0]
            click.secho(f"Site {site} does not exist!", fg="yellow")
            sys.exit(1)

    return click.pass_context(_func)


def get_site(context: Any, raise_err: bool = True) -> Any:
    try:
        return context.sites[0]
    except (IndexError, TypeError):
        if raise_err:
            raise SiteNotSpecifiedError from None
        return None


def each_site(context: Any) -> Any:
    """Sites of the command, each connected as Administrator; SiteNotSpecifiedError without one."""
    if not context.sites:
        raise SiteNotSpecifiedError
    for site in context.sites:
        try:
            frappe.init(site=site)
            frappe.connect()
            yield site
        finally:
            frappe.destroy()


def get_commands() -> list[click.Command]:
    from frappe.commands.data import commands as data_commands
    from frappe.commands.scheduler import commands as scheduler_commands
    from frappe.commands.site import commands as site_commands
    from frappe.commands.users import commands as users_commands
    from frappe.commands.utils import commands as utils_commands

    return [*scheduler_commands, *site_commands, *data_commands, *users_commands, *utils_commands]


commands = get_commands()
