# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: scheduler and maintenance mode, whose originals are remembered and put back."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from .._errors import ErpopsError
from ._config import apply_config, read_config
from ._context import Context, connect, disconnect
from ._files import read_json, write_json


def maintenance_state(context: Context) -> str:
    """``on`` or ``off``: whether ``site_config.json`` keeps requests and jobs away."""
    return "on" if read_config(context, "site").get("maintenance_mode") else "off"


def _originals_path(context: Context) -> str:
    return os.path.join(context.bench.state, "originals", f"{context.site}.json")


def _originals(context: Context) -> dict[str, Any]:
    path = _originals_path(context)
    return read_json(path) if os.path.exists(path) else {"schema": 1}


def _keep_originals(context: Context, data: dict[str, Any]) -> None:
    path = _originals_path(context)
    if set(data) - {"schema"}:
        context.bench.state_path("originals", os.path.basename(path))
        write_json(path, data)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def kept_job_states(context: Context) -> dict[str, str]:
    """State of single jobs by method (``enabled|stopped``), as it was before we changed it."""
    return dict(_originals(context).get("jobs") or {})


def keep_job_states(context: Context, jobs: dict[str, str]) -> None:
    """Replace what ``kept_job_states`` tells."""
    _keep_originals(context, {**_originals(context), "jobs": jobs})


def _wanted(context: Context, what: str, state: str, current: str, remember: bool) -> tuple[str, dict[str, Any]]:
    """The state to reach and the originals to keep; ``restored`` means whatever was remembered."""
    originals = _originals(context)
    if state == "restored":
        target = str(originals.pop(what, current))
    else:
        target = state
        if remember and target != current:
            originals.setdefault(what, current)
    return target, originals


def scheduler_facts(context: Context, frappe: Any) -> dict[str, Any]:
    """``{"state", "inactive_because", "jobs"}``; source: ``frappe/utils/scheduler.py: is_scheduler_inactive``."""
    enabled = bool(int(frappe.db.get_single_value("System Settings", "enable_scheduler") or 0))
    conf = frappe.get_conf(context.site) if hasattr(frappe, "get_conf") else frappe.conf
    because = [key for key in ("maintenance_mode", "pause_scheduler", "disable_scheduler") if conf.get(key)]
    jobs = frappe.get_all(
        "Scheduled Job Type", fields=["method", "stopped", "frequency", "cron_format", "last_execution"], limit=0
    )
    return {
        "state": "enabled" if enabled else "disabled",
        "inactive_because": because + ([] if enabled else ["System Settings.enable_scheduler"]),
        "jobs": [
            {**job, "stopped": bool(job["stopped"]), "last_execution": str(job["last_execution"] or "")} for job in jobs
        ],
    }


def apply_scheduler(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """``state: enabled|disabled|restored`` and ``jobs: {method: enabled|stopped|restored}`` of the site's scheduler.

    With ``remember`` the original state of each job that is changed is kept, as that of the scheduler is.
    """
    frappe = connect(context.bench, context.need_site())
    with context.locked("scheduler.apply"):
        before = scheduler_facts(context, frappe)
        target, originals = _wanted(
            context, "scheduler", args.get("state") or before["state"], before["state"], bool(args.get("remember"))
        )
        known = {job["method"]: job["stopped"] for job in before["jobs"]}
        unknown = [method for method in args.get("jobs") or {} if method not in known]
        if unknown:
            raise ErpopsError(
                "there is no such scheduled job",
                object=context.site,
                seen=", ".join(unknown),
                needed="a method of a Scheduled Job Type of this site",
                status=404,
            )
        wanted = _wanted_jobs(args.get("jobs") or {}, known, originals, bool(args.get("remember")))
        jobs = {m: s == "stopped" for m, s in wanted.items() if known[m] != (s == "stopped")}
        actions = [f"scheduler {target}"] if target != before["state"] else []
        actions += [f"{'stopped' if stop else 'started'} {method}" for method, stop in jobs.items()]
        if not context.check:
            set_scheduler(frappe, target if target != before["state"] else "", jobs)
            if actions or "restored" in (args.get("state"), *(args.get("jobs") or {}).values()):
                _keep_originals(context, originals)
        after = scheduler_facts(context, frappe) if actions and not context.check else {**before, "state": target}
        view = {method: ("stopped" if known[method] else "enabled") for method in jobs}
        return {
            "changed": bool(actions),
            "actions": actions,
            "before": before["state"],
            **after,
            "diff": {
                "before": {"scheduler": before["state"], **view},
                "after": {"scheduler": target, **{m: ("stopped" if s else "enabled") for m, s in jobs.items()}},
            },
        }


def _wanted_jobs(
    asked: dict[str, str], known: dict[str, bool], originals: dict[str, Any], remember: bool
) -> dict[str, str]:
    """Each job's state to reach, ``restored`` being the remembered one; ``originals`` becomes what is to be kept."""
    kept = dict(originals.pop("jobs", {}))
    wanted = {}
    for method, state in asked.items():
        current = "stopped" if known[method] else "enabled"
        wanted[method] = str(kept.pop(method, current)) if state == "restored" else state
        if remember and state not in ("restored", current):
            kept.setdefault(method, current)
    if kept:
        originals["jobs"] = kept
    return wanted


def set_scheduler(frappe: Any, target: str, jobs: dict[str, bool]) -> None:
    """Enable or disable the connected site's scheduler (``""``: leave it), stop or start single jobs, and commit."""
    if target:
        from frappe.utils.scheduler import toggle_scheduler

        toggle_scheduler(target == "enabled")
    for method, stopped in jobs.items():
        name = frappe.db.get_value("Scheduled Job Type", {"method": method})
        frappe.db.set_value("Scheduled Job Type", name, "stopped", int(stopped))
    frappe.db.commit()


def apply_maintenance(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """``state: on|off|restored``: ``maintenance_mode`` of site_config.json (503 for web and scheduler)."""
    context.need_site()
    disconnect()
    current = maintenance_state(context)
    target, originals = _wanted(context, "maintenance", args["state"], current, bool(args.get("remember")))
    # Off removes nothing but the key: `maintenance_mode: 0` is what Frappe itself leaves behind.
    change: dict[str, Any] = {"set": {"maintenance_mode": 1 if target == "on" else 0}} if target != current else {}
    if change:
        apply_config(context, change)
    if not context.check and (change or args["state"] == "restored"):
        _keep_originals(context, originals)
    return {
        "changed": bool(change),
        "state": target,
        "before": current,
        "remembered": str(_originals(context).get("maintenance", "")),
        "diff": {"before": {"maintenance": current}, "after": {"maintenance": target}},
    }


def read_scheduler(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """State, reasons and jobs of the scheduler."""
    return scheduler_facts(context, connect(context.bench, context.need_site()))


OPERATIONS = {
    "scheduler.apply": apply_scheduler,
    "scheduler.read": read_scheduler,
    "maintenance.apply": apply_maintenance,
}
