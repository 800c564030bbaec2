# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that becomes a framework command: what it is told, what it holds, and when it ends without."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._cli import CliProcess

# In place of the framework's: says what it was told, and lasts as long as there is a file of that name.
HELPER = """
import json, os, sys, time
print(json.dumps({"argv": sys.argv, "left": sys.stdin.read(), "migrate": "frappe.migrate" in sys.modules}))
while os.path.exists("lasts"):
    open("began", "w").close()
    time.sleep(0.02)
sys.exit(len(sys.argv))
"""


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in {"__init__": "", "migrate": "", "utils/__init__": "", "utils/bench_helper": HELPER}.items():
        path = tmp_path / f"frappe/{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    yield tmp_path
    (tmp_path / "lasts").unlink(missing_ok=True)


@pytest.mark.parametrize("prepared", [False, True])
def test_it_is_told_on_a_channel_of_its_own(sites: Path, prepared: bool) -> None:
    process = CliProcess("", str(sites), prepared=prepared)
    if prepared:
        assert process.wait(20)
        assert process.wait(0), "it waits"
    shown = Path(f"/proc/{process._process.pid}/cmdline").read_text()
    long = "x" * 300_000  # more than a socket takes at once
    code, output = process.run(["frappe", "--db-root-password", "secret-of-root", long], [], 20)
    said = json.loads(output)
    assert "secret-of-root" not in shown
    assert said["argv"][1:] == ["frappe", "--db-root-password", "secret-of-root", long]
    assert (code, said["left"], said["migrate"]) == (5, "", prepared)


@pytest.mark.parametrize("prepared", [False, True])
def test_it_holds_the_locks_of_an_agent_that_was_killed(sites: Path, prepared: bool) -> None:
    """Those that were taken after it was prepared, too."""
    (sites / "lasts").touch()
    process = CliProcess("", str(sites), prepared=prepared)
    descriptor = os.open(sites / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with ThreadPoolExecutor() as pool:
        running = pool.submit(process.run, ["frappe"], [descriptor], 20)
        until = time.monotonic() + 20
        while not (sites / "began").exists() and time.monotonic() < until:
            time.sleep(0.02)
        os.close(descriptor)  # what the end of an agent does
        other = os.open(sites / "lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (sites / "lasts").unlink()
        assert running.result(20)[0] == 2
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


# As the framework has it (frappe/database/__init__.py), and what calls it (frappe/utils/backups.py, take_dump).
DATABASE = """
def get_command(host=None, user=None, password=None, dump=False):
    return "mariadb-dump", [f"--user={user}", *([f"--password={password}"] if password else [])], "mariadb-dump"
"""
DUMPS = """
import os, frappe
frappe.conf = {"db_type": KIND}
from frappe.database import get_command
print(get_command(host="h", user="u", password="p w'd", dump=True)[1], os.environ.get("MYSQL_PWD"))
"""


@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("mariadb", b"""['--user=u'] p w'd\n"""),
        (None, b"""['--user=u'] p w'd\n"""),
        ("postgres", b"""['--user=u', "--password=p w'd"] None\n"""),
    ],
)
def test_the_database_password_is_on_no_command_line(
    sites: Path, prepared: bool, kind: str | None, shown: bytes
) -> None:
    (sites / "frappe/database.py").write_text(DATABASE)
    (sites / "frappe/utils/bench_helper.py").write_text(DUMPS.replace("KIND", repr(kind)))
    process = CliProcess("", str(sites), prepared=prepared)
    if prepared:
        assert process.wait(20)
    assert process.run(["frappe"], [], 20) == (0, shown)


@pytest.mark.parametrize("prepared", [False, True])
def test_without_anybody_that_wants_it_it_ends(sites: Path, prepared: bool) -> None:
    process = CliProcess("", str(sites), prepared=prepared)
    process._ours.close()
    assert process._process.wait(20) == 1
    assert process._process.communicate()[0] == b""


def test_it_is_ended_in_time(sites: Path) -> None:
    (sites / "lasts").touch()
    process = CliProcess("", str(sites))
    with pytest.raises(subprocess.TimeoutExpired):
        process.run(["frappe"], [], 0.5)
    assert process._process.returncode == -9


def test_an_interpreter_that_ends_at_once_says_why(sites: Path) -> None:
    python = sites / "python"
    python.write_text("#!/bin/sh\necho is broken\nexit 3\n")
    python.chmod(0o755)
    process = CliProcess(str(python), str(sites), prepared=True)
    assert not process.wait(20)
    assert process.run(["frappe"], [], 20) == (3, b"is broken\n")


def test_an_app_that_cannot_be_imported_is_told_by_the_command(sites: Path) -> None:
    (sites / "frappe/migrate.py").write_text("raise SystemExit('no, thanks')")
    process = CliProcess(sys.executable, str(sites), prepared=True)
    assert not process.wait(20)
    process.end()
    assert CliProcess("", str(sites)).run(["frappe"], [], 20)[0] == 2
