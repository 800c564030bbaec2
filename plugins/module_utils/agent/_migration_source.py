# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what a migration reads of an app at a commit, which nobody has to check out for that."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

from .._errors import ErpopsError
from ._app_install import place
from ._app_tree import LINK, Tree
from ._bench import Bench
from ._files import read_json, write_json
from ._git import Git, describe
from ._git_tree import paths_at, tree_at
from ._migration_plan import AppFiles, read_app

_SCHEMA = 1


def app_at(bench: Bench, app: dict[str, Any]) -> tuple[str, str, AppFiles]:
    """(commit of now, commit of the plan, its files) of an app of the bench.

    :param app: ``name``, and what ``bench_app`` takes to find another commit than that of now: ``repo``, ``version``,
        ``subdirectory``, ``token``, ``ssh_key``. Without ``repo`` it is planned for the commit of now, without ``version`` for
        the default branch.
    :raises ErpopsError: (404) the bench has no such app, or there is no such commit; (422) its files cannot be read; (502)
        the repository does not answer.
    """
    name = str(app["name"])
    folder = place(bench, name).link
    now = str(describe(folder).get("commit") or "") if os.path.isdir(folder) else ""
    if not now:
        raise ErpopsError(
            "the bench has no such app, or it is no git checkout",
            object=name,
            hint="playbooks/deploy.yml brings apps to the bench",
            status=404,
        )
    git = Git(str(app.get("repo") or ""), token=app.get("token") or "", ssh_key=app.get("ssh_key") or "")
    version = str(app.get("version") or "")
    # Below the top git would archive that directory alone.
    top = git.run("rev-parse", "--show-toplevel", cwd=folder)
    # Where in its repository an app is that stays as it is, git knows: apps/<app> may be a link into it.
    inner = str(app.get("subdirectory") or "").strip("/") or git.run("rev-parse", "--show-prefix", cwd=folder).strip(
        "/"
    )
    commit = git.resolve(version) if git.repo else now
    kept = bench.state_path("sources", name, f"{commit}.json")
    if os.path.exists(kept):
        found = read_json(kept)
        if found.get("schema") == _SCHEMA and found.get("subdirectory") == inner:
            return now, commit, AppFiles(**found["files"])
    try:
        files = read_app(_tree(bench, git, top, inner, name, commit, version), name)
    except ValueError as exc:
        raise ErpopsError(f"cannot be read at {commit[:12]}", object=name, seen=str(exc), status=422) from exc
    write_json(kept, {"schema": _SCHEMA, "subdirectory": inner, "files": asdict(files)})
    return now, commit, files


def is_wanted(path: str, package: str) -> bool:
    """Whether a migration looks at this file of an app."""
    parts = path.split("/")
    if parts[0] != package:
        return False
    return parts[1:] in (["patches.txt"], ["modules.txt"]) or (
        len(parts) > 3 and parts[-3] == "doctype" and parts[-1] == f"{parts[-2]}.json"
    )


def _tree(bench: Bench, git: Git, checkout: str, inner: str, package: str, commit: str, ref: str) -> Tree:
    """Of the commit only the files that a migration looks at."""
    # What was fetched is kept beside the checkout, which a plan leaves as it is.
    folder = checkout
    if not git.has(checkout, commit):
        folder = bench.state_path("sources", package, "repo.git")
        if not os.path.isdir(folder):
            git.run("init", "--quiet", "--bare", folder)
        if not git.has(folder, commit):
            git.fetch(folder, commit, ref)
    treeish = f"{commit}:{inner}" if inner else commit
    wanted = [path for mode, path in paths_at(git, folder, treeish) if mode == LINK or is_wanted(path, package)]
    return tree_at(git, folder, treeish, wanted) if wanted else Tree({})
