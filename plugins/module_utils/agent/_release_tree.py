# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: directories of a release -- what of another one is taken over, sizes, links that lead to it."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

from .._errors import ErpopsError
from ._files import os_error
from ._git import Git

MODULES = "node_modules"
_RENAME_EXCHANGE = 2  # linux/fs.h
_AT_FDCWD = -100


def link_to(target: str, path: str) -> None:
    """``path`` becomes a link to ``target``, in one step where something is already."""
    fresh = f"{path}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(fresh)
    try:
        os.symlink(target, fresh)
        os.replace(fresh, path)
    except OSError as exc:
        raise os_error(exc, path) from exc


def exchange(one: str, other: str) -> None:
    """Two names change places in one step: nobody finds neither (renameat2(2)).

    :raises ErpopsError: the file system cannot do it.
    """
    library: Any = ctypes.CDLL(None, use_errno=True)
    call = getattr(library, "renameat2", None)
    done = call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) if call else -1
    if done != 0:
        code = ctypes.get_errno() if call else errno.ENOSYS
        raise ErpopsError(
            "cannot change places with another name in one step",
            object=one,
            seen=os.strerror(code),
            needed="renameat2 with RENAME_EXCHANGE (glibc 2.28; ext4, xfs, btrfs, tmpfs), both on one file system",
            hint="move the bench to a file system that has it (docs/releases.md)",
        )


def files_below(folder: str) -> Iterator[os.DirEntry[str]]:
    """Everything in ``folder`` but directories, links not followed."""
    stack = [folder]
    while stack:
        try:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
                    else:
                        yield entry
        except FileNotFoundError:
            continue


def size_of(folder: str) -> int:
    """Bytes on the disk of ``folder``; a file that has several names in it is counted once."""
    seen: set[int] = set()
    total = 0
    for entry in files_below(folder):
        with contextlib.suppress(FileNotFoundError):
            stat = entry.stat(follow_symlinks=False)
            if stat.st_nlink == 1 or stat.st_ino not in seen:
                total += stat.st_blocks * 512
                seen.add(stat.st_ino)
    return total


def redirect(link: str, moves: Mapping[str, str]) -> None:
    """A link that leads into a directory of ``moves`` leads to the same place of its new one."""
    target = os.readlink(link)
    for old, new in moves.items():
        if target == old or target.startswith(old + os.sep):
            link_to(new + target[len(old) :], link)
            return


def _copy(source: str, target: str, moves: Mapping[str, str], linked: bool) -> None:
    """A file, link or directory; what is at ``target`` already stays."""
    if os.path.islink(source):
        if not os.path.lexists(target):
            os.symlink(os.readlink(source), target)
            redirect(target, moves)
    elif os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
        with os.scandir(source) as entries:
            for entry in entries:
                if not _is_by_product(entry.name):
                    _copy(entry.path, os.path.join(target, entry.name), moves, linked or entry.name == MODULES)
    elif not os.path.lexists(target) and os.path.isfile(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if linked:
            os.link(source, target)
        else:
            shutil.copy2(source, target)


def _is_by_product(name: str) -> bool:
    """What the other release makes for itself."""
    return name in ("__pycache__", ".git") or name.endswith((".pyc", ".egg-info", ".pth"))


def take_over(source: str, target: str, moves: Mapping[str, str]) -> None:
    """What an app's checkout ``source`` has besides its commit (built assets, packages of Node) is in ``target`` too.

    Packages of Node are the same files under a second name: they are only ever replaced as a whole (``build_assets``).
    All else is copied.
    """
    told = Git().run("ls-files", "--others", "--directory", "-z", cwd=source)
    for path in filter(None, told.split("\0")):
        name = path.rstrip("/")
        if not any(map(_is_by_product, name.split("/"))):
            parent = os.path.dirname(os.path.join(target, name))
            os.makedirs(parent, exist_ok=True)
            linked = MODULES in name.split("/")
            _copy(os.path.join(source, name), os.path.join(target, name), moves, linked)


def seed_checkout(source: str, target: str, commit: str, remote: str) -> None:
    """A checkout of ``commit`` in ``target`` with the objects of that in ``source``, which git never changes.

    As ``git clone --local`` does it, which does not where the source is shallow.
    """
    git = Git()
    git.run("init", "--quiet", target)
    inside = os.path.join(target, ".git")
    common = os.path.join(source, git.run("rev-parse", "--git-common-dir", cwd=source))
    _copy(os.path.join(common, "objects"), os.path.join(inside, "objects"), {}, linked=True)
    if os.path.exists(os.path.join(common, "shallow")):
        shutil.copy2(os.path.join(common, "shallow"), os.path.join(inside, "shallow"))
    if remote:
        git.run("remote", "add", "origin", remote, cwd=target)
    git.run("checkout", "--quiet", "--detach", commit, cwd=target)


def take_assets(source: str, target: str, apps: Mapping[str, str]) -> None:
    """``sites/assets`` of a release: the manifests and what else lies there, and a link to the public files of each app.

    :param apps: name -> the folder of its package.
    """
    os.makedirs(target, exist_ok=True)
    if os.path.isdir(source):
        with os.scandir(source) as entries:
            for entry in entries:
                if not entry.is_symlink() and entry.name not in apps:
                    _copy(entry.path, os.path.join(target, entry.name), {}, linked=False)
    for name, package in apps.items():
        if os.path.isdir(os.path.join(package, "public")):
            link_to(os.path.join(package, "public"), os.path.join(target, name))
