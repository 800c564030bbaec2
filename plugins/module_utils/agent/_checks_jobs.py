# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: checks of what runs -- scheduled jobs, the scheduler, workers, and the errors they leave."""

from __future__ import annotations

import importlib
import inspect
import os
import socket
from typing import Any

from ._checks_outcome import Outcome, bounds, cut, judged, listed, within
from ._config import read_config
from ._redact import scrub
from ._state import scheduler_facts

HOLDERS = ("maintenance_mode", "pause_scheduler", "disable_scheduler")


def of_prefix(method: str, prefix: str) -> bool:
    """Whether a dotted method is below a dotted name (``shop`` has ``shop.sync.pull``, not ``shopping.pull``)."""
    return method == prefix or method.startswith(prefix.rstrip(".") + ".")


def job_faults(jobs: list[dict[str, Any]], args: dict[str, Any], start: str) -> list[str]:
    """Where Scheduled Job Types differ in number, methods, ``stopped`` and freshness (``start``: the oldest last run)."""
    faults = [] if within(len(jobs), args) else [f"{len(jobs)} jobs"]
    faults += ["no job"] if not jobs and not {"equals", "min", "max"} & args.keys() else []
    there = [job["method"] for job in jobs]
    missing = [method for method in args.get("methods", []) if method not in there]
    faults += [f"no job for {listed(missing)}"] if missing else []
    rule = args.get("stopped", "none")
    stopped = [job["method"] for job in jobs if job["stopped"]]
    if rule == "none" and stopped:
        faults.append(f"stopped: {listed(stopped)}")
    if rule == "all" and len(stopped) != len(jobs):
        faults.append(f"not stopped: {listed([method for method in there if method not in stopped])}")
    stale = [
        f"{job['method']} ({str(job['last_execution'] or 'never')[:19]})"
        for job in jobs
        if str(job["last_execution"] or "") < start
    ]
    return faults + ([f"not run in this time: {listed(stale)}"] if stale else [])


def log_fault(method: str, rows: list[dict[str, Any]], start: str) -> str:
    """What is wrong with the newest ended run of a job; ``rows`` are its newest logs, newest first.

    A run that has not ended is no verdict yet, the one before it is.
    """
    ended = [row for row in rows if row["status"] in ("Complete", "Failed")]
    if not ended:
        return f"{method} has {'not ended a run' if rows else 'no log'}"
    newest = ended[0]
    at = str(newest["creation"])[:19]
    if newest["status"] == "Failed":
        lines = str(newest.get("details") or "").strip().splitlines()
        return f"{method} failed at {at}" + (f" ({cut(lines[-1], 160)})" if lines else "")
    return f"{method} was last complete at {at}" if str(newest["creation"]) < start else ""


def jobs(look: Any, args: dict[str, Any]) -> Outcome:
    """The Scheduled Job Types of an app: how many, stopped or not, and how their newest runs ended."""
    frappe = look.frappe
    rows = frappe.get_all(
        "Scheduled Job Type",
        filters={"method": ["like", args["prefix"].rstrip(".") + "%"]},
        fields=["name", "method", "stopped", "create_log", "last_execution"],
        order_by="method",
        limit=0,
    )
    rows = [row for row in rows if of_prefix(row["method"], args["prefix"])]
    faults = job_faults(rows, args, look.start(args["fresh"]) if "fresh" in args else "")
    start = look.start(args["since"]) if "since" in args else ""
    for row in rows if "logs" in args else []:
        if not row["create_log"]:  # a job of frequency All writes none: that it ran is all that is known
            ran = str(row["last_execution"] or "")
            faults += [f"{row['method']} ran last {ran[:19] or 'never'}"] if not ran or ran < start else []
            continue
        logs = frappe.get_all(
            "Scheduled Job Log",
            filters={"scheduled_job_type": row["name"]},
            fields=["status", "creation", "details"],
            order_by="creation desc",
            limit=3,
        )
        faults += [fault] if (fault := log_fault(row["method"], logs, start)) else []
    words = [bounds(args) + " jobs"] if bounds(args) else ["at least one job"]
    words += [f"stopped: {args.get('stopped', 'none')}"]
    words += [f"a job for each of {listed(args['methods'])}"] if "methods" in args else []
    words += ["newest run of each complete" + (f" since {start[:19]}" if start else "")] if "logs" in args else []
    words += [f"run in the last {args['fresh']:g} s"] if "fresh" in args else []
    return judged(
        [scrub(fault, list(look.secrets.values())) for fault in faults],
        f"{len(rows)} jobs",
        "; ".join(words),
        value=len(rows),
    )


def scheduler(look: Any, args: dict[str, Any]) -> Outcome:
    """The scheduler is enabled, nothing holds it, and the site is not dormant; or it is disabled."""
    frappe, wanted = look.frappe, args.get("state", "enabled")
    facts = scheduler_facts(look.context, frappe)
    state = "disabled" if "System Settings.enable_scheduler" in facts["inactive_because"] else "enabled"
    faults = [state] if state != wanted else []
    if wanted == "disabled":
        return judged(faults, state, "disabled", hint="erpops.frappe.scheduler state: disabled", value=state)
    for scope, name in (("site", "site_config.json"), ("common", "common_site_config.json")):
        found = read_config(look.context, scope)
        faults += [f"{key} in {name}" for key in HOLDERS if found.get(key)]
    if dormant():
        faults.append("the site is dormant: without a login for dormant_days its jobs run once a day only")
    return judged(faults, state, "enabled, held by nothing, not dormant", value=state)


def dormant() -> bool:
    """What this version of the framework takes for a dormant site, past its cache of an hour."""
    from frappe.utils import scheduler as framework

    found = getattr(framework, "is_dormant", None)  # Frappe before 13 has none
    return bool(found and inspect.unwrap(found)())


def alive(worker: Any, host: str) -> bool:
    """Whether a registered worker still lives: one that was killed stays in Redis for minutes."""
    if not worker.pid:
        return False
    if getattr(worker, "hostname", host) != host:
        return True  # another container's or machine's; its registration is all that can be known here
    try:
        os.kill(int(worker.pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def queue_facts(jobs: Any, name: str) -> tuple[int, int]:
    """How many jobs wait in a queue, and how many living workers take from it (``jobs``: frappe.utils.background_jobs)."""
    queue, host = jobs.get_queue(name), socket.gethostname()
    return int(queue.count), sum(alive(worker, host) for worker in jobs.get_workers(queue))


def workers(look: Any, args: dict[str, Any]) -> Outcome:
    """At least one living worker of this bench takes jobs from each queue, and not too many jobs wait in it."""
    jobs = importlib.import_module(f"{look.frappe.__name__}.utils.background_jobs")
    faults, seen = [], []
    value: dict[str, Any] = {}
    for name in args["queues"]:
        waiting, count = queue_facts(jobs, name)
        value[name] = {"workers": count, "pending": waiting}
        seen.append(f"{name}: {count} workers, {waiting} jobs waiting")
        if not count:
            faults.append(f"no worker on {name} ({waiting} jobs waiting)")
        if "pending_max" in args and waiting > args["pending_max"]:
            faults.append(f"{waiting} jobs waiting on {name}")
    needed = f"a worker on each of {listed(args['queues'])}"
    needed += f", at most {args['pending_max']} jobs waiting" if "pending_max" in args else ""
    return judged(faults, "; ".join(seen), needed, value=value)


def errors(look: Any, args: dict[str, Any]) -> Outcome:
    """Rows of Error Log since a time, by their titles (``method``) or texts (``error``), LIKE patterns."""
    start, most = look.start(args["since"]), args.get("max", 0)
    patterns = [["method", "like", text] for text in args.get("titles", [])]
    patterns += [["error", "like", text] for text in args.get("texts", [])]
    rows = look.frappe.get_all(
        "Error Log",
        filters=[["creation", ">=", start]],
        or_filters=patterns,
        fields=["method", "count(name) as number"],
        group_by="method",
        order_by=None,
        limit=0,
    )
    groups = sorted(((int(row["number"]), cut(row["method"] or "without a title", 80)) for row in rows), reverse=True)
    count = sum(number for number, _title in groups)
    seen = f"{count} since {start[:19]}" + (
        ": " + listed([f"{number} {title!r}" for number, title in groups]) if count else ""
    )
    return judged([seen] if count > most else [], seen, f"at most {most}", value=count)


CHECKS = {"jobs": jobs, "scheduler": scheduler, "workers": workers, "errors": errors}
