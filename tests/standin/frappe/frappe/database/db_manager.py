# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases and database users of the server (imitates `frappe/database/db_manager.py`)."""

from __future__ import annotations

import contextlib
import gzip
import os
import sqlite3
from typing import Any

from frappe.database.errors import OperationalError
from frappe.database.server import native, server_path, user_account, write_account


class DbManager:
    """Give it a root connection for all databases, or a site's for its own."""

    def __init__(self, db: Any = None) -> None:
        self.db = db

    def _require_root(self) -> None:
        self.db.check_login()
        if not self.db.is_root:
            raise OperationalError(1227, "Access denied; you need the SUPER privilege for this operation")

    def create_user(self, user: str, password: str, host: str | None = None) -> None:
        self._require_root()
        write_account(user, {"hashes": [native(password)], "host": host or "localhost"})

    def delete_user(self, target: str, host: str | None = None) -> None:
        """DROP USER IF EXISTS 'target'@'host': an account with another login scope stays."""
        self._require_root()
        if user_account(target).get("host") == (host or "localhost"):
            os.remove(os.path.join(server_path(), f"{target}.user"))

    def create_database(self, target: str) -> None:
        self._require_root()
        if target in self.get_database_list():
            self.drop_database(target)
        path = os.path.join(server_path(), f"{target}.sqlite3")
        conn = sqlite3.connect(path)
        conn.execute("PRAGMA journal_mode=WAL")
        conn.close()
        os.chmod(path, 0o600)

    def drop_database(self, target: str) -> None:
        self._require_root()
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(server_path(), f"{target}.sqlite3{suffix}"))

    def grant_all_privileges(self, target: str, user: str, host: str | None = None) -> None:
        """Nothing to do: a user owns the database of its name."""

    def flush_privileges(self) -> None:
        """Nothing to do."""

    def get_database_list(self) -> list[str]:
        """All databases for root, for a site's user only its own (as SHOW DATABASES does)."""
        self.db.check_login()
        names = [n[: -len(".sqlite3")] for n in sorted(os.listdir(server_path())) if n.endswith(".sqlite3")]
        if not self.db.is_root:
            names = [name for name in names if name == self.db.user]
        return ["information_schema", *names]

    @staticmethod
    def restore_database(verbose: bool, target: str, source: str, user: str, password: str) -> None:
        """Run a dump (.sql or .sql.gz) into the database; the first bad statement stops it."""
        import frappe

        opener = gzip.open if source.endswith(".gz") else open
        with opener(source, "rt", encoding="utf-8") as f:
            script = f.read()
        conn = frappe.db.connection()
        try:
            conn.executescript(script)
        except sqlite3.Error as e:
            frappe.db.rollback()
            raise frappe.CommandFailedError("Command failed", "", f"ERROR 1064 (42000): {e}") from e
        frappe.local.cache = {}
