# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: how the sites of a bench are, for the gate between two waves of a roll-out. Reads only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from ._context import Context, connect, disconnect, end_transaction
from ._health import MOST_ROWS, error_rows, fault_of, job_types, queues, read_beat, read_integration
from ._integration_log import window_start
from ._log_summary import by_title
from ._state import maintenance_state
from ._update_journal import read_site_journal

# Failed jobs stay in Redis for a year, of all sites of the bench; a page of them is read.
_MOST_JOBS = 1000


def read_gates(context: Context, args: dict[str, Any], clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """Figures of each of ``args["sites"]`` (as ``modules/bench_gate_info.py`` documents them).

    What cannot be read of a site is its ``fault``; the others are told all the same.

    :param args: ``sites``: each with ``name`` and ``integrations`` (as ``health.read`` takes them); ``since``: Unix time
        from which on rows and jobs count; without it ``hours``.
    """
    now = clock()
    hours = max(0.0, (now - float(args["since"])) / 3600) if args.get("since") else float(args["hours"])
    there = context.bench.site_names()
    sites, waiting = {}, None
    for one in args["sites"]:
        name = str(one["name"])
        if name not in there:
            continue  # declared only: it is made with the new code
        own = Context(context.bench, name, check=True, secrets=context.secrets)
        sites[name] = _site(own, one.get("integrations") or [], hours)
        if waiting is None and not sites[name]["fault"]:
            waiting = queues(connect(context.bench, name))
            end_transaction()
    disconnect()
    return {
        "taken_at": int(now),
        "hours": round(hours, 4),
        "queues": waiting or {"fault": "", "by_name": {}},
        "sites": sites,
    }


def _site(context: Context, integrations: list[dict[str, Any]], hours: float) -> dict[str, Any]:
    journal = read_site_journal(context.bench, context.need_site())
    found: dict[str, Any] = {
        "fault": "",
        "maintenance": "off",
        "quarantined": journal.get("state") == "quarantined",
        "scheduler": {"status": "", "inactive_because": [], "age_seconds": None},
        "failed_jobs": _tally([]),
        "errors": _tally([]),
        "integrations": {},
    }
    try:
        found["maintenance"] = maintenance_state(context)
        frappe = connect(context.bench, context.site)
        now, start = frappe.utils.now_datetime(), window_start(frappe, hours)
        found["scheduler"] = read_beat(context, frappe, now)
        found["failed_jobs"] = _tally([*_failed_scheduled(frappe, start), *_failed_queued(frappe, start)])
        found["errors"] = _tally(error_rows(frappe, start))
        types = job_types(frappe) if integrations else []
        found["integrations"] = {
            str(one["name"]): read_integration(frappe, one, types, hours, now)["status"] for one in integrations
        }
        end_transaction()
    except Exception as exc:  # noqa: BLE001 -- the others are told all the same
        found["fault"] = fault_of(exc)
    return found


def _tally(rows: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    titles = by_title(rows)
    return {"count": sum(one["count"] for one in titles), "titles": titles[:10]}


def _failed_scheduled(frappe: Any, start: str) -> list[tuple[Any, Any]]:
    """Scheduled jobs that failed: their exceptions are caught, so that the queue calls them finished."""
    rows = frappe.get_all(
        "Scheduled Job Log",
        filters=[["creation", ">=", start], ["status", "=", "Failed"]],
        fields=["scheduled_job_type", "creation"],
        order_by="creation desc",
        limit=MOST_ROWS,
    )
    return [(row["scheduled_job_type"], row["creation"]) for row in rows]


def _failed_queued(frappe: Any, start: str) -> list[tuple[Any, Any]]:
    """The site's other jobs that failed. Source: frappe/core/doctype/rq_job/rq_job.py: get_list, whose arguments are one
    dict in older versions of Frappe 15 and named ones in newer; frappe.call passes those that it has."""
    from frappe.core.doctype.rq_job.rq_job import RQJob

    filters = [["RQ Job", "status", "=", "failed"]]
    given = {"filters": filters, "start": 0, "page_length": _MOST_JOBS, "order_by": "creation desc"}
    rows = frappe.call(RQJob.get_list, args=given, **given)
    return [(row["job_name"], row["ended_at"]) for row in rows if str(row.get("ended_at") or "") >= start]


OPERATIONS = {"gates.read": read_gates}
