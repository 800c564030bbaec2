# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: files as git has them at a commit, without a work tree."""

from __future__ import annotations

import os
import tarfile
import tempfile
from collections.abc import Sequence

from ._app_tree import EXECUTABLE, FILE, LINK, Entry, Tree
from ._git import Git


def paths_at(git: Git, folder: str, treeish: str) -> list[tuple[str, str]]:
    """(mode, path) of every file and link below ``treeish``, a commit or ``<commit>:<directory>``."""
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", treeish, cwd=folder).split("\0")
    parted = (line.partition("\t") for line in listed)
    return [(about.partition(" ")[0], path) for about, _tab, path in parted if path]


def tree_at(git: Git, folder: str, treeish: str, paths: Sequence[str] = ()) -> Tree:
    """The files below ``treeish``; of ``paths`` only, where some are given."""
    entries = {}
    with tempfile.TemporaryDirectory(prefix="erpops-tree-") as aside:
        archive = os.path.join(aside, "tree.tar")
        words = ("archive", "--format=tar", "-o", archive, treeish, "--", *paths)
        git.run(*words, cwd=folder, more={"GIT_LITERAL_PATHSPECS": "1"})
        with tarfile.open(archive) as handle:
            for member in handle:
                if member.issym():
                    entries[member.name] = Entry(LINK, member.linkname.encode())
                elif member.isfile():
                    content = handle.extractfile(member)
                    mode = EXECUTABLE if member.mode & 0o100 else FILE
                    entries[member.name] = Entry(mode, content.read() if content else b"")
    return Tree(entries)
