# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a commit without a work tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_tree import EXECUTABLE, FILE, LINK
from ansible_collections.erpops.frappe.plugins.module_utils.agent._git import Git
from ansible_collections.erpops.frappe.plugins.module_utils.agent._git_tree import paths_at, tree_at
from tests.unit.plugins.module_utils.agent.tools import git


@pytest.fixture
def repo(tmp_path: Path) -> str:
    folder = tmp_path / "repo"
    (folder / "inner/a b").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "inner/run.sh").write_text("x")
    (folder / "inner/run.sh").chmod(0o755)
    (folder / "inner/a b/[é]*.txt").write_text("y")
    (folder / "inner/link").symlink_to("run.sh")
    (folder / "beside.txt").write_text("z")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "one")
    (folder / "inner/run.sh").write_text("not committed")
    return str(folder)


def test_paths_with_their_modes(repo: str) -> None:
    found = paths_at(Git(), repo, "HEAD:inner")
    assert found == [(FILE, "a b/[é]*.txt"), (LINK, "link"), (EXECUTABLE, "run.sh")]
    assert (FILE, "beside.txt") in paths_at(Git(), repo, "HEAD")


def test_files_are_those_of_the_commit(repo: str) -> None:
    entries = tree_at(Git(), repo, "HEAD:inner").entries
    assert {path: tuple(entry) for path, entry in entries.items()} == {
        "a b/[é]*.txt": (FILE, b"y"),
        "link": (LINK, b"run.sh"),
        "run.sh": (EXECUTABLE, b"x"),
    }


def test_some_paths_only_and_no_patterns(repo: str) -> None:
    assert list(tree_at(Git(), repo, "HEAD:inner", ["a b/[é]*.txt"]).entries) == ["a b/[é]*.txt"]
