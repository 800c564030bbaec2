# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the releases of a bench as they stand in ``<bench>/releases``, each with its release.json."""

from __future__ import annotations

import os
import shutil
from typing import Any

from ._app_install import app_version, place
from ._bench import STATE_DIR, Bench
from ._files import MalformedFileError, os_error, read_json_or_empty, write_json
from ._git import Git, clean_url, describe

BUILDING, READY = "building", "ready"
RECORD = "release.json"
IN_USE = "in_use"  # each process of the release's interpreter holds a shared lock of it (_release_env)
PARTS = ("apps", "env", "repos")  # of the bench, links to the same of the current release
GOING = ".gone-"
_OWN = (*PARTS, "current", "releases")


def releases_dir(bench: Bench) -> str:
    return os.path.join(bench.path, "releases")


def release_path(bench: Bench, release: str, *parts: str) -> str:
    return os.path.join(bench.path, "releases", release, *parts)


def current_release(bench: Bench) -> str:
    """The release that ``current`` leads to; ``""`` for a plain bench."""
    try:
        return os.path.basename(os.readlink(os.path.join(bench.path, "current")))
    except OSError:
        return ""


def journal_path(bench: Bench) -> str:
    """Where an adoption notes that it was begun; gone when it is done."""
    return os.path.join(bench.state, "adoption.json")


def is_adopted(bench: Bench) -> bool:
    """Whether the bench runs from a release, the adoption having come to its end."""
    links = all(os.path.islink(os.path.join(bench.path, part)) for part in ("current", *PARTS))
    return links and not os.path.exists(journal_path(bench))


def read_release(bench: Bench, release: str) -> dict[str, Any]:
    """The record of a release; ``{}`` when there is none, or none that can be read: then it was never finished."""
    path = release_path(bench, release, RECORD)
    try:
        return read_json_or_empty(path)
    except MalformedFileError:
        return {}


def write_release(bench: Bench, release: str, record: dict[str, Any]) -> None:
    write_json(release_path(bench, release, RECORD), {"schema": 1, "id": release, **record}, mode=0o644)


def release_names(bench: Bench) -> list[str]:
    """All that is in ``releases``, half-made ones included."""
    try:
        with os.scandir(releases_dir(bench)) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except FileNotFoundError:
        return []


def read_releases(bench: Bench) -> list[dict[str, Any]]:
    return [
        {"state": BUILDING, **read_release(bench, name), "id": name, "folder": release_path(bench, name)}
        for name in release_names(bench)
    ]


def _noted(bench: Bench) -> dict[str, Any]:
    path = os.path.join(bench.state, "releases.json")
    return read_json_or_empty(path)


def switch_noted(bench: Bench) -> str:
    """The release of the last switch that came to its end."""
    return str(_noted(bench).get("current", ""))


def switches(bench: Bench) -> dict[str, str]:
    """``{"current", "previous"}``, also when a run was ended between the switch and its note."""
    now, noted = current_release(bench), _noted(bench)
    previous = noted.get("previous", "") if noted.get("current") == now else noted.get("current", "")
    return {"current": now, "previous": str(previous)}


def note_switch(bench: Bench, current: str, previous: str) -> None:
    write_json(bench.state_path("releases.json"), {"schema": 1, "current": current, "previous": previous})


def app_facts(folder: str, name: str) -> dict[str, Any]:
    """An app in its place: ``{"name", "commit", "subdirectory", "repo", "version", "dirty", "checkout"}``."""
    real = os.path.realpath(folder)
    found = describe(real) if os.path.isdir(real) else {}
    git = Git()
    inner = git.run("rev-parse", "--show-prefix", cwd=real, check=False).strip("/") if found else ""
    top = git.run("rev-parse", "--show-toplevel", cwd=real, check=False) if found else real
    return {
        "name": name,
        "commit": found.get("commit", ""),
        "subdirectory": inner,
        "repo": found.get("remote") or _some_remote(git, real) if found else "",
        "version": app_version(real, name),
        "dirty": found.get("dirty", []),
        "checkout": top,
    }


def _some_remote(git: Git, folder: str) -> str:
    """``bench`` calls it ``upstream``."""
    lines = git.run("config", "--get-regexp", r"^remote\..*\.url$", cwd=folder, check=False).splitlines()
    return clean_url(lines[0].partition(" ")[2]) if lines else ""


def bench_app_facts(bench: Bench) -> list[dict[str, Any]]:
    """Those of ``apps.txt``, in its order."""
    return [app_facts(place(bench, name).link, name) for name in bench.listed_apps()]


def shown(app: dict[str, Any]) -> dict[str, Any]:
    """What the record keeps of an app."""
    return {key: app.get(key) or "" for key in ("commit", "repo", "subdirectory", "version")}


def note_apps(bench: Bench) -> None:
    """After a deployment in place: what the current release has become. Nothing on a plain bench."""
    now = current_release(bench)
    record = read_release(bench, now) if now else {}
    if not record:
        return
    apps = {app["name"]: shown(app) for app in bench_app_facts(bench)}
    if record.get("apps") != apps or record.get("order") != list(apps):
        write_release(bench, now, {**record, "apps": apps, "order": list(apps)})


def drop_half_made(bench: Bench) -> list[str]:
    """Remove what an ended run left; the caller holds the lock, so that nobody is making it."""
    now = current_release(bench)
    gone = [row["id"] for row in read_releases(bench) if row["state"] != READY and row["id"] != now]
    for name in gone:
        remove_release(bench, name)
    for name in os.listdir(releases_dir(bench)) if os.path.isdir(releases_dir(bench)) else []:
        if name.startswith(GOING):
            shutil.rmtree(os.path.join(releases_dir(bench), name), ignore_errors=True)
    return gone


def remove_release(bench: Bench, name: str) -> None:
    """First out of sight: one that is half removed is never taken for a release."""
    going = os.path.join(releases_dir(bench), GOING + name)
    shutil.rmtree(going, ignore_errors=True)
    os.rename(release_path(bench, name), going)
    shutil.rmtree(going)


def new_release(bench: Bench, name: str) -> None:
    """Its directory, which must not be there yet."""
    path = release_path(bench, name)
    try:
        os.makedirs(releases_dir(bench), exist_ok=True)
        os.mkdir(path, 0o755)
    except OSError as exc:
        raise os_error(exc, path) from exc


def link_surroundings(bench: Bench, home: str, left_out: tuple[str, ...] = ()) -> None:
    """In a release, links to all of the bench that is no release's own: Frappe takes the release for the bench."""
    os.makedirs(os.path.join(bench.path, "archived"), exist_ok=True)  # where Frappe puts sites that it drops
    for name in sorted({*os.listdir(bench.path), STATE_DIR} - set(_OWN)):
        path = os.path.join(home, name)
        if name not in left_out and not os.path.lexists(path):
            os.symlink(os.path.join("..", "..", name), path)
