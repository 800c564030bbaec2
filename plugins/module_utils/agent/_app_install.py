# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: an app's place on the bench, its package in the environment, its line in apps.txt."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

from .._errors import ErpopsError
from ._app_checks import read_pyproject, version_problems
from ._bench import Bench
from ._files import write_text

# By which uv takes another version than it is asked for (playbooks/group_vars/benches).
_RESOLVING = ("UV_OVERRIDE", "UV_CONSTRAINT")


@dataclass(frozen=True)
class Place:
    """Where an app's code lives: ``link`` is ``apps/<name>``; ``checkout`` the git work tree.

    They are one unless the app is a subdirectory of its repository: then the work tree is kept in
    ``Bench.repos`` and ``apps/<name>`` is a link into it, so that git still knows the commit.
    """

    name: str
    link: str
    checkout: str
    subdirectory: str

    @property
    def folder(self) -> str:
        """The app's own folder (the one with its package metadata)."""
        return os.path.join(self.checkout, self.subdirectory) if self.subdirectory else self.checkout


def place(bench: Bench, name: str, subdirectory: str = "") -> Place:
    """Where ``name`` is, or is to be."""
    link = os.path.join(bench.apps, name)
    inner = subdirectory.strip("/")
    if inner:
        return Place(name, link, os.path.join(bench.repos, name), inner)
    return Place(name, link, link, "")


def app_version(folder: str, name: str) -> str:
    """``__version__`` of an app's package, read without importing it (``""`` if it has none)."""
    for path in (os.path.join(folder, name, "__init__.py"), os.path.join(folder, name, "hooks.py")):
        try:
            with open(path, encoding="utf-8") as handle:
                found = re.search(r"^(?:__version__|app_version)\s*=\s*['\"]([^'\"]+)", handle.read(), re.MULTILINE)
        except OSError:
            continue
        if found:
            return found.group(1)
    return ""


def bench_versions(bench: Bench) -> dict[str, str]:
    """``{app: version}`` of the apps that the bench lists."""
    return {name: app_version(os.path.join(bench.apps, name), name) for name in bench.listed_apps()}


def check_metadata(bench: Bench, where: Place) -> None:
    """:raises ErpopsError: (422) no metadata, another name, no hooks; (409) a version range does not fit."""
    has_setup = os.path.exists(os.path.join(where.folder, "setup.py"))
    project = read_pyproject(where.folder)
    if not project and not has_setup:
        raise ErpopsError(
            "has no package metadata",
            object=where.name,
            seen="neither pyproject.toml nor setup.py",
            needed="an app at the root of the repository, or `subdirectory`",
            status=422,
        )
    name = str(project.get("project", {}).get("name") or where.name).replace("-", "_")
    if name != where.name or not os.path.exists(os.path.join(where.folder, where.name, "hooks.py")):
        raise ErpopsError(
            f"is not the app {where.name!r}",
            object=where.folder,
            seen=f"package {name!r}",
            needed=f"a package {where.name} with a hooks.py; the app's name is that of its package",
            status=422,
        )
    problems = version_problems(where.folder, bench_versions(bench))
    if problems:
        raise ErpopsError(
            "does not fit this bench",
            object=where.name,
            seen="; ".join(problems),
            hint="deploy a commit made for this Frappe version",
            status=409,
        )


def pip_install(bench: Bench, where: Place) -> None:
    """:raises ErpopsError: the app's package cannot be installed into the bench's environment."""
    # The resolved folder, not apps/<name>: an editable install through a link is not found again.
    pip_add(bench, ["--editable", os.path.realpath(where.folder)], where.name)


def pip_add(bench: Bench, packages: list[str], what: str, *, exact: bool = False) -> None:
    """Install ``packages`` (what pip takes) into the bench's environment.

    :param exact: these versions, whatever the bench's overrides and constraints say.
    :raises ErpopsError: they cannot be installed.
    """
    uv = shutil.which("uv")
    head = (
        [uv, "pip", "install", "--quiet", "--python", sys.executable]
        if uv
        else [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    )
    given = {name: value for name, value in os.environ.items() if not exact or name not in _RESOLVING}
    done = subprocess.run(
        [*head, *packages], cwd=bench.path, capture_output=True, text=True, timeout=1800, check=False, env=given
    )
    if done.returncode != 0:
        raise ErpopsError(
            "cannot be installed into the bench's environment",
            object=what,
            seen=" / ".join(done.stderr.strip().splitlines()[-4:]),
            hint="check its dependencies and the package index",
        )


def list_app(bench: Bench, name: str) -> None:
    """Append to ``sites/apps.txt``, which may lack its last newline, on a line of its own."""
    write_apps(bench, [*bench.listed_apps(), *([name] if name not in bench.listed_apps() else [])])


def write_apps(bench: Bench, names: list[str]) -> None:
    """Replace ``sites/apps.txt``; every process of the bench reads it, so it is never half there."""
    write_text(os.path.join(bench.sites, "apps.txt"), "".join(f"{name}\n" for name in names), mode=0o644)


def pip_remove(bench: Bench, packages: list[str]) -> None:
    """Take packages out of the bench's environment; one that is not there is no fault."""
    uv = shutil.which("uv")
    head = (
        [uv, "pip", "uninstall", "--quiet", "--python", sys.executable]
        if uv
        else [sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes"]
    )
    subprocess.run([*head, *packages], cwd=bench.path, capture_output=True, timeout=300, check=False)


def remove_app(bench: Bench, where: Place) -> None:
    """Take the app out of apps.txt first, then out of the environment and the file system."""
    write_apps(bench, [name for name in bench.listed_apps() if name != where.name])
    pip_remove(bench, [where.name])
    if os.path.islink(where.link):
        os.unlink(where.link)
    if os.path.isdir(where.checkout):
        shutil.rmtree(where.checkout)


def _part_modules(folder: str) -> None:
    """Packages of Node that another release has too (the same files, ``_release_tree``) are installed anew.

    Yarn would write into them.
    """
    modules = os.path.join(folder, "node_modules")
    try:
        shared = os.stat(os.path.join(modules, ".yarn-integrity")).st_nlink > 1
    except FileNotFoundError:
        return
    if shared:
        shutil.rmtree(modules)


def build_assets(bench: Bench, where: Place) -> None:
    """Node packages and assets of the app, as ``bench setup requirements --node`` and ``bench build`` do."""
    if os.path.exists(os.path.join(where.folder, "package.json")):
        _part_modules(where.folder)
        done = subprocess.run(
            ["yarn", "install", "--check-files"],
            cwd=where.folder,
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
        if done.returncode != 0:
            raise ErpopsError("yarn install failed", object=where.name, seen=" / ".join(done.stderr.splitlines()[-4:]))
    built = bench.cli(["build", "--app", where.name], timeout=1800)
    if built.code != 0:
        raise ErpopsError("bench build failed", object=where.name, seen=" / ".join(built.output.splitlines()[-4:]))
