# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of DocTypes (imitates `frappe/database/schema.py`): create, add columns, never drop one."""

from __future__ import annotations

import json
import os
from typing import Any

import frappe

NOCASE = "collate nocase"
TYPE_MAP = {
    "Check": "int(1) not null default 0",
    "Int": "int(11) not null default 0",
    "Long Int": "bigint(20)",
    "Float": "double not null default 0",
    "Currency": "double not null default 0",
    "Percent": "double not null default 0",
    "Rating": "double",
    "Duration": "double",
    "Date": "date",
    "Datetime": "datetime",
    "Time": "time",
    "Small Text": "text",
    "Text": "text",
    "Long Text": "longtext",
    "Code": "longtext",
    "JSON": "longtext",
    "Text Editor": "longtext",
    "Markdown Editor": "longtext",
    "HTML Editor": "longtext",
    "Attach": "text",
    "Attach Image": "text",
    "Signature": "longtext",
    "Color": f"varchar(140) {NOCASE}",
    "Barcode": "longtext",
    "Geolocation": "longtext",
    "Icon": f"varchar(140) {NOCASE}",
    "Phone": f"varchar(140) {NOCASE}",
    "Autocomplete": f"varchar(140) {NOCASE}",
    "Data": f"varchar(140) {NOCASE}",
    "Link": f"varchar(140) {NOCASE}",
    "Dynamic Link": f"varchar(140) {NOCASE}",
    "Select": f"varchar(140) {NOCASE}",
    "Read Only": f"varchar(140) {NOCASE}",
    "Password": "text",
}
STANDARD = [
    ("name", f"varchar(140) {NOCASE} primary key"),
    ("creation", "datetime"),
    ("modified", "datetime"),
    ("modified_by", f"varchar(140) {NOCASE}"),
    ("owner", f"varchar(140) {NOCASE}"),
    ("docstatus", "int(1) not null default 0"),
    ("idx", "int(8) not null default 0"),
]
CHILD = [(n, f"varchar(140) {NOCASE}") for n in ("parent", "parentfield", "parenttype")]
OPTIONAL = [(n, "text") for n in ("_user_tags", "_comments", "_assign", "_liked_by")]

FRAMEWORK_SQL = """
create table if not exists `tabSingles` (doctype varchar(255) collate nocase, field varchar(255), value longtext);
create index if not exists singles_doctype on `tabSingles` (doctype, field);
create table if not exists `__Auth` (doctype varchar(140), name varchar(255) collate nocase, fieldname varchar(140),
 password text, encrypted int not null default 0, primary key (doctype, name, fieldname));
create table if not exists `tabSeries` (name varchar(100) primary key, current int not null default 0);
create table if not exists `tabSessions` (user varchar(255), sid varchar(255) primary key, sessiondata longtext,
 ipaddress varchar(16), lastupdate datetime, status varchar(20));
create table if not exists `__global_search` (doctype varchar(100), name varchar(140), content text);
create table if not exists `__UserSettings` (user varchar(180), doctype varchar(180), data text,
 primary key (user, doctype))
"""
BOOTSTRAP = ("doctype", "docfield", "docperm", "defaultvalue")


def column_of(df: Any) -> str | None:
    """Column type of a field; None for fields without a value (breaks, tables, virtual)."""
    if df.get("is_virtual"):
        return None
    kind = TYPE_MAP.get(df.get("fieldtype"))
    if kind and df.get("length") and kind.startswith("varchar"):
        kind = f"varchar({int(df.get('length'))}) {NOCASE}"
    return kind


def create_framework_tables() -> None:
    """What `framework_mariadb.sql` brings: the tables that exist before any DocType is imported."""
    for statement in FRAMEWORK_SQL.split(";"):
        frappe.db.sql_ddl(statement)
    for name in BOOTSTRAP:
        path = os.path.join(os.path.dirname(frappe.__file__), "core", "doctype", name, f"{name}.json")
        with open(path) as f:
            doc = json.load(f)
        update_table(doc["name"], bool(doc.get("istable")), [frappe._dict(x) for x in doc["fields"]])


def update_table(doctype: str, istable: bool, fields: list[Any]) -> None:
    """Create the table or add what is missing; DDL, so it commits (as on MariaDB)."""
    wanted = {df.fieldname: column_of(df) for df in fields if column_of(df)}
    table = f"tab{doctype}"
    existing = frappe.db.get_db_table_columns(table)
    if not existing:
        columns = STANDARD + (CHILD if istable else OPTIONAL)
        taken = {name for name, _kind in columns}
        columns = columns + [(n, k) for n, k in wanted.items() if n not in taken and k]
        body = ", ".join(f"`{name}` {kind}" for name, kind in columns)
        frappe.db.sql_ddl(f"create table `{table}` ({body})")
        if istable:
            frappe.db.sql_ddl(f"create index `{table}_parent` on `{table}` (parent)")
    else:
        for name, kind in wanted.items():
            if name not in existing:
                frappe.db.sql_ddl(f"alter table `{table}` add column `{name}` {kind}")
    _unique_indexes(table, [df.fieldname for df in fields if df.get("unique") and df.fieldname in wanted])


def _unique_indexes(table: str, names: list[str]) -> None:
    indexes = frappe.db.sql("select name from sqlite_master where type='index' and tbl_name=%s", (table,), pluck=True)
    for name in names:
        index = f"unique_{table}_{name}"
        if index not in indexes:
            frappe.db.sql_ddl(f"create unique index `{index}` on `{table}` (`{name}`)")


def add_column(doctype: str, column_name: str, fieldtype: str, **kwargs: Any) -> None:
    """Real Frappe's helper of the same name; nothing to do when the column exists."""
    if column_name not in frappe.db.get_table_columns(doctype):
        kind = column_of(frappe._dict(fieldtype=fieldtype))
        frappe.db.sql_ddl(f"alter table `tab{doctype}` add column `{column_name}` {kind}")
