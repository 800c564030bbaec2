# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bin/setup says to somebody whose Python does not do, before it makes anything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.unit.repository import ROOT


def interpreter(directory: Path, name: str, version: str, *, has_venv: bool = True) -> None:
    """A program that answers the questions of bin/setup as a Python of that version would."""
    too_old = tuple(map(int, version.split("."))) < (3, 11)
    program = directory / name
    program.write_text(
        f"""#!/bin/sh
case $2 in
    *print*) echo {version} ;;
    *version_info*) exit {int(too_old)} ;;
    *ensurepip*) exit {int(not has_venv)} ;;
    *) echo "made something: $*" >&2; exit 9 ;;
esac
"""
    )
    program.chmod(0o755)


def setup(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run bin/setup with the tools of the system, and only those Pythons that the test has put down."""
    programs = tmp_path / "bin"
    for tool in ("cat", "cmp", "dirname", "flock", "grep", "head", "mv", "sh"):
        found = subprocess.run(["which", tool], check=False, capture_output=True, text=True).stdout.strip()
        if found:
            (programs / tool).symlink_to(found)
    return subprocess.run(
        [ROOT / "bin/setup", tmp_path / "venv"],
        env={"PATH": str(programs), **environment},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(autouse=True)
def programs(tmp_path: Path) -> Path:
    directory = tmp_path / "bin"
    directory.mkdir()
    return directory


def test_old_python_is_named_with_its_path_and_version(tmp_path: Path, programs: Path) -> None:
    interpreter(programs, "python3", "3.9.2")
    done = setup(tmp_path)
    assert done.returncode == 1
    assert f"Python 3.11 or newer is needed; found {programs}/python3 is 3.9.2." in done.stderr
    assert "make setup PYTHON=/path/to/python3" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_no_python_at_all(tmp_path: Path) -> None:
    done = setup(tmp_path)
    assert done.returncode == 1
    assert "found none under the names: python3.11 python3" in done.stderr


def test_the_python_that_was_asked_for_is_the_only_one_tried(tmp_path: Path, programs: Path) -> None:
    interpreter(programs, "python3.11", "3.11.9")
    interpreter(programs, "mine", "3.10.4")
    done = setup(tmp_path, PYTHON=str(programs / "mine"))
    assert done.returncode == 1
    assert f"found {programs}/mine is 3.10.4." in done.stderr


def test_missing_venv_names_the_debian_package(tmp_path: Path, programs: Path) -> None:
    interpreter(programs, "python3", "3.12.3", has_venv=False)
    done = setup(tmp_path)
    assert done.returncode == 1
    assert "apt-get install python3.12-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_the_first_that_does_is_taken(tmp_path: Path, programs: Path) -> None:
    interpreter(programs, "python3", "3.10.12")
    interpreter(programs, "python3.12", "3.12.3")
    done = setup(tmp_path)
    assert "with Python 3.12.3" in done.stdout
    assert "made something: -m venv --clear" in done.stderr
