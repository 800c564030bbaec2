# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a whole site compared with its declared state, in one conversation.

The second run of a fleet is mostly tenants that need nothing. This one operation finds that out, so that a
converged tenant costs one process instead of one per module; whatever differs is then changed by the module
that owns it, which looks again for itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ._config import apply_config
from ._context import Context, connect
from ._documents import apply_documents
from ._keys import apply_key
from ._site_apps import read_site_apps
from ._site_state import SiteState, look
from ._state import apply_maintenance, apply_scheduler
from ._tasks import read_cursor


def plan_site(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Which parts of ``args`` the site does not have: ``{"differs": [part], "parts": {part: diff}}``.

    Parts: ``site``, ``apps``, ``config``, ``documents``, ``keys``, ``scheduler``, ``maintenance``. A part that cannot be
    looked at before an earlier one is in place (documents of an app that is not installed) counts as
    different. ``tasks`` tells the state and the counts of the tasks that were asked about.
    """
    dry = replace(context, check=True)
    found = look(dry, args.get("root") or {})
    parts: dict[str, Any] = {}
    if found.state != "present":
        _plan_all(found, args, parts)
        return _result(parts, found, {})
    if found.owned and found.recorded == "creating":
        parts["site"] = {"before": {"record": "creating"}, "after": {"record": "created"}}
    _plan_apps(dry, args, parts)
    _plan_config(dry, args, parts)
    _plan_documents(dry, args, parts)
    _plan_keys(dry, args, parts)
    _plan_states(dry, args, parts)
    return _result(parts, found, {task: _task_state(dry, task) for task in args.get("tasks") or []})


def _task_state(context: Context, task: str) -> dict[str, Any]:
    cursor = read_cursor(context, task)
    return {"state": cursor.get("state", "never run"), "counts": cursor.get("totals", {})}


def _plan_all(found: SiteState, args: dict[str, Any], parts: dict[str, Any]) -> None:
    """Without a site everything that is declared differs."""
    parts["site"] = {"before": {"state": found.state, "problems": found.problems}, "after": {"state": "present"}}
    for name in ("apps", "config", "documents", "keys", "scheduler", "maintenance"):
        if args.get(name):
            parts[name] = {"before": {}, "after": {"pending": "the site does not exist yet"}}


def _result(parts: dict[str, Any], found: SiteState, tasks: dict[str, Any]) -> dict[str, Any]:
    return {
        "differs": list(parts),
        "site": found.as_dict(),
        "tasks": tasks,
        "diff": {
            "before": {name: diff["before"] for name, diff in parts.items()},
            "after": {name: diff["after"] for name, diff in parts.items()},
        },
    }


def _plan_apps(context: Context, args: dict[str, Any], parts: dict[str, Any]) -> None:
    if not args.get("apps"):
        return
    state = read_site_apps(context, {"apps": args["apps"]})
    absent = [app for app in args["apps"] if app not in state["installed"]]
    if absent or state["missing"] or state["interrupted"]:
        parts["apps"] = {
            "before": {
                "installed": state["installed"],
                "missing": state["missing"],
                "interrupted": state["interrupted"],
            },
            "after": {"installed": [*state["installed"], *absent], "missing": {}, "interrupted": []},
        }


def _plan_config(context: Context, args: dict[str, Any], parts: dict[str, Any]) -> None:
    if not args.get("config"):
        return
    planned = apply_config(context, args["config"])
    if planned["changed"]:
        parts["config"] = planned["diff"]


def _plan_states(context: Context, args: dict[str, Any], parts: dict[str, Any]) -> None:
    for name, operation in (("scheduler", apply_scheduler), ("maintenance", apply_maintenance)):
        if args.get(name):
            planned = operation(context, {"state": args[name]})
            if planned["changed"]:
                parts[name] = planned["diff"]


def _plan_documents(context: Context, args: dict[str, Any], parts: dict[str, Any]) -> None:
    if not args.get("documents"):
        return
    if "apps" in parts:
        parts["documents"] = {"before": {}, "after": {"pending": "apps are not complete yet"}}
        return
    planned = apply_documents(context, {"documents": args["documents"]})
    if planned["changed"]:
        changed = [item for item in planned["documents"] if item["action"] != "unchanged"]
        parts["documents"] = {
            side: {f"{item['doctype']} {item['name'] or item['label']}": item[side] for item in changed}
            for side in ("before", "after")
        }


def _plan_keys(context: Context, args: dict[str, Any], parts: dict[str, Any]) -> None:
    frappe = connect(context.bench, context.need_site())
    lacking = []
    for user in args.get("keys") or []:
        if not frappe.db.exists("User", user) or apply_key(context, {"user": user})["changed"]:
            lacking.append(user)
    if lacking:
        parts["keys"] = {"before": {"without a key": lacking}, "after": {"without a key": []}}


OPERATIONS = {"plan.site": plan_site}
