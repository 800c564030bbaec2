# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: checks of the site's apps -- which, at which commit, and whether nothing of them is missing."""

from __future__ import annotations

from typing import Any

from ._app_checks import missing_pieces, version_fits
from ._app_install import bench_versions, place
from ._apps import look_app
from ._checks_outcome import Outcome, judged, listed


def set_faults(installed: list[str], args: dict[str, Any]) -> list[str]:
    """Where the installed apps differ from ``contain``, ``equal`` and ``absent``."""
    lacking = [app for app in args.get("contain", []) + args.get("equal", []) if app not in installed]
    surplus = [app for app in installed if "equal" in args and app not in args["equal"]]
    surplus += [app for app in args.get("absent", []) if app in installed]
    faults = [f"{listed(lacking)} not installed"] if lacking else []
    return faults + ([f"{listed(surplus)} installed"] if surplus else [])


def code_faults(found: dict[str, Any], args: dict[str, Any]) -> list[str]:
    """Where an app's code (``look_app``) differs from ``commit`` and ``clean``."""
    app, commit = args["app"], str(args.get("commit") or "")
    if not found["present"]:
        return [f"{app} is not on the bench"]
    faults = []
    if commit and not (len(commit) >= 7 and found["commit"].startswith(commit)):
        faults.append(f"{app} at {found['commit'][:12] or 'no commit (no git checkout)'}")
    if not found["installed"]:
        faults.append(f"{app} is imported from elsewhere than apps/{app}")
    if args.get("clean") and found["dirty"]:
        faults.append(f"{app} has local changes of {listed(found['dirty'])}")
    return faults


def version_faults(versions: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """Apps whose version is outside its range, such as ``>=15,<16``."""
    return [
        f"{app} {versions.get(app) or 'without a version'}"
        for app, spec in wanted.items()
        if not versions.get(app) or not version_fits(versions[app], spec)
    ]


def patch_faults(frappe: Any, app: str) -> list[str]:
    """Patches of an app that Patch Log does not know as run. Source: ``frappe/modules/patch_handler.py``."""
    from frappe.modules.patch_handler import get_patches_from_app

    done = set(frappe.get_all("Patch Log", filters={"skipped": 0}, pluck="patch", limit=0))
    left = [line for line in get_patches_from_app(app) if line and line not in done]
    return [f"{app} has {len(left)} patches to run: {listed(left, 3)}"] if left else []


def apps(look: Any, args: dict[str, Any]) -> Outcome:
    """The installed apps, one app's code, and what of apps is missing on the site."""
    frappe, bench = look.frappe, look.context.bench
    installed = list(frappe.get_installed_apps())
    faults = set_faults(installed, args)
    if {"commit", "clean"} & args.keys():
        faults += code_faults(look_app(bench, place(bench, args["app"])), args)
    if "versions" in args:
        faults += version_faults(bench_versions(bench), args["versions"])
    for app in args.get("whole", []):
        if app not in installed:
            faults.append(f"{app} not installed")
            continue
        faults += [f"{app} lacks {kind} {listed(names)}" for kind, names in missing_pieces(frappe, app).items()]
    for app in args.get("patched", []):
        faults += patch_faults(frappe, app)
    return judged(faults, "installed: " + listed(installed, 20), _needed(args), value=installed)


def _needed(args: dict[str, Any]) -> str:
    words = [f"exactly {listed(args['equal'])}"] if "equal" in args else []
    words += [listed(args["contain"])] if "contain" in args else []
    words += [f"not {listed(args['absent'])}"] if "absent" in args else []
    words += [f"{args['app']} at {args['commit'][:12]}"] if "commit" in args else []
    words += [f"no local changes of {args['app']}"] if args.get("clean") else []
    words += [f"{app} {spec}" for app, spec in args.get("versions", {}).items()]
    words += [f"all DocTypes, jobs and fixtures of {listed(args['whole'])}"] if "whole" in args else []
    words += [f"all patches of {listed(args['patched'])} run"] if "patched" in args else []
    return "; ".join(words)


CHECKS = {"apps": apps}
