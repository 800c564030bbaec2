# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a release is made beside the one that runs; until it is whole nothing leads to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import Any

from .._errors import ErpopsError
from ._app_install import Place, app_version, place, write_apps
from ._apps import refuse_dirty
from ._bench import STATE_DIR, Bench
from ._context import Context
from ._files import os_error, read_json_or_empty, write_json
from ._git import Git
from ._nested import NOWHERE, converse
from ._release_env import base_python, make_environment, pin_environment, pins, resolving_inputs
from ._release_plan import asset_files, free_name, is_same, planned_apps, release_id, to_build
from ._release_record import (
    BUILDING,
    READY,
    app_facts,
    bench_app_facts,
    current_release,
    drop_half_made,
    journal_path,
    link_surroundings,
    new_release,
    read_releases,
    release_path,
    releases_dir,
    shown,
    write_release,
)
from ._release_tree import link_to, seed_checkout, size_of, take_assets, take_over

# Beyond what the present one takes: packages that grow, assets while they are built.
_MARGIN = 256 << 20


def inputs_of(bench: Bench, args: dict[str, Any]) -> dict[str, Any]:
    """What besides the commits decides what a release is: Python, requirements, overrides, whether it has assets."""
    _path, version = base_python(str(args.get("python") or ""))
    assets = args.get("build")
    if assets is None:
        assets = os.path.exists(os.path.join(bench.sites, "assets", "assets.json"))
    return {
        "python": ".".join(version.split(".")[:2]),
        "requirements": sorted(args.get("requirements") or []),
        "assets": bool(assets),
        **resolving_inputs(),
    }


def present_apps(bench: Bench) -> list[dict[str, Any]]:
    """The apps as they are, of which a release can be made again.

    :raises ErpopsError: (409) one has local changes, or is no checkout.
    """
    apps = bench_app_facts(bench)
    for app in apps:
        refuse_dirty(place(bench, app["name"]), {"dirty": app["dirty"], "present": True, "commit": app["commit"]})
    return apps


def _named(args: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for app in args.get("apps") or []:
        git = Git(app["repo"], token=app.get("token") or "", ssh_key=app.get("ssh_key") or "")
        commit = git.resolve(str(app.get("version") or ""))
        inner = str(app.get("subdirectory") or "").strip("/")
        found.append({**app, "repo": git.repo, "subdirectory": inner, "commit": commit, "named": True})
    return found


def find_release(bench: Bench, apps: list[dict[str, Any]], inputs: dict[str, Any]) -> str:
    """A complete release that is what is asked for, the current one first; ``""`` when there is none.

    Its checkouts are asked and not its name: a deployment in place makes something else of it.
    """
    now = current_release(bench)
    for record in sorted(read_releases(bench), key=lambda row: row["id"] != now):
        if record["state"] != READY or record.get("inputs") != inputs:
            continue
        if record.get("order") != [app["name"] for app in apps]:
            continue
        there = [app_facts(os.path.join(record["folder"], "apps", app["name"]), app["name"]) for app in apps]
        if all(map(is_same, apps, there)) and not any(app["dirty"] for app in there):
            return str(record["id"])
    return ""


def build_release(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """A release of these apps is there, whole and proven; args as ``bench_release`` documents."""
    bench = context.bench
    with context.locked("release.build", name="bench"):
        _refuse_unfinished(bench)
        present = present_apps(bench)
        apps = planned_apps(present, _named(args), args.get("removed") or [])
        inputs = inputs_of(bench, args)
        found = find_release(bench, apps, inputs)
        name = found or free_name(
            release_id(apps, inputs), [row["id"] for row in read_releases(bench) if row["state"] == READY]
        )
        result = {
            "changed": not found,
            "id": name,
            "path": release_path(bench, name),
            "actions": [] if found else ["built"],
            "apps": {app["name"]: app["commit"] for app in apps},
            "diff": {
                "before": {app["name"]: app["commit"] for app in present},
                "after": {app["name"]: app["commit"] for app in apps},
            },
            "assets": [],
        }
        if found or context.check:
            return result
        os.nice(10)  # what runs goes first; its children inherit it
        _check_space(bench)
        drop_half_made(bench)
        new_release(bench, name)  # before the try: what was there already is nobody's to remove
        try:
            result["assets"] = _make(context, name, args, present, apps, inputs)
        except BaseException:
            shutil.rmtree(release_path(bench, name), ignore_errors=True)
            raise
        return result


def _refuse_unfinished(bench: Bench) -> None:
    """:raises ErpopsError: (409) the bench is between a plain one and one with releases."""
    if os.path.exists(journal_path(bench)):
        raise ErpopsError(
            "was not made one with releases to the end, or not a plain one again",
            object=bench.path,
            seen=journal_path(bench),
            hint="run erpops.frappe.bench_release with state: adopted (or plain) once more",
            status=409,
        )


def _check_space(bench: Bench) -> None:
    """:raises ErpopsError: (507) there is no room for a release of the size of the present one."""
    parts = [os.path.realpath(os.path.join(bench.path, part)) for part in ("apps", "env", "repos")]
    needed = sum(map(size_of, parts)) + _MARGIN
    free = shutil.disk_usage(bench.path).free
    if free < needed:
        raise ErpopsError(
            "there is no room for another release",
            object=releases_dir(bench),
            seen=f"{free >> 20} MiB free",
            needed=f"{needed >> 20} MiB, as the present one takes and {_MARGIN >> 20} MiB more",
            hint="remove old ones (erpops.frappe.bench_release state: pruned), or free space",
            status=507,
        )


def _make(
    context: Context,
    name: str,
    args: dict[str, Any],
    present: list[dict[str, Any]],
    apps: list[dict[str, Any]],
    inputs: dict[str, Any],
) -> list[str]:
    bench = context.bench
    now = {app["name"]: app for app in present}
    home = os.path.join(os.path.realpath(bench.path), "releases", name)
    python, version = base_python(str(args.get("python") or ""))
    record = {
        "state": BUILDING,
        "inputs": inputs,
        "python": version,
        "order": [app["name"] for app in apps],
        "apps": {app["name"]: shown(app) for app in apps},
    }
    _begin(bench, home, record)
    make_environment(os.path.join(home, "env"), python)
    pin_environment(home)
    own, interpreter = Bench(home), os.path.join(home, "env", "bin", "python")
    _seed(own, apps, now)
    furnish = {"pins": pins(list(now)), "requirements": inputs["requirements"]}
    converse(
        context,
        own,
        interpreter,
        [{"op": "release.furnish", "args": furnish}, *({"op": "app.apply", "args": _source(app, now)} for app in apps)],
    )
    built = _take_over(own, apps, now) if inputs["assets"] else []
    unwanted = {app["name"] for app in apps if app.get("build") is False}
    take_assets(
        os.path.join(bench.sites, "assets"),
        os.path.join(own.sites, "assets"),
        {app["name"]: os.path.join(place(own, app["name"]).link, app["name"]) for app in apps},
    )
    wanted = [app for app in apps if app["name"] in built and app["name"] not in unwanted]
    where = [{"name": app["name"], "subdirectory": app["subdirectory"]} for app in wanted]
    _done, proven = converse(
        context,
        own,
        interpreter,
        [{"op": "release.assets", "args": {"apps": where}}, {"op": "release.prove", "args": {}}],
    )
    _compile(home, interpreter)
    _finish(own, home)
    for app in apps:
        app["version"] = app_version(os.path.realpath(place(own, app["name"]).link), app["name"])
    record |= {"apps": {app["name"]: shown(app) for app in apps}, "packages": proven["packages"]}
    write_release(bench, name, {**record, "state": READY, "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})
    return [app["name"] for app in wanted]


def _begin(bench: Bench, home: str, record: dict[str, Any]) -> None:
    """The directory as a bench of its own: sites without a site, and a state that is nobody else's."""
    try:
        for part in ("apps", "repos", "sites"):
            os.makedirs(os.path.join(home, part), mode=0o755)
        write_release(bench, os.path.basename(home), record)
        link_surroundings(bench, home, left_out=("sites", STATE_DIR))
    except OSError as exc:
        raise os_error(exc, home) from exc
    own = Bench(home)
    write_apps(own, [])
    path = os.path.join(bench.sites, "common_site_config.json")
    config = read_json_or_empty(path)
    nowhere = {key: NOWHERE for key in config if key.startswith("redis_")}
    write_json(os.path.join(own.sites, "common_site_config.json"), {**config, **nowhere}, mode=0o600)


def _source(app: dict[str, Any], now: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Arguments of ``app.apply``; the repository of an app that stays is not asked, whatever became of it."""
    source = {"name": app["name"], "version": app["commit"], "subdirectory": app["subdirectory"]}
    if is_same(app, now.get(app["name"])):
        return {**source, "repo": now[app["name"]]["checkout"]}
    return {**source, "repo": app["repo"], "token": app.get("token"), "ssh_key": app.get("ssh_key")}


def _seed(own: Bench, apps: list[dict[str, Any]], now: dict[str, dict[str, Any]]) -> None:
    """Of an app that is there only what its new commit brings is fetched."""
    for app in apps:
        old = now.get(app["name"])
        if old and old["subdirectory"] == app["subdirectory"]:
            there = place(own, app["name"], app["subdirectory"]).checkout
            seed_checkout(old["checkout"], there, old["commit"], app["repo"])


def _take_over(own: Bench, apps: list[dict[str, Any]], now: dict[str, dict[str, Any]]) -> list[str]:
    """Bring over what was built for apps whose assets do not change; answers with those that are to be built."""
    differing = []
    for app in apps:
        old, there = now.get(app["name"]), place(own, app["name"], app["subdirectory"]).checkout
        if (
            not old
            or old["subdirectory"] != app["subdirectory"]
            or (not is_same(app, old) and _asset_lines(old["checkout"]) != _asset_lines(there))
        ):
            differing.append(app["name"])
    build = to_build(apps, differing)
    for app in apps:
        there = place(own, app["name"], app["subdirectory"]).checkout
        if app["name"] not in differing:
            old_checkout = now[app["name"]]["checkout"]
            take_over(old_checkout, there, {old_checkout: there})
    return [name for name in build if _has_assets(place(own, name))]


def _has_assets(where: Place) -> bool:
    return any(
        os.path.exists(os.path.join(where.link, path))
        for path in ("package.json", os.path.join(where.name, "public"), os.path.join(where.name, "locale"))
    )


def _asset_lines(folder: str) -> set[str]:
    return asset_files(Git().run("ls-tree", "-r", "-z", "--full-tree", "HEAD", cwd=folder).split("\0"))


def _compile(home: str, interpreter: str) -> None:
    """Compiled once here: the agent lets nothing be written that is compiled, so that each migration and backup would do it
    again while its site waits (with Frappe and ERPNext 15 a migration took 7 s instead of 4 s). A file of another Python is
    no fault.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    words = [interpreter, "-m", "compileall", "-q", "-j", "0", "-x", r"/(node_modules|\.git)/"]
    folders = [os.path.join(home, part) for part in ("apps", "repos", "env/lib")]
    subprocess.run([*words, *folders], env=environment, cwd=home, capture_output=True, timeout=900, check=False)


def _finish(own: Bench, home: str) -> None:
    """The directory is no bench of its own any more: its sites are those of the bench."""
    os.rename(os.path.join(own.sites, "assets"), os.path.join(home, "assets"))
    for part in ("sites", STATE_DIR):
        shutil.rmtree(os.path.join(home, part))
        link_to(os.path.join("..", "..", part), os.path.join(home, part))
