# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's database server: SQLite files in `<bench>/.standin-db/`, outside every site directory.

`<name>.sqlite3` is a database, `<name>.user` a database user (JSON with its password). If the file
`root_password` exists, root needs that password (MariaDB error 1045 otherwise). Because the server knows
nothing of site directories, "directory without database" and the reverse both exist, as in reality.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import frappe
from frappe.database.database import Database
from frappe.database.db_manager import DbManager
from frappe.database.server import root_password, server_path


def get_db(
    socket: str | None = None,
    host: str | None = None,
    user: str | None = None,
    password: str | None = None,
    port: Any = None,
    cur_db_name: str | None = None,
) -> Database:
    """Connection object; it connects lazily, with the first query."""
    return Database(user=user or "", password=password or "", cur_db_name=cur_db_name)


def get_root_connection(root_login: str | None = None, root_password_given: str | None = None) -> Database:
    """Connection as root; asks on the terminal without a password, as real Frappe does."""
    given = root_password_given or frappe.conf.get("root_password")
    if not given and root_password() is not None:
        import getpass

        given = getpass.getpass("MySQL root password: ")
    return Database(user=root_login or "root", password=given or "", cur_db_name=None)


def setup_database(force: bool = False, verbose: bool = False, login_scope: str | None = None) -> None:
    """Create user and database of the site; an existing database is an error without `force`."""
    frappe.local.session = frappe._dict({"user": "Administrator"})
    db_name = frappe.local.conf.db_name
    root_conn = get_root_connection(frappe.flags.root_login, frappe.flags.root_password)
    dbman = DbManager(root_conn)
    if force or db_name not in dbman.get_database_list():
        dbman.delete_user(db_name, host=login_scope)
        dbman.drop_database(db_name)
    else:
        raise Exception(f"Database {db_name} already exists")
    dbman.create_user(db_name, frappe.conf.db_password, host=login_scope)
    if verbose:
        print(f"Created user {db_name}")
    dbman.create_database(db_name)
    if verbose:
        print(f"Created database {db_name}")
    dbman.grant_all_privileges(db_name, db_name)
    dbman.flush_privileges()
    if verbose:
        print(f"Granted privileges to user {db_name} and database {db_name}")
    root_conn.close()


def bootstrap_database(verbose: bool = False, source_sql: str | None = None) -> None:
    """Load `source_sql` (or the framework's first tables) into the fresh database."""
    from frappe.database.schema import create_framework_tables

    frappe.connect()
    if verbose:
        print("Starting database import...")
    if source_sql:
        DbManager.restore_database(
            verbose, frappe.conf.db_name, source_sql, frappe.conf.db_name, frappe.conf.db_password
        )
    else:
        try:
            create_framework_tables()
        except Database.SQLError as e:  # real: the mariadb client says so, and its exit code is what raises
            print(f"ERROR {e.args[0]}: {e.args[1]}".encode())
            raise frappe.CommandFailedError("Command failed", "", str(e)) from None
    if verbose:
        print(f"Imported from database {source_sql or 'framework_mariadb.sql'}")
    frappe.connect()
    if "tabDefaultValue" not in frappe.db.get_tables(cached=False):
        from click import secho

        secho(
            "Table 'tabDefaultValue' missing in the restored site. "
            "This happens when the backup fails to restore. Please check that the file is valid\n"
            "Do go through the above output to check the exact error message from MariaDB",
            fg="red",
        )
        sys.exit(1)


def drop_user_and_database(db_name: str, root_login: str | None = None, root_password: str | None = None) -> None:
    frappe.local.db = get_root_connection(root_login, root_password)
    dbman = DbManager(frappe.local.db)
    dbman.drop_database(db_name)
    dbman.delete_user(db_name, host="%")
    dbman.delete_user(db_name)


def database_file(db_name: str) -> str:
    return os.path.join(server_path(), f"{db_name}.sqlite3")
