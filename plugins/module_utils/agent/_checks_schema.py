# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: checks of DocTypes, their fields and their indexes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ._app_checks import read_definitions
from ._checks_outcome import Outcome, judged, listed
from ._field_values import NO_VALUE_TYPES, TABLE_TYPES, near


def doctype_faults(names: list[str], found: dict[str, dict[str, Any]], args: dict[str, Any]) -> list[str]:
    """Where DocTypes (rows by name) differ from ``exists``, ``issingle``, ``istable`` and ``module``."""
    if args.get("exists") is False:
        return [f"{listed(found)} exist"] if found else []
    missing = [name for name in names if name not in found]
    faults = [f"{listed(missing)} missing"] if missing else []
    for key in ("issingle", "istable"):
        wrong = [name for name, row in found.items() if key in args and bool(row[key]) != args[key]]
        faults += [f"{key} of {listed(wrong)} is {int(not args.get(key))}"] if wrong else []
    return faults + [
        f"{name} is of module {row['module']}"
        for name, row in found.items()
        if args.get("module") not in (None, row["module"])
    ]


def doctype(look: Any, args: dict[str, Any]) -> Outcome:
    """DocTypes are there and are what they should be; those of an app as many as its package has definitions."""
    frappe, faults, needed = look.frappe, [], []
    value: Any = None
    if "doctypes" in args:
        names = args["doctypes"]
        rows = frappe.get_all(
            "DocType", filters={"name": ["in", names]}, fields=["name", "issingle", "istable", "module"], limit=0
        )
        found = {row["name"]: dict(row) for row in rows}
        faults += doctype_faults(names, found, args)
        how = [f"{key} {int(args[key])}" for key in ("issingle", "istable") if key in args]
        how += [f"module {args['module']}"] if "module" in args else []
        needed.append(
            f"{listed(names, 30)} {'absent' if args.get('exists') is False else 'there'}"
            + "".join(f", {word}" for word in how)
        )
        value = sorted(found)
    if "of_app" in args:
        contents = read_definitions(frappe.get_app_path(args["of_app"]))
        modules = frappe.get_all("Module Def", filters={"app_name": args["of_app"]}, pluck="name", limit=0)
        rows = frappe.get_all(
            "DocType", filters={"module": ["in", modules or [""]], "custom": 0}, pluck="name", limit=0
        )
        faults += contents.problems + count_faults(set(contents.doctypes), set(rows))
        needed.append(f"{len(contents.doctypes)} DocTypes of {args['of_app']}, as its files define")
        value = len(rows)
    return judged(faults, "as needed", "; ".join(needed), value=value)


def count_faults(defined: set[str], found: set[str]) -> list[str]:
    """DocTypes of an app that are in its files only, or on the site only."""
    faults = [f"{len(found)} DocTypes"] if len(defined) != len(found) else []
    faults += [f"not on the site: {listed(sorted(defined - found))}"] if defined - found else []
    return faults + ([f"not in the app's files: {listed(sorted(found - defined))}"] if found - defined else [])


def field(look: Any, args: dict[str, Any]) -> Outcome:
    """Fields exist with their types (and columns), and there are enough custom ones."""
    frappe, name = look.frappe, args["doctype"]
    meta = look.meta(name)
    known = {df.fieldname: df for df in meta.fields}
    faults = []
    for what in ("fields", "options"):
        for fieldname, wanted in args.get(what, {}).items():
            if fieldname not in known:
                faults.append(f"no field {fieldname} ({near(fieldname, list(known))})")
                continue
            seen = known[fieldname].fieldtype if what == "fields" else known[fieldname].options
            faults += [f"{fieldname} is {seen or 'without options'}"] if seen != wanted else []
    if not meta.issingle and not getattr(meta, "is_virtual", 0):
        columns = set(frappe.db.get_table_columns(name))
        without = [
            n for n in args.get("fields", {}) if n in known and has_column(known[n].fieldtype) and n not in columns
        ]
        faults += [f"the table has no column for {listed(without)}"] if without else []
    needed = [f"{n} {kind}" for what in ("fields", "options") for n, kind in args.get(what, {}).items()]
    value = None
    if "custom_min" in args:
        value = frappe.db.count("Custom Field", {"dt": name})
        faults += [f"{value} custom fields"] if value < args["custom_min"] else []
        needed.append(f"at least {args['custom_min']} custom fields")
    return judged(
        faults, f"{value} custom fields" if value is not None else "as needed", ", ".join(needed), value=value
    )


def has_column(fieldtype: str) -> bool:
    """Whether fields of this type have a column of their own."""
    return fieldtype not in (*NO_VALUE_TYPES, *TABLE_TYPES)


def index(look: Any, args: dict[str, Any]) -> Outcome:
    """An index of the DocType's table begins with these columns, in this order."""
    look.meta(args["doctype"])
    rows = look.frappe.db.sql(f"show index from `tab{args['doctype']}`", as_dict=True)
    found: dict[tuple[str, bool], dict[int, str]] = defaultdict(dict)
    for row in rows:
        found[row["Key_name"], not int(row["Non_unique"])][int(row["Seq_in_index"])] = row["Column_name"]
    indexes = [([columns[at] for at in sorted(columns)], unique) for (_key, unique), columns in found.items()]
    wanted = args["columns"]
    fits = any(columns[: len(wanted)] == wanted and serves(columns, unique, args) for columns, unique in indexes)
    seen = "indexes on " + "; ".join(
        ", ".join(columns) + (" (unique)" if unique else "") for columns, unique in indexes
    )
    needed = f"{'a unique' if args.get('unique') else 'an'} index on {', '.join(wanted)}"
    return judged([] if fits else [seen], seen, needed)


def serves(columns: list[str], unique: bool, args: dict[str, Any]) -> bool:
    """A longer unique index makes its first columns not unique."""
    return not args.get("unique") or (unique and columns == args["columns"])


CHECKS = {"doctype": doctype, "field": field, "index": index}
