# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what differs from its declaration, or from what was recorded, and is no part of a site's own."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import subprocess
import time
from typing import Any

from .._errors import ErpopsError
from ._app_install import place
from ._apps import look_app
from ._context import Context, connect
from ._drift_plan import commit_differences, file_differences, job_differences
from ._files import read_json, write_json
from ._git import Git
from ._state import kept_job_states, scheduler_facts

_SHA = re.compile(r"[0-9a-f]{40}")
# A kind of its own: not files, but the lines of the bench user's crontab.
CRONTAB = "crontab"


def read_drift(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Commits of the site's apps and its stopped jobs, against ``apps`` (name, version, subdirectory) and ``jobs_stopped``."""
    frappe = connect(context.bench, context.need_site())
    installed = list(frappe.get_installed_apps())
    apps = []
    for app in args.get("apps") or []:
        if app["name"] in installed:
            where = place(context.bench, app["name"], str(app.get("subdirectory") or ""))
            found, version = look_app(context.bench, where), str(app.get("version") or "")
            apps.append(
                {
                    "name": app["name"],
                    "declared": version,
                    "wanted": _resolved(where.checkout, version),
                    "commit": found["commit"],
                    "dirty": found["dirty"],
                }
            )
    stopped = [job["method"] for job in scheduler_facts(context, frappe)["jobs"] if job["stopped"]]
    ours = list(kept_job_states(context)) + list(args.get("jobs_stopped") or [])
    return {"differences": commit_differences(apps) + job_differences(stopped, ours), "apps": apps}


def _resolved(checkout: str, version: str) -> str:
    """The commit that a version means, as far as the checkout itself knows; a branch it does not, when it was never
    fetched as one."""
    if _SHA.fullmatch(version) or not version or not os.path.isdir(checkout):
        return version if _SHA.fullmatch(version) else ""
    for name in (f"refs/tags/{version}", version if re.fullmatch("[0-9a-f]{7,39}", version) else ""):
        asked = ("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        found = Git().run(*asked, cwd=checkout, check=False) if name else ""
        if _SHA.fullmatch(found):
            return found
    return ""


def _path(context: Context) -> str:
    return os.path.join(context.bench.state, "baseline.json")


def _look(kind: str, patterns: list[str]) -> dict[str, str]:
    """Path -> digest, for every file of the patterns; of one that we may not read, its size and time."""
    if kind == CRONTAB:
        return {"crontab": _digest(_crontab())}
    found = {}
    for pattern in patterns:
        for path in sorted(glob.glob(pattern, recursive=True)):
            if os.path.isfile(path):
                found[path] = _of_file(path)
    return found


def _of_file(path: str) -> str:
    try:
        with open(path, "rb") as handle:
            return _digest(handle.read())
    except PermissionError:
        info = os.stat(path)
        return f"unread {info.st_size} {info.st_mtime_ns}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _crontab() -> bytes:
    """The crontab of this user; one that is not there is an empty one."""
    try:
        done = subprocess.run(["crontab", "-l"], capture_output=True, check=False, timeout=30)
    except FileNotFoundError:
        return b""  # no cron on this machine
    except subprocess.TimeoutExpired as exc:
        raise ErpopsError("crontab -l does not answer", status=504) from exc
    return done.stdout if done.returncode == 0 else b""


def baseline(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Files of ``kinds`` (name -> patterns) against what was recorded of them; ``state: recorded`` records them.

    A kind that was never recorded is in ``unrecorded``, and differs in nothing.
    """
    path, kinds = _path(context), args.get("kinds") or {}
    with context.locked("drift.baseline", name="bench"):
        known = dict(read_json(path).get("kinds") or {}) if os.path.exists(path) else {}
        now = {kind: _look(kind, list(patterns or [])) for kind, patterns in kinds.items()}
        differences = [
            difference
            for kind, files in now.items()
            if kind in known
            for difference in file_differences(kind, known[kind]["files"], files)
        ]
        unrecorded = [kind for kind in now if kind not in known]
        recording = args.get("state") == "recorded"
        changed = recording and bool(differences or unrecorded)
        if changed and not context.check:
            context.bench.state_path("baseline.json")
            recorded = {kind: {"files": files, "at": time.time()} for kind, files in now.items()}
            write_json(path, {"schema": 1, "kinds": {**known, **recorded}})
    return {
        "changed": changed,
        "differences": differences,
        "unrecorded": unrecorded,
        "diff": {
            "before": {one["name"]: one["before"] for one in differences},
            "after": {one["name"]: one["after"] for one in differences},
        },
    }


OPERATIONS = {"drift.read": read_drift, "drift.baseline": baseline}
