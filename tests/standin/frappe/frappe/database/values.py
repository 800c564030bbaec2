# SPDX-License-Identifier: GPL-3.0-or-later
"""`frappe.db.get_value` and its family (imitates `frappe/database/database.py`)."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe.database.query import build_where, order_clause, select_list


def table_name(doctype: str) -> str:
    return f"`{doctype}`" if doctype.startswith("__") else f"`tab{doctype}`"


class ValuesMixin:
    """Readers and writers of single values; the SQL itself is in `Database`."""

    sql: Any
    commit: Any
    begin_write: Any
    sql_ddl: Any

    def get_value(
        self,
        doctype: str,
        filters: Any = None,
        fieldname: Any = "name",
        ignore: bool = False,
        as_dict: bool = False,
        order_by: str | None = "modified desc",
        pluck: bool = False,
        **kwargs: Any,
    ) -> Any:
        """One field, a tuple of fields, or a dict; None when nothing matches."""
        rows = self.get_values(doctype, filters, fieldname, ignore, as_dict, order_by=order_by, limit=1, **kwargs)
        if not rows:
            return None
        row = rows[0]
        if as_dict:
            return row
        many = len(row) > 1 or (isinstance(fieldname, (list, tuple)) and not pluck and len(fieldname) > 1)
        return row if many else row[0]

    def get_values(
        self,
        doctype: str,
        filters: Any = None,
        fieldname: Any = "name",
        ignore: bool = False,
        as_dict: bool = False,
        order_by: str | None = None,
        pluck: bool = False,
        limit: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Matching rows; filters equal to the DocType (or None) read a Single's values."""
        from frappe.model.meta import is_single

        if kwargs.get("for_update"):
            self.begin_write()  # SQLite locks the whole database, MariaDB the row
        single = doctype != "DocType" and (filters is None or filters == doctype)
        if single and is_single(doctype):
            return self._values_of_single(doctype, fieldname, as_dict)
        if isinstance(filters, (str, int)) or (isinstance(filters, list) and not filters):
            filters = {"name": filters}
        where, params = build_where(doctype, filters)
        query = f"select {select_list(doctype, fieldname)} from {table_name(doctype)}{where}"
        query += order_clause(doctype, order_by) + (f" limit {int(limit)}" if limit else "")
        try:
            return self.sql(query, params, as_dict=as_dict, pluck=pluck)
        except Exception as e:
            if ignore and (self.is_table_missing(e) or self.is_missing_column(e)):
                return ()
            raise

    def _values_of_single(self, doctype: str, fieldname: Any, as_dict: bool) -> Any:
        values = self.get_singles_dict(doctype)
        if fieldname == "*":
            return [values] if as_dict else [tuple(values.values())]
        names = [fieldname] if isinstance(fieldname, str) else list(fieldname)
        if as_dict:
            return [frappe._dict({n: values.get(n) for n in names})] if values else []
        return [tuple(values.get(n) for n in names)] if any(n in values for n in names) else []

    def get_singles_dict(self, doctype: str, debug: bool = False, **kwargs: Any) -> Any:
        """All values of a Single as stored (text); `cast=True` converts by field type."""
        rows = self.sql("select field, value from `tabSingles` where doctype=%s", (doctype,))
        values = frappe._dict(rows)
        return self._cast(doctype, values) if kwargs.get("cast") else values

    @staticmethod
    def _cast(doctype: str, values: Any) -> Any:
        from frappe.utils import cast

        meta = frappe.get_meta(doctype)
        for key, value in values.items():
            if df := meta.get_field(key):
                values[key] = cast(df.fieldtype, value)
        return values

    def get_single_value(self, doctype: str, fieldname: str, cache: bool = True) -> Any:
        """Value of a Single, converted by its field type; an unknown field is a ValidationError."""
        from frappe.utils import cast

        rows = self.sql(
            "select value from `tabSingles` where doctype=%s and field=%s", (doctype, fieldname), pluck=True
        )
        df = frappe.get_meta(doctype).get_field(fieldname)
        if not df:
            field = frappe.bold(fieldname)
            frappe.throw(f"Invalid field name: {field}", self.InvalidColumnName)
        return cast(df.fieldtype, rows[0] if rows else None)

    InvalidColumnName = frappe.exceptions.InvalidColumnName

    def set_single_value(self, doctype: str, fieldname: Any, value: Any = None, **kwargs: Any) -> None:
        """Write into tabSingles as it comes: a Password field gets PLAIN TEXT, as in real Frappe."""
        values = fieldname if isinstance(fieldname, dict) else {fieldname: value}
        values = dict(values)
        if kwargs.get("update_modified", True):
            values.setdefault("modified", kwargs.get("modified") or frappe.utils.now())
            values.setdefault("modified_by", kwargs.get("modified_by") or frappe.session.user)
        for field, new in values.items():
            self.sql("delete from `tabSingles` where doctype=%s and field=%s", (doctype, field))
            self.sql("insert into `tabSingles` (doctype, field, value) values (%s, %s, %s)", (doctype, field, new))
        if doctype == "System Settings" and hasattr(frappe.local, "system_settings"):
            del frappe.local.system_settings

    def set_value(
        self,
        dt: str,
        dn: Any,
        field: Any,
        val: Any = None,
        modified: Any = None,
        modified_by: Any = None,
        update_modified: bool = True,
        **kwargs: Any,
    ) -> None:
        """Update columns without any controller. `dn` may be filters; None or the DocType = Single."""
        from frappe.model.meta import is_single

        if dn is None or (dt == dn and is_single(dt)):
            self.set_single_value(dt, field, val, update_modified=update_modified)
            return
        values = dict(field) if isinstance(field, dict) else {field: val}
        if update_modified:
            values["modified"] = modified or frappe.utils.now()
            values["modified_by"] = modified_by or frappe.session.user
        where, params = build_where(dt, {"name": dn} if isinstance(dn, (str, int)) else dn)
        assignments = ", ".join(f"`{name}`=%s" for name in values)
        self.sql(f"update {table_name(dt)} set {assignments}{where}", [*values.values(), *params])

    def exists(self, dt: Any, dn: Any = None, cache: bool = False) -> Any:
        """Name of the (first) match or None; a missing table is no match."""
        if isinstance(dt, dict):
            dt = dict(dt)
            dt, dn = dt.pop("doctype"), dt
        if dt != "DocType" and dt == dn:
            return dn  # single always exists
        if dn is None or dn == "":
            return None
        return self.get_value(dt, dn, "name", ignore=True, order_by=None)

    def count(self, dt: str, filters: Any = None, debug: bool = False, cache: bool = False, **kw: Any) -> int:
        where, params = build_where(dt, filters)
        return int(self.sql(f"select count(*) from {table_name(dt)}{where}", params)[0][0])

    def delete(self, doctype: str, filters: Any = None, debug: bool = False, **kwargs: Any) -> None:
        where, params = build_where(doctype, filters)
        self.sql(f"delete from {table_name(doctype)}{where}", params)

    def truncate(self, doctype: str) -> None:
        self.commit()
        self.sql(f"delete from {table_name(doctype)}")
        self.commit()

    def get_global(self, key: str, user: str = "__global") -> Any:
        return self.get_default(key, user)

    def set_global(self, key: str, val: Any, user: str = "__global") -> None:
        self.set_default(key, val, user)

    def get_default(self, key: str, parent: str = "__default") -> Any:
        rows = self.sql(
            "select defvalue from `tabDefaultValue` where parent=%s and defkey=%s order by creation",
            (parent, key),
            pluck=True,
        )
        return (rows[0] if len(rows) == 1 else rows) if rows else None

    def get_defaults(self, key: str | None = None, parent: str = "__default") -> Any:
        if key:
            return self.get_default(key, parent)
        rows = self.sql("select defkey, defvalue from `tabDefaultValue` where parent=%s", (parent,))
        return frappe._dict(rows)

    def set_default(self, key: str, val: Any, parent: str = "__default", parenttype: Any = None) -> None:
        self.sql("delete from `tabDefaultValue` where parent=%s and defkey=%s", (parent, key))
        if val is None:
            return
        now = frappe.utils.now()
        self.sql(
            "insert into `tabDefaultValue` (name, creation, modified, modified_by, owner, parent, parenttype,"
            " parentfield, defkey, defvalue) values (%s, %s, %s, %s, %s, %s, %s, 'system_defaults', %s, %s)",
            (
                frappe.generate_hash(length=10),
                now,
                now,
                frappe.session.user,
                frappe.session.user,
                parent,
                parenttype or "__default",
                key,
                val if isinstance(val, str) else json.dumps(val),
            ),
        )

    def get_tables(self, cached: bool = True) -> list[str]:
        rows = self.sql("select name from sqlite_master where type='table' order by name", pluck=True)
        return [name for name in rows if not name.startswith("sqlite_")]

    def table_exists(self, doctype: str, cached: bool = True) -> bool:
        return table_name(doctype).strip("`") in self.get_tables()

    has_table = table_exists

    def get_table_columns(self, doctype: str) -> list[str]:
        return self.get_db_table_columns(table_name(doctype).strip("`"))

    def get_db_table_columns(self, table: str) -> list[str]:
        return self.sql("select name from pragma_table_info(%s)", (table,), pluck=True)

    def has_column(self, doctype: str, column: str) -> bool:
        return column in self.get_table_columns(doctype)

    def get_system_setting(self, key: str) -> Any:
        return frappe.get_system_settings(key)

    def add_index(self, doctype: str, fields: list[str], index_name: str | None = None) -> None:
        """DDL, so it commits."""
        name = index_name or "_".join([*fields, "index"])
        columns = ", ".join(f"`{field}`" for field in fields)
        self.sql_ddl(f"create index if not exists `{doctype}_{name}` on {table_name(doctype)} ({columns})")

    def show_index(self, table: str) -> list[Any]:
        """What MariaDB answers to `show index`, those columns that are read."""
        rows = [frappe._dict(Key_name="PRIMARY", Column_name="name", Seq_in_index=1, Non_unique=0)]
        for index in self.sql("select name, `unique` as single from pragma_index_list(%s)", (table,), as_dict=True):
            columns = self.sql("select name from pragma_index_info(%s) order by seqno", (index.name,), pluck=True)
            rows += [
                frappe._dict(Key_name=index.name, Column_name=column, Seq_in_index=at, Non_unique=int(not index.single))
                for at, column in enumerate(columns, start=1)
            ]
        return rows
