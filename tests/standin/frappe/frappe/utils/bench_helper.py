# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line that the `bench` command replaces itself with (imitates `frappe/utils/bench_helper.py`)."""

from __future__ import annotations

import importlib
import json
import os
import traceback
import warnings
from typing import Any

import click

import frappe
import frappe.utils


def main() -> None:
    commands: dict[str, Any] = {"frappe": get_app_group()}
    commands.update({"get-frappe-commands": get_frappe_commands, "get-frappe-help": get_frappe_help})
    click.Group(commands=commands)(prog_name="bench")


def get_app_group() -> click.Group:
    """All apps' commands in the group `frappe`; `--site` belongs to the group, not to a command."""
    commands: dict[str, click.Command] = {}
    for app in get_apps():
        commands |= get_app_commands(app)
    return click.group(name="frappe", commands=commands)(app_group)


@click.option("--site")
@click.option("--profile", is_flag=True, default=False, help="Profile")
@click.option("--verbose", is_flag=True, default=False, help="Verbose")
@click.option("--force", is_flag=True, default=False, help="Force")
@click.pass_context
def app_group(
    ctx: Any, site: str | None = None, force: bool = False, verbose: bool = False, profile: bool = False
) -> None:
    ctx.obj = {"sites": get_sites(site), "force": force, "verbose": verbose, "profile": profile}
    if ctx.info_name == "frappe":
        ctx.info_name = ""


def get_sites(site_arg: str | None) -> list[str]:
    """`all`, the given one, $FRAPPE_SITE, or default_site of the common config."""
    if site_arg == "all":
        return frappe.utils.get_sites()
    if site_arg:
        return [site_arg]
    if os.environ.get("FRAPPE_SITE"):
        return [os.environ["FRAPPE_SITE"]]
    if default_site := frappe.get_conf().default_site:
        return [default_site]
    return []


def get_app_commands(app: str) -> dict[str, click.Command]:
    try:
        module = importlib.import_module(f"{app}.commands")
    except ModuleNotFoundError as e:
        if e.name != f"{app}.commands":
            traceback.print_exc()
        return {}
    except Exception:
        traceback.print_exc()
        return {}
    return {command.name: command for command in getattr(module, "commands", [])}


@click.command("get-frappe-commands")
def get_frappe_commands() -> None:
    commands = list(get_app_commands("frappe"))
    for app in get_apps():
        commands.extend(get_app_commands(app))
    print(json.dumps(commands))


@click.command("get-frappe-help")
def get_frappe_help() -> None:
    print(click.Context(get_app_group()).get_help())


def get_apps() -> list[str]:
    return frappe.get_all_apps(with_internal_apps=False, sites_path=".")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
