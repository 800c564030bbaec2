# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters, fields and order of real Frappe's queries, turned into SQL text and parameters."""

from __future__ import annotations

import re
from typing import Any

NO_MODIFIED = {"Singles", "Series", "Sessions"}
COMPARE = {"=", "!=", ">", "<", ">=", "<=", "like", "not like", "in", "not in", "is", "between"}
WORD = re.compile(r"^\w+$")
DATE_ONLY = re.compile(r"^\d{4}-\d\d-\d\d$")


def table(doctype: str) -> str:
    return f"`{doctype}`" if doctype.startswith("__") else f"`tab{doctype}`"


def column(name: str) -> str:
    """Quoted column; expressions (functions, aliases, qualified names) pass as they are."""
    if name == "*" or not WORD.match(name):
        return name
    return f"`{name}`"


def select_list(doctype: str, fields: Any) -> str:
    if isinstance(fields, str):
        fields = [part.strip() for part in fields.split(",")] if "(" not in fields else [fields]
    return ", ".join(column(str(f)) for f in fields or ["name"])


def order_clause(doctype: str, order_by: str | None) -> str:
    if not order_by or doctype in NO_MODIFIED or doctype.startswith("__"):
        return ""
    return f" order by {order_by}"


def normalize(doctype: str, filters: Any) -> list[tuple[str, str, str, Any]]:
    """All filter notations -> (doctype, field, operator, value)."""
    if filters is None or filters in ("", {}, []):
        return []
    if isinstance(filters, (str, int)):
        return [(doctype, "name", "=", filters)]
    if isinstance(filters, dict):
        return [_from_pair(doctype, field, value) for field, value in filters.items()]
    if isinstance(filters[0], str) and len(filters) in (3, 4) and str(filters[-2]).lower() in COMPARE:
        filters = [filters]
    if isinstance(filters[0], str):
        return [(doctype, "name", "in", list(filters))]
    out: list[tuple[str, str, str, Any]] = []
    for item in filters:
        if isinstance(item, dict):
            out += normalize(doctype, item)
        elif len(item) == 2:
            out.append(_from_pair(doctype, item[0], item[1]))
        else:
            dt, field, op, value = item[:4] if len(item) > 3 else (doctype, *item)
            out.append((dt, field, str(op).lower(), value))
    return out


def _from_pair(doctype: str, field: str, value: Any) -> tuple[str, str, str, Any]:
    """`field: value`, `field: [op, value]` or `field: [one, of, many]`."""
    if isinstance(value, (list, tuple)) and len(value) == 2 and str(value[0]).lower() in COMPARE:
        return (doctype, field, str(value[0]).lower(), value[1])
    if isinstance(value, (list, tuple, set)):
        return (doctype, field, "in", list(value))
    return (doctype, field, "=", value)


def condition(field: str, op: str, value: Any) -> tuple[str, list[Any]]:
    """One comparison; NULL counts as empty, as in Frappe's ifnull."""
    col = column(field)
    if op == "is":
        return (f"ifnull({col}, '') {'!=' if str(value).lower() == 'set' else '='} ''", [])
    if op in ("in", "not in"):
        values = [v.strip() for v in value.split(",")] if isinstance(value, str) else list(value or [])
        if not values:
            return ("1=0" if op == "in" else "1=1", [])
        marks = ", ".join(["%s"] * len(values))
        null = f" or {col} is null" if op == "not in" or None in values or "" in values else ""
        return (f"({col} {op} ({marks}){null})", values)
    if op == "between":
        low, high = value
        high = f"{high} 23:59:59.999999" if DATE_ONLY.match(str(high)) else high
        return (f"{col} between %s and %s", [low, high])
    if op == "=" and value in (None, ""):
        return (f"ifnull({col}, '') = ''", [])
    if op == "!=" and value in (None, ""):
        return (f"ifnull({col}, '') != ''", [])
    if op in ("!=", "not like"):
        return (f"({col} {op} %s or {col} is null)", [value])
    if op not in COMPARE:
        import frappe

        frappe.throw(f"Operator must be one of {', '.join(sorted(COMPARE))}")
    return (f"{col} {op} %s", [value])


def build_where(doctype: str, filters: Any, or_filters: Any = None) -> tuple[str, list[Any]]:
    """` where ...` (or empty) and its parameters. A filter on a child DocType becomes a sub-select."""
    parts, params = _conditions(doctype, filters)
    any_parts, any_params = _conditions(doctype, or_filters)
    if any_parts:
        parts.append("(" + " or ".join(any_parts) + ")")
        params += any_params
    return (" where " + " and ".join(parts) if parts else "", params)


def _conditions(doctype: str, filters: Any) -> tuple[list[str], list[Any]]:
    parts: list[str] = []
    params: list[Any] = []
    for dt, field, op, value in normalize(doctype, filters):
        text, more = condition(field, op, value)
        if dt != doctype:
            text = f"`name` in (select parent from {table(dt)} where parenttype=%s and {text})"
            more = [doctype, *more]
        parts.append(text)
        params += more
    return parts, params
