# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: releases of a bench -- read, built, switched to and back, removed."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from .._errors import ErpopsError
from ._app_install import write_apps
from ._bench import Bench
from ._context import Context, disconnect, frappe_module
from ._release_adopt import adopt_release, leave_releases, note_restart
from ._release_build import build_release
from ._release_env import is_used, processes
from ._release_inner import furnish, make_assets, prove
from ._release_plan import app_lists, lost_apps, to_prune
from ._release_record import (
    READY,
    drop_half_made,
    is_adopted,
    link_surroundings,
    note_switch,
    read_release,
    read_releases,
    release_names,
    release_path,
    remove_release,
    switch_noted,
    switches,
)
from ._release_tree import link_to, size_of

_SHOWN = ("id", "state", "apps", "order", "python", "packages", "inputs", "built", "adopted")


def read_all(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The releases as they stand; ``sizes`` of them are counted when asked for."""
    bench = context.bench
    running, older = processes(bench)
    releases = []
    for record in read_releases(bench):
        row = {key: record.get(key) for key in _SHOWN if key in record}
        row["path"] = record["folder"]
        row["processes"] = running.get(record["id"], [])
        if args.get("sizes"):
            row["size"] = size_of(record["folder"])
        releases.append(row)
    return {"adopted": is_adopted(bench), **switches(bench), "releases": releases, "older_processes": older}


def switch_release(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """``current`` leads to release ``id``, in one step; answers with the one before.

    :param args: ``accept_older``: go on although processes run that were started before the adoption, ``proven``: the
        caller knows that its interpreter works (``prove_release``).
    """
    bench, name = context.bench, str(args["id"])
    with context.locked("release.switch", name="bench"):
        record = _complete(bench, name) if args.get("proven") else prove_release(bench, name)
        before = switches(bench)
        listed, order = bench.listed_apps(), list(record["order"])
        moves = before["current"] != name
        # A run that was ended is finished: what it noted last says so.
        lists = listed != order or switch_noted(bench) != name
        result: dict[str, Any] = {
            "changed": moves or lists,
            "id": name,
            "previous": before["current"] if moves else before["previous"],
            "actions": ["switched"] if moves else (["finished the switch"] if lists else []),
            "diff": {
                "before": {"current": before["current"], "apps": listed},
                "after": {"current": name, "apps": order},
            },
        }
        if not result["changed"]:
            return result
        _refuse_lost(context, name, lost_apps(listed, order))
        if moves and not args.get("accept_older"):
            _refuse_older(bench)
        if not context.check:
            meanwhile, after = app_lists(listed, order)
            note_restart(bench, name)
            link_surroundings(bench, release_path(bench, name))
            if meanwhile != listed:
                write_apps(bench, meanwhile)
            if moves:
                link_to(os.path.join("releases", name), os.path.join(bench.path, "current"))
            _forget_assets()  # by this process, which has not the apps that are listed next
            write_apps(bench, after)
            note_switch(bench, name, result["previous"])
        return result


def _complete(bench: Bench, name: str) -> dict[str, Any]:
    """The record of a release that can be switched to.

    :raises ErpopsError: (404) there is none; (409) it is half made, or the bench is a plain one.
    """
    record = read_release(bench, name) if name in release_names(bench) else {}
    if not record:
        raise ErpopsError(
            "there is no such release",
            object=name,
            seen=", ".join(release_names(bench)) or "none",
            hint="build it (erpops.frappe.bench_release state: present)",
            status=404,
        )
    if record["state"] != READY:
        raise ErpopsError(
            "is half made", object=name, seen=record["state"], needed=READY, hint="build it again", status=409
        )
    if not is_adopted(bench):
        raise ErpopsError(
            "is a plain bench, which has no release to switch from",
            object=bench.path,
            hint="run erpops.frappe.bench_release with state: adopted first, and restart the processes",
            status=409,
        )
    return record


def prove_release(bench: Bench, name: str) -> dict[str, Any]:
    """The record of a release that is whole, and whose interpreter works.

    :raises ErpopsError: (404) there is none; (409) it is half made, does not start, or the bench is a plain one.
    """
    record = _complete(bench, name)
    python = release_path(bench, name, "env", "bin", "python")
    words = [python, "-c", "import frappe"]
    try:
        done = subprocess.run(words, cwd=bench.sites, capture_output=True, text=True, timeout=120, check=False)
        seen = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    except OSError as exc:
        seen = [str(exc)]
    if seen:
        raise ErpopsError(
            "its interpreter cannot import the framework any more",
            object=python,
            seen=seen[0],
            hint="remove the release's directory and build it again",
            status=409,
        )
    return record


def _refuse_lost(context: Context, name: str, lost: list[str]) -> None:
    """:raises ErpopsError: (409) sites have apps installed that the release does not have."""
    from ._info import sites_with_app

    users = {app: found for app in lost if (found := sites_with_app(context, app))}
    if users:
        raise ErpopsError(
            "lacks apps that sites have installed",
            object=f"release {name}",
            seen="; ".join(f"{app}: {', '.join(found[:12])}" for app, found in users.items()),
            hint="uninstall it there first (erpops.frappe.site_app state: absent), or build a release that has it",
            status=409,
        )


def _refuse_older(bench: Bench) -> None:
    """:raises ErpopsError: (409) processes run that would import code of the new release into their old."""
    _running, older = processes(bench)
    if older:
        raise ErpopsError(
            "runs processes that were started before it had releases: what they import late would be the new code",
            object=bench.path,
            seen=f"pids {', '.join(map(str, older[:20]))}",
            hint="restart them (role process_manager; playbooks/deploy.yml does), or set accept_older_processes where"
            " nothing is served meanwhile",
            status=409,
        )


def _forget_assets() -> None:
    """Frappe keeps the manifest of assets in Redis for all sites; a Redis that does not answer keeps none.

    Source: ``frappe/utils/__init__.py: get_assets_json``, ``frappe/utils/redis_wrapper.py: delete_value``.
    """
    frappe = frappe_module()
    disconnect()
    frappe.init(site="", sites_path=".")
    try:
        cache = frappe.cache if hasattr(frappe.cache, "delete_value") else frappe.cache()
        cache.delete_value("assets_json", shared=True)
    finally:
        frappe.destroy()


def prune_releases(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Only ``keep`` releases stay, the current, the previous and those of ``protect`` in any case; half-made ones go."""
    bench = context.bench
    with context.locked("release.prune", name="bench"):
        found, known = read_releases(bench), switches(bench)
        spared = {known["current"], known["previous"], *(args.get("protect") or [])} - {""}
        used = {row["id"] for row in found if is_used(bench, row["id"])}
        gone, busy = to_prune(found, int(args["keep"]), spared, used)
        if not context.check:
            drop_half_made(bench)
            for name in gone:
                if name in release_names(bench):
                    remove_release(bench, name)
        names = [row["id"] for row in found]
        return {
            "changed": bool(gone),
            "removed": gone,
            "busy": busy,
            "actions": [f"removed {name}" for name in gone],
            "diff": {
                "before": {"releases": names},
                "after": {"releases": [name for name in names if name not in gone]},
            },
        }


OPERATIONS = {
    "release.read": read_all,
    "release.adopt": adopt_release,
    "release.build": build_release,
    "release.switch": switch_release,
    "release.prune": prune_releases,
    "release.leave": leave_releases,
    # These three are asked of a release while it is made, by _release_build.
    "release.furnish": furnish,
    "release.assets": make_assets,
    "release.prove": prove,
}
