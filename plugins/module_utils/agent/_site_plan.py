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
from ._site_state import look
from ._state import apply_maintenance, apply_scheduler
from ._tasks import read_cursor


def plan_site(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Which parts of ``args`` the site does not have: ``{"differs": [part], "parts": {part: diff}}``.

    Parts: ``site``, ``apps``, ``config``, ``documents``, ``keys``, ``scheduler``, ``maintenance``, ``tasks``. A part that
    cannot be looked at before an earlier one is in place (documents of an app that is not installed) counts
    as different.
    """
    dry = replace(context, check=True)
    found = look(dry, args.get("root") or {})
    parts: dict[str, Any] = {}
    if found.state != "present":
        parts["site"] = {"before": {"state": found.state, "problems": found.problems}, "after": {"state": "present"}}
        for name in ("apps", "config", "documents", "keys", "scheduler", "tasks"):
            if args.get(name):
                parts[name] = {"before": {}, "after": {"pending": "the site does not exist yet"}}
        return _result(parts, found.as_dict(), [])
    if found.owned and found.recorded == "creating":
        parts["site"] = {"before": {"record": "creating"}, "after": {"record": "created"}}
    _plan_apps(dry, args, parts)
    if args.get("config"):
        planned = apply_config(dry, args["config"])
        if planned["changed"]:
            parts["config"] = planned["diff"]
    _plan_documents(dry, args, parts)
    _plan_keys(dry, args, parts)
    for name, operation in (("scheduler", apply_scheduler), ("maintenance", apply_maintenance)):
        if args.get(name):
            state = operation(dry, {"state": args[name]})
            if state["changed"]:
                parts[name] = state["diff"]
    pending = [task for task in args.get("tasks") or [] if read_cursor(dry, task).get("state") != "done"]
    if pending:
        parts["tasks"] = {"before": {"not done": pending}, "after": {"not done": []}}
    return _result(parts, found.as_dict(), pending)


def _result(parts: dict[str, Any], site: dict[str, Any], pending: list[str]) -> dict[str, Any]:
    return {
        "differs": list(parts),
        "site": site,
        "pending_tasks": pending,
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
