# SPDX-License-Identifier: GPL-3.0-or-later
"""MariaDB's error numbers on SQLite's errors: callers of real Frappe look at `args[0]`."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from typing import Any


class SQLError(Exception):
    """Base, as `pymysql.err.MySQLError`; `args` is (number, message)."""


class OperationalError(SQLError):
    pass


class InternalError(SQLError):
    pass


class ProgrammingError(SQLError):
    pass


class DataError(SQLError):
    pass


class IntegrityError(SQLError):
    pass


def access_denied(user: str, host: str) -> OperationalError:
    return OperationalError(1045, f"Access denied for user '{user}'@'{host}' (using password: YES)")


def unknown_database(name: str) -> OperationalError:
    return OperationalError(1049, f"Unknown database '{name}'")


def _duplicate(columns: str, db_name: Any) -> SQLError:
    names = [part.rsplit(".", 1)[-1] for part in columns.split(", ")]
    key = "PRIMARY" if names == ["name"] else names[-1]
    return IntegrityError(1062, f"Duplicate entry for key '{key}'", names)


# what SQLite says -> the error of MariaDB; the first match counts
TABLE: list[tuple[str, Callable[[str, Any], SQLError]]] = [
    (r"no such table: (.+)", lambda x, db: ProgrammingError(1146, f"Table '{db}.{x}' doesn't exist")),
    (
        r"(?:no such column: |has no column named )(.+)",
        lambda x, db: OperationalError(1054, f"Unknown column '{x.strip('`')}' in 'field list'"),
    ),
    (r"duplicate column name: (.+)", lambda x, db: OperationalError(1060, f"Duplicate column name '{x}'")),
    (r"UNIQUE constraint failed: (.+)", _duplicate),
    (r"NOT NULL constraint failed: .*\.(.+)", lambda x, db: IntegrityError(1048, f"Column '{x}' cannot be null")),
    (r"table (.+) already exists", lambda x, db: OperationalError(1050, f"Table '{x}' already exists")),
    (
        r"(locked|busy)",
        lambda x, db: OperationalError(1205, "Lock wait timeout exceeded; try restarting transaction"),
    ),
    (r"(.*disk is full.*)", lambda x, db: InternalError(1114, f"The table is full ({x})")),
    (r"(.*(?:malformed|not a database).*)", lambda x, db: InternalError(145, f"Table is marked as crashed ({x})")),
    (r"(.*syntax error.*)", lambda x, db: ProgrammingError(1064, f"You have an error in your SQL syntax; {x}")),
]


def translate(error: sqlite3.Error, db_name: str | None) -> SQLError:
    """SQLite error -> error of the class and number that MariaDB would use (1105: anything else)."""
    for pattern, make in TABLE:
        if match := re.search(pattern, str(error)):
            return make(match[1], db_name)
    return OperationalError(1105, str(error))
