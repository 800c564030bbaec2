# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a release's environment -- made with the packages of the present one, and keeping to itself.

A process that was started as ``<bench>/env/bin/python`` has that path in ``sys.path``, which leads to another release after
a switch: what it imports late would be the new code. Each environment therefore tells its interpreter its own directory.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from typing import Any

from .._errors import ErpopsError
from ._bench import Bench
from ._environment import normal, read_packages
from ._files import write_text
from ._release_record import IN_USE, release_names, release_path

MODULE = "_erpops_release"

_PIN = '''"""Written by erpops.frappe: what a process of this release imports late is of this release, whatever `current` is.

It also holds a shared lock, so that the release is not removed while the process runs.
"""
import fcntl, os, sys

HOME = {home!r}
_env = os.path.join(HOME, "env")
_was = sys.prefix
if _was != _env and os.path.realpath(_was) == _env:
    for _number, _path in enumerate(sys.path):
        if _path == _was or _path.startswith(_was + os.sep):
            sys.path[_number] = _env + _path[len(_was):]
    _folder, _name = os.path.split(os.path.abspath(sys.executable))
    if _folder == os.path.join(_was, "bin"):
        sys.executable = os.path.join(_env, "bin", _name)
    # Not sys.prefix: the module site, which runs this, looks at it once more and would add the packages a second time.
try:
    handle = os.open(os.path.join(HOME, {lock!r}), os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
except OSError:
    pass
'''


def base_python(python: str = "") -> tuple[str, str]:
    """(interpreter that environments are made of, its version): ``python``, or that of the present environment.

    :raises ErpopsError: (404) it does not run.
    """
    found = python or str(getattr(sys, "_base_executable", "") or sys.executable)
    code = "import platform; print(platform.python_version())"
    try:
        done = subprocess.run([found, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as exc:
        raise ErpopsError("this interpreter does not run", object=found, seen=str(exc), status=404) from exc
    return found, done.stdout.strip()


def resolving_inputs() -> dict[str, str]:
    """Digests of the files by which uv takes other versions than it is asked for, ``""`` where there is none."""
    found = {}
    for name in ("UV_OVERRIDE", "UV_CONSTRAINT"):
        total = hashlib.sha256()
        for path in os.environ.get(name, "").split():
            try:
                with open(path, "rb") as handle:
                    total.update(handle.read())
            except OSError as exc:
                raise ErpopsError(f"{name} names a file that cannot be read", object=path, seen=str(exc)) from exc
        found[name] = total.hexdigest() if os.environ.get(name) else ""
    return found


def make_environment(folder: str, python: str) -> None:
    """A virtual environment with pip in it.

    :raises ErpopsError: it cannot be made.
    """
    uv = shutil.which("uv")
    words = [uv, "venv", "--quiet", "--seed", "--python", python, folder] if uv else [python, "-m", "venv", folder]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise ErpopsError(
            "the environment of a release cannot be made",
            object=folder,
            seen=" / ".join((done.stderr or done.stdout).strip().splitlines()[-4:]),
            hint="check the interpreter (bench_python) and the package index",
        )


def site_packages(env: str) -> str:
    """The directory of an environment's packages."""
    lib = os.path.join(env, "lib")
    names = sorted(name for name in os.listdir(lib) if name.startswith("python"))
    return os.path.join(lib, names[-1], "site-packages")


def pin_environment(home: str) -> None:
    """Let every process of ``<home>/env`` keep to it; ``home`` is the release's real path."""
    folder = site_packages(os.path.join(home, "env"))
    if not os.path.exists(os.path.join(home, IN_USE)):
        write_text(os.path.join(home, IN_USE), "", mode=0o644)
    write_text(os.path.join(folder, f"{MODULE}.py"), _PIN.format(home=home, lock=IN_USE), mode=0o644)
    write_text(os.path.join(folder, f"{MODULE}.pth"), f"import {MODULE}\n", mode=0o644)


def unpin_environment(home: str) -> None:
    folder = site_packages(os.path.join(home, "env"))
    for name in (f"{MODULE}.pth", f"{MODULE}.py"):
        if os.path.exists(os.path.join(folder, name)):
            os.unlink(os.path.join(folder, name))


def pins(apps: list[str]) -> list[str]:
    """The packages of this interpreter's environment as requirements, but for the bench's ``apps``.

    All of them, not only what the apps ask for: an overlay or an operator may have brought more.
    """
    left_out = {normal(name) for name in apps}
    found: dict[str, str] = {}
    for item in importlib.metadata.distributions():
        name = normal(str(item.metadata["Name"]))
        if name not in left_out and name not in found:
            found[name] = _pin(name, item.version, item.read_text("direct_url.json"))
    return [found[name] for name in sorted(found)]


def _pin(name: str, version: str, direct: str | None) -> str:
    """A requirement that brings the same again (PEP 610 says where a package came from that is of no index)."""
    if not direct:
        return f"{name}=={version}"
    told: dict[str, Any] = json.loads(direct)
    vcs = told.get("vcs_info")
    if vcs:
        inner = f"#subdirectory={told['subdirectory']}" if told.get("subdirectory") else ""
        return f"{name} @ {vcs['vcs']}+{told['url']}@{vcs['commit_id']}{inner}"
    return f"{name} @ {told['url']}"


def packages_digest() -> str:
    """Of the names and versions in this interpreter's environment, the apps left out."""
    now = read_packages()
    lines = sorted(f"{name}=={version}" for name, version in now.versions.items() if name not in now.placed)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def is_used(bench: Bench, release: str) -> bool:
    """Whether a process of the release runs."""
    try:
        handle = os.open(release_path(bench, release, IN_USE), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def processes(bench: Bench) -> tuple[dict[str, list[int]], list[int]]:
    """(pids by release, pids of the bench's interpreter that belong to none: they were started before the adoption).

    Of processes of other users, whose files root alone sees, nothing is told.
    """
    home = os.path.realpath(bench.path)
    locks = {os.path.join(home, "releases", name, IN_USE): name for name in release_names(bench)}
    commands = tuple(os.path.join(path, "env", "bin", "").encode() for path in sorted({bench.path, home}))
    found: dict[str, list[int]] = {}
    older = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            opened = {os.readlink(f"/proc/{entry}/fd/{number}") for number in os.listdir(f"/proc/{entry}/fd")}
            with open(f"/proc/{entry}/cmdline", "rb") as handle:
                words = handle.read().split(b"\0")
        except OSError:
            continue  # it has ended, or is another user's
        names = [locks[path] for path in opened & locks.keys()]
        for name in names:
            found.setdefault(name, []).append(int(entry))
        if not names and any(word.startswith(commands) for word in words[:2]):
            older.append(int(entry))
    return {name: sorted(found[name]) for name in sorted(found)}, sorted(older)
