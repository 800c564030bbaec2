# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: which operations bring a bench's releases to a state, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._agent_client import SiteAgent
from ._errors import ErpopsError

if TYPE_CHECKING:
    from .agent import _release  # noqa: F401 -- sent to the bench

_BUILD = ("apps", "removed", "requirements", "python", "build")
_ADOPT = ("requirements", "python", "build")


def run_release(agent: SiteAgent, params: dict[str, Any], check: bool, secrets: list[str]) -> dict[str, Any]:
    """The result of ``bench_release``.

    :raises ErpopsError: (400) ``id`` and something that makes another release; or an operation failed.
    """
    if params["id"] and (params["state"] != "current" or any(params[key] for key in ("apps", "removed"))):
        raise ErpopsError(
            "id names a release that is there, to switch to",
            object=params["id"],
            seen=f"state {params['state']}, apps or removed",
            needed="state current, without apps and removed",
            status=400,
        )
    steps: list[dict[str, Any]] = []
    state = params["state"]
    if state in ("adopted", "current"):
        steps.append(agent.one("release.adopt", args={key: params[key] for key in _ADOPT}))
    if state == "present" or (state == "current" and not params["id"]):
        steps.append(agent.one("release.build", args={key: params[key] for key in _BUILD}, secrets=secrets))
    if state == "current" and not (check and steps[-1]["changed"]):
        args = {"id": params["id"] or steps[-1]["id"], "accept_older": params["accept_older_processes"]}
        steps.append(agent.one("release.switch", args=args))
    elif state == "current":  # what would be switched to is not there yet
        steps.append({"changed": True, "id": params["id"] or steps[-1]["id"], "actions": ["switched"]})
    if state == "pruned":
        steps.append(agent.one("release.prune", args={key: params[key] for key in ("keep", "protect")}))
    if state == "plain":
        steps.append(agent.one("release.leave"))
    return _result(params["bench_path"], steps)


def _result(bench_path: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    release: dict[str, Any] = {
        "id": "",
        "path": "",
        "previous": "",
        "apps": {},
        "assets": [],
        "removed": [],
        "busy": [],
    }
    diff: dict[str, dict[str, Any]] = {"before": {}, "after": {}}
    for step in steps:
        release |= {key: step[key] for key in release if key in step}
        for side in diff:
            diff[side] |= step.get("diff", {}).get(side, {})
    release["path"] = f"{bench_path}/releases/{release['id']}" if release["id"] else ""
    return {
        "changed": any(step["changed"] for step in steps),
        "bench_release": release,
        "actions": [action for step in steps for action in step["actions"]],
        "diff": diff,
    }
