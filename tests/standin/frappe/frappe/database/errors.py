# SPDX-License-Identifier: GPL-3.0-or-later
"""MariaDB's error numbers on SQLite's errors: callers of real Frappe look at `args[0]`."""

from __future__ import annotations

import re
import sqlite3


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


def access_denied(user: str) -> OperationalError:
    return OperationalError(1045, f"Access denied for user '{user}'@'localhost' (using password: YES)")


def unknown_database(name: str) -> OperationalError:
    return OperationalError(1049, f"Unknown database '{name}'")


def translate(error: sqlite3.Error, db_name: str | None) -> SQLError:
    """SQLite error -> error of the class and number that MariaDB would use."""
    text = str(error)
    if match := re.search(r"no such table: (.+)", text):
        return ProgrammingError(1146, f"Table '{db_name}.{match[1]}' doesn't exist")
    if match := re.search(r"(?:no such column: |has no column named )(.+)", text):
        return OperationalError(1054, f"Unknown column '{match[1].strip('`')}' in 'field list'")
    if match := re.search(r"duplicate column name: (.+)", text):
        return OperationalError(1060, f"Duplicate column name '{match[1]}'")
    if match := re.search(r"UNIQUE constraint failed: (.+)", text):
        columns = [part.rsplit(".", 1)[-1] for part in match[1].split(", ")]
        key = "PRIMARY" if columns == ["name"] else columns[-1]
        return IntegrityError(1062, f"Duplicate entry for key '{key}'", columns)
    if "NOT NULL constraint failed" in text:
        return IntegrityError(1048, f"Column '{text.rsplit('.', 1)[-1]}' cannot be null")
    if "table" in text and "already exists" in text:
        return OperationalError(1050, text)
    if "locked" in text or "busy" in text:
        return OperationalError(1205, "Lock wait timeout exceeded; try restarting transaction")
    if "readonly" in text or "read-only" in text:
        return OperationalError(1290, text)
    if "disk is full" in text:
        return InternalError(1114, f"The table is full ({text})")
    if "malformed" in text or "not a database" in text:
        return InternalError(145, f"database file is marked as crashed ({text})")
    if isinstance(error, sqlite3.OperationalError) and "syntax error" in text:
        return ProgrammingError(1064, f"You have an error in your SQL syntax; {text}")
    return OperationalError(1105, text)
