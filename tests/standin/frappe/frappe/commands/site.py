# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about sites and their apps (imitates `frappe/commands/site.py`)."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import click

import frappe
from frappe.commands import each_site, get_site, pass_context
from frappe.exceptions import SiteNotSpecifiedError

root_options = [
    click.option("--db-root-username", "--mariadb-root-username", help='Root username, Default is "root"'),
    click.option("--db-root-password", "--mariadb-root-password", help="Root password"),
]


def with_root(f: Any) -> Any:
    for option in root_options:
        f = option(f)
    return f


@click.command("new-site")
@click.argument("site")
@click.option("--db-name", help="Database name")
@click.option("--db-password", help="Database password")
@click.option("--db-type", default="mariadb", type=click.Choice(["mariadb", "postgres"]))
@click.option("--db-host", help="Database Host")
@click.option("--db-port", type=int, help="Database Port")
@with_root
@click.option("--db-socket", "--mariadb-db-socket", envvar="MYSQL_UNIX_PORT")
@click.option("--no-mariadb-socket", is_flag=True, default=False, help="DEPRECATED")
@click.option("--mariadb-user-host-login-scope")
@click.option("--admin-password", help="Administrator password for new site", default=None)
@click.option("--verbose", is_flag=True, default=False, help="Verbose")
@click.option("--force", is_flag=True, default=False, help="Force restore if site/database already exists")
@click.option("--source-sql", "--source_sql", help="Initiate database with a SQL file")
@click.option("--install-app", multiple=True, help="Install app after installation")
@click.option("--set-default", is_flag=True, default=False, help="Set the new site as default site")
@click.option("--setup-db/--no-setup-db", default=True)
def new_site(site: str, install_app: Any, set_default: bool, no_mariadb_socket: bool, **options: Any) -> None:
    "Create a new site"
    from frappe.installer import _new_site

    frappe.init(site=site, new_site=True)
    if site in frappe.get_all_apps():
        click.secho(f"Your bench has an app called {site}, please choose another name for the site.", fg="red")
        sys.exit(1)
    if no_mariadb_socket:
        click.secho("--no-mariadb-socket is DEPRECATED; use --mariadb-user-host-login-scope='%'", fg="yellow")
        options["mariadb_user_host_login_scope"] = "%"
    _new_site(options.pop("db_name"), site, install_apps=install_app, **options)
    if set_default:
        use(site)


@click.command("install-app")
@click.argument("apps", nargs=-1)
@click.option("--force", is_flag=True, default=False)
@pass_context
def install_app(context: Any, apps: Any, force: bool = False) -> None:
    "Install a new app to site, supports multiple apps"
    from frappe.installer import install_app as _install_app
    from frappe.utils.synchronization import filelock

    exit_code = 0
    if not context.sites:
        raise SiteNotSpecifiedError
    for site in context.sites:
        frappe.init(site=site)
        frappe.connect()
        with filelock("install_app", timeout=1):
            for app in apps:
                try:
                    _install_app(app, verbose=context.verbose, force=force)
                except frappe.IncompatibleApp as err:
                    text = f":\n{err}" if str(err) else ""
                    print(f"App {app} is Incompatible with Site {site}{text}")
                    exit_code = 1
                except Exception as err:
                    print(f"An error occurred while installing {app}: {err!s}\n{frappe.get_traceback(True)}")
                    exit_code = 1
            if not exit_code:
                frappe.db.commit()
        frappe.destroy()
    sys.exit(exit_code)


@click.command("list-apps")
@click.option("--format", "-f", "fmt", type=click.Choice(["text", "json"]), default="text")
@pass_context
def list_apps(context: Any, fmt: str) -> None:
    "List apps in site."
    summary: dict[str, list[str]] = {}
    for site in context.sites:
        frappe.init(site=site)
        frappe.connect()
        title = click.style(site, fg="green") if len(context.sites) > 1 else ""
        apps = frappe.get_single("Installed Applications").installed_applications
        lines = frappe.get_installed_apps()
        if apps:
            name_len = max(len(app.app_name) for app in apps)
            ver_len = max(len(app.app_version) for app in apps)
            lines = [f"{a.app_name:{name_len}} {a.app_version:{ver_len}} {a.git_branch}" for a in apps]
        summary[site] = [app.app_name for app in apps]
        if fmt == "text" and lines:
            print("{}\n{}\n".format(title, "\n".join(lines)))
        frappe.destroy()
    if fmt == "json":
        click.echo(frappe.as_json(summary))


@click.command("uninstall-app")
@click.argument("app")
@click.option("--yes", "-y", is_flag=True, default=False, help="To bypass confirmation prompt")
@click.option("--dry-run", is_flag=True, default=False, help="List all doctypes that will be deleted")
@click.option("--no-backup", is_flag=True, default=False, help="Do not backup the site")
@click.option("--force", is_flag=True, default=False, help="Force remove app from site")
@pass_context
def uninstall(context: Any, app: str, **options: Any) -> None:
    "Remove app and linked modules from site"
    _not_frappe(app)
    from frappe.installer import remove_app
    from frappe.utils.synchronization import filelock

    for _site in each_site(context):
        with filelock("uninstall_app"):
            remove_app(app_name=app, **options)


@click.command("remove-from-installed-apps")
@click.argument("app")
@pass_context
def remove_from_installed_apps(context: Any, app: str) -> None:
    "Remove app from site's installed-apps list"
    _not_frappe(app)
    from frappe.installer import remove_from_installed_apps as _remove

    for _site in each_site(context):
        _remove(app)


def _not_frappe(app: str) -> None:
    if app == "frappe":
        click.secho("You cannot remove or uninstall the app `frappe`", fg="red")
        sys.exit(1)


@click.command("migrate")
@click.option("--skip-failing", is_flag=True, help="Skip patches that fail to run")
@click.option("--skip-search-index", is_flag=True, help="Skip search indexing for web documents")
@pass_context
def migrate(context: Any, skip_failing: bool = False, skip_search_index: bool = False) -> None:
    "Run patches, sync schema and rebuild files/translations"
    from frappe.migrate import SiteMigration

    for site in context.sites:
        click.secho(f"Migrating {site}", fg="green")
        try:
            SiteMigration(skip_failing=skip_failing, skip_search_index=skip_search_index).run(site=site)
        finally:
            print()
    if not context.sites:
        raise SiteNotSpecifiedError


@click.command("run-patch")
@click.argument("module")
@click.option("--force", is_flag=True)
@pass_context
def run_patch(context: Any, module: str, force: bool) -> None:
    "Run a particular patch"
    from frappe.modules.patch_handler import run_single

    for _site in each_site(context):
        run_single(module, force=force or context.force)


@click.command("drop-site")
@click.argument("site")
@click.option("--db-root-username", "--mariadb-root-username", "--root-login")
@click.option("--db-root-password", "--mariadb-root-password", "--root-password")
@click.option("--archived-sites-path")
@click.option("--no-backup", is_flag=True, default=False)
@click.option("--force", is_flag=True, default=False, help="Force drop-site even if an error is encountered")
def drop_site(
    site: str,
    db_root_username: str | None,
    db_root_password: str | None,
    archived_sites_path: str | None,
    no_backup: bool,
    force: bool,
) -> None:
    """Remove a site from database and filesystem."""
    from frappe.database import drop_user_and_database
    from frappe.utils.backups import scheduled_backup

    frappe.init(site=site)
    frappe.connect()
    try:
        if not no_backup:
            click.secho(f"Taking backup of {site}", fg="green")
            odb = scheduled_backup(ignore_files=False, ignore_conf=True, force=True, verbose=True)
            odb.print_summary()
    except Exception as err:
        if not force:
            click.echo("=" * 80)
            click.echo(f"Error: The operation has stopped because backup of {site}'s database failed.")
            click.echo(f"Reason: {err!s}\n\nFix the issue and try again.")
            click.echo(f"Hint: Use 'bench drop-site {site} --force' to force the removal of {site}")
            sys.exit(1)
    click.secho("Dropping site database and user", fg="green")
    frappe.db.close()
    drop_user_and_database(frappe.conf.db_name, db_root_username, db_root_password)
    default = os.path.join(frappe.utils.get_bench_path(), "archived", "sites")
    target = os.path.realpath(archived_sites_path or default)
    click.secho(f"Moving site to archive under {target}", fg="green")
    os.makedirs(target, exist_ok=True)
    base, count = os.path.join(target, site), 0
    while os.path.exists(base + (str(count) if count else "")):
        count += 1
    shutil.move(frappe.utils.get_site_path(), base + (str(count) if count else ""))
    frappe.destroy()


@click.command("use")
@click.argument("site")
def _use(site: str) -> None:
    "Set a default site"
    use(site)


def use(site: str, sites_path: str = ".") -> None:
    from frappe.installer import update_site_config

    if not os.path.exists(os.path.join(sites_path, site)):
        print(f"Site {site} does not exist")
        return
    config = os.path.join(os.getcwd(), "common_site_config.json")
    update_site_config("default_site", site, validate=False, site_config_path=config)
    print(f"Current Site set to {site}")


@click.command("reinstall")
@click.option("--admin-password")
@with_root
@click.option("--yes", is_flag=True, default=False)
@pass_context
def reinstall(context: Any, yes: bool, **options: Any) -> None:
    "Reinstall site ie. wipe all data and start over"
    from frappe.installer import _new_site

    site = get_site(context)
    if not yes:
        click.confirm("This will wipe your database. Are you sure you want to reinstall?", abort=True)
    frappe.init(site=site)
    frappe.connect()
    installed = frappe.get_installed_apps()
    frappe.destroy()
    frappe.init(site=site)
    _new_site(frappe.conf.db_name, site, force=True, reinstall=True, install_apps=installed, **options)


commands = [
    new_site,
    install_app,
    list_apps,
    uninstall,
    remove_from_installed_apps,
    migrate,
    run_patch,
    drop_site,
    _use,
    reinstall,
]
