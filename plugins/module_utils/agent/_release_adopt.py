# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a plain bench becomes one with releases while it runs, and plain again.

A directory and a link to its new place change places in one step (``exchange``), so that nobody ever misses ``apps`` or
``env``. A run that was ended is finished by the next: each step sees whether it was done.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import stat
from typing import Any

from .._errors import ErpopsError
from ._bench import STATE_DIR, Bench
from ._config import apply_config, read_config
from ._context import Context
from ._files import read_json, write_json, write_text
from ._release_build import inputs_of
from ._release_env import base_python, packages_digest, pin_environment, site_packages, unpin_environment
from ._release_plan import free_name, release_id, relocated, with_short_shebang
from ._release_record import (
    BUILDING,
    PARTS,
    READY,
    bench_app_facts,
    current_release,
    is_adopted,
    journal_path,
    link_surroundings,
    note_switch,
    release_names,
    shown,
    write_release,
)
from ._release_tree import exchange, link_to, redirect

_TEXT_LIMIT = 1 << 20


def note_restart(bench: Bench, release: str) -> None:
    """What makes the role ``process_manager`` restart all processes, also when this run is ended meanwhile."""
    write_json(bench.state_path("restart.json"), {"schema": 1, "app": "", "release": release})


def adopt_release(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The bench runs from a release that is what it was; args: ``python, requirements, build`` as of a build."""
    bench = context.bench
    if is_adopted(bench):
        return {"changed": False, "id": current_release(bench), "actions": []}
    if "bench_id" not in read_config(context, "common"):
        # Frappe's default is the path of its own files, which a release changes: the queues would be others, and what
        # waits in them lost (frappe/utils/__init__.py: get_bench_id).
        value = os.path.realpath(bench.path).strip("/").replace("/", "-")
        apply_config(context, {"scope": "common", "set": {"bench_id": value}})
    with context.locked("release.adopt", name="bench"):
        journal = journal_path(bench)
        apps, inputs = bench_app_facts(bench), inputs_of(bench, args)
        begun = read_json(journal)["id"] if os.path.exists(journal) else ""
        name = begun or free_name(release_id(apps, inputs), release_names(bench))
        if not context.check:
            write_json(bench.state_path("adoption.json"), {"schema": 1, "id": name})
            record = {
                "inputs": inputs,
                "python": base_python()[1],
                "order": [app["name"] for app in apps],
                "apps": {app["name"]: shown(app) for app in apps},
                "packages": packages_digest(),
                "adopted": True,
            }
            _adopt(bench, name, record)
        return {"changed": True, "id": name, "actions": ["adopted"]}


def _adopt(bench: Bench, name: str, record: dict[str, Any]) -> None:
    home = _home(bench, name)
    os.makedirs(home, exist_ok=True)
    write_release(bench, name, {**record, "state": BUILDING})
    link_surroundings(bench, home)
    note_restart(bench, name)
    if not current_release(bench):
        link_to(os.path.join("releases", name), os.path.join(bench.path, "current"))
    for path, inside, target in _places(bench, home):
        _move_in(path, inside, target)
    os.chmod(os.path.join(home, "repos"), 0o755)  # the web server reads the apps' public files  # noqa: S103
    link_to(os.path.join("current", "repos"), os.path.join(bench.path, "repos"))
    relocate(home, _moves(bench, home))
    pin_environment(home)
    note_switch(bench, name, "")
    write_release(bench, name, {**record, "state": READY, "built": ""})
    os.unlink(journal_path(bench))


def _home(bench: Bench, name: str) -> str:
    return os.path.join(os.path.realpath(bench.path), "releases", name)


def _places(bench: Bench, home: str) -> list[tuple[str, str, str]]:
    """(where the bench has it, where the release has it, what the bench's link says) of each part that moves."""
    # Of a bench that was adopted once and made plain again they are beside apps.
    repos, above = os.path.join(bench.path, "repos"), "current"
    if not os.path.lexists(repos) or os.path.islink(repos):
        repos, above = os.path.join(bench.state, "repos"), os.path.join("..", "current")
    return [
        (os.path.join(bench.path, "apps"), os.path.join(home, "apps"), os.path.join("current", "apps")),
        (repos, os.path.join(home, "repos"), os.path.join(above, "repos")),
        (os.path.join(bench.path, "env"), os.path.join(home, "env"), os.path.join("current", "env")),
        (
            os.path.join(bench.sites, "assets"),
            os.path.join(home, "assets"),
            os.path.join("..", "current", "assets"),
        ),
    ]


def _move_in(path: str, inside: str, target: str) -> None:
    """``path`` becomes a link to what is then in the release; of a part that the bench does not have, an empty one."""
    if os.path.islink(path):
        if os.readlink(path) != target:
            raise ErpopsError(
                "is a link of somebody else's, so the bench cannot be made one with releases",
                object=path,
                seen=os.readlink(path),
                needed="a directory",
                hint="put the directory itself there",
                status=409,
            )
        return
    if not os.path.lexists(path):
        os.makedirs(inside, exist_ok=True)
        link_to(target, path)
        return
    if not os.path.lexists(inside):
        os.symlink(target, inside)
    exchange(path, inside)


def _moves(bench: Bench, home: str) -> dict[str, str]:
    """Directories of the plain bench -> of the release, by both names that the bench may have."""
    moves = {}
    for base in (bench.path, os.path.realpath(bench.path)):
        for part in PARTS:
            moves[os.path.join(base, part)] = os.path.join(home, part)
        moves[os.path.join(base, STATE_DIR, "repos")] = os.path.join(home, "repos")
        moves[os.path.join(base, "sites", "assets")] = os.path.join(home, "assets")
    return moves


def relocate(home: str, moves: dict[str, str]) -> None:
    """What in the release names its directories by path (scripts, editable installs, links) names those of ``moves``.

    File by file, each in one step: whoever starts meanwhile finds the old path or the new one, and both are there.
    """
    env, packages = os.path.join(home, "env"), site_packages(os.path.join(home, "env"))
    patterns = [
        *(os.path.join(env, name) for name in ("bin/*", "pyvenv.cfg")),
        *(
            os.path.join(packages, name)
            for name in ("*.pth", "*.egg-link", "__editable__*", "*.dist-info/direct_url.json")
        ),
    ]
    for path in sorted(found for pattern in patterns for found in glob.glob(pattern)):
        if not os.path.islink(path) and os.path.isfile(path):
            _relocate_file(path, moves)
    for pattern in ("assets/*", "apps/*/*/public/*"):
        for path in glob.glob(os.path.join(home, pattern)):
            if os.path.islink(path):
                redirect(path, moves)
    for path in glob.glob(os.path.join(home, "apps", "*")):
        parts = os.readlink(path).split(os.sep) if os.path.islink(path) else []
        if parts[:3] == ["..", STATE_DIR, "repos"]:  # an app of a subdirectory
            link_to(os.path.join("..", *parts[2:]), path)


def _relocate_file(path: str, moves: dict[str, str]) -> None:
    about = os.stat(path)
    with open(path, "rb") as handle:
        data = handle.read(_TEXT_LIMIT + 1)
    if len(data) > _TEXT_LIMIT or b"\0" in data:
        return
    try:
        before = data.decode()
    except UnicodeDecodeError:
        return  # no program that pip or uv wrote
    after = with_short_shebang(relocated(before, moves))
    if after != before:
        write_text(path, after, mode=stat.S_IMODE(about.st_mode))


def leave_releases(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The bench is a plain one again, with the code and environment of its current release. The other ones stay, unused.

    Checkouts of apps in subdirectories stay beside ``apps``, where links lead to them.
    """
    bench = context.bench
    journal = journal_path(bench)
    # An adoption that was ended before its first link, or this, ended before its last step.
    name = current_release(bench) or (read_json(journal)["id"] if os.path.exists(journal) else "")
    if not name:
        return {"changed": False, "id": "", "actions": []}
    with context.locked("release.leave", name="bench"):
        if not context.check:
            write_json(bench.state_path("adoption.json"), {"schema": 1, "id": name})
            _leave(bench, name)
        return {"changed": True, "id": name, "actions": ["made plain"]}


def _leave(bench: Bench, name: str) -> None:
    home, base = _home(bench, name), os.path.realpath(bench.path)
    note_restart(bench, name)
    if os.path.islink(os.path.join(bench.path, "env")):
        unpin_environment(home)
        back = {os.path.join(home, part): os.path.join(base, part) for part in PARTS}
        relocate(home, {**back, os.path.join(home, "assets"): os.path.join(base, "sites", "assets")})
    for path, inside in (
        *((os.path.join(bench.path, part), os.path.join(home, part)) for part in PARTS),
        (os.path.join(bench.sites, "assets"), os.path.join(home, "assets")),
    ):
        if os.path.islink(path):
            exchange(path, inside)
    old = os.path.join(bench.state, "repos")
    if os.path.islink(old):
        os.unlink(old)
    shutil.rmtree(home, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(bench.path, "current"))
    os.unlink(journal_path(bench))
