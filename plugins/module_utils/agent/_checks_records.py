# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: checks of records -- how many, their values, the newest of a log, and the ledger's balance."""

from __future__ import annotations

from typing import Any

from ._checks_outcome import Outcome, bounds, cut, judged, listed, quoted, within
from ._field_values import near, same
from ._redact import shown

# Every DocType has these besides the fields of its meta.
STANDARD = {"name": "Data", "owner": "Data", "docstatus": "Int", "creation": "Datetime", "modified": "Datetime"}
_CHUNK = 1000


def with_since(filters: Any, doctype: str, start: str) -> list[Any]:
    """Filters in either notation, and that records were made at or after ``start`` (empty: whenever)."""
    found = (
        [[doctype, key, *(value if _is_comparison(value) else ["=", value])] for key, value in filters.items()]
        if (isinstance(filters, dict))
        else [list(item) for item in filters or []]
    )
    return [*found, [doctype, "creation", ">=", start]] if start else found


def _is_comparison(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2 and isinstance(value[0], str)


def _filters(look: Any, args: dict[str, Any], doctype: str) -> list[Any]:
    return with_since(args.get("filters"), doctype, look.start(args["since"]) if "since" in args else "")


def records(look: Any, args: dict[str, Any]) -> Outcome:
    """The number of records that match."""
    name = args["doctype"]
    look.meta(name)
    rows = look.frappe.get_all(
        name, filters=_filters(look, args, name), fields=["count(name) as number"], order_by=None
    )
    count = int(rows[0]["number"])
    faults = [] if within(count, args) else [str(count)]
    return judged(faults, str(count), bounds(args) or "any number", value=count)


def _types(meta: Any) -> dict[str, str]:
    return {**STANDARD, **{df.fieldname: df.fieldtype for df in meta.fields}}


def value_faults(found: dict[str, Any], types: dict[str, str], args: dict[str, Any]) -> list[str]:
    """Where a record's fields differ from ``equal`` and ``set``; a Password field is never compared."""
    faults = []
    for name in [*args.get("equal", {}), *args.get("set", [])]:
        if name not in types:
            faults.append(f"no field {name} ({near(name, list(types))})")
        elif types[name] == "Password":
            faults.append(f"{name} is a Password, which only secrets_set looks at")
    usable = {name for name, kind in types.items() if kind != "Password"}
    for name, wanted in args.get("equal", {}).items():
        if name in usable and not same(types[name], found.get(name), wanted):
            faults.append(f"{name} is {quoted(shown(name, found.get(name)))}")
    empty = [name for name in args.get("set", []) if name in usable and found.get(name) in (None, "", 0, [])]
    return faults + ([f"{listed(empty)} empty"] if empty else [])


def secret_state(frappe: Any, doctype: str, name: str, fieldname: str, single: bool) -> str:
    """``set``, ``empty``, ``in plain text`` or ``not decryptable``, without the secret leaving this function.

    A Password field's own column holds stars; ``set_single_value`` puts plain text there (systems.md 0.2).
    """
    from frappe.utils.password import get_decrypted_password

    raw = (
        frappe.db.get_singles_dict(doctype).get(fieldname) if single else frappe.db.get_value(doctype, name, fieldname)
    )
    if str(raw or "").strip("*"):
        return "in plain text"
    row = frappe.db.sql(
        "select password from `__Auth` where doctype=%s and name=%s and fieldname=%s and encrypted=1",
        (doctype, name, fieldname),
    )
    if not (row and row[0][0]):
        return "empty"
    # Without this key Frappe would make one and write it into site_config.json.
    if not frappe.conf.get("encryption_key"):
        return "not decryptable (site_config.json has no encryption_key)"
    try:
        found = get_decrypted_password(doctype, name, fieldname, raise_exception=False)
    except Exception as exc:  # noqa: BLE001 -- a malformed key raises what it likes
        return f"not decryptable ({type(exc).__name__})"
    return "set" if found else "not decryptable (another encryption_key)"


def values(look: Any, args: dict[str, Any]) -> Outcome:
    """Fields of one record, or of a Single; secrets answer with whether they are set, and nothing else."""
    frappe, doctype = look.frappe, args["doctype"]
    meta = look.meta(doctype)
    single = bool(meta.issingle)
    names = [doctype] if single else [args["name"]] if "name" in args else None
    if names is None:
        names = frappe.get_all(doctype, filters=args.get("filters") or {}, pluck="name", limit=2)
    needed = _needed(args)
    if len(names) != 1 or not (single or frappe.db.exists(doctype, names[0])):
        seen = "several records match" if len(names) > 1 else f"there is no {doctype} {args.get('name', '')}".strip()
        return Outcome(False, seen, needed)
    doc = frappe.get_doc(doctype, names[0])
    types = _types(meta)
    wanted = [*args.get("equal", {}), *args.get("set", [])]
    found = {name: doc.get(name) for name in wanted if types.get(name) != "Password"}
    faults = value_faults(found, types, args)
    for what in ("secrets_set", "secrets_unset"):
        for name in args.get(what, []):
            if types.get(name) != "Password":
                faults.append(f"{name} is no Password field")
                continue
            state = secret_state(frappe, doctype, str(doc.name), name, single)
            faults += [f"{name} is {state}"] if state != ("set" if what == "secrets_set" else "empty") else []
    visible = {name: shown(name, cut(value) if isinstance(value, str) else value) for name, value in found.items()}
    return judged(faults, "as needed", needed, value={name: _plain(value) for name, value in visible.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _needed(args: dict[str, Any]) -> str:
    words = [f"{name} {shown(name, value)!r}" for name, value in args.get("equal", {}).items()]
    words += [f"{listed(args['set'])} not empty"] if "set" in args else []
    words += [f"secrets {listed(args['secrets_set'])} set"] if "secrets_set" in args else []
    words += [f"secrets {listed(args['secrets_unset'])} empty"] if "secrets_unset" in args else []
    return ", ".join(words)


def sync_log(look: Any, args: dict[str, Any]) -> Outcome:
    """The newest rows of a log have these values."""
    doctype, newest = args["doctype"], args.get("newest", 1)
    types = _types(look.meta(doctype))
    unknown = [name for name in args["equal"] if name not in types]
    if unknown:
        seen = f"{doctype} has no field {listed(unknown)} ({near(unknown[0], list(types))})"
        return Outcome(False, seen, listed(args["equal"]))
    rows = look.frappe.get_all(
        doctype,
        filters=_filters(look, args, doctype),
        fields=list(dict.fromkeys(["name", "creation", *args["equal"]])),
        order_by="creation desc",
        limit=newest,
    )
    least = args.get("min", 1)
    needed = f"the newest {newest} of at least {least} with " + ", ".join(
        f"{k} {v!r}" for k, v in args["equal"].items()
    )
    faults = [f"{len(rows)} rows" + (" in this time" if "since" in args else "")] if len(rows) < least else []
    for row in rows:
        wrong = [k for k, wanted in args["equal"].items() if not same(types[k], row[k], wanted)]
        if wrong:
            said = ", ".join(f"{k} {quoted(shown(k, row[k]))}" for k in wrong)
            faults.append(f"{row['name']} of {str(row['creation'])[:19]} has {said}")
    return judged(faults[:8], f"{len(rows)} rows", needed, value=len(rows))


def balanced(look: Any, args: dict[str, Any]) -> Outcome:
    """Debit equals credit in the general ledger, for every submitted voucher that matches."""
    frappe, kind = look.frappe, args["voucher_type"]
    look.meta(kind)
    filters = [*_filters(look, args, kind), [kind, "docstatus", "=", 1]]
    names = frappe.get_all(kind, filters=filters, pluck="name", limit=0)
    sums: dict[str, tuple[float, float]] = {}
    for start in range(0, len(names), _CHUNK):
        for row in frappe.get_all(
            "GL Entry",
            filters={"voucher_type": kind, "voucher_no": ["in", names[start : start + _CHUNK]], "is_cancelled": 0},
            fields=["voucher_no", "sum(debit) as debit", "sum(credit) as credit"],
            group_by="voucher_no",
            order_by=None,
            limit=0,
        ):
            sums[row["voucher_no"]] = (float(row["debit"] or 0), float(row["credit"] or 0))
    faults = balance_faults(sums, args.get("tolerance", 0.005))
    least = args.get("min", 1)
    if len(sums) < least:
        faults.append(f"{len(sums)} of {len(names)} vouchers have ledger entries")
    needed = f"debit equal to credit in each of at least {least} vouchers"
    return judged(faults, f"{len(sums)} vouchers balanced", needed, value={"vouchers": len(names), "posted": len(sums)})


def balance_faults(sums: dict[str, tuple[float, float]], tolerance: float) -> list[str]:
    """Vouchers whose debit and credit differ by more than ``tolerance``."""
    off = [
        f"{name} (debit {debit:.2f}, credit {credit:.2f})"
        for name, (debit, credit) in sums.items()
        if abs(debit - credit) > tolerance
    ]
    return [f"{len(off)} vouchers do not balance: {listed(off, 5)}"] if off else []


CHECKS = {"records": records, "values": values, "sync_log": sync_log, "balanced": balanced}
