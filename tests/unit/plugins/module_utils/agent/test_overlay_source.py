# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app's commit as files: from where, how, and gone afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_tree import EXECUTABLE, FILE, LINK
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._overlay_source import available, fetched_source
from tests.unit.plugins.module_utils.agent.tools import Tools, git


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    (folder / "inner").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "inner" / "a.py").write_bytes(b"one\r\n")
    (folder / "inner" / "run.sh").write_text("")
    (folder / "inner" / "run.sh").chmod(0o755)
    (folder / "inner" / "link").symlink_to("a.py")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "one")
    (folder / "inner" / "later.py").write_text("not committed")
    return folder


def test_files_are_those_of_the_commit_byte_by_byte(framework: Tools, origin: Path) -> None:
    args = {"name": "shop", "repo": str(origin), "version": "main", "subdirectory": "inner"}
    with fetched_source(Bench(str(framework.path)), args) as source:
        assert {path: tuple(entry) for path, entry in source.files.entries.items()} == {
            "a.py": (FILE, b"one\r\n"),
            "run.sh": (EXECUTABLE, b""),
            "link": (LINK, b"a.py"),
        }
        assert source.commit == git(origin, "rev-parse", "HEAD")
        assert source.tree == git(origin, "rev-parse", "HEAD:inner")
        folder = source.folder
        assert os.path.isdir(folder)
    assert not os.path.exists(folder)


@pytest.mark.parametrize(
    ("given", "words"),
    [({"subdirectory": "gone"}, "has no such subdirectory"), ({"version": "gone"}, "no commit, tag or branch")],
)
def test_what_is_not_there(framework: Tools, origin: Path, given: dict[str, str], words: str) -> None:
    args = {"name": "shop", "repo": str(origin), "version": "main", **given}
    with pytest.raises(ErpopsError, match=words), fetched_source(Bench(str(framework.path)), args):
        pass


def test_packages() -> None:
    assert available("json")
    assert not available("a_package_nobody_has")
