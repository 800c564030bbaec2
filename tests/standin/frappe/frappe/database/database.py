# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection: SQL with MariaDB's placeholders and transaction rules on SQLite.

Rules of MariaDB kept: the transaction starts with the first write, DDL commits implicitly (and plain
`sql()` refuses DDL with pending writes: ImplicitCommitError), text compares without case.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
import socket
import sqlite3
from collections.abc import Callable
from typing import Any

import frappe
from frappe.database import errors
from frappe.database.server import accepts, account_statement, root_password, server_path, user_account
from frappe.database.values import ValuesMixin

DDL = ("create", "alter", "drop", "truncate")
LOCAL = ("localhost", "127.0.0.1", "::1")
WRITES = ("insert", "update", "delete", "replace")
SHOW_VARIABLES = re.compile(r"^show variables like %s$", re.IGNORECASE)
VARIABLES = {"max_allowed_packet": "67108864", "character_set_database": "utf8mb4"}
SHOW_CREATE = re.compile(r"^show create table `([^`]+)`$", re.IGNORECASE)
SHOW_INDEX = re.compile(r"^show index from `([^`]+)`$", re.IGNORECASE)
# What Frappe takes for a table's name in a statement (frappe/database/database.py: log_touched_tables).
TABLES = (
    re.compile(r'([`"]?)(tab([A-Z]\w+))\1'),
    re.compile(r'([`"])(tab([A-Z]\w+)( [A-Z]\w+)+)\1'),
)
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%s|%%")


def _datetime(raw: bytes) -> Any:
    text = raw.decode()
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return text


def _date(raw: bytes) -> Any:
    text = raw.decode()
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        return text


def _time(raw: bytes) -> Any:
    from frappe.utils import to_timedelta

    return to_timedelta(raw.decode())


sqlite3.register_converter("datetime", _datetime)
sqlite3.register_converter("date", _date)
sqlite3.register_converter("time", _time)


def adapt(value: Any) -> Any:
    """Python value -> what the driver stores."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)):
        return str(value)
    if isinstance(value, (dict,)):
        return json.dumps(value)
    if value is None or isinstance(value, (int, float, str, bytes)):
        return value
    return str(value)


class CallbackManager:
    """Functions to run at a commit or rollback (real: `frappe.utils.CallbackManager`)."""

    def __init__(self) -> None:
        self._functions: list[Callable[[], Any]] = []

    def add(self, func: Callable[[], Any]) -> None:
        self._functions.append(func)

    def __call__(self, func: Callable[[], Any]) -> None:
        self.add(func)

    def run(self) -> None:
        while self._functions:
            self._functions.pop(0)()

    def reset(self) -> None:
        self._functions.clear()


def own_hosts() -> tuple[str, ...]:
    """As whom the server knows a connection from here: its login scope has to be one of these, or `%`."""
    server = frappe.conf.get("db_host") or "localhost"
    if server in LOCAL:
        return LOCAL
    # Sends nothing; asks the kernel for the address from which the server would be reached.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((server, frappe.conf.get("db_port") or 3306))
        return (str(probe.getsockname()[0]),)


class Database(ValuesMixin):
    """One connection; opens with the first query, checks the user's password then."""

    db_type = "mariadb"
    OperationalError, InternalError = errors.OperationalError, errors.InternalError
    ProgrammingError, DataError = errors.ProgrammingError, errors.DataError
    SQLError, IntegrityError = errors.SQLError, errors.IntegrityError

    def get_database_size(self) -> float:
        """In MiB, as the real one."""
        return os.path.getsize(os.path.join(server_path(), f"{self.cur_db_name}.sqlite3")) / 1024 / 1024

    def __init__(self, user: str, password: str, cur_db_name: str | None) -> None:
        self.user, self.password, self.cur_db_name = user, password, cur_db_name
        self._conn: sqlite3.Connection | None = None
        self.transaction_writes = 0
        self.auto_commit_on_many_writes = 0
        self.before_commit, self.after_commit = CallbackManager(), CallbackManager()
        self.before_rollback, self.after_rollback = CallbackManager(), CallbackManager()

    def connection(self) -> sqlite3.Connection:
        """The open connection; 1045 for a wrong password, 1049 for a missing database."""
        if self._conn is None:
            self.check_login()
            path = os.path.join(server_path(), f"{self.cur_db_name}.sqlite3")
            if not os.path.exists(path):
                raise errors.unknown_database(str(self.cur_db_name))
            self._conn = sqlite3.connect(
                path,
                timeout=30,
                isolation_level=None,
                detect_types=sqlite3.PARSE_DECLTYPES,
                check_same_thread=False,
            )
            self._conn.execute("PRAGMA synchronous=NORMAL")
            self._conn.create_function("now", 0, lambda: str(datetime.datetime.now()))
            self._conn.create_function("current_user", 0, self.account_name)
            self._conn.create_function("concat", -1, lambda *a: "".join(str(x) for x in a))
        return self._conn

    @property
    def is_root(self) -> bool:
        """A connection without a database of its own is the server's administrator."""
        return self.cur_db_name is None

    def account_name(self) -> str:
        return f"{self.user}@{user_account(self.user).get('host')}"

    def check_login(self) -> None:
        """1045 unless the password is root's (if root has one) or the user's, whose scope must let us in."""
        if self.is_root:
            let_in = root_password() in (None, self.password)
        else:
            account = user_account(self.user)
            let_in = account.get("host") in ("%", *own_hosts()) and accepts(account, self.password)
        if not let_in:
            raise errors.access_denied(self.user, own_hosts()[0])

    def sql(
        self,
        query: str,
        values: Any = None,
        *,
        as_dict: Any = 0,
        as_list: Any = 0,
        pluck: Any = False,
        **kwargs: Any,
    ) -> Any:
        """Run one statement. Rows are a tuple of tuples, or dicts / lists / single values on demand."""
        if (rows := self._told(query, values)) is not None:
            return rows
        if frappe.flags.in_migrate:
            self._log_touched_tables(query)
        query, params = self._convert(query, values)
        word = query.lstrip(" (\n\t").split(None, 1)[0].lower() if query.strip() else ""
        conn = self.connection()
        try:
            if word in DDL:
                if self.transaction_writes:
                    raise frappe.ImplicitCommitError("This statement can cause implicit commit", query)
                self.commit()
            elif word in WRITES:
                self.begin_write()
                self.transaction_writes += 1
            cursor = conn.execute(query, params)
            rows = cursor.fetchall() if cursor.description else []
        except sqlite3.Error as e:
            raise errors.translate(e, self.cur_db_name) from e
        if not cursor.description:
            return ()
        if pluck:
            return [row[0] for row in rows]
        if as_dict:
            columns = [d[0] for d in cursor.description]
            return [frappe._dict(zip(columns, row, strict=True)) for row in rows]
        return [list(row) for row in rows] if as_list else tuple(rows)

    @staticmethod
    def _log_touched_tables(query: str) -> None:
        if query.lstrip().lower().startswith(("insert", "delete", "update", "alter", "drop", "rename")):
            if frappe.flags.touched_tables is None:
                frappe.flags.touched_tables = set()
            frappe.flags.touched_tables.update(found[1] for one in TABLES for found in one.findall(query))

    def _told(self, query: str, values: Any) -> Any:
        """Rows of a statement about the server itself; None for any other."""
        if shown := SHOW_INDEX.match(query):
            return self.show_index(shown[1])
        if shown := SHOW_CREATE.match(query):
            made = "select name, sql from sqlite_master where type='table' and name=?"
            return tuple(self.connection().execute(made, (shown[1],)).fetchall())
        if SHOW_VARIABLES.match(query):
            return tuple((name, VARIABLES[name]) for name in values if name in VARIABLES)
        return account_statement(query, self)

    def _convert(self, query: str, values: Any) -> tuple[str, Any]:
        if values is None or values == () or values == [] or values == {}:
            return query, ()
        if not isinstance(values, (tuple, list, dict)):
            values = (values,)
        params: list[Any] = []
        position = iter(values if not isinstance(values, dict) else ())

        def replace(match: re.Match[str]) -> str:
            if match[0] == "%%":
                return "%"
            value = values[match[1]] if match[1] else next(position)
            if isinstance(value, (list, tuple, set)):
                params.extend(adapt(v) for v in value)
                return "(" + ", ".join("?" * len(value)) + ")"
            params.append(adapt(value))
            return "?"

        return PLACEHOLDER.sub(replace, query), params

    def begin_write(self) -> None:
        conn = self.connection()
        if not conn.in_transaction:
            conn.execute("BEGIN IMMEDIATE")

    def sql_ddl(self, query: str, debug: bool = False) -> Any:
        """DDL after an explicit commit of what is pending."""
        self.commit()
        return self.sql(query)

    def sql_list(self, query: str, values: Any = (), **kwargs: Any) -> list[Any]:
        return self.sql(query, values, pluck=True)

    def commit(self) -> None:
        self.before_rollback.reset()
        self.after_rollback.reset()
        self.before_commit.run()
        if not self.is_root and self.connection().in_transaction:
            self.connection().execute("COMMIT")
        self.transaction_writes = 0
        self.after_commit.run()

    def rollback(self, *, save_point: str | None = None) -> None:
        if save_point:
            if self._conn is not None and self._conn.in_transaction:
                self._conn.execute(f"ROLLBACK TO `{save_point}`")
            return
        self.before_commit.reset()
        self.after_commit.reset()
        self.before_rollback.run()
        if not self.is_root and self.connection().in_transaction:
            self.connection().execute("ROLLBACK")
        self.transaction_writes = 0
        self.after_rollback.run()

    def begin(self, *, read_only: bool = False) -> None:
        if read_only:
            self.connection().execute("PRAGMA query_only=1")

    def savepoint(self, save_point: str) -> None:
        self.begin_write()
        self.connection().execute(f"SAVEPOINT `{save_point}`")

    def release_savepoint(self, save_point: str) -> None:
        self.connection().execute(f"RELEASE `{save_point}`")

    def close(self) -> None:
        """Uncommitted work is lost, as with any dropped connection."""
        if self._conn is not None:
            with contextlib.suppress(sqlite3.Error):
                if self._conn.in_transaction:
                    self._conn.execute("ROLLBACK")
            self._conn.close()
            self._conn = None

    @staticmethod
    def _number(e: Any) -> Any:
        return e.args[0] if getattr(e, "args", None) else None

    def is_access_denied(self, e: Any) -> bool:
        return self._number(e) == 1045

    def is_table_missing(self, e: Any) -> bool:
        return self._number(e) == 1146

    is_missing_table = is_table_missing

    def is_missing_column(self, e: Any) -> bool:
        return self._number(e) == 1054

    def is_duplicate_entry(self, e: Any) -> bool:
        return self._number(e) == 1062

    def is_primary_key_violation(self, e: Any) -> bool:
        return self.is_duplicate_entry(e) and "PRIMARY" in str(e.args[1])

    def is_unique_key_violation(self, e: Any) -> bool:
        return self.is_duplicate_entry(e) and "PRIMARY" not in str(e.args[1])

    def is_deadlocked(self, e: Any) -> bool:
        return self._number(e) == 1213

    def is_timedout(self, e: Any) -> bool:
        return self._number(e) == 1205
