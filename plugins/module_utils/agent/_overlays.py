# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: overlays -- an app's commit with reviewed repairs, as a commit of a repository of ours.

``.erpops/overlays/<app>/`` holds ``repo.git``, whose one branch is the app's commit with the overlay as one commit on
top, and ``manifest.json``. The app's own repository is only read. ``bench_app`` deploys from ``repo.git`` as from any
other, so that ``git -C apps/<app> show`` is the whole overlay and a changed file of it is seen as a local change.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import Any

from .._errors import ErpopsError
from ._app_faults import Fault, find_faults, lacking_packages
from ._app_install import pip_remove
from ._app_tree import EXECUTABLE, LINK, Entry, Tree
from ._bench import Bench
from ._context import Context
from ._environment import read_packages
from ._files import os_error, read_json_or_empty, write_json
from ._git import Git
from ._overlay_packages import install_packages, needed_by_others
from ._overlay_plan import apply_rules, changes
from ._overlay_source import BRANCH, Source, available, fetched_source, overlay_home, taken_doctypes, tree_id

PATCH_LIMIT = 200_000
_AUTHOR = "erpops.frappe overlay"


def _manifest(bench: Bench, name: str) -> dict[str, Any]:
    path = os.path.join(overlay_home(bench, name), "manifest.json")
    return read_json_or_empty(path)


def _shown(faults: list[Fault]) -> list[dict[str, str]]:
    return [fault._asdict() for fault in faults]


def _rules_digest(args: dict[str, Any]) -> str:
    parts = [args["name"], args.get("subdirectory") or "", args.get("rules") or {}, args.get("requirements") or {}]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def inspect(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """An app's commit as it is, and as an overlay would make it; writes nothing to the bench."""
    with fetched_source(context.bench, args) as source:
        taken = taken_doctypes(context.bench, source.name)
        found: dict[str, Any] = {
            "name": source.name,
            "commit": source.commit,
            "tree": source.tree,
            "doctypes": sorted(data["name"] for data in source.files.doctypes(source.name).values()),
            "faults": _shown(find_faults(source.files, source.name, taken, available)),
            "overlay": {},
        }
        if args.get("rules"):
            made = _make(source, args)
            after = Tree(made["after"].entries)
            found["overlay"] = {
                "tree": made["tree"],
                "commit": made["commit"],
                "files": made["files"],
                "faults": _shown(_remaining(after, source.name, taken, args)),
                "patch": made["patch"],
            }
        return found


def _remaining(after: Tree, name: str, taken: dict[str, str], args: dict[str, Any]) -> list[Fault]:
    """Faults that the overlay leaves; what it installs into the environment counts as there."""
    promised = args.get("requirements") or {}
    return find_faults(after, name, taken, lambda package: package in promised or available(package))


def _make(source: Source, args: dict[str, Any]) -> dict[str, Any]:
    """Commit the overlay on top of the source's commit, in its temporary directory.

    Author and dates follow from the app's commit, so that the same overlay has the same commit on every bench.
    """
    git = Git()
    after = apply_rules(source.files, source.name, args.get("rules") or {})
    files = changes(source.files, after)
    root = os.path.join(source.folder, source.subdirectory)
    for path, kind in sorted(files.items(), key=lambda item: item[1] != "removed"):
        place = os.path.join(root, path)
        if os.path.lexists(place):
            os.unlink(place)
        if kind != "removed":
            os.makedirs(os.path.dirname(place), exist_ok=True)
            _write(place, after.entries[path])
    date = git.run("show", "--no-patch", "--format=%cI", source.commit, cwd=source.folder)
    person = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", _AUTHOR), ("EMAIL", "overlay@localhost"), ("DATE", date))
    }
    git.run("add", "--all", "--force", "--", source.subdirectory or ".", cwd=source.folder)
    message = f"Overlay of {source.name} on {source.commit}"
    options = ("--quiet", "--no-verify", "--no-gpg-sign", "--allow-empty")
    git.run("commit", *options, "--message", message, cwd=source.folder, more=person)
    patch = git.run("diff", "--no-color", "--no-ext-diff", source.commit, "HEAD", cwd=source.folder)
    return {
        "after": after,
        "files": files,
        "commit": git.run("rev-parse", "HEAD", cwd=source.folder),
        "tree": tree_id(git, source.folder, source.subdirectory),
        "patch": patch if len(patch) <= PATCH_LIMIT else patch[:PATCH_LIMIT] + "\n... (cut)",
    }


def _write(path: str, entry: Entry) -> None:
    try:
        if entry.mode == LINK:
            os.symlink(entry.text, path)
        else:
            with open(path, "wb") as handle:
                handle.write(entry.data)
            os.chmod(path, 0o755 if entry.mode == EXECUTABLE else 0o644)
    except OSError as exc:
        raise os_error(exc, path) from exc


def apply_overlay(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The overlay is there for bench_app to deploy (``state: present``), or nothing of it is (``absent``)."""
    with context.locked("overlay.apply", name="bench"):
        if args.get("state", "present") == "absent":
            return _absent(context, str(args["name"]))
        manifest = _manifest(context.bench, args["name"])
        commit = Git(args["repo"], token=args.get("token") or "", ssh_key=args.get("ssh_key") or "").resolve(
            str(args.get("version") or "")
        )
        if _current(context.bench, manifest, args, commit):
            return _result(context.bench, manifest, [], "")
        parent = None if context.check else os.path.dirname(context.bench.state_path("overlays", args["name"]))
        with fetched_source(context.bench, {**args, "version": commit}, parent) as source:
            return _present(context, source, args, manifest)


def _current(bench: Bench, manifest: dict[str, Any], args: dict[str, Any], commit: str) -> bool:
    """Whether what is there is what is asked for: the same commit and rules, still reviewed, nothing missing."""
    if manifest.get("commit") != commit or manifest.get("rules") != _rules_digest(args):
        return False
    if (args.get("reviewed") or {}).get(manifest["tree"]) != manifest["result"]["tree"]:
        return False
    repo = os.path.join(overlay_home(bench, args["name"]), "repo.git")
    there = os.path.isdir(repo) and Git().has(repo, manifest["result"]["commit"])
    return there and all(map(available, manifest["needed"]))


def _present(context: Context, source: Source, args: dict[str, Any], manifest: dict[str, Any]) -> dict[str, Any]:
    taken = taken_doctypes(context.bench, source.name)
    before = find_faults(source.files, source.name, taken, available)
    made = _make(source, args)
    _refuse_unreviewed(source, made, args.get("reviewed") or {})
    left = _remaining(made["after"], source.name, taken, args)
    if left:
        raise ErpopsError(
            "the overlay leaves faults",
            object=f"{source.name} at {source.commit[:12]}",
            seen="; ".join(map(str, left[:12])),
            hint="nothing was changed; add what is missing to the overlay and have it reviewed",
            status=409,
        )
    # Only what this commit imports: another one may need less.
    needed = lacking_packages(source.files, source.name, lambda name: name not in (args.get("requirements") or {}))
    wanted = {name: args["requirements"][name] for name in needed if not available(name)}
    actions = [f"installed {spec} into the environment" for spec in wanted.values()]
    if manifest.get("result", {}).get("commit") != made["commit"] or manifest.get("rules") != _rules_digest(args):
        actions.insert(0, f"made an overlay of {len(made['files'])} files")
    new: dict[str, Any] = {
        "schema": 1,
        "name": source.name,
        "remote": Git(args["repo"]).repo,
        "subdirectory": source.subdirectory,
        "commit": source.commit,
        "tree": source.tree,
        "rules": _rules_digest(args),
        "result": {"commit": made["commit"], "tree": made["tree"]},
        "files": _sums(source.files, made["after"], made["files"]),
        "repaired": [str(fault) for fault in before],
        "needed": sorted(needed),
        "installed": manifest.get("installed") or {},
    }
    if not context.check:
        new["installed"] = {**new["installed"], **install_packages(context.bench, wanted, source.name)}
        _keep(context.bench, source, made, new)
    return _result(context.bench, new, actions, made["patch"])


def _refuse_unreviewed(source: Source, made: dict[str, Any], reviewed: dict[str, str]) -> None:
    if reviewed.get(source.tree) == made["tree"]:
        return
    known = source.tree in reviewed
    raise ErpopsError(
        "the overlay makes something else of these files than what was reviewed"
        if known
        else "these are not the files that the overlay was reviewed for",
        object=f"{source.name} at {source.commit[:12]}",
        seen=f"git tree {source.tree}, which the overlay turns into {made['tree']}",
        needed="; ".join(f"{old} -> {new}" for old, new in reviewed.items()) or "a reviewed pair of trees",
        hint="read the overlay's patch (erpops.frappe.app_source_info returns it); when it is right, add "
        f"`{source.tree}: {made['tree']}` to `reviewed`",
        status=409,
        data={"tree": source.tree, "result": made["tree"], "files": made["files"]},
    )


def _sums(before: Tree, after: Tree, files: dict[str, str]) -> dict[str, dict[str, str]]:
    """Each file of the overlay with what it does and the SHA-256 before and after (empty where it is not)."""

    def digest(tree: Tree, path: str) -> str:
        return hashlib.sha256(tree.entries[path].data).hexdigest() if path in tree.entries else ""

    return {
        path: {"action": kind, "before": digest(before, path), "after": digest(after, path)}
        for path, kind in files.items()
    }


def _keep(bench: Bench, source: Source, made: dict[str, Any], manifest: dict[str, Any]) -> None:
    """Move the temporary repository into place whole, then write the manifest that names its commit."""
    home = overlay_home(bench, source.name)
    bench.state_path("overlays", source.name, "manifest.json")
    git = Git()
    fresh = os.path.join(source.folder, ".git")
    git.run("update-ref", f"refs/heads/{BRANCH}", made["commit"], cwd=source.folder)
    git.run("config", "core.bare", "true", cwd=fresh)
    repo, old = os.path.join(home, "repo.git"), os.path.join(home, "repo.git.old")
    shutil.rmtree(old, ignore_errors=True)
    if os.path.isdir(repo):
        os.rename(repo, old)
    os.rename(fresh, repo)
    write_json(os.path.join(home, "manifest.json"), manifest)
    shutil.rmtree(old, ignore_errors=True)


def _absent(context: Context, name: str) -> dict[str, Any]:
    """No overlay, and none of the packages that came with it; the app itself must be off the bench already."""
    bench = context.bench
    manifest = _manifest(bench, name)
    home = overlay_home(bench, name)
    if not os.path.isdir(home):
        return _result(bench, {}, [], "")
    if name in bench.listed_apps() or os.path.lexists(os.path.join(bench.apps, name)):
        raise ErpopsError(
            "is still on the bench, from this overlay",
            object=name,
            hint="take it off first (erpops.frappe.bench_app state: absent)",
            status=409,
        )
    free = sorted(
        set(manifest.get("installed") or {})
        & set(read_packages().versions) - needed_by_others(set(manifest.get("installed") or {}))
    )
    actions = ["removed the overlay", *(f"uninstalled {dist} from the environment" for dist in free)]
    if not context.check:
        if free:
            pip_remove(bench, free)
        shutil.rmtree(home)
    return _result(bench, {}, actions, "")


def _result(bench: Bench, manifest: dict[str, Any], actions: list[str], patch: str) -> dict[str, Any]:
    name = str(manifest.get("name") or "")
    return {
        "changed": bool(actions),
        "actions": actions,
        "name": name,
        "repo": os.path.join(overlay_home(bench, name), "repo.git") if name else "",
        "commit": manifest.get("commit", ""),
        "result": manifest.get("result", {}).get("commit", ""),
        "tree": manifest.get("tree", ""),
        "result_tree": manifest.get("result", {}).get("tree", ""),
        "files": {path: item["action"] for path, item in (manifest.get("files") or {}).items()},
        "repaired": manifest.get("repaired", []),
        "patch": patch,
    }


OPERATIONS = {"overlay.inspect": inspect, "overlay.apply": apply_overlay}
