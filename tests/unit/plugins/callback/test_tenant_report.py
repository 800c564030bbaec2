# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback fed with events that are made up, and in a real run of ansible-playbook."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants
from ansible.executor.stats import AggregateStats
from ansible.plugins.loader import callback_loader

ROOT = Path(__file__).resolve().parents[4]
SECRET = "hunter2-hunter2"
ALPHA = {"url": "http://alpha.localhost:8000", "apps": ["erpnext"], "key": "ok", "jobs": {}, "password": SECRET}


class FakeDisplay:
    """Keeps what would be shown."""

    verbosity = 0
    columns = 79

    def __init__(self) -> None:
        self.shown: list[tuple[str, str | None]] = []
        self.warnings: list[str] = []

    def banner(self, text: str) -> None:
        self.shown.append((f"[{text}]", None))

    def display(self, text: str, color: str | None = None) -> None:
        self.shown.append((text, color))

    def warning(self, text: str) -> None:
        self.warnings.append(text)


class Clock:
    """Goes on only when told to."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


class Run:
    """A run as the callback sees it."""

    def __init__(self, report_path: str | None = None) -> None:
        self.display, self.clock, self.stats = FakeDisplay(), Clock(), AggregateStats()
        self.callback = callback_loader.get(
            "erpops.frappe.tenant_report",
            display=self.display,
            clock=self.clock,
            now=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        )
        self.callback.set_options(direct={"report_path": report_path})
        self.callback.v2_playbook_on_start(SimpleNamespace(_file_name="playbooks/site.yml"))

    def play(self, name: str, path: str = "/p/site.yml:3") -> None:
        self.callback.v2_playbook_on_play_start(SimpleNamespace(name=name, get_path=lambda: path))

    def begin(self, host: str, task: str = "t1") -> None:
        self.callback.v2_runner_on_start(SimpleNamespace(name=host), SimpleNamespace(_uuid=task))

    def end(self, event: str, host: str, task: str = "t1", **more: Any) -> None:
        result = more.pop("result", {})
        ignore = {"ignore_errors": more.pop("ignore_errors")} if "ignore_errors" in more else {}
        fields = {"delegate_to": None, "no_log": False, "ignore_unreachable": False, **more}
        getattr(self.callback, f"v2_runner_on_{event}")(
            SimpleNamespace(
                host=SimpleNamespace(name=host),
                task=SimpleNamespace(_uuid=task, **fields),
                task_name=f"Do {task}",
                result=result,
            ),
            **ignore,
        )

    def count(self, what: str, *hosts: str) -> None:
        for host in hosts:
            self.stats.increment(what, host)

    def publish(self, **custom: Any) -> None:
        for name, value in custom.items():
            self.stats.set_custom_stats(name, value)

    def finish(self) -> list[str]:
        self.callback.v2_playbook_on_stats(self.stats)
        return [text for text, _color in self.display.shown]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "run.json"


@pytest.fixture
def run(path: Path) -> Run:
    return Run(str(path))


def test_events_become_seconds(run: Run, path: Path) -> None:
    run.play("provision | Ensure the tenants")
    run.begin("a")
    run.begin("b")
    run.clock.time += 2
    run.end("ok", "a")
    run.clock.time += 1
    run.end("failed", "b", result={"msg": "x"})
    run.play("No phase in the name", "/p/sync.yml:1")
    for event, delegate in (("skipped", None), ("ok", "bench1"), ("ok", "{{ item }}"), ("unreachable", "bench1")):
        run.begin("a", "t2")
        run.clock.time += 1
        run.end(event, "a", "t2", delegate_to=delegate)
    run.finish()
    data = json.loads(path.read_text())
    assert data["phases"] == {"a": {"provision": 2.0, "sync": 2.0}, "b": {"provision": 3.0}, "bench1": {"sync": 2.0}}
    assert data["totals"]["seconds"] == 7.0
    assert (data["started"], data["finished"]) == ("2026-01-02T03:04:05+00:00",) * 2
    assert data["playbook"] == "playbooks/site.yml"
    assert run.display.warnings == []


def test_a_play_without_a_path_takes_the_playbook(run: Run, path: Path) -> None:
    run.play("", "")
    run.begin("a")
    run.end("ok", "a")
    run.finish()
    assert json.loads(path.read_text())["phases"] == {"a": {"site": 0.0}}


def test_failures(run: Run, path: Path) -> None:
    run.play("provision | x")
    run.end("failed", "a", "ignored", result={"msg": "ignored"}, ignore_errors=True)
    run.end("failed", "a", "rescued", result={"msg": "rescued"})
    run.end("failed", "a", "real", result={"msg": "no such\nsite"})
    run.end("failed", "b", "secret", result={"msg": SECRET}, no_log=True)
    run.end("unreachable", "c", "ping", result={"msg": "accepted"}, ignore_unreachable=True)
    run.end("unreachable", "c", "ping", result={"msg": "no route"})
    run.count("rescued", "a")
    run.count("failures", "a", "b")
    run.count("dark", "c")
    run.finish()
    assert json.loads(path.read_text())["failures"] == [
        {"host": "a", "task": "Do real", "message": "no such site"},
        {"host": "b", "task": "Do secret", "message": "hidden"},
        {"host": "c", "task": "Do ping", "message": "no route"},
    ]
    assert SECRET not in path.read_text()


def test_nothing_is_printed_without_tenants(run: Run, path: Path) -> None:
    run.publish(erpops_note="a note")
    run.count("ok", "a")
    assert run.finish() == []
    assert json.loads(path.read_text())["tenants"] == {}


def test_table_and_note_are_printed_in_colors(run: Run) -> None:
    run.publish(erpops_tenants={"alpha.localhost": ALPHA, "b": {"key": "timeout"}}, erpops_note="curl x")
    run.count("changed", "alpha.localhost")
    shown = run.finish()
    assert shown[0] == "[TENANTS]"
    assert shown[-2:] == ["curl x", ""]
    assert [color for _text, color in run.display.shown[1:5]] == [
        None,
        constants.COLOR_CHANGED,
        constants.COLOR_ERROR,
        constants.COLOR_ERROR,
    ]
    assert SECRET not in "".join(shown)


def test_the_file_is_replaced_and_private(run: Run, path: Path) -> None:
    path.parent.mkdir()
    path.write_text("old")
    path.chmod(0o644)
    run.finish()
    assert json.loads(path.read_text())["schema"] == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == [path.name]


def test_no_path_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = Run()
    run.publish(erpops_tenants={"alpha.localhost": ALPHA})
    assert run.finish()
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_written_is_a_warning(run: Run, path: Path) -> None:
    path.mkdir(parents=True)
    run.publish(erpops_tenants={"alpha.localhost": ALPHA})
    assert run.finish()[0] == "[TENANTS]"
    assert len(run.display.warnings) == 1
    assert run.display.warnings[0].startswith("tenant_report: _write: IsADirectoryError")
    assert os.listdir(path.parent) == [path.name]


def test_a_table_that_cannot_be_printed_does_not_cost_the_file(
    run: Run, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(FakeDisplay, "banner")
    run.publish(erpops_tenants={"alpha.localhost": ALPHA})
    run.finish()
    assert "_print: AttributeError" in run.display.warnings[0]
    assert list(json.loads(path.read_text())["tenants"]) == ["alpha.localhost"]


@pytest.mark.parametrize(
    "event",
    [
        lambda callback: callback.v2_playbook_on_play_start(None),
        lambda callback: callback.v2_runner_on_start(None, None),
        lambda callback: callback.v2_runner_on_ok(None),
        lambda callback: callback.v2_runner_on_failed(None, ignore_errors=False),
        lambda callback: callback.v2_runner_on_skipped(None),
        lambda callback: callback.v2_runner_on_unreachable(None),
        lambda callback: callback.v2_playbook_on_stats(None),
    ],
)
def test_a_fault_is_a_warning(run: Run, event: Callable[[Any], None]) -> None:
    event(run.callback)
    assert len(run.display.warnings) == 1
    assert run.display.warnings[0].startswith("tenant_report: v2_")
    assert "AttributeError" in run.display.warnings[0]


def test_a_thousand_hosts_are_printed_on_few_lines(run: Run, path: Path) -> None:
    hosts = [f"t{number}.localhost" for number in range(1000)]
    run.play("provision | x")
    for host in hosts:
        run.begin(host)
    for host in hosts:
        run.end("ok", host)
    run.count("ok", *hosts)
    run.publish(erpops_tenants=dict.fromkeys(hosts, ALPHA))
    shown = run.finish()
    assert len(shown) == 1 + 2 * (1 + 10 + 1) + 1 + 1  # banner, twice head, tenants, total; empty lines
    assert len(json.loads(path.read_text())["phases"]) == 1000


INVENTORY = """\
[sites]
alpha.localhost
beta.localhost

[benches]
bench1

[all:vars]
ansible_connection=local
ansible_python_interpreter={{ ansible_playbook_python }}
"""

PLAYBOOK = """\
- name: Provision | Ensure the tenants
  hosts: sites
  gather_facts: false
  tasks:
    - name: Change both
      ansible.builtin.command: "true"
    - name: Ask the bench
      ansible.builtin.command: "true"
      delegate_to: "{{ 'bench' ~ 1 }}"
      changed_when: false
    - name: Recover
      block:
        - name: Fail and be rescued
          ansible.builtin.fail: {msg: rescued}
      rescue:
        - name: Go on
          ansible.builtin.debug:

- name: Publish what was found
  hosts: sites
  gather_facts: false
  tasks:
    - name: Publish the tenants
      ansible.builtin.set_stats:
        data:
          erpops_tenants:
            alpha.localhost:
              url: "http://{{ inventory_hostname }}:8000"
              apps: "{{ ['erp' ~ 'next'] }}"
              key: ok
              jobs: {orders: {state: done, counts: {created: "{{ 50 + 7 }}"}}}
              api_secret: hunter2-hunter2
            beta.localhost: {url: "http://beta.localhost:8000", apps: [], key: none, jobs: {}}
          erpops_note: ["Try it:", "  curl {{ inventory_hostname }}"]
      run_once: true
    - name: Fail in a loop
      ansible.builtin.fail:
        msg: "no {{ item }}\\nfor {{ inventory_hostname }}"
      loop: [orders, stock]
      when: inventory_hostname == 'alpha.localhost'
    - name: Fail with a secret
      ansible.builtin.command: "{{ ansible_playbook_python }} -c 'raise SystemExit(\\"hunter2-hunter2\\")'"
      no_log: true
"""


def test_a_real_run(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(INVENTORY)
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    (tmp_path / "ansible.cfg").write_text(
        "[defaults]\ncallbacks_enabled = erpops.frappe.tenant_report\n"
        "[callback_tenant_report]\nreport_path = out/run.json\n"
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "ERPOPS_"))}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "site.yml", "-i", "hosts", "--limit", "sites"],
        cwd=tmp_path,
        env={
            **kept,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
            "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
            "ANSIBLE_HOME": str(tmp_path / "home"),
            "ANSIBLE_NOCOLOR": "1",
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "WARNING" not in done.stderr
    assert SECRET not in done.stdout + done.stderr

    shown = done.stdout.partition("\nTENANTS *")[2].splitlines()[1:]
    assert shown[0].split() == "tenant url apps key jobs changed".split()
    assert shown[1].startswith("alpha.localhost  http://alpha.localhost:8000  erpnext  ok ")
    assert shown[2].startswith("beta.localhost   http://beta.localhost:8000   -        none  ")
    assert shown[3].startswith("total of 2       2 failed ")
    assert shown[5].split() == ["seconds", "provision", "site"]
    assert shown[9].startswith("also bench1: changed 0, provision ")
    assert sorted(shown[10:12]) == [
        "failed alpha.localhost: Fail in a loop: no orders for alpha.localhost",
        "failed beta.localhost: Fail with a secret: hidden",
    ]
    assert shown[12:] == ["", "Try it:", "  curl alpha.localhost", ""]
    assert max(map(len, shown)) <= 100

    report = tmp_path / "out" / "run.json"
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert SECRET not in report.read_text()
    data = json.loads(report.read_text())
    assert (data["schema"], data["playbook"], data["check_mode"], data["limit"]) == (1, "site.yml", False, "sites")
    assert data["started"] <= data["finished"]
    assert data["started"].endswith("+00:00")
    assert data["tenants"] == {
        "alpha.localhost": {
            "url": "http://alpha.localhost:8000",
            "apps": ["erpnext"],
            "key": "ok",
            "jobs": {"orders": {"state": "done", "counts": {"created": 57}}},
        },
        "beta.localhost": {"url": "http://beta.localhost:8000", "apps": [], "key": "none", "jobs": {}},
    }
    assert {host: list(phases) for host, phases in data["phases"].items()} == {
        "alpha.localhost": ["provision", "site"],
        "beta.localhost": ["provision", "site"],
        "bench1": ["provision"],
    }
    assert all(seconds > 0 for phases in data["phases"].values() for seconds in phases.values())
    assert {host: (counts["changed"], counts["failures"]) for host, counts in data["hosts"].items()} == {
        "alpha.localhost": (1, 1),
        "beta.localhost": (1, 1),
    }
    assert data["totals"]["rescued"] == 2
    assert {failure["host"]: failure["message"] for failure in data["failures"]} == {
        "alpha.localhost": "no orders for alpha.localhost",
        "beta.localhost": "hidden",
    }
