# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: how the integrations of a site have been in the last hours, in figures. Reads only."""

from __future__ import annotations

import importlib
import time
from typing import Any

from .._errors import ErpopsError
from ._checks_jobs import of_prefix, queue_facts
from ._checks_outcome import cut
from ._context import Context, connect, plain_text
from ._health_plan import age_of, integration, scheduler_status, worst
from ._integration_log import log_rows, window_start
from ._log_summary import by_title, summary
from ._redact import masked
from ._state import scheduler_facts

# Rows of a log that are read at most.
MOST_ROWS = 10_000

# Scheduled Job Log: a row is inserted when a job begins, and written once more when it ends. Source:
# frappe/core/doctype/scheduled_job_type/scheduled_job_type.py: update_scheduler_log.
_JOB_LOG = {
    "time": "creation",
    "status": "status",
    "kind": "scheduled_job_type",
    "error": "details",
    "started": "creation",
    "ended": "modified",
    "success": "Complete",
    "failure": "Failed",
}


def read_health(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Figures of each of ``args["integrations"]`` (as ``modules/integration_health_info.py`` documents them).

    What cannot be read of one is its ``fault``; the others are told all the same.

    :raises ErpopsError: (404) there is no such site; (422, 503) it cannot be opened.
    """
    frappe = connect(context.bench, context.need_site())
    now = frappe.utils.now_datetime()
    types = job_types(frappe)
    found = [read_integration(frappe, one, types, args["hours"], now) for one in args["integrations"]]
    return {
        "site": context.site,
        "taken_at": int(time.time()),
        "hours": args["hours"],
        "status": worst(one["status"] for one in found),
        "scheduler": read_beat(context, frappe, now),
        "queues": queues(frappe),
        "integrations": found,
    }


def read_beat(context: Context, frappe: Any, now: Any) -> dict[str, Any]:
    """Whether the site's scheduler may begin jobs, and how long ago it last did."""
    facts = scheduler_facts(context, frappe)
    age = age_of(max((job["last_execution"] for job in facts["jobs"]), default=""), now)
    return {
        "status": scheduler_status(facts, age),
        "inactive_because": facts["inactive_because"],
        "age_seconds": age,
    }


def job_types(frappe: Any) -> list[Any]:
    """The site's Scheduled Job Types, as :func:`read_integration` takes them."""
    return list(frappe.get_all("Scheduled Job Type", fields=["name", "method", "stopped", "last_execution"], limit=0))


def read_integration(frappe: Any, declared: dict[str, Any], types: list[Any], hours: float, now: Any) -> dict[str, Any]:
    """Figures of one declared integration; ``types``: the site's Scheduled Job Types."""
    sources, faults = [], []
    jobs: dict[str, Any] = {"count": 0, "stopped": 0, "never_ran": []}
    logs = [log for log in declared.get("logs") or [] if _there(frappe, log)]
    for log in [*logs, None]:  # what the app wrote itself comes first, and decides
        try:
            if log is None:
                jobs, source = _jobs(frappe, types, declared.get("app") or "", hours)
            else:
                source = _source(frappe, log["doctype"], log["fields"], hours, log.get("filters") or [])
        except Exception as exc:  # noqa: BLE001 -- the others are told all the same
            faults.append(fault_of(exc))
        else:
            sources.append(source)
    webhooks = None
    try:
        webhooks = _webhooks(frappe, declared.get("webhooks") or {}, hours)
    except Exception as exc:  # noqa: BLE001 -- as above
        faults.append(fault_of(exc))
    own = declared.get("errors") or {}
    errors = _errors(frappe, own.get("titles") or [], own.get("texts") or [], hours)
    return integration(declared["name"], sources, jobs, now, faults=faults, errors=errors, webhooks=webhooks)


def _there(frappe: Any, log: dict[str, Any]) -> bool:
    """Whether a log is to be read: one that is optional only where there is its DocType."""
    return not log.get("optional") or bool(frappe.db.exists("DocType", log["doctype"]))


def fault_of(exc: BaseException) -> str:
    """Why something could not be read; what others wrote may quote a secret."""
    told = exc.message if isinstance(exc, ErpopsError) else f"{type(exc).__name__}: {plain_text(exc)}"
    return masked(cut(told, 300))


def _source(frappe: Any, doctype: str, fields: dict[str, Any], hours: float, filters: list[Any]) -> dict[str, Any]:
    return {"source": doctype, **summary(log_rows(frappe, doctype, fields, hours, filters), fields)}


def _jobs(frappe: Any, types: list[Any], prefix: str, hours: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """The app's Scheduled Job Types, and the summary of their log with the jobs' methods as kinds."""
    own = {row["name"]: row for row in types if prefix and of_prefix(row["method"] or "", prefix)}
    names = [["scheduled_job_type", "in", sorted(own)]]
    rows = log_rows(frappe, "Scheduled Job Log", _JOB_LOG, hours, names) if own else []
    ended = [
        {**row, "scheduled_job_type": own[row["scheduled_job_type"]]["method"], "details": _last_line(row["details"])}
        for row in rows
    ]
    jobs = {
        "count": len(own),
        "stopped": sum(bool(row["stopped"]) for row in own.values()),
        "never_ran": sorted(r["method"] for r in own.values() if not r["stopped"] and not r["last_execution"]),
    }
    return jobs, {"source": "Scheduled Job Log", **summary(ended, _JOB_LOG)}


def _last_line(details: Any) -> str:
    lines = [line for line in str(details or "").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _webhooks(frappe: Any, declared: dict[str, Any], hours: float) -> dict[str, Any] | None:
    """What became of deliveries: statuses that the app wrote of them, or its errors; nothing where it writes neither."""
    found: dict[str, Any] = {"verdicts": {}, "failures": []}
    has_log = bool(declared.get("doctype")) and _there(frappe, declared)
    if has_log:
        source = _source(frappe, declared["doctype"], declared["fields"], hours, declared.get("filters") or [])
        found = {"verdicts": source["statuses"], "failures": source["failures"]}
    for row in _errors(frappe, declared.get("titles") or [], [], hours):
        found["verdicts"][row["title"]] = row["count"]
    return found if has_log or declared.get("titles") else None


def _errors(frappe: Any, titles: list[str], texts: list[str], hours: float) -> list[dict[str, Any]]:
    """Rows of Error Log by title (its field ``method``), most frequent first."""
    matching = [["method", "like", text] for text in titles] + [["error", "like", text] for text in texts]
    if not matching:
        return []
    return by_title(error_rows(frappe, window_start(frappe, hours), or_filters=matching))


def error_rows(frappe: Any, start: str, **narrowed: Any) -> list[tuple[Any, Any]]:
    """Title (the field ``method``) and time of the newest rows of Error Log since ``start``."""
    rows = frappe.get_all(
        "Error Log",
        filters=[["creation", ">=", start]],
        fields=["method", "creation"],
        order_by="creation desc",
        limit=MOST_ROWS,
        **narrowed,
    )
    return [(row["method"], row["creation"]) for row in rows]


def queues(frappe: Any) -> dict[str, Any]:
    """Jobs that wait in each queue of the bench, and living workers; ``fault`` alone when Redis does not answer."""
    try:
        jobs = importlib.import_module(f"{frappe.__name__}.utils.background_jobs")
        found = {name: queue_facts(jobs, name) for name in sorted(jobs.get_queue_list())}
        return {"fault": "", "by_name": {name: {"jobs": n, "workers": w} for name, (n, w) in found.items()}}
    except Exception as exc:  # noqa: BLE001 -- Redis is one of the things that may be down
        return {"fault": fault_of(exc), "by_name": {}}


OPERATIONS = {"health.read": read_health}
