# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: DocType records as desired state, many in one call and one transaction."""

from __future__ import annotations

from typing import Any

from .._errors import ErpopsError
from ._context import Context, connect, plain_text
from ._document_plan import RecordPlan, identity_filters, plan_record
from ._field_values import NO_VALUE_TYPES, TABLE_TYPES, Meta, near

# Saving one of these changes the schema, and MariaDB commits before and after each such statement.
SCHEMA_DOCTYPES = ("Custom Field", "DocType", "Property Setter", "Customize Form")


class _Metas:
    """Field descriptions of DocTypes, with custom fields that an earlier record of the same call adds."""

    def __init__(self, frappe: Any) -> None:
        self.frappe = frappe
        self.pending: dict[str, Meta] = {}

    def frappe_meta(self, doctype: str) -> Any:
        if not self.frappe.db.exists("DocType", doctype):
            known = self.frappe.get_all("DocType", pluck="name", limit=0)
            raise ErpopsError(
                f"there is no DocType {doctype!r}",
                object=self.frappe.local.site,
                seen=doctype,
                needed=near(doctype, known),
                hint="install the app that brings it (playbooks/provision.yml), or correct the name",
                status=404,
            )
        return self.frappe.get_meta(doctype)

    def fields(self, doctype: str) -> Meta:
        found: Meta = {}
        for df in self.frappe_meta(doctype).fields:
            found[df.fieldname] = {"fieldtype": df.fieldtype, "options": df.options, "reqd": df.reqd}
        return {**found, **self.pending.get(doctype, {})}

    def children(self, meta: Meta) -> dict[str, Meta]:
        return {
            name: self.fields(item["options"])
            for name, item in meta.items()
            if item["fieldtype"] in TABLE_TYPES and item["options"]
        }


def find(frappe: Any, record: dict[str, Any], meta: Any) -> str | None:
    """The name of the record that is meant, or ``None``.

    :raises ErpopsError: (409) several match; names them.
    """
    doctype = record["doctype"]
    if meta.issingle:
        return str(doctype)
    if record.get("name"):
        return record["name"] if frappe.db.exists(doctype, record["name"]) else None
    filters = identity_filters(record, str(meta.autoname or ""))
    names = frappe.get_all(doctype, filters=filters, pluck="name", limit=2)
    if len(names) > 1:
        raise ErpopsError(
            "several records match",
            object=doctype,
            seen=", ".join(names),
            needed="a name, or a narrower match",
            status=409,
        )
    return str(names[0]) if names else None


def _secret_matches(frappe: Any, doctype: str, name: str, fieldname: str, wanted: str) -> bool:
    """Compare a stored secret where it is, so that it never leaves the site."""
    from frappe.utils.password import check_password, get_decrypted_password

    if doctype == "User" and fieldname == "new_password":  # hashed under another name (core/doctype/user)
        try:
            check_password(name, wanted, delete_tracker_cache=False)
        except frappe.AuthenticationError:
            return False
        return True
    return bool(get_decrypted_password(doctype, name, fieldname, raise_exception=False) == wanted)


def _save(frappe: Any, record: dict[str, Any], plan: RecordPlan, name: str | None, meta: Any) -> str:
    """Write one planned record and return its name."""
    doctype = record["doctype"]
    passwords = [df.fieldname for df in meta.get("fields", {"fieldtype": ["=", "Password"]})]
    if name is None:
        doc = frappe.new_doc(doctype)
        equal = {
            key: value for key, value in (record.get("match") or {}).items() if not isinstance(value, (list, tuple))
        }
        doc.update({**equal, **plan.values, **plan.secrets})
    else:
        doc = frappe.get_doc(doctype, name)
        doc.update({**plan.values, **plan.secrets})
    for table, rows in plan.tables.items():
        old = list(doc.get(table) or [])
        doc.set(table, [])
        for number, row in enumerate(rows, start=1):
            values = {**row.values, "idx": number}  # Frappe numbers a row only when it has no number yet
            if row.index is None:
                doc.append(table, values)
            else:
                old[row.index].update(values)
                doc.append(table, old[row.index])
    # An omitted Password must stay: Frappe deletes the stored one when the field is empty on save.
    doc.flags.ignore_save_passwords = [fieldname for fieldname in passwords if fieldname not in plan.secrets]
    doc.flags.no_welcome_mail = True
    doc.flags.ignore_permissions = True
    if name is not None:
        doc.save(ignore_permissions=True)
        return str(doc.name)
    wanted = record.get("name")
    free_naming = str(meta.autoname or "").lower() in ("", "prompt", "hash", "uuid")
    doc.insert(ignore_permissions=True, **({"set_name": wanted} if wanted and free_naming else {}))
    if wanted and doc.name != wanted:
        raise ErpopsError(
            f"Frappe names this record {doc.name!r}, not {wanted!r}",
            object=doctype,
            needed="a `match` instead of this name",
            status=409,
        )
    return str(doc.name)


def plan_one(frappe: Any, metas: _Metas, record: dict[str, Any]) -> tuple[RecordPlan, str | None, Any]:
    """Look at one record's present state and plan it."""
    meta = metas.frappe_meta(record["doctype"])
    fields = metas.fields(record["doctype"])
    name = find(frappe, record, meta)
    current = None
    if name is not None:
        doc = frappe.get_doc(record["doctype"], name)
        current = doc.as_dict()
    plan = plan_record(
        record,
        fields,
        metas.children(fields),
        current,
        lambda fieldname, wanted: _secret_matches(frappe, record["doctype"], str(name), fieldname, wanted),
    )
    return plan, name, meta


def _pending_field(metas: _Metas, record: dict[str, Any]) -> None:
    values = record.get("values") or {}
    if record["doctype"] == "Custom Field" and values.get("fieldtype") not in NO_VALUE_TYPES:
        metas.pending.setdefault(values.get("dt", ""), {})[values.get("fieldname", "")] = {
            "fieldtype": values.get("fieldtype", "Data"),
            "options": values.get("options"),
            "reqd": values.get("reqd", 0),
        }


def apply_documents(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Make every record of ``args["documents"]`` so; all or nothing but for schema records.

    :raises ErpopsError: with the record's position and what Frappe said of it.
    """
    frappe = connect(context.bench, context.need_site())
    with context.locked("document.apply"):
        return _apply(context, frappe, args["documents"])


def _apply(context: Context, frappe: Any, records: list[dict[str, Any]]) -> dict[str, Any]:
    metas = _Metas(frappe)
    results: list[dict[str, Any]] = []
    counts = {"created": 0, "updated": 0, "deleted": 0, "unchanged": 0}
    kept = 0
    for position, record in enumerate(records):
        label = record.get("name") or record.get("match") or (record.get("values") or {})
        try:
            plan, name, meta = plan_one(frappe, metas, record)
            if plan.action == "deleted" and not context.check:
                frappe.delete_doc(record["doctype"], name, ignore_permissions=True)
            elif plan.action in ("created", "updated") and not context.check:
                name = _save(frappe, record, plan, name, meta)
                if record["doctype"] in SCHEMA_DOCTYPES:
                    kept = position + 1
                    frappe.clear_cache(doctype=(record.get("values") or {}).get("dt"))
            elif plan.action == "created":
                _pending_field(metas, record)
        except Exception as exc:
            raise _record_error(exc, position, len(records), record, kept) from exc
        counts[plan.action] += 1
        results.append(
            {
                "doctype": record["doctype"],
                "name": name or record.get("name") or "",
                "action": plan.action,
                "before": plan.before,
                "after": plan.after,
                "label": label if isinstance(label, str) else "",
            }
        )
    if not context.check:
        frappe.db.commit()
    changed = counts["unchanged"] != len(records)
    return {"changed": changed, "counts": counts, "documents": results}


def _record_error(exc: Exception, position: int, total: int, record: dict[str, Any], kept: int) -> ErpopsError:
    """The same failure, with the record's position, its DocType, and what of the call remains."""
    kind = "" if isinstance(exc, ErpopsError) else f"{type(exc).__name__}: "
    identity = record.get("name") or record.get("match") or ""
    return ErpopsError(
        f"{kind}{exc.message if isinstance(exc, ErpopsError) else plain_text(exc)}",
        object=f"record {position + 1} of {total}, {record['doctype']} {identity}".strip(),
        seen=exc.seen if isinstance(exc, ErpopsError) else "",
        needed=exc.needed if isinstance(exc, ErpopsError) else "",
        hint=(exc.hint + "; " if isinstance(exc, ErpopsError) and exc.hint else "")
        + (f"the first {kept} records are kept (a schema change commits)" if kept else "nothing of this call was kept"),
        status=int(getattr(exc, "status", 0) or getattr(exc, "http_status_code", 0) or 500),
        data={"position": position, "kept": kept, "doctype": record["doctype"]},
    )


def read_documents(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Records by DocType, filters and fields (``limit`` 1,000 at most); Password fields never come along."""
    frappe = connect(context.bench, context.need_site())
    metas = _Metas(frappe)
    fields = args.get("fields") or ["name"]
    meta = metas.fields(args["doctype"])
    hidden = [name for name in fields if meta.get(name, {}).get("fieldtype") == "Password"]
    if hidden:
        raise ErpopsError("a Password field is not read", object=args["doctype"], seen=", ".join(hidden), status=403)
    rows = frappe.get_all(
        args["doctype"],
        filters=args.get("filters") or {},
        fields=fields,
        limit=min(int(args.get("limit") or 100), 1000),
    )
    return {"documents": [dict(row) for row in rows]}


OPERATIONS = {"document.apply": apply_documents, "document.read": read_documents}
