# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: apps of a bench -- code at an exact commit, importable, and only then in apps.txt."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from typing import Any

from .._errors import ErpopsError
from ._app_checks import import_problems
from ._app_install import Place, app_version, build_assets, check_metadata, list_app, pip_install, place, remove_app
from ._bench import Bench
from ._context import Context
from ._environment import Packages, put_back, read_packages, refuse_breakage
from ._files import make_private_dir, os_error, write_json
from ._git import Git, describe
from ._release_record import note_apps


def _is_installed(where: Place) -> bool:
    """Whether this interpreter finds the app's package, and in the app's own folder."""
    importlib.invalidate_caches()
    try:
        spec = importlib.util.find_spec(where.name)
    except (ImportError, ValueError):
        return False
    origin = spec.origin if spec else None
    return bool(origin) and os.path.realpath(str(origin)).startswith(os.path.realpath(where.folder) + os.sep)


def look_app(bench: Bench, where: Place) -> dict[str, Any]:
    """The app as it stands: ``{"present", "commit", "dirty", "installed", "listed", "version"}``."""
    git = describe(where.checkout) if os.path.isdir(where.checkout) else {}
    return {
        "present": os.path.lexists(where.link),
        "commit": git.get("commit", ""),
        "branch": git.get("branch", ""),
        "dirty": git.get("dirty", []),
        "remote": git.get("remote", ""),
        "installed": _is_installed(where),
        "listed": where.name in bench.listed_apps(),
        "version": app_version(where.folder, where.name),
    }


def apply_app(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """An app at a commit (``state: present``) or off the bench (``absent``); args as ``bench_app`` documents."""
    bench = context.bench
    where = place(bench, args["name"], str(args.get("subdirectory") or ""))
    with context.locked("app.apply", name="bench"):
        before = look_app(bench, where)
        if args.get("state", "present") == "absent":
            return _absent(context, where, before)
        git = Git(args["repo"], token=args.get("token") or "", ssh_key=args.get("ssh_key") or "")
        ref = str(args.get("version") or "")
        commit = git.resolve(ref)
        refuse_dirty(where, before)
        actions = []
        if before["commit"] != commit:
            actions.append("cloned" if not before["commit"] else "moved to another commit")
        if actions or not before["installed"]:
            actions.append("installed into the environment")
        if not before["listed"]:
            actions.append("listed in apps.txt")
        after = {**before, "commit": commit, "present": True, "installed": True, "listed": True}
        if actions and not context.check:
            _bring(context, git, where, before, commit, ref)
            if args.get("build"):
                build_assets(bench, where)
            after = look_app(bench, where)
        if not context.check:
            note_apps(bench)
        return _result(where, before, after, actions)


def _result(where: Place, before: dict[str, Any], after: dict[str, Any], actions: list[str]) -> dict[str, Any]:
    view = ("commit", "installed", "listed")
    return {
        "changed": bool(actions),
        "actions": actions,
        "name": where.name,
        "path": where.link,
        "commit_before": before["commit"],
        "commit_after": after["commit"],
        "version": after["version"],
        "remote": after["remote"],
        "diff": {"before": {key: before[key] for key in view}, "after": {key: after[key] for key in view}},
    }


def refuse_dirty(where: Place, before: dict[str, Any]) -> None:
    """:raises ErpopsError: (409) the app has local changes, or is there without being a checkout."""
    if before["dirty"]:
        raise ErpopsError(
            "has local changes, which a checkout would lose",
            object=where.checkout,
            seen=", ".join(before["dirty"][:8]),
            hint=f"keep them with `git -C {where.checkout} stash`, or commit them upstream",
            status=409,
        )
    if before["present"] and not before["commit"]:
        raise ErpopsError(
            "is there already, but is no git checkout of ours", object=where.link, hint="move it away first", status=409
        )


def _bring(context: Context, git: Git, where: Place, before: dict[str, Any], commit: str, ref: str) -> None:
    """Check out, install, import, list -- and take it all back when a step fails."""
    bench = context.bench
    # Before the first change: a run that is ended between the new code and the restart leaves this note, and
    # the next run restarts the processes (roles/process_manager).
    note = bench.state_path("restart.json")
    due = os.path.exists(note)  # for the sake of another app, or of an ended run
    write_json(note, {"schema": 1, "app": where.name, "commit": commit})
    packages = read_packages()
    try:
        _check_out(bench, git, where, commit, ref)
        check_metadata(bench, where)
        pip_install(bench, where)
        refuse_breakage(packages, where.name, commit)
        broken = import_problems(where.name, bench.sites)
        if broken:
            raise ErpopsError(
                "cannot be imported, so it is not put into apps.txt (one such line breaks every site of the bench)",
                object=f"{where.name} at {commit[:12]}",
                seen="; ".join(broken),
                hint="repair the app, or pin another commit; the bench is as it was",
                status=409,
            )
        list_app(bench, where.name)
    except Exception as exc:
        try:
            _take_back(bench, git, where, before, commit, packages)
        except ErpopsError as second:
            raise ErpopsError(
                "failed, and could not be put back as it was",
                object=where.name,
                seen=f"{exc} Then: {second}",
                hint="correct the first cause and run again",
            ) from exc
        if not due:
            os.unlink(note)
        raise


def _check_out(bench: Bench, git: Git, where: Place, commit: str, ref: str) -> None:
    if os.path.isdir(os.path.join(where.checkout, ".git")):
        if not git.has(where.checkout, commit):
            git.fetch(where.checkout, commit, ref)
        git.run("checkout", "--quiet", "--detach", commit, cwd=where.checkout)
    else:
        # Made aside and moved into place whole, so that an ended run leaves no half clone in apps/.
        parent = bench.repos
        make_private_dir(parent)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=parent) as aside:
            fresh = os.path.join(aside, "tree")
            git.run("init", "--quiet", fresh)
            git.run("remote", "add", "origin", git.repo, cwd=fresh)
            git.fetch(fresh, commit, ref)
            git.run("checkout", "--quiet", "--detach", commit, cwd=fresh)
            try:
                os.rename(fresh, where.checkout)
            except OSError as exc:
                raise os_error(exc, where.checkout) from exc
    if where.subdirectory and not os.path.islink(where.link):
        if not os.path.isdir(where.folder):
            raise ErpopsError(
                "the repository has no such subdirectory", object=git.repo, seen=where.subdirectory, status=404
            )
        os.symlink(
            os.path.relpath(os.path.realpath(where.folder), os.path.realpath(os.path.dirname(where.link))), where.link
        )


def _take_back(bench: Bench, git: Git, where: Place, before: dict[str, Any], commit: str, packages: Packages) -> None:
    """Put the bench back: the former commit reinstalled, or nothing of the app; and the packages as they were."""
    if before["commit"] and before["commit"] != commit:
        git.run("checkout", "--quiet", "--detach", before["commit"], cwd=where.checkout, check=False)
        pip_install(bench, where)
    elif not before["commit"]:
        remove_app(bench, where)
    put_back(bench, packages)


def _absent(context: Context, where: Place, before: dict[str, Any]) -> dict[str, Any]:
    """Off the bench, once no site has it installed."""
    from ._info import sites_with_app

    if not before["present"] and not before["listed"]:
        return _result(where, before, before, [])
    users = sites_with_app(context, where.name)
    if users:
        raise ErpopsError(
            "is installed on sites",
            object=where.name,
            seen=", ".join(users),
            hint="uninstall it there first (erpops.frappe.site_app state: absent)",
            status=409,
        )
    refuse_dirty(where, before)
    after = {**before, "commit": "", "present": False, "installed": False, "listed": False}
    if not context.check:
        remove_app(context.bench, where)
        note_apps(context.bench)
    return _result(where, before, after, ["removed"])


def read_app(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """One app as it stands."""
    return look_app(context.bench, place(context.bench, args["name"], str(args.get("subdirectory") or "")))


OPERATIONS = {"app.apply": apply_app, "app.read": read_app}
