# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarting processes, with commands that are real programs and a real port: what is waited for, and what is not."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils import _bench_restart
from ansible_collections.erpops.frappe.plugins.module_utils._bench_restart import NOTE, restart
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from tests.ports import free_ports

# As supervisorctl: `start` is told the port, listens soon, and ends long after.
CONTROL = """
import os, pathlib, socket, sys, time
here = pathlib.Path(__file__).parent
with (here / "said").open("a") as said:
    said.write(" ".join(sys.argv[1:]) + "\\n")
told = here / ("fails_" + sys.argv[1])
if told.exists():
    sys.exit(told.read_text())
if sys.argv[1:] == ["start", "one-main:one-web"] and os.fork() == 0:
    time.sleep(0.3)
    server = socket.create_server(("127.0.0.1", int((here / "port").read_text())))
    time.sleep(3)
elif sys.argv[1] == "start":
    time.sleep(2)
    (here / "ended").touch()
"""


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    (tmp_path / "bench/.erpops").mkdir(parents=True)
    (tmp_path / "bench" / NOTE).write_text("{}")
    (tmp_path / "control.py").write_text(CONTROL)
    (tmp_path / "port").write_text(str(free_ports(1)))
    return tmp_path / "bench"


def params(bench: Path, **given: Any) -> dict[str, Any]:
    control = [sys.executable, str(bench.parent / "control.py")]
    port = int((bench.parent / "port").read_text())
    told = {"bench_path": str(bench), "supervisorctl": control, "group": "one-main", "web": "one-web", "units": None}
    return {**told, "host": "127.0.0.1", "port": port, "timeout": 20, **given}


def said(bench: Path) -> list[str]:
    path = bench.parent / "said"
    return path.read_text().splitlines() if path.exists() else []


def test_the_port_is_waited_for_and_the_rest_is_not(bench: Path) -> None:
    done = restart(params(bench), check=False)
    assert not (bench.parent / "ended").exists(), "supervisor still counts the seconds of startsecs"
    assert (done["changed"], done["actions"]) == (True, ["restarted"])
    until = time.monotonic() + 20
    while len(said(bench)) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    assert said(bench) == ["stop one-main:*", "start one-main:one-web", "start one-main:*"]
    assert done["diff"]["before"] != done["diff"]["after"]
    assert not (bench / NOTE).exists()
    socket.create_connection(("127.0.0.1", params(bench)["port"]), timeout=2).close()

    again = restart(params(bench), check=False)
    assert (again["changed"], again["actions"], len(said(bench))) == (False, [], 3)
    assert again["diff"]["before"] == again["diff"]["after"]


def test_a_preview_restarts_nothing(bench: Path) -> None:
    assert restart(params(bench), check=True)["changed"]
    assert (said(bench), (bench / NOTE).exists()) == ([], True)


@pytest.mark.parametrize("command", ["stop", "start"])
def test_a_supervisor_that_refuses_keeps_the_note(bench: Path, command: str) -> None:
    (bench.parent / f"fails_{command}").write_text("no such group")
    with pytest.raises(ErpopsError) as caught:
        restart(params(bench), check=False)
    assert "no such group" in caught.value.seen
    assert "exit code 1" in caught.value.seen
    assert (bench / NOTE).exists(), "the next run restarts again"


def test_a_web_server_that_never_listens(bench: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(ErpopsError) as caught:
        restart(params(bench, supervisorctl=["true"], timeout=1), check=False)
    assert (caught.value.status, time.monotonic() - begun < 10) == (504, True)
    assert "logs/web.log" in caught.value.hint
    assert (bench / NOTE).exists()


def test_a_supervisor_that_is_not_there(bench: Path) -> None:
    with pytest.raises(ErpopsError, match="No such file"):
        restart(params(bench, supervisorctl=["/no/supervisorctl"]), check=False)


def test_the_web_unit_comes_first_and_busy_ones_are_only_told(bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(_bench_restart, "_run", called.append)
    units = [
        {"name": f"{name}.service", "busy": name == "worker@1"} for name in ("web", "worker@1", "schedule", "node")
    ]
    with socket.create_server(("127.0.0.1", params(bench)["port"])):
        assert restart(params(bench, supervisorctl=None, units=units, web="web.service"), check=False)["changed"]
    assert called == [
        ["systemctl", "restart", "web.service"],
        ["systemctl", "restart", "--no-block", "worker@1.service"],
        ["systemctl", "restart", "schedule.service", "node.service"],
    ]
    assert not (bench / NOTE).exists()
