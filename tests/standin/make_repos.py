#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the stand-in trees as git repositories whose commits depend on their content alone.

    python make_repos.py DEST [--broken]

Makes DEST/frappe, DEST/erpnext, DEST/shopsync, DEST/integrations (a monorepo that holds ledgerlift in
apps/ledgerlift), DEST/custom_apps (one that holds chat_bridge), DEST/diamondcasa (its app in diamondcasa_jewellery/) and
a later state of it, each with one commit on branch `version-15`; --broken adds one per directory of broken/.
Author, dates and messages are fixed, git's configuration of the user is not read, so the same files give
the same SHA on every machine. A repository that already holds that commit is left alone. Prints JSON:
`{name: {"path", "commit", "branch"}}`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BRANCH = "version-15"
DATE = "2024-01-01T00:00:00+0000"
SKIP_DIRS = {"__pycache__", ".git", "node_modules", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
SKIP_SUFFIXES = (".pyc", ".pyo", ".egg-info", ".orig", ".swp")

# name of the repository -> [(tree below this directory, path inside the repository)]
LAYOUT = {
    "frappe": [("frappe", ".")],
    "erpnext": [("erpnext", ".")],
    "shopsync": [("apps/shopsync", ".")],
    "integrations": [("apps/integrations", "."), ("apps/ledgerlift", "apps/ledgerlift")],
    "custom_apps": [("apps/chat_bridge", "apps/chat_bridge")],
    "diamondcasa": [("apps/diamondcasa", ".")],
    "diamondcasa_repaired": [("apps/diamondcasa", "."), ("apps/diamondcasa_repaired", ".")],
}


def environment() -> dict[str, str]:
    """Git environment without anything of the machine or the user."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    for role in ("AUTHOR", "COMMITTER"):
        env[f"GIT_{role}_NAME"] = "Stand-in"
        env[f"GIT_{role}_EMAIL"] = "standin@example.com"
        env[f"GIT_{role}_DATE"] = DATE
    env.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_SYSTEM=os.devnull, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C")
    return env


def git(repo: Path, *args: str, stdin: bytes | None = None, check: bool = True) -> str:
    done = subprocess.run(
        ["git", "-c", "core.autocrlf=false", "-c", "gc.auto=0", *args],
        cwd=repo,
        env=environment(),
        input=stdin,
        capture_output=True,
        check=False,
    )
    if check and done.returncode:
        raise SystemExit(f"git {' '.join(args)} in {repo}: {done.stderr.decode().strip()}")
    return done.stdout.decode().strip()


def sources(tree: Path) -> list[Path]:
    """Files of a tree, sorted, without what .gitignore or common sense leaves out."""
    found = [
        path
        for path in tree.rglob("*")
        if path.is_file()
        and not SKIP_DIRS.intersection(path.relative_to(tree).parts)
        and not any(part.endswith(SKIP_SUFFIXES) for part in path.relative_to(tree).parts)
    ]
    left_out = ignored(tree, found)
    return sorted(path for path in found if path not in left_out)


def ignored(tree: Path, paths: list[Path]) -> set[Path]:
    """Paths that the project's own .gitignore excludes.

    None when the project is no checkout, even if it lies in somebody else's, which may ignore all of it.
    """
    top = subprocess.run(
        ["git", "rev-parse", "--show-toplevel"], cwd=tree, env=environment(), capture_output=True, check=False
    )
    if Path(top.stdout.decode().strip() or "/").resolve() != HERE.parents[1]:
        return set()
    done = subprocess.run(
        ["git", "check-ignore", "--stdin", "-z", "--no-index"],
        cwd=tree,
        env=environment(),
        input=b"\0".join(str(path).encode() for path in paths),
        capture_output=True,
        check=False,
    )
    return {Path(name.decode()) for name in done.stdout.split(b"\0") if name}


def stage(trees: list[tuple[Path, str]], target: Path) -> None:
    """Copy the trees into an empty work tree: modes 0644 or 0755, nothing else of the file system."""
    for tree, inside in trees:
        for path in sources(tree):
            out = target / inside / path.relative_to(tree)
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(path.read_bytes())
            out.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def make(name: str, trees: list[tuple[Path, str]], dest: Path) -> dict[str, str]:
    """Build the repository beside its place; put it there only when the commit is a new one."""
    repo, fresh = dest / name, dest / f".{name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    stage(trees, fresh)
    git(fresh, "init", "--quiet", f"--initial-branch={BRANCH}")
    git(fresh, "add", "--all", "--force", ".")
    git(fresh, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", f"{name}: stand-in")
    commit = git(fresh, "rev-parse", "HEAD")
    if repo.exists() and git(repo, "rev-parse", "HEAD", check=False) == commit and not git(repo, "status", "-s"):
        shutil.rmtree(fresh)
    else:
        shutil.rmtree(repo, ignore_errors=True)
        fresh.rename(repo)
    return {"path": str(repo), "commit": commit, "branch": BRANCH}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dest", type=Path)
    parser.add_argument("--broken", action="store_true", help="also the apps that must fail")
    args = parser.parse_args(argv)
    dest = args.dest.resolve()
    dest.mkdir(parents=True, exist_ok=True)
    layout = {name: [(HERE / tree, inside) for tree, inside in trees] for name, trees in LAYOUT.items()}
    if args.broken:
        layout |= {path.name: [(path, ".")] for path in sorted((HERE / "broken").iterdir()) if path.is_dir()}
    print(json.dumps({name: make(name, trees, dest) for name, trees in layout.items()}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
