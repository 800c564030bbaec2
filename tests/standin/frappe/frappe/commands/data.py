# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup and restore (part of `frappe/commands/site.py` in real Frappe)."""

from __future__ import annotations

import os
import sys
import tarfile
from typing import Any

import click

import frappe
from frappe.commands import get_site, pass_context
from frappe.commands.site import with_root
from frappe.exceptions import SiteNotSpecifiedError


@click.command("backup")
@click.option("--with-files", default=False, is_flag=True, help="Take backup with files")
@click.option("--include", "--only", "-i", default="", help="DocTypes to backup seperated by commas")
@click.option("--exclude", "-e", default="", help="DocTypes to not backup seperated by commas")
@click.option("--backup-path", default=None, help="Set path for saving all the files in this operation")
@click.option("--backup-path-db", default=None)
@click.option("--backup-path-files", default=None)
@click.option("--backup-path-private-files", default=None)
@click.option("--backup-path-conf", default=None)
@click.option("--ignore-backup-conf", default=False, is_flag=True)
@click.option("--verbose", default=False, is_flag=True, help="Add verbosity")
@click.option("--compress", default=False, is_flag=True, help="Compress private and public files")
@click.option("--old-backup-metadata", default=False, is_flag=True, help="Use older backup metadata")
@pass_context
def backup(
    context: Any,
    with_files: bool,
    include: str,
    exclude: str,
    ignore_backup_conf: bool,
    verbose: bool,
    **options: Any,
) -> None:
    "Backup"
    from frappe.utils.backups import scheduled_backup

    exit_code = 0
    for site in context.sites:
        try:
            frappe.init(site=site)
            frappe.connect()
            odb = scheduled_backup(
                ignore_files=not with_files,
                ignore_conf=ignore_backup_conf,
                include_doctypes=include,
                exclude_doctypes=exclude,
                verbose=verbose,
                force=True,
                **options,
            )
        except Exception:
            text = f"Backup failed for Site {site}. Database or site_config.json may be corrupted"
            click.secho(text, fg="red")
            if verbose or context.verbose:
                print(frappe.get_traceback(with_context=True))
            exit_code = 1
            continue
        odb.print_summary()
        done = f"Backup for Site {site} has been successfully completed"
        click.secho(done + (" with files" if with_files else ""), fg="green")
        frappe.destroy()
    if not context.sites:
        raise SiteNotSpecifiedError
    sys.exit(exit_code)


@click.command("restore")
@click.argument("sql-file-path")
@with_root
@click.option("--db-name", help="Database name for site in case it is a new one")
@click.option("--admin-password", help="Administrator password for new site")
@click.option("--install-app", multiple=True, help="Install app after installation")
@click.option("--with-public-files", help="Restores the public files, given path to its tar file")
@click.option("--with-private-files", help="Restores the private files, given path to its tar file")
@click.option("--force", is_flag=True, default=False, help="Ignore the validations and downgrade warnings")
@click.option("--encryption-key", help="Backup encryption key")
@pass_context
def restore(context: Any, **options: Any) -> None:
    "Restore site database from an sql file"
    from frappe.utils.synchronization import filelock

    site = get_site(context)
    frappe.init(site=site)
    options["force"] = context.force or options["force"]
    with filelock("site_restore", timeout=1):
        _restore(site, **options)


def _restore(
    site: str,
    sql_file_path: str,
    db_root_username: str | None,
    db_root_password: str | None,
    db_name: str | None,
    admin_password: str | None,
    install_app: Any,
    with_public_files: str | None,
    with_private_files: str | None,
    force: bool,
    encryption_key: str | None,
) -> None:
    """Drop and load the database, then unpack files. site_config.json is NOT restored."""
    path = _find(site, sql_file_path)
    path = _plain(path, encryption_key)
    _check_and_load(site, path, db_root_username, db_root_password, admin_password, install_app, force)
    for archive in filter(None, (with_public_files, with_private_files)):
        frappe.init(site=site)
        extract_files(frappe.get_site_path(), _plain(archive, encryption_key))
        frappe.destroy()
    files = " with files" if with_public_files or with_private_files else ""
    click.secho(f"Site {site} has been restored{files}", fg="green")


def _find(site: str, path: str) -> str:
    if os.path.exists(path):
        return path
    click.secho(f"File {path} not found. Trying to check in alternative directories.", fg="yellow")
    for folder in (f"{site}/private/backups", ".."):
        if os.path.exists(os.path.join(folder, path)):
            click.secho(f"File {os.path.join(folder, path)} found.", fg="green")
            return os.path.join(folder, path)
    click.secho(f"File {path} not found.", fg="red")
    sys.exit(1)


def _plain(path: str, encryption_key: str | None) -> str:
    """The file itself, or a decrypted copy in the same directory."""
    from frappe.utils.backups import decrypt_to, get_or_generate_backup_encryption_key, is_encrypted

    if not is_encrypted(path):
        return path
    source = "provided key" if encryption_key else "site config"
    click.secho(f"Encrypted backup file detected. Decrypting using {source}.", fg="yellow")
    target = path.replace("-enc", "-dec")
    if not decrypt_to(path, encryption_key or get_or_generate_backup_encryption_key(), target):
        click.secho("Decryption failed. Please provide a valid key and try again.", fg="red")
        sys.exit(1)
    return target


def _check_and_load(
    site: str,
    path: str,
    root: str | None,
    root_password: str | None,
    admin_password: str | None,
    apps: Any,
    force: bool,
) -> None:
    from frappe.installer import _new_site, is_downgrade, is_partial, validate_database_sql

    if is_partial(path):
        click.secho("Partial Backup file detected. You cannot use a partial file to restore a Frappe site.", fg="red")
        click.secho("Use `bench partial-restore` to restore a partial backup to an existing site.", fg="yellow")
        sys.exit(1)
    if is_downgrade(path, verbose=True) and not force:
        warning = "This is not recommended and may lead to unexpected behaviour. Do you want to continue anyway?"
        click.confirm(warning, abort=True)
    validate_database_sql(path, _raise=not force)
    try:
        _new_site(
            frappe.conf.db_name,
            site,
            db_root_username=root,
            db_root_password=root_password,
            admin_password=admin_password,
            install_apps=apps,
            source_sql=path,
            force=True,
            db_type=frappe.conf.db_type,
        )
    except Exception as err:
        print(err)
        sys.exit(1)


def extract_files(site_path: str, archive: str) -> None:
    """Like `tar x --strip 2`: ./<site>/public/files/x becomes <site>/public/files/x."""
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            parts = [part for part in member.name.split("/")[2 if member.name.startswith("./") else 1 :] if part]
            if parts and ".." not in parts:
                member.name = "/".join(parts)
                tar.extract(member, site_path)


commands = [backup, restore]
