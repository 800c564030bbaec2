# SPDX-License-Identifier: GPL-3.0-or-later
"""New sites and apps on sites (imitates `frappe/installer.py`, in its order and with its gaps).

The gaps are the point: a failed new site leaves directory, database and user; an app joins `list-apps`
before its after_install, jobs and fixtures; nothing is undone.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import frappe
from frappe.installer_config import (  # noqa: F401 - names of the interface
    get_site_config_path,
    make_conf,
    make_site_config,
    make_site_dirs,
    update_site_config,
)
from frappe.installer_remove import remove_app, remove_from_installed_apps  # noqa: F401


def _new_site(
    db_name: str | None,
    site: str,
    db_root_username: str | None = None,
    db_root_password: str | None = None,
    admin_password: str | None = None,
    verbose: bool = False,
    install_apps: Any = None,
    source_sql: str | None = None,
    force: bool = False,
    reinstall: bool = False,
    db_password: str | None = None,
    db_type: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    setup_db: bool = True,
    mariadb_user_host_login_scope: str | None = None,
    db_socket: str | None = None,
) -> None:
    """Directory, config, database, framework, apps. The scheduler of a new site is disabled."""
    from frappe.utils import scheduler
    from frappe.utils.synchronization import filelock

    if not force and os.path.exists(site):
        print(f"Site {site} already exists")
        sys.exit(1)
    frappe.init(site=site)
    if not db_name:
        import hashlib

        path = os.path.realpath(frappe.get_site_path())
        db_name = "_" + hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()[:16]
    enable_scheduler = _is_scheduler_enabled(site)
    make_site_dirs()
    with filelock("bench_new_site", timeout=1):
        install_db(
            root_login=db_root_username,
            root_password=db_root_password,
            db_name=db_name,
            admin_password=admin_password,
            verbose=verbose,
            source_sql=source_sql,
            force=force,
            db_password=db_password,
            db_type=db_type,
            db_host=db_host,
            db_port=db_port,
            db_socket=db_socket,
            setup=setup_db,
            login_scope=mariadb_user_host_login_scope,
        )
        for app in ["frappe", *(frappe.conf.get("install_apps") or []), *(install_apps or [])]:
            install_app(app, verbose=verbose, set_as_patched=not source_sql, force=False)
        scheduler.toggle_scheduler(enable_scheduler)
        frappe.db.commit()
    status = "disabled" if scheduler.is_scheduler_disabled() else "enabled"
    print("*** Scheduler is", status, "***")


def _is_scheduler_enabled(site: str) -> bool:
    """State before a forced re-creation; a site without database counts as disabled."""
    enabled = False
    try:
        frappe.connect()
        enabled = bool(frappe.utils.cint(frappe.db.get_single_value("System Settings", "enable_scheduler")))
    except Exception:
        pass
    finally:
        if getattr(frappe.local, "db", None):
            frappe.db.close()
    return enabled


def install_db(
    root_login: str | None = None,
    root_password: str | None = None,
    db_name: str | None = None,
    source_sql: str | None = None,
    admin_password: str | None = None,
    verbose: bool = True,
    force: bool = False,
    setup: bool = True,
    login_scope: str | None = None,
    **config: Any,
) -> None:
    from frappe.database import bootstrap_database, setup_database

    make_conf(db_name, **config)
    frappe.flags.in_install_db = True
    frappe.flags.root_login, frappe.flags.root_password = root_login or "root", root_password
    if setup:
        setup_database(force, verbose, login_scope)
    bootstrap_database(verbose=verbose, source_sql=source_sql)
    frappe.conf.admin_password = frappe.conf.admin_password or admin_password
    frappe.flags.in_install_db = False


def find_org(org_repo: str) -> tuple[str, str]:
    """Real Frappe asks api.github.com for a bare app name; here that always fails, as air-gapped."""
    raise frappe.InvalidRemoteException(f"{org_repo}: api.github.com is not reachable from the stand-in")


def parse_app_name(name: str) -> str:
    """`frappe/erpnext`, `erpnext` (known to the bench), git URLs -> name of the app."""
    name = name.rstrip("/")
    if os.path.exists(name):
        return os.path.split(name)[-1]
    if frappe.utils.is_git_url(name):
        return name.rsplit("/", 1)[-1].split(".", 1)[0]
    if name in frappe.get_all_apps():
        return name
    repo = name.split("@")[0].split("/")
    return repo[1] if len(repo) == 2 else find_org(repo[0])[1]


def install_app(name: str, verbose: bool = False, set_as_patched: bool = True, force: bool = False) -> None:
    """Prerequisites first; then the steps of v15 in order. What fails late leaves what came before."""
    from frappe.core.doctype.scheduled_job_type.scheduled_job_type import sync_jobs
    from frappe.model.sync import sync_for
    from frappe.utils.fixtures import sync_fixtures

    frappe.flags.in_install = name
    frappe.clear_cache()
    app_hooks = frappe.get_hooks(app_name=name)
    installed_apps = frappe.get_installed_apps()
    for app in app_hooks.required_apps or []:
        install_app(parse_app_name(app), verbose=verbose)
    frappe.flags.in_install = name
    frappe.clear_cache()
    if name not in frappe.get_all_apps():
        raise Exception(f"App {name} not in apps.txt")
    if not force and name in installed_apps:
        import click

        click.secho(f"App {name} already installed", fg="yellow")
        return
    print(f"\nInstalling {name}...")
    if name != "frappe":
        frappe.only_for("System Manager")
    if any(frappe.get_attr(fn)() is False for fn in app_hooks.before_install or []):
        return
    if name != "frappe":
        _run(frappe.get_hooks("before_app_install"), name)
        add_module_defs(name, ignore_if_duplicate=force)
    sync_for(name, force=force)
    add_to_installed_apps(name)
    if name == "frappe":
        add_module_defs(name, ignore_if_duplicate=True)
    if set_as_patched:
        set_all_patches_as_completed(name)
    _run(app_hooks.after_install)
    _run(frappe.get_hooks("after_app_install"), name)
    sync_jobs()
    sync_fixtures(name)
    _run(app_hooks.after_sync)
    frappe.clear_cache()
    frappe.flags.in_install = False


def _run(hooks: list[str] | None, *args: Any) -> None:
    for name in hooks or []:
        frappe.get_attr(name)(*args)


def add_to_installed_apps(app_name: str, rebuild_website: bool = True) -> None:
    installed_apps = frappe.get_installed_apps()
    if app_name not in installed_apps:
        installed_apps.append(app_name)
        frappe.db.set_global("installed_apps", json.dumps(installed_apps))
        frappe.db.commit()
        if frappe.flags.in_install:
            init_singles()
            frappe.db.commit()
            frappe.clear_cache()
    frappe.get_single("Installed Applications").update_versions()
    frappe.db.commit()


def add_module_defs(app: str, ignore_if_duplicate: bool = False) -> None:
    for module in frappe.get_module_list(app):
        doc = frappe.new_doc("Module Def")
        doc.app_name, doc.module_name = app, module
        doc.insert(ignore_permissions=True, ignore_if_duplicate=ignore_if_duplicate)


def set_all_patches_as_completed(app: str) -> None:
    """A fresh installation needs no patch: all of patches.txt goes into Patch Log at once."""
    from frappe.modules.patch_handler import get_patches_from_app

    for patch in get_patches_from_app(app):
        frappe.get_doc({"doctype": "Patch Log", "patch": patch}).insert(ignore_permissions=True)
    frappe.db.commit()


def init_singles() -> None:
    """Every Single without values is saved once with its defaults."""
    for single in frappe.get_all("DocType", filters={"issingle": 1}, pluck="name"):
        if frappe.db.get_singles_dict(single):
            continue
        try:
            doc = frappe.new_doc(single)
            doc.flags.ignore_mandatory = True
            doc.flags.ignore_validate = True
            doc.save()
        except (ImportError, frappe.DoesNotExistError):
            continue


def is_partial(sql_file_path: str) -> bool:
    return "Partial Backup" in get_db_dump_header(sql_file_path)


def is_downgrade(sql_file_path: str, verbose: bool = False) -> bool:
    """True when the dump's metadata name a newer Frappe than this one."""
    backup = get_backup_version(sql_file_path)
    current = tuple(int(part) for part in frappe.__version__.split(".")[:3])
    newer = backup is not None and backup > current
    if verbose and newer:
        text = ".".join(map(str, backup or ()))
        print(f"Your site is currently on Frappe {frappe.__version__} and your backup is {text}.")
    return newer


def get_backup_version(sql_file_path: str) -> tuple[int, ...] | None:
    header = get_db_dump_header(sql_file_path).split("\n")
    if "begin frappe metadata" not in header[0]:
        return None
    for line in header[1:]:
        key, _sign, value = line.replace("--", "").partition("=")
        if key.strip() == "version":
            return tuple(int(part) for part in value.strip().split("-")[0].split(".")[:3])
    return None


def validate_database_sql(path: str, _raise: bool = True) -> None:
    """The file must hold something, and a `__Auth` table."""
    import click

    text = _read_dump(path) if os.path.getsize(path) else ""
    if "__Auth" in text:
        return
    click.secho("Table `__Auth` not found in file." if text else f"{path} is an empty file!", fg="red")
    if _raise:
        raise frappe.InvalidDatabaseFile


def get_db_dump_header(file_path: str, file_bytes: int = 256) -> str:
    return _read_dump(file_path, file_bytes)


def _read_dump(file_path: str, size: int = -1) -> str:
    import gzip

    opener = gzip.open if file_path.endswith(".gz") else open
    with opener(file_path, "rb") as f:
        return f.read(size).decode(errors="replace")
