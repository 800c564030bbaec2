# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role node: what it asks of a Node.js that is there."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.repository import ROOT

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs a program node in PATH")


def look(tmp_path: Path) -> dict[str, Any]:
    """The answer for a host whose /usr/local/bin is <tmp>/bin and whose directory of ours is <tmp>/ours."""
    script = (ROOT / "roles/node/files/look.js").read_text()
    argv = [str(NODE), "--eval", script, str(tmp_path / "ours/source"), str(tmp_path / "bin"), str(tmp_path / "ours")]
    answer = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert answer.stderr == ""
    found = json.loads(answer.stdout)
    assert isinstance(found, dict)
    return found


def install(directory: Path, name: str, version: str, link: Path) -> None:
    (directory / "bin").mkdir(parents=True)
    (directory / "bin/yarn.js").write_text("")
    (directory / "package.json").write_text(json.dumps({"name": name, "version": version}))
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(directory / "bin/yarn.js")


def test_nothing_is_there(tmp_path: Path) -> None:
    found = look(tmp_path)
    assert found["version"][0].isdigit()
    assert (found["source"], found["yarn"], found["yarn_ours"]) == ("", "", False)


def test_ours_is_told_by_its_mark_and_its_place(tmp_path: Path) -> None:
    install(tmp_path / "ours/yarn", "yarn", "1.22.22", tmp_path / "bin/yarn")
    (tmp_path / "ours/source").write_text("wheel\n")
    found = look(tmp_path)
    assert (found["source"], found["yarn"], found["yarn_ours"]) == ("wheel", "yarn 1.22.22", True)


@pytest.mark.parametrize(("name", "version"), [("yarn", "1.22.10"), ("corepack", "0.29.4"), ("@yarnpkg/cli", "4.9.1")])
def test_that_of_others_is_told_apart(tmp_path: Path, name: str, version: str) -> None:
    install(tmp_path / "ours-not/yarn", name, version, tmp_path / "bin/yarn")
    found = look(tmp_path)
    assert (found["yarn"], found["yarn_ours"]) == (f"{name} {version}", False)


@pytest.mark.parametrize("dead", [True, False])
def test_a_yarn_that_cannot_be_known_is_not_overlooked(tmp_path: Path, dead: bool) -> None:
    (tmp_path / "bin").mkdir()
    if dead:
        (tmp_path / "bin/yarn").symlink_to(tmp_path / "gone")
    else:
        (tmp_path / "bin/yarn").write_text("#!/bin/sh\n")
    assert look(tmp_path)["yarn"] == "unknown"
