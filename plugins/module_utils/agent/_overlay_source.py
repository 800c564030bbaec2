# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: an app's commit as files -- fetched aside, read, and gone afterwards."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._errors import ErpopsError
from ._app_checks import read_definitions
from ._app_tree import Tree
from ._bench import Bench
from ._git import Git
from ._git_tree import tree_at

BRANCH = "overlay"


@dataclass
class Source:
    """An app's commit, checked out in ``folder``; ``tree`` is the git tree id of the app's own folder."""

    name: str
    folder: str
    subdirectory: str
    commit: str
    tree: str
    files: Tree


def overlay_home(bench: Bench, name: str) -> str:
    return os.path.join(bench.state, "overlays", name)


def tree_id(git: Git, folder: str, subdirectory: str) -> str:
    return git.run("rev-parse", f"HEAD:{subdirectory}" if subdirectory else "HEAD^{tree}", cwd=folder)


@contextlib.contextmanager
def fetched_source(bench: Bench, args: dict[str, Any], parent: str | None = None) -> Iterator[Source]:
    """The commit that ``args`` names, in a directory that is gone afterwards (in ``parent``, or where temporary files go).

    :raises ErpopsError: (404) no such commit or subdirectory; (502) the repository does not answer.
    """
    name, inner = str(args["name"]), str(args.get("subdirectory") or "").strip("/")
    git = Git(args["repo"], token=args.get("token") or "", ssh_key=args.get("ssh_key") or "")
    ref = str(args.get("version") or "")
    commit = git.resolve(ref)
    kept = os.path.join(overlay_home(bench, name), "repo.git")
    with tempfile.TemporaryDirectory(prefix=".new-", dir=parent) as aside:
        folder = os.path.join(aside, "tree")
        git.run("init", "--quiet", f"--initial-branch={BRANCH}", folder)
        git.run("config", "core.autocrlf", "false", cwd=folder)
        # What an earlier run brought is not fetched again.
        (Git(kept) if os.path.isdir(kept) and git.has(kept, commit) else git).fetch(folder, commit, ref)
        git.run("checkout", "--quiet", "--detach", commit, cwd=folder)
        if not os.path.isdir(os.path.join(folder, inner)):
            raise ErpopsError("the repository has no such subdirectory", object=git.repo, seen=inner, status=404)
        files = tree_at(git, folder, f"HEAD:{inner}" if inner else "HEAD")
        yield Source(name, folder, inner, commit, tree_id(git, folder, inner), files)


def taken_doctypes(bench: Bench, name: str) -> dict[str, str]:
    """DocTypes that the bench's other apps have."""
    return {
        doctype: app
        for app in bench.listed_apps()
        if app != name
        for doctype in read_definitions(os.path.join(bench.apps, app, app)).doctypes
    }


def available(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
