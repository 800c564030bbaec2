# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release's environment keeps to itself, and says who uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _release_env
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._release_env import (
    base_python,
    is_used,
    pin_environment,
    pins,
    processes,
    resolving_inputs,
    site_packages,
    unpin_environment,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A bench whose one release has an environment without pip."""
    release = tmp_path / "bench/releases/one"
    release.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(release / "env")], check=True)
    (tmp_path / "bench/current").symlink_to("releases/one")
    (tmp_path / "bench/env").symlink_to("current/env")
    pin_environment(str(release))
    return release


def ask(python: Path, code: str) -> list[str]:
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_an_interpreter_names_its_release(home: Path) -> None:
    through = home.parents[1] / "env/bin/python"
    code = "import sys; print(sys.executable, *[p for p in sys.path if 'site-packages' in p])"
    packages = site_packages(str(home / "env"))
    assert ask(through, code) == [str(home / "env/bin/python"), packages]
    assert ask(home / "env/bin/python", code) == ask(through, code)
    unpin_environment(str(home))
    assert ask(through, code)[0] == str(through)


def test_a_process_is_seen_and_keeps_the_release(home: Path) -> None:
    bench = Bench(str(home.parents[1]))
    assert is_used(bench, "one") is False
    code = "print('up', flush=True); input()"
    with subprocess.Popen(
        [bench.path + "/env/bin/python", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        assert is_used(bench, "one") is True
        assert processes(bench) == ({"one": [process.pid]}, [])
        process.kill()
    assert is_used(bench, "one") is False
    assert is_used(bench, "none") is False


def test_a_process_of_before_is_told_apart(home: Path) -> None:
    bench = Bench(str(home.parents[1]))
    unpin_environment(str(home))
    with subprocess.Popen([bench.path + "/env/bin/python", "-c", "input()"], stdin=subprocess.PIPE) as process:
        wanted = os.fsencode(bench.path + "/env/bin/python")
        while not Path(f"/proc/{process.pid}/cmdline").read_bytes().startswith(wanted):
            pass  # not yet the program that it becomes
        assert processes(bench) == ({}, [process.pid])
        process.kill()


def test_interpreters() -> None:
    python, version = base_python(sys.executable)
    assert (python, version) == (sys.executable, ".".join(map(str, sys.version_info[:3])))
    assert base_python()[1] == version
    with pytest.raises(ErpopsError) as caught:
        base_python("/no/such/python")
    assert caught.value.status == 404


def test_files_that_decide_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_CONSTRAINT", raising=False)
    monkeypatch.setenv("UV_OVERRIDE", str(tmp_path / "overrides.txt"))
    with pytest.raises(ErpopsError, match="cannot be read"):
        resolving_inputs()
    seen = []
    for text in ("a==1", "a==2", "a==1"):
        (tmp_path / "overrides.txt").write_text(text)
        seen.append(resolving_inputs())
    assert seen[0] == seen[2] != seen[1]
    assert seen[0]["UV_CONSTRAINT"] == ""


def test_packages_as_requirements() -> None:
    found = pins(["pytest"])
    assert [line for line in found if line.startswith("pytest==")] == []
    assert [line for line in found if line.startswith("pyyaml==")]


@pytest.mark.parametrize(
    ("direct", "expected"),
    [
        (None, "pypika==0.48.9"),
        (
            '{"url": "https://example.com/p", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
            "pypika @ git+https://example.com/p@abc",
        ),
        (
            '{"url": "https://example.com/p", "subdirectory": "x", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
            "pypika @ git+https://example.com/p@abc#subdirectory=x",
        ),
        ('{"url": "https://example.com/p.whl", "archive_info": {}}', "pypika @ https://example.com/p.whl"),
    ],
)
def test_where_a_package_came_from(direct: str | None, expected: str) -> None:
    assert _release_env._pin("pypika", "0.48.9", direct) == expected
