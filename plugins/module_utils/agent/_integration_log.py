# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: an integration's own log -- what it says of the last hours, and its old rows."""

from __future__ import annotations

from typing import Any

from .._errors import ErpopsError
from ._context import Context, connect
from ._field_values import near
from ._log_summary import summary

MOST_ROWS = 200_000
_CHUNK = 1000
# Fields of every DocType besides those of its meta.
_STANDARD = ("name", "creation", "modified")
# Keys of ``fields`` that name a field of the log.
COLUMNS = ("time", "status", "kind", "error", "retries", "duration", "started", "ended")


def _checked(frappe: Any, doctype: str, names: list[str]) -> None:
    """:raises ErpopsError: (404) there is no such DocType, or it has no such field; names those near to it."""
    if not frappe.db.exists("DocType", doctype):
        raise ErpopsError(
            f"there is no DocType {doctype!r}",
            object=frappe.local.site,
            hint="the integration's app is not installed on this site (playbooks/configure.yml)",
            status=404,
        )
    known = [*_STANDARD, *(field.fieldname for field in frappe.get_meta(doctype).fields)]
    for name in names:
        if name not in known:
            raise ErpopsError(
                f"{doctype} has no field {name!r}", object=frappe.local.site, needed=near(name, known), status=404
            )


def window_start(frappe: Any, hours: float) -> str:
    """The site's time so many hours ago."""
    return str(frappe.utils.add_to_date(frappe.utils.now_datetime(), hours=-float(hours)))


def log_rows(frappe: Any, doctype: str, fields: dict[str, Any], hours: float, filters: Any = ()) -> list[Any]:
    """Rows of the last ``hours``, newest first, ``MOST_ROWS`` at most; with the named ``fields`` alone.

    :raises ErpopsError: (404) there is no such DocType or field.
    """
    columns = sorted({fields[key] for key in COLUMNS if fields.get(key)})
    _checked(frappe, doctype, columns)
    return list(
        frappe.get_all(
            doctype,
            filters=[
                [doctype, fields["time"], ">=", window_start(frappe, hours)],
                *[[doctype, *one] for one in filters],
            ],
            fields=columns,
            order_by=f"{fields['time']} desc",
            limit=MOST_ROWS,
        )
    )


def read_log(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The log's summary of the last ``hours``; ``cut`` when there are more rows than are read."""
    frappe = connect(context.bench, context.need_site())
    doctype, fields, hours = str(args["doctype"]), dict(args["fields"]), float(args["hours"])
    rows = log_rows(frappe, doctype, fields, hours)
    return {
        "doctype": doctype,
        "since": window_start(frappe, hours)[:19],
        "cut": len(rows) == MOST_ROWS,
        **summary(rows, fields),
    }


def prune_log(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Rows older than ``days`` are deleted, those with one of ``keep`` as their status excepted."""
    frappe = connect(context.bench, context.need_site())
    doctype, time, status = str(args["doctype"]), str(args["time_field"]), str(args.get("status_field") or "")
    _checked(frappe, doctype, [time, *([status] if status else [])])
    limit = str(frappe.utils.add_to_date(frappe.utils.now_datetime(), days=-int(args["days"])))
    filters: list[list[Any]] = [[doctype, time, "<", limit]]
    if args.get("keep"):
        filters.append([doctype, status, "not in", list(args["keep"])])
    with context.locked("log.prune"):
        found = frappe.db.count(doctype, filters)
        gone = 0
        while not context.check:
            names = frappe.get_all(doctype, filters=filters, pluck="name", order_by=None, limit=_CHUNK)
            if not names:
                break
            # In chunks: one statement over a year of logs holds the table for everybody who writes to it.
            frappe.db.delete(doctype, {"name": ["in", names]})
            frappe.db.commit()
            gone += len(names)
        kept = frappe.db.count(doctype) - (found if context.check else 0)
    return {"changed": bool(found), "deleted": found if context.check else gone, "kept": kept, "before": limit[:19]}


OPERATIONS = {"log.read": read_log, "log.prune": prune_log}
