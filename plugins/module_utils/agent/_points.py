# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: rollback points -- code, data, files and configuration of one moment, in ``.erpops/points``.

A point is of a bench, since the code is. ``<id>/manifest.json`` names the commits, the common configuration and the
sites; ``<id>/<site>/`` is a backup set of each, as ``_backup_set`` describes it. A point is whole when it is closed,
which reads all of it back; nothing goes back to one that is not.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from typing import Any

from .._errors import ErpopsError
from ._backup import sha256
from ._backup_set import read_set, take_set
from ._bench import Bench
from ._context import Context
from ._files import make_private_dir, read_json, write_json, write_text
from ._point_plan import disposable, is_point_id
from ._release_record import current_release
from ._restore import bench_apps

_COMMON = "common_site_config.json"


def point_path(bench: Bench, point: str) -> str:
    """Directory of a point. :raises ErpopsError: (400) this cannot be a point's name."""
    if not is_point_id(point):
        raise ErpopsError(
            "is not a name of a rollback point", object=point, needed="letters, digits, _ . -", status=400
        )
    return os.path.join(bench.state, "points", point)


def site_set(bench: Bench, point: str, site: str) -> str:
    """Directory of a site's set in a point."""
    return os.path.join(point_path(bench, point), site)


def read_point(bench: Bench, point: str) -> dict[str, Any]:
    """A point's manifest. :raises ErpopsError: (404) there is no such point; names those that there are."""
    path = os.path.join(point_path(bench, point), "manifest.json")
    if not os.path.exists(path):
        raise ErpopsError(
            "there is no such rollback point on this bench",
            object=point,
            seen=", ".join(_named(one) for one in all_points(bench)) or "none at all",
            status=404,
        )
    return read_json(path)


def _named(told: dict[str, Any]) -> str:
    return f"{told['id']} (release {told['release']})" if told["release"] else str(told["id"])


def all_points(bench: Bench) -> list[dict[str, Any]]:
    """Manifests of the bench's points, oldest first."""
    folder = os.path.join(bench.state, "points")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    found = [read_json(path) for name in names if os.path.exists(path := os.path.join(folder, name, "manifest.json"))]
    return sorted(found, key=lambda one: (float(one["begun"]), str(one["id"])))


def commits(bench: Bench) -> dict[str, str]:
    """Commit of each app of the bench, by name."""
    return {name: str(app["commit"]) for name, app in bench_apps(bench).items()}


def begin_point(bench: Bench, point: str, sites: list[str], purpose: str) -> dict[str, Any]:
    """Write down what all sites of the bench share; a point that was begun for the same is gone on with."""
    folder = point_path(bench, point)
    manifest = os.path.join(folder, "manifest.json")
    if os.path.exists(manifest):
        return read_json(manifest)
    make_private_dir(folder)
    common = os.path.join(bench.sites, _COMMON)
    files = {}
    if os.path.exists(common):
        with open(common, encoding="utf-8") as handle:
            write_text(os.path.join(folder, _COMMON), handle.read())
        files[_COMMON] = sha256(os.path.join(folder, _COMMON))
    told = {
        "schema": 1,
        "id": point,
        "purpose": purpose,
        "begun": time.time(),
        "whole": False,
        "release": current_release(bench),
        "commits": commits(bench),
        "sites": sorted(sites),
        "files": files,
        "sets": {},
    }
    write_json(manifest, told)
    return told


def take_site(context: Context, point: str, timeout: float) -> dict[str, Any]:
    """The set of ``context.site`` in a point that was begun; one that is whole already is not taken again."""
    folder = site_set(context.bench, point, context.need_site())
    if context.site not in read_point(context.bench, point)["sites"]:
        raise ErpopsError("is not one of the rollback point's sites", object=context.site, seen=point, status=409)
    if os.path.exists(os.path.join(folder, "manifest.json")):
        return read_set(folder)
    return take_set(context, folder, timeout)


def close_point(bench: Bench, point: str) -> dict[str, Any]:
    """Each site's set is there: the point can be gone back to. :raises ErpopsError: (409) a set is missing."""
    told = read_point(bench, point)
    if told["whole"]:
        return told
    sets, lacking = {}, []
    for site in told["sites"]:
        path = os.path.join(site_set(bench, point, site), "manifest.json")
        if os.path.exists(path):
            sets[site] = sha256(path)
        else:
            lacking.append(site)
    if lacking:
        raise ErpopsError(
            "the rollback point is not complete",
            object=point,
            seen=f"no set of {', '.join(lacking)}",
            hint="nothing goes back to such a point; run the update again, or remove the point",
            status=409,
        )
    told.update(whole=True, sets=sets, closed=time.time())
    write_json(os.path.join(point_path(bench, point), "manifest.json"), told)
    return told


def verify_point(bench: Bench, point: str, site: str = "") -> dict[str, Any]:
    """The point, once all of it was read back, or of its sets only that of ``site``.

    :raises ErpopsError: (409) it was never completed; (422) something of it is missing or was changed since; names it.
    """
    told = read_point(bench, point)
    if not told["whole"]:
        raise ErpopsError(
            "the rollback point was never completed",
            object=point,
            needed="one that is whole",
            hint="rollback_point_info lists those that there are",
            status=409,
        )
    folder = point_path(bench, point)
    paths = {os.path.join(folder, name): digest for name, digest in told["files"].items()}
    sets = {one: digest for one, digest in told["sets"].items() if site in ("", one)}
    paths |= {os.path.join(folder, one, "manifest.json"): digest for one, digest in sets.items()}
    for path, digest in paths.items():
        if not os.path.isfile(path) or sha256(path) != digest:
            raise ErpopsError(
                "the rollback point is damaged",
                object=path,
                seen="missing" if not os.path.isfile(path) else "its SHA-256 differs",
                hint="use another point; never go back to this one",
                status=422,
            )
    for one in sets:
        read_set(site_set(bench, point, one))
    return told


def describe_point(bench: Bench, told: dict[str, Any]) -> dict[str, Any]:
    """A point as result keys."""
    folder = point_path(bench, told["id"])
    size = sum(os.lstat(os.path.join(top, name)).st_size for top, _dirs, names in os.walk(folder) for name in names)
    keys = ("id", "purpose", "begun", "whole", "release", "commits", "sites")
    return {**{key: told[key] for key in keys}, "path": folder, "bytes": size}


def discard(bench: Bench, point: str) -> None:
    """Remove a point; its manifest goes first, so that half of one is never taken for one."""
    folder = point_path(bench, point)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, "manifest.json"))
    shutil.rmtree(folder, ignore_errors=True)


def read_points(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """All points of the bench, oldest first, or the one in ``args["id"]``; with ``verify`` each is read back."""
    bench = context.bench
    found = [read_point(bench, str(args["id"]))] if args.get("id") else all_points(bench)
    points = []
    for told in found:
        shown = describe_point(bench, told)
        if args.get("verify"):
            try:
                verify_point(bench, told["id"])
                shown["problem"] = ""
            except ErpopsError as problem:
                shown["problem"] = str(problem)
        points.append(shown)
    return {"points": points}


def apply_point(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """``state: present`` (of ``sites``, by default all of the bench), ``absent`` (``id``) or ``pruned`` (``keep``)."""
    from ._update_journal import points_in_use

    bench, state = context.bench, str(args.get("state") or "present")
    if state == "present":
        return _present(context, args)
    points = all_points(bench)
    used = points_in_use(bench)
    if state == "absent":
        going = [str(args["id"])] if os.path.isdir(point_path(bench, str(args["id"]))) else []
        if set(going) & used:
            raise ErpopsError(
                "an update that is not over needs this rollback point",
                object=going[0],
                hint="finish it with update.yml -e resume=true, or undo it with -e abort=true",
                status=409,
            )
    else:
        going = disposable(points, int(args["keep"]), used)
    if not context.check:
        for point in going:
            discard(bench, point)
    before = [one["id"] for one in points]
    return {
        "changed": bool(going),
        "actions": [f"removed {point}" for point in going],
        "points": [describe_point(bench, one) for one in points if one["id"] not in going],
        "diff": {"before": {"points": before}, "after": {"points": [one for one in before if one not in going]}},
    }


def _present(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    bench = context.bench
    sites = [str(site) for site in args.get("sites") or bench.site_names()]
    unknown = sorted(set(sites) - set(bench.site_names()))
    if unknown:
        raise ErpopsError("there is no such site on this bench", object=", ".join(unknown), status=404)
    point = str(args.get("id") or time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()))
    there = os.path.exists(os.path.join(point_path(bench, point), "manifest.json"))
    if there and read_point(bench, point)["whole"]:
        return _answer(bench, False, point)
    if context.check:
        return {"changed": True, "actions": [f"took {point}"], "points": [], "diff": _diff("", point)}
    with context.locked("point.apply", name="point"):
        begin_point(bench, point, sites, str(args.get("purpose") or "manual"))
        for site in sites:
            here = Context(bench, site, lock_timeout=context.lock_timeout, secrets=context.secrets)
            with here.locked("point.apply"):
                take_site(here, point, float(args.get("timeout") or 3600))
        close_point(bench, point)
    return _answer(bench, True, point)


def _answer(bench: Bench, changed: bool, point: str) -> dict[str, Any]:
    return {
        "changed": changed,
        "actions": [f"took {point}"] if changed else [],
        "points": [describe_point(bench, read_point(bench, point))],
        "diff": _diff("" if changed else point, point),
    }


def _diff(before: str, after: str) -> dict[str, Any]:
    return {"before": {"point": before}, "after": {"point": after}}


OPERATIONS = {"point.read": read_points, "point.apply": apply_point}
