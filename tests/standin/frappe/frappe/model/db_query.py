# SPDX-License-Identifier: GPL-3.0-or-later
"""`get_list` and `get_all` (imitates the call signature of `frappe/model/db_query.py`)."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.database.query import build_where, order_clause, select_list
from frappe.utils import cint


class DatabaseQuery:
    """One query over one DocType; virtual DocTypes are asked through their controller."""

    def __init__(self, doctype: str) -> None:
        self.doctype = doctype

    def execute(
        self,
        fields: Any = None,
        filters: Any = None,
        or_filters: Any = None,
        docstatus: Any = None,
        group_by: str | None = None,
        order_by: str | None = "KEEP_DEFAULT_ORDERING",
        limit_start: Any = 0,
        limit_page_length: Any = None,
        as_list: bool = False,
        ignore_permissions: bool = False,
        pluck: str | None = None,
        distinct: bool = False,
        limit: Any = None,
        start: Any = None,
        page_length: Any = None,
        parent_doctype: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Rows as `_dict`, lists (`as_list`) or values of one field (`pluck`)."""
        if not ignore_permissions and not frappe.has_permission(self.doctype, "read"):
            doctype = frappe.bold(self.doctype)
            frappe.flags.error_message = f"Insufficient Permission for {doctype}"
            raise frappe.PermissionError(self.doctype)
        is_filter = isinstance(fields, dict) or (isinstance(fields, list) and fields and isinstance(fields[0], list))
        is_fields = fields and isinstance(filters, list) and len(filters) > 1 and isinstance(filters[0], str)
        if is_filter or is_fields:
            fields, filters = filters, fields
        offset = cint(start if start is not None else limit_start)
        size = cint(limit or page_length or limit_page_length)
        meta = frappe.get_meta(self.doctype)
        if meta.is_virtual:
            return self._virtual(filters, order_by, offset, size, pluck, fields)
        wanted = [pluck] if pluck and not fields else fields or ["name"]
        where, params = build_where(self.doctype, filters, or_filters)
        if order_by == "KEEP_DEFAULT_ORDERING":
            order_by = None if group_by else f"`{meta.sort_field or 'modified'}` {meta.sort_order or 'desc'}"
        query = f"select {'distinct ' if distinct else ''}{select_list(self.doctype, wanted)}"
        query += f" from `tab{self.doctype}`{where}" + (f" group by {group_by}" if group_by else "")
        query += order_clause(self.doctype, order_by)
        if size:
            query += f" limit {size} offset {offset}"
        rows = frappe.db.sql(query, params, as_dict=not as_list)
        if pluck:
            return [row[pluck] for row in rows]
        return rows

    def _virtual(self, filters: Any, order_by: Any, offset: int, size: int, pluck: Any, fields: Any) -> Any:
        from frappe.model.document import get_controller

        order = "modified desc" if order_by in (None, "KEEP_DEFAULT_ORDERING") else order_by
        args = frappe._dict(
            doctype=self.doctype, filters=filters, order_by=order, start=offset, page_length=size or 20, fields=fields
        )
        rows = get_controller(self.doctype).get_list(args)
        if pluck:
            return [row[pluck] for row in rows]
        return [frappe._dict(row) for row in rows]
