# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases that are JSON files."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import frappe


class Database:
    """One site's database."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.rollback()

    def rollback(self) -> None:
        if not self.path.exists():
            raise frappe.OperationalError(f"(1049, Unknown database {self.path.stem})")
        self.data: dict[str, Any] = json.loads(self.path.read_text())

    def commit(self) -> None:
        self.path.write_text(json.dumps(self.data))

    def sql(self, query: str) -> None:
        """Whatever is asked; that it can be asked is what counts."""

    def rows(self, doctype: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.data["docs"].setdefault(doctype, {})
        return found

    def secret(self, doc: Any, fieldname: str) -> str:
        return f"{doc.doctype}|{doc.name}|{fieldname}"

    def exists(self, doctype: str, name: str) -> str | None:
        return name if name in self.rows(doctype) else None

    def get_value(self, doctype: str, name: Any, fieldname: str = "name") -> Any:
        filters = name if isinstance(name, dict) else {"name": name}
        return next(iter(frappe.get_all(doctype, filters=filters, pluck=fieldname)), None)

    def set_value(self, doctype: str, name: str, fieldname: str, value: Any) -> None:
        self.rows(doctype)[name][fieldname] = value

    def get_single_value(self, doctype: str, fieldname: str) -> Any:
        return self.rows(doctype).get(doctype, {}).get(fieldname)

    def get_tables(self, cached: bool) -> list[str]:
        dropped = self.data.get("dropped", [])
        return [
            f"tab{name}" for name, row in self.rows("DocType").items() if not row["issingle"] and name not in dropped
        ]

    def delete(self, doctype: str, filters: dict[str, Any]) -> None:
        rows = self.rows(doctype)
        for name in [name for name, row in rows.items() if frappe._fits(row, filters)]:
            del rows[name]

    def count(self, doctype: str, filters: dict[str, Any]) -> int:
        return len(frappe.get_all(doctype, filters=filters))


def get_db(host: Any, port: Any, user: str, password: str) -> Any:
    """The server's root connection."""
    if password != "root-password":
        raise frappe.OperationalError(f"(1045, Access denied for user {user} with {password})")
    return SimpleNamespace(close=lambda: None)
