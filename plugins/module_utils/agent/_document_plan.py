# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: what a DocType record should become, field by field.

A record is what the ``document`` module documents (``doctype, name, match, state, values, secrets, child_mode,
child_keys``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .._errors import ErpopsError
from ._field_values import TABLE_TYPES, Meta, check_fields, same, stored
from ._redact import looks_secret, stars

# DocTypes whose names Frappe or ERPNext make up, and the fields that identify a record of theirs.
# Source: autoname in frappe/custom/doctype/*, erpnext/stock/doctype/warehouse.
NATURAL_KEYS: dict[str, tuple[str, ...]] = {
    "Custom Field": ("dt", "fieldname"),
    "Property Setter": ("doc_type", "field_name", "property"),
    "Custom DocPerm": ("parent", "role", "permlevel"),
    "Warehouse": ("warehouse_name", "company"),
    "Account": ("account_name", "company"),
    "Cost Center": ("cost_center_name", "company"),
    "User Permission": ("user", "allow", "for_value"),
}


@dataclass(frozen=True)
class RowPlan:
    """One child row: its index in the present table (``None`` for a new one) and the values to set."""

    index: int | None
    values: dict[str, Any]


@dataclass
class RecordPlan:
    """What to do with a record: the values and rows to set, and the change as it may be shown."""

    action: str  # created | updated | deleted | unchanged
    values: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[RowPlan]] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def identity_filters(record: dict[str, Any], autoname: str) -> dict[str, Any]:
    """The filters that find a record which was declared without a name.

    :raises ErpopsError: (400) nothing in the record identifies it.
    """
    if record.get("match"):
        return dict(record["match"])
    values = record.get("values") or {}
    keys: tuple[str, ...] = NATURAL_KEYS.get(record["doctype"], ())
    if not keys and autoname.startswith("field:"):
        keys = (autoname[len("field:") :],)
    if keys and all(values.get(key) not in (None, "") for key in keys):
        return {key: values[key] for key in keys}
    raise ErpopsError(
        "nothing identifies this record",
        object=record["doctype"],
        needed="name, match" + (f", or values for {', '.join(keys)}" if keys else ""),
        status=400,
    )


def check_record(record: dict[str, Any], meta: Meta) -> None:
    """What can be said about a record before its site's data is looked at.

    :raises ErpopsError: an unknown field, a Password among plain values, a table among secrets, an empty
        secret (Frappe deletes the stored one on save), or rows that are not a list of mappings.
    """
    what = record["doctype"]
    values, secrets = record.get("values") or {}, record.get("secrets") or {}
    check_fields(what, [*values, *secrets], meta)
    for name, value in values.items():
        kind = meta[name]["fieldtype"]
        if kind == "Password":
            raise ErpopsError(
                f"field {name!r} is a Password: give it under `secrets`, not `values`", object=what, status=400
            )
        if kind in TABLE_TYPES and not (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
            raise ErpopsError(f"field {name!r} is a table", object=what, needed="a list of mappings", status=400)
        if kind not in (*TABLE_TYPES, "JSON", "Code", "Geolocation") and isinstance(value, (dict, list)):
            raise ErpopsError(
                f"field {name!r} is a {kind}", object=what, seen=type(value).__name__, needed="one value", status=400
            )
        stored(what, name, kind, value)
    for name, value in secrets.items():
        if meta[name]["fieldtype"] in TABLE_TYPES:
            raise ErpopsError(f"field {name!r} is a table: give it under `values`", object=what, status=400)
        if value in (None, ""):
            raise ErpopsError(
                f"the secret {name!r} is empty, and saving an empty one deletes what is stored",
                object=what,
                hint="leave the key out to keep the stored secret",
                status=400,
            )


def plan_record(
    record: dict[str, Any],
    meta: Meta,
    child_metas: dict[str, Meta],
    current: dict[str, Any] | None,
    secret_matches: Callable[[str, str], bool],
) -> RecordPlan:
    """What to do so that ``current`` (``None``: no such record) becomes ``record``.

    :param child_metas: table field -> meta of its child DocType.
    :param secret_matches: whether the stored secret of a field already is the wanted one.
    """
    if record.get("state", "present") == "absent":
        return RecordPlan(
            "unchanged" if current is None else "deleted", before={} if current is None else {"exists": True}
        )
    check_record(record, meta)
    plan = RecordPlan("created" if current is None else "unchanged")
    now = current or {}
    for name, wanted in (record.get("values") or {}).items():
        kind = meta[name]["fieldtype"]
        if kind in TABLE_TYPES:
            _plan_table(plan, record, name, child_metas[name], now.get(name) or [])
        elif current is None or not same(kind, now.get(name), wanted):
            plan.values[name] = stored(record["doctype"], name, kind, wanted)
            if current is not None:
                plan.before[name] = _field_view(name, now.get(name))
            plan.after[name] = _field_view(name, wanted)
    for name, wanted in (record.get("secrets") or {}).items():
        if current is None or not _holds(current, name, wanted, meta, secret_matches):
            plan.secrets[name] = str(wanted)
            if current is not None:
                plan.before[name] = "(another secret, or none)"
            plan.after[name] = stars(wanted)
    if current is not None and (plan.values or plan.secrets or plan.tables):
        plan.action = "updated"
    return plan


def _holds(
    current: dict[str, Any], name: str, wanted: Any, meta: Meta, secret_matches: Callable[[str, str], bool]
) -> bool:
    """Whether a secret is there already. Some apps keep theirs in plain fields, which hold what they show."""
    kind = meta[name]["fieldtype"]
    return secret_matches(name, str(wanted)) if kind == "Password" else same(kind, current.get(name), wanted)


def _field_view(name: str, value: Any) -> Any:
    return stars(value) if looks_secret(name) else value


def _plan_table(
    plan: RecordPlan, record: dict[str, Any], table: str, meta: Meta, current: list[dict[str, Any]]
) -> None:
    """Add a child table to the plan, if it differs; shown are the declared fields only (all others are noise)."""
    wanted = record["values"][table]
    rows, differs = _plan_rows(record, table, wanted, meta, current)
    if not differs:
        return
    names = sorted({name for row in wanted for name in row})
    after = [{**(current[row.index] if row.index is not None else {}), **row.values} for row in rows]
    plan.tables[table] = rows
    plan.before[table] = [{name: _field_view(name, row.get(name)) for name in names} for row in current]
    plan.after[table] = [{name: _field_view(name, row.get(name)) for name in names} for row in after]


def _plan_rows(
    record: dict[str, Any], table: str, wanted: list[dict[str, Any]], meta: Meta, current: list[dict[str, Any]]
) -> tuple[list[RowPlan], bool]:
    """Rows of a child table after the change, and whether anything differs."""
    what = f"{record['doctype']}.{table}"
    for row in wanted:
        check_fields(what, list(row), meta)
        secret = next((name for name in row if meta[name]["fieldtype"] == "Password"), "")
        if secret:  # read back as stars, it would be written again on every run
            raise ErpopsError(
                f"field {secret!r} of a row is a Password, which is neither compared nor set",
                object=what,
                hint="leave it out, and set it by hand or by a task of the app",
                status=400,
            )
    wanted = [
        {name: stored(what, name, meta[name]["fieldtype"], value) for name, value in row.items()} for row in wanted
    ]
    keys = (record.get("child_keys") or {}).get(table) or _row_key(wanted, meta)
    free = dict(enumerate(current))
    rows: list[RowPlan] = []
    differs = False
    for position, row in enumerate(wanted):
        index = _find_row(row, keys, free, meta, position)
        if index is None:
            rows.append(RowPlan(None, dict(row)))
            differs = True
            continue
        old = free.pop(index)
        change = {name: value for name, value in row.items() if not same(meta[name]["fieldtype"], old.get(name), value)}
        differs = differs or bool(change) or (record.get("child_mode") != "merge" and index != position)
        rows.append(RowPlan(index, change))
    if record.get("child_mode") == "merge":
        kept = [RowPlan(index, {}) for index in sorted(free)]
        merged = sorted((row for row in [*rows, *kept] if row.index is not None), key=lambda row: row.index or 0)
        return [*merged, *(row for row in rows if row.index is None)], differs
    return rows, differs or bool(free)


def _row_key(wanted: list[dict[str, Any]], meta: Meta) -> list[str]:
    """The field by which rows are told apart when the user names none: the first required one, or the
    first Link, that every wanted row has; otherwise rows are compared by position."""
    common = [name for name in meta if wanted and all(name in row for row in wanted)]
    for test in (lambda item: bool(item.get("reqd")), lambda item: item["fieldtype"] == "Link"):
        for name in common:
            if test(meta[name]) and len({str(row[name]) for row in wanted}) == len(wanted):
                return [name]
    return []


def _find_row(
    row: dict[str, Any], keys: list[str], free: dict[int, dict[str, Any]], meta: Meta, position: int
) -> int | None:
    if not keys:
        return position if position in free else None
    for index, old in free.items():
        if all(same(meta[key]["fieldtype"], old.get(key), row.get(key)) for key in keys):
            return index
    return None
