# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups (imitates `frappe/utils/backups.py`: names, header, retention, partial dumps, encryption)."""

from __future__ import annotations

import datetime
import gzip
import os
import subprocess
import sys
import tarfile
from shutil import which
from typing import Any

import frappe
import frappe.utils
from frappe.database import database_file
from frappe.utils import cint, get_file_size, now, now_datetime
from frappe.utils.dump import dump

BASE_TABLES = ["__Auth", "__global_search", "__UserSettings"]


class BackupGenerator:
    """One backup: `YYYYMMDD_HHMMSS-<site>-database.sql.gz`, `-files.tar`, `-private-files.tar`, config copy."""

    def __init__(
        self,
        backup_path: str | None = None,
        backup_path_db: str | None = None,
        backup_path_files: str | None = None,
        backup_path_private_files: str | None = None,
        backup_path_conf: str | None = None,
        ignore_conf: bool = False,
        compress_files: bool = False,
        include_doctypes: str = "",
        exclude_doctypes: str = "",
        verbose: bool = False,
    ) -> None:
        self.backup_path, self.compress_files, self.verbose = backup_path, compress_files, verbose
        self.backup_path_db, self.backup_path_conf = backup_path_db, backup_path_conf
        self.backup_path_files, self.backup_path_private_files = backup_path_files, backup_path_private_files
        self.site_slug = frappe.local.site.replace(".", "_")
        paths = [backup_path_db, backup_path_files, backup_path_private_files, backup_path_conf]
        os.makedirs(backup_path or get_backup_path(), exist_ok=True)
        for path in filter(None, paths):
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        self._choose_tables(include_doctypes, exclude_doctypes, ignore_conf)

    def _choose_tables(self, include: str, exclude: str, ignore_conf: bool) -> None:
        """Options win over `backup: {includes, excludes}` of site_config; either makes it partial."""
        existing = frappe.db.get_tables()

        def tables(doctypes: Any) -> list[str]:
            names = [frappe.utils.get_table_name(d.strip()) for d in doctypes if d.strip()]
            return [name for name in names if name in existing]

        conf = frappe.conf.get("backup") or {}
        self.include, self.exclude = tables(include.split(",")), tables(exclude.split(","))
        if not (self.include or self.exclude) and not ignore_conf:
            chosen = tables(conf.get("includes", []))
            self.include = chosen + BASE_TABLES if chosen else []
            self.exclude = tables(conf.get("excludes", []))
        self.partial = bool(self.include or self.exclude) and not ignore_conf

    def get_backup(self, ignore_files: bool = False) -> None:
        self.set_backup_file_name()
        self._or_delete(self.take_dump, self.backup_path_db)
        self._or_delete(self.copy_site_config, self.backup_path_conf)
        if not ignore_files:
            self._or_delete(self.backup_files, self.backup_path_files, self.backup_path_private_files)
        if cint(frappe.get_system_settings("encrypt_backup")):
            self.backup_encryption()

    @staticmethod
    def _or_delete(step: Any, *paths: str | None) -> None:
        try:
            step()
        except Exception:
            for path in filter(None, paths):
                if os.path.exists(path):
                    os.remove(path)
            raise

    def set_backup_file_name(self) -> None:
        """Time of the site's zone; `-enc` when encrypted, although the config copy never is."""
        enc = "-enc" if cint(frappe.get_system_settings("encrypt_backup")) else ""
        ext = "tgz" if self.compress_files else "tar"
        stem = f"{now_datetime():%Y%m%d_%H%M%S}-{self.site_slug}"
        folder = self.backup_path or get_backup_path()
        partial = "-partial" if self.partial else ""
        self.backup_path_conf = self.backup_path_conf or f"{folder}/{stem}-site_config_backup{enc}.json"
        self.backup_path_db = self.backup_path_db or f"{folder}/{stem}{partial}-database{enc}.sql.gz"
        self.backup_path_files = self.backup_path_files or f"{folder}/{stem}-files{enc}.{ext}"
        private = f"{folder}/{stem}-private-files{enc}.{ext}"
        self.backup_path_private_files = self.backup_path_private_files or private

    def take_dump(self) -> None:
        from frappe.utils.change_log import get_app_branch

        branch = get_app_branch("frappe") or "N/A"
        header = ["begin frappe metadata", "[frappe]", f"version = {frappe.__version__}", f"branch = {branch}"]
        header += ["end frappe metadata", ""]
        if self.partial:
            header.append(f"Partial Backup of Frappe Site {frappe.local.site}")
            word = "contains: " if self.include else "excludes: "
            header += [f"Backup {word}{', '.join(self.include or self.exclude)}", ""]
        frappe.db.commit()
        path = database_file(frappe.conf.db_name)
        with gzip.open(str(self.backup_path_db), "wt", compresslevel=1, encoding="utf-8") as f:
            f.write("\n".join(f"-- {line}" for line in header) + "\n")
            f.writelines(dump(path, self.include, self.exclude))

    def copy_site_config(self) -> None:
        with open(str(self.backup_path_conf), "w") as n, open(frappe.get_site_path("site_config.json")) as c:
            n.write(c.read())

    def backup_files(self) -> None:
        mode = "w:gz" if self.compress_files else "w"
        for folder, target in (("public", self.backup_path_files), ("private", self.backup_path_private_files)):
            path = frappe.get_site_path(folder, "files")
            with tarfile.open(str(target), mode) as tar:  # type: ignore[call-overload]
                tar.add(path, arcname=path)

    def backup_encryption(self) -> None:
        """gpg with the passphrase on its command line; a failure leaves plain text under the -enc name."""
        import click

        if which("gpg") is None:
            click.secho("Please install `gpg` and ensure its available in your PATH", fg="red")
            sys.exit(1)
        for path in (self.backup_path_db, self.backup_path_files, self.backup_path_private_files):
            if path and os.path.exists(path):
                key = get_or_generate_backup_encryption_key()
                done = subprocess.run(
                    ["gpg", "--yes", "--batch", "--passphrase", key, "--pinentry-mode", "loopback", "-c", path],
                    capture_output=True,
                    check=False,
                )
                if done.returncode == 0:
                    os.rename(path + ".gpg", path)
                else:
                    print(done.stderr.decode(errors="replace"))
                    text = "Error occurred during encryption. Files are stored without encryption."
                    click.secho(text, fg="red")

    def print_summary(self) -> None:
        summary = {"config": self.backup_path_conf, "database": self.backup_path_db}
        if os.path.exists(str(self.backup_path_files)) and os.path.exists(str(self.backup_path_private_files)):
            summary.update(public=self.backup_path_files, private=self.backup_path_private_files)
        print(f"Backup Summary for {frappe.local.site} at {now()}")
        title = max(len(key) for key in summary)
        width = max(len(str(path)) for path in summary.values())
        for key, path in summary.items():
            print(f"{key.title():{title}}: {path!s:{width}} {get_file_size(str(path), format=True)}")


def scheduled_backup(
    older_than: int = 6,
    ignore_files: bool = False,
    compress: bool = False,
    force: bool = False,
    old_backup_metadata: bool = False,
    rollback_callback: Any = None,
    **options: Any,
) -> BackupGenerator:
    """First DELETE backups older than `keep_backups_for_hours` (24), then take a new one."""
    delete_temp_backups()
    odb = BackupGenerator(compress_files=compress, **options)
    odb.get_backup(ignore_files)
    return odb


new_backup = scheduled_backup


def delete_temp_backups(older_than: int = 24) -> None:
    hours = cint(frappe.conf.keep_backups_for_hours) or older_than
    folder = get_backup_path()
    for name in os.listdir(folder) if os.path.exists(folder) else []:
        path = os.path.join(folder, name)
        if is_file_old(path, hours):
            os.remove(path)


def is_file_old(file_path: str, older_than: int = 24) -> bool:
    if not os.path.isfile(file_path):
        return False
    changed = datetime.datetime.fromtimestamp(os.stat(file_path).st_ctime)
    return datetime.datetime.now() - changed >= datetime.timedelta(hours=older_than)


def get_backup_path() -> str:
    return frappe.utils.get_site_path(frappe.conf.get("backup_path") or "private/backups")


@frappe.whitelist()
def get_backup_encryption_key() -> str:
    frappe.only_for("System Manager")
    return get_or_generate_backup_encryption_key()


def get_or_generate_backup_encryption_key() -> str:
    from cryptography.fernet import Fernet

    from frappe.installer import update_site_config

    key = frappe.conf.get("backup_encryption_key")
    if not key:
        key = Fernet.generate_key().decode()
        update_site_config("backup_encryption_key", key)
    return str(key)


def is_encrypted(path: str) -> bool:
    with open(path, "rb") as f:
        return f.read(1) in (b"\x8c", b"\xc3")


def decrypt_to(path: str, passphrase: str, target: str) -> bool:
    done = subprocess.run(
        [
            "gpg",
            "--yes",
            "--batch",
            "--passphrase",
            passphrase,
            "--pinentry-mode",
            "loopback",
            "-o",
            target,
            "-d",
            path,
        ],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0
