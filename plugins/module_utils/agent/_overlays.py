# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: overlays -- an app's commit with reviewed repairs, as a commit of a repository of ours.

``.erpops/overlays/<app>/`` holds ``repo.git``, whose one branch is the app's commit with the overlay as one commit on
top, and ``manifest.json``. The app's own repository is only read. ``bench_app`` deploys from ``repo.git`` as from any
other, so that ``git -C apps/<app> show`` is the whole overlay and a changed file of it is seen as a local change.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._errors import ErpopsError
from ._app_checks import read_definitions
from ._app_faults import Fault, find_faults, lacking_packages
from ._app_install import pip_add, pip_remove
from ._app_tree import EXECUTABLE, FILE, LINK, Entry, Tree
from ._bench import Bench
from ._context import Context
from ._files import os_error, read_json, write_json
from ._git import Git
from ._overlay_plan import apply_rules, changes

BRANCH = "overlay"
PATCH_LIMIT = 200_000
_AUTHOR = "erpops.frappe overlay"


@dataclass
class Source:
    """An app's commit, checked out in ``folder``; ``tree`` is the git tree id of the app's own folder."""

    name: str
    folder: str
    subdirectory: str
    commit: str
    tree: str
    files: Tree


def _home(bench: Bench, name: str) -> str:
    return os.path.join(bench.state, "overlays", name)


def _manifest(bench: Bench, name: str) -> dict[str, Any]:
    path = os.path.join(_home(bench, name), "manifest.json")
    return read_json(path) if os.path.exists(path) else {}


def _tree_id(git: Git, folder: str, subdirectory: str) -> str:
    return git.run("rev-parse", f"HEAD:{subdirectory}" if subdirectory else "HEAD^{tree}", cwd=folder)


@contextlib.contextmanager
def _source(bench: Bench, args: dict[str, Any], parent: str | None = None) -> Iterator[Source]:
    """The commit that ``args`` names, in a directory that is gone afterwards (in ``parent``, or where temporary files go).

    :raises ErpopsError: (404) no such commit or subdirectory; (502) the repository does not answer.
    """
    name, inner = str(args["name"]), str(args.get("subdirectory") or "").strip("/")
    git = Git(args["repo"], token=args.get("token") or "", ssh_key=args.get("ssh_key") or "")
    ref = str(args.get("version") or "")
    commit = git.resolve(ref)
    kept = os.path.join(_home(bench, name), "repo.git")
    with tempfile.TemporaryDirectory(prefix=".new-", dir=parent) as aside:
        folder = os.path.join(aside, "tree")
        git.run("init", "--quiet", f"--initial-branch={BRANCH}", folder)
        git.run("config", "core.autocrlf", "false", cwd=folder)
        # What an earlier run brought is not fetched again.
        (Git(kept) if os.path.isdir(kept) and git.has(kept, commit) else git).fetch(folder, commit, ref)
        git.run("checkout", "--quiet", "--detach", commit, cwd=folder)
        if not os.path.isdir(os.path.join(folder, inner)):
            raise ErpopsError("the repository has no such subdirectory", object=git.repo, seen=inner, status=404)
        yield Source(name, folder, inner, commit, _tree_id(git, folder, inner), _files(git, folder, inner))


def _files(git: Git, folder: str, subdirectory: str) -> Tree:
    """The app's files as git has them."""
    archive = f"{folder}.tar"
    git.run("archive", "--format=tar", "-o", archive, f"HEAD:{subdirectory}" if subdirectory else "HEAD", cwd=folder)
    entries = {}
    with tarfile.open(archive) as handle:
        for member in handle:
            if member.issym():
                entries[member.name] = Entry(LINK, member.linkname.encode())
            elif member.isfile():
                content = handle.extractfile(member)
                mode = EXECUTABLE if member.mode & 0o100 else FILE
                entries[member.name] = Entry(mode, content.read() if content else b"")
    return Tree(entries)


def _taken(bench: Bench, name: str) -> dict[str, str]:
    """DocTypes that the bench's other apps have."""
    return {
        doctype: app
        for app in bench.listed_apps()
        if app != name
        for doctype in read_definitions(os.path.join(bench.apps, app, app)).doctypes
    }


def _available(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _shown(faults: list[Fault]) -> list[dict[str, str]]:
    return [fault._asdict() for fault in faults]


def _rules_digest(args: dict[str, Any]) -> str:
    parts = [args["name"], args.get("subdirectory") or "", args.get("rules") or {}, args.get("requirements") or {}]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def inspect(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """An app's commit as it is, and as an overlay would make it; writes nothing to the bench."""
    with _source(context.bench, args) as source:
        taken = _taken(context.bench, source.name)
        found: dict[str, Any] = {
            "name": source.name,
            "commit": source.commit,
            "tree": source.tree,
            "doctypes": sorted(data["name"] for data in source.files.doctypes(source.name).values()),
            "faults": _shown(find_faults(source.files, source.name, taken, _available)),
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
    return find_faults(after, name, taken, lambda package: package in promised or _available(package))


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
        "tree": _tree_id(git, source.folder, source.subdirectory),
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
        with _source(context.bench, {**args, "version": commit}, parent) as source:
            return _present(context, source, args, manifest)


def _current(bench: Bench, manifest: dict[str, Any], args: dict[str, Any], commit: str) -> bool:
    """Whether what is there is what is asked for: the same commit and rules, still reviewed, nothing missing."""
    if manifest.get("commit") != commit or manifest.get("rules") != _rules_digest(args):
        return False
    if (args.get("reviewed") or {}).get(manifest["tree"]) != manifest["result"]["tree"]:
        return False
    repo = os.path.join(_home(bench, args["name"]), "repo.git")
    there = os.path.isdir(repo) and Git().has(repo, manifest["result"]["commit"])
    return there and all(map(_available, manifest["needed"]))


def _present(context: Context, source: Source, args: dict[str, Any], manifest: dict[str, Any]) -> dict[str, Any]:
    taken = _taken(context.bench, source.name)
    before = find_faults(source.files, source.name, taken, _available)
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
    wanted = {name: args["requirements"][name] for name in needed if not _available(name)}
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
        new["installed"] = {**new["installed"], **_install(context.bench, wanted, source.name)}
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


def _distributions() -> dict[str, str]:
    importlib.invalidate_caches()
    return {
        re.sub(r"[-_.]+", "-", str(item.metadata["Name"])).lower(): item.version
        for item in importlib.metadata.distributions()
    }


def _install(bench: Bench, wanted: dict[str, str], name: str) -> dict[str, str]:
    """Install requirements; answers with every distribution that came by it."""
    if not wanted:
        return {}
    before = _distributions()
    pip_add(bench, sorted(wanted.values()), f"requirements of {name}")
    return {dist: version for dist, version in _distributions().items() if dist not in before}


def _keep(bench: Bench, source: Source, made: dict[str, Any], manifest: dict[str, Any]) -> None:
    """Move the temporary repository into place whole, then write the manifest that names its commit."""
    home = _home(bench, source.name)
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
    home = _home(bench, name)
    if not os.path.isdir(home):
        return _result(bench, {}, [], "")
    if name in bench.listed_apps() or os.path.lexists(os.path.join(bench.apps, name)):
        raise ErpopsError(
            "is still on the bench, from this overlay",
            object=name,
            hint="take it off first (erpops.frappe.bench_app state: absent)",
            status=409,
        )
    free = sorted(set(manifest.get("installed") or {}) & set(_distributions()) - _needed_by_others(manifest))
    actions = ["removed the overlay", *(f"uninstalled {dist} from the environment" for dist in free)]
    if not context.check:
        if free:
            pip_remove(bench, free)
        shutil.rmtree(home)
    return _result(bench, {}, actions, "")


def _needed_by_others(manifest: dict[str, Any]) -> set[str]:
    """Distributions that something outside of the overlay's own requires by now."""
    own = set(manifest.get("installed") or {})
    needed = set()
    for item in importlib.metadata.distributions():
        if re.sub(r"[-_.]+", "-", str(item.metadata["Name"])).lower() not in own:
            for line in item.requires or []:
                found = re.match(r"[A-Za-z0-9._-]+", line)
                if found and "extra ==" not in line:
                    needed.add(re.sub(r"[-_.]+", "-", found[0]).lower())
    return needed


def _result(bench: Bench, manifest: dict[str, Any], actions: list[str], patch: str) -> dict[str, Any]:
    name = str(manifest.get("name") or "")
    return {
        "changed": bool(actions),
        "actions": actions,
        "name": name,
        "repo": os.path.join(_home(bench, name), "repo.git") if name else "",
        "commit": manifest.get("commit", ""),
        "result": manifest.get("result", {}).get("commit", ""),
        "tree": manifest.get("tree", ""),
        "result_tree": manifest.get("result", {}).get("tree", ""),
        "files": {path: item["action"] for path, item in (manifest.get("files") or {}).items()},
        "repaired": manifest.get("repaired", []),
        "patch": patch,
    }


OPERATIONS = {"overlay.inspect": inspect, "overlay.apply": apply_overlay}
