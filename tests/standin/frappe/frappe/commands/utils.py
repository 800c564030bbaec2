# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration, execute, version, build (imitates `frappe/commands/utils.py`)."""

from __future__ import annotations

import json
import os
from typing import Any

import click

import frappe
from frappe.commands import each_site, pass_context
from frappe.exceptions import SiteNotSpecifiedError


@click.command("build")
@click.option("--app", help="Build assets for app")
@click.option("--apps", help="Build assets for specific apps")
@click.option("--hard-link", is_flag=True, default=False, envvar="FRAPPE_HARD_LINK_ASSETS")
@click.option("--production", is_flag=True, default=False)
@click.option("--verbose", is_flag=True, default=False)
@click.option("--force", is_flag=True, default=False)
@click.option("--save-metafiles", is_flag=True, default=False)
def build(app: str | None = None, apps: str | None = None, **options: Any) -> None:
    "Compile JS and CSS source files"
    from frappe.utils.synchronization import filelock

    frappe.init("")
    with filelock("bench_build", is_global=True, timeout=10):
        for name in (apps or app or "").split(",") if (apps or app) else frappe.get_all_apps():
            print("Compiling translations for", name)


@click.command("clear-cache")
@pass_context
def clear_cache(context: Any) -> None:
    "Clear cache, doctype cache and defaults"
    for _site in each_site(context):
        frappe.clear_cache()


@click.command("clear-website-cache")
@pass_context
def clear_website_cache(context: Any) -> None:
    "Clear website cache"
    for _site in each_site(context):
        pass


@click.command("destroy-all-sessions")
@click.option("--reason")
@pass_context
def destroy_all_sessions(context: Any, reason: str | None = None) -> None:
    "Clear sessions of all users (logs them out)"
    for _site in each_site(context):
        frappe.db.delete("Sessions")
        frappe.db.commit()


@click.command("show-config")
@click.option("--format", "-f", "fmt", type=click.Choice(["text", "json"]), default="text")
@pass_context
def show_config(context: Any, fmt: str) -> None:
    "Print configuration file to STDOUT in speified format"
    if not context.sites:
        raise SiteNotSpecifiedError
    configs = {}
    for site in context.sites:
        with frappe.init_site(site):
            configs[site] = frappe.get_site_config(sites_path=os.getcwd(), site_path=site)
        if fmt == "text":
            for key, value in configs[site].items():
                print(f"| {key} | {json.dumps(value) if isinstance(value, list) else value} |")
    if fmt == "json":
        frappe.init("")
        click.echo(frappe.as_json(configs))


@click.command("execute")
@click.argument("method")
@click.option("--args")
@click.option("--kwargs")
@click.option("--profile", is_flag=True, default=False)
@pass_context
def execute(context: Any, method: str, args: Any = None, kwargs: Any = None, profile: bool = False) -> None:
    """Execute a function

    With the traps of real Frappe: arguments are eval'ed; ANY exception makes a second attempt, as an
    expression; a falsy result prints nothing.
    """
    for site in context.sites:
        ret: Any = ""
        try:
            frappe.init(site=site)
            frappe.connect()
            if args:
                try:
                    args = eval(args)
                except NameError:
                    args = [args]
            else:
                args = ()
            kwargs = eval(kwargs) if kwargs else {}
            try:
                ret = frappe.get_attr(method)(*args, **kwargs)
            except Exception:
                ret = eval(method + "(*args, **kwargs)", globals(), locals())
            if frappe.db:
                frappe.db.commit()
        finally:
            frappe.destroy()
        if ret:
            from frappe.utils.response import json_handler

            print(json.dumps(ret, default=json_handler))
    if not context.sites:
        raise SiteNotSpecifiedError


@click.command("set-config")
@click.argument("key")
@click.argument("value")
@click.option("-g", "--global", "global_", is_flag=True, default=False, help="Set value in bench config")
@click.option("-p", "--parse", is_flag=True, default=False, help="Evaluate as Python Object")
@pass_context
def set_config(context: Any, key: str, value: Any, global_: bool = False, parse: bool = False) -> None:
    "Insert/Update a value in site_config.json"
    from frappe.installer import update_site_config

    if parse:
        import ast

        value = ast.literal_eval(value)
    if global_:
        path = os.path.join(os.getcwd(), "common_site_config.json")
        update_site_config(key, value, validate=False, site_config_path=path)
        return
    if not context.sites:
        raise SiteNotSpecifiedError
    for site in context.sites:
        with frappe.init_site(site):
            update_site_config(key, value, validate=False)


@click.command("version")
@click.option("-f", "--format", "output", type=click.Choice(["plain", "table", "json", "legacy"]), default="legacy")
def get_version(output: str) -> None:
    """Show the versions of all the installed apps."""
    from frappe.utils.change_log import get_app_branch, get_app_commit

    frappe.init("")
    data = []
    for app in sorted(frappe.get_all_apps()):
        module, hooks = frappe.get_module(app), frappe.get_module(app + ".hooks")
        branch = get_app_branch(app)
        version = getattr(hooks, f"{branch}_version", None) or module.__version__
        data.append({"commit": get_app_commit(app)[:7], "app": app, "branch": branch, "version": version})
    if output == "json":
        click.echo(json.dumps(data, indent=4))
        return
    for row in data:
        if output == "legacy":
            click.echo(f"{row['app']} {row['version']}")
        elif output == "plain":
            click.echo(f"{row['app']} {row['version']} {row['branch']} ({row['commit']})")
        else:
            click.echo(f"| {row['app']} | {row['version']} | {row['branch']} | {row['commit']} |")


commands = [
    build,
    clear_cache,
    clear_website_cache,
    destroy_all_sessions,
    show_config,
    execute,
    set_config,
    get_version,
]
