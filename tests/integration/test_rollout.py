# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two benches with a tenant each are updated in two waves: previewed, stopped and taken up again, held by a gate, accepted.

What is asserted is asked of the benches' files, the sites' databases and their web servers. No test waits for a soak: the
record's clock is set back.
"""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet import ROOT, Fleet, Result, environment, run_playbook
from tests.integration.looks import Site
from tests.ports import free_ports

# Bench -> the wave of its site.
WAVES = {"early": "canary", "late": "rest"}
FROZEN = {"from": "2020-01-01", "to": "2099-01-01", "reason": "audit"}
ORDER = "shopsync/shop_sync/doctype/shop_order/shop_order.json"


@dataclass
class Pair:
    """Two benches of their own in the fleet's inventory, and the repository of the app that goes on."""

    fleet: Fleet
    repo: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_ports(2) for name in WAVES})
    commits: dict[str, str] = field(default_factory=dict)
    inventory: Path = Path()

    def bench(self, name: str) -> Path:
        return self.fleet.demo / name

    def site(self, name: str) -> Site:
        return Site(f"{name}.localhost", self.bench(name), self.ports[name])

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        done = subprocess.run(["git", *who, *words], cwd=self.repo, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, name: str) -> str:
        """A commit with one more field."""
        order = json.loads((self.repo / ORDER).read_text())
        order["fields"].append({"fieldname": f"extra_{name}", "fieldtype": "Data", "label": name})
        (self.repo / ORDER).write_text(json.dumps(order))
        self.git("commit", "--quiet", "--all", "-m", name)
        self.commits[name] = self.git("rev-parse", "HEAD")
        return self.commits[name]

    def declare(self, name: str, closed: str = "") -> None:
        """The inventory with the app at that commit; the update window of the bench ``closed`` is not open now."""
        apps = [
            {"name": "erpnext", "repo": "{{ demo_root }}/repos/erpnext", "version": "version-15"},
            {"name": "shopsync", "repo": str(self.repo), "version": self.commits[name]},
        ]
        benches, tenants = {}, []
        for bench, wave in WAVES.items():
            port = self.ports[bench]
            variables: dict[str, Any] = {"bench_web_port": port, "bench_programs": [], "bench_apps": apps}
            if bench == closed:
                day = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2)).strftime("%a")
                window = {"days": [day], "from": "10:00", "to": "12:00"}
                variables["bench_rollout_window"] = window
            benches[bench] = {"path": f"{{{{ demo_root }}}}/{bench}", "vars": variables}
            site = f"{bench}.localhost"
            given = {"company": {"name": bench.title(), "abbr": bench[0].upper()}, "site_jobs": []}
            given |= {"site_url": f"http://{site}:{port}", "site_connect": f"127.0.0.1:{port}"}
            own = {"name": site, "bench": bench, "wave": wave, "apps": ["erpnext", "shopsync"], "vars": given}
            tenants.append(own)
        self.inventory = self.fleet.write_inventory(
            "waves", {"plugin": "erpops.frappe.tenants", "benches": benches, "tenants": tenants}
        )

    def play(self, playbook: str = "rollout.yml", *, check: bool = False, **given: Any) -> Result:
        told = {"rollout_waves": "canary,rest", "rollout_gate_requests": 3, "rollout_soak_minutes": {"default": 60}}
        extravars = {**told, **given} if playbook == "rollout.yml" else given
        return self.fleet.play(playbook, inventory=self.inventory, check=check, diff=True, extravars=extravars)

    def deployed(self, name: str) -> str:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=self.bench(name) / "apps/shopsync",
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def at(self, name: str) -> dict[str, bool]:
        """Which benches have that commit, with its field in their site, and answer."""
        found = {}
        for bench in WAVES:
            site = self.site(bench)
            assert site.get("/api/method/ping").message == "pong", bench
            there = bool(site.rows("select name from tabDocField where fieldname=?", f"extra_{name}"))
            found[bench] = self.deployed(bench) == self.commits[name]
            assert there == found[bench], f"{bench}: code and data are of one commit"
        return found

    def record(self, name: str) -> dict[str, Any]:
        path = self.bench(name) / ".erpops/rollout.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def set_back(self, name: str, minutes: float) -> None:
        """As if the bench had soaked so long already."""
        record = {**self.record(name), "since": time.time() - minutes * 60}
        (self.bench(name) / ".erpops/rollout.json").write_text(json.dumps(record))

    def errors(self, name: str, count: int) -> None:
        """Rows of Error Log, as a failing app writes them."""
        lines = (
            f"import frappe; frappe.init(site='{name}.localhost', sites_path='.'); frappe.connect();"
            f"[frappe.log_error('shopsync.pull with token=abcdefgh12345', 'x') for _ in range({count})];"
            "frappe.db.commit()"
        )
        python = self.bench(name) / "env/bin/python"
        subprocess.run([python, "-c", lines], cwd=self.bench(name) / "sites", capture_output=True, check=True)


@pytest.fixture(scope="module")
def pair(fleet: Fleet) -> Iterator[Pair]:
    """Both benches with their tenants; gone at the end. Each test has a commit of its own, on those of the others."""
    repo = fleet.root / "shopsync-waves"
    subprocess.run(["git", "clone", "--quiet", str(fleet.demo / "repos/shopsync"), str(repo)], check=True)
    made = Pair(fleet, repo)
    made.commits["first"] = made.git("rev-parse", "HEAD")
    made.declare("first")
    for playbook in ("setup.yml", "deploy.yml", "provision.yml"):
        done = made.play(playbook)
        assert done.ok, done.stdout[-5000:]
    yield made
    confirmed = {"retire_confirm": "all", "retire_benches": True, "bench_backups_discarded": True}
    retired = fleet.play("retire.yml", inventory=made.inventory, extravars=confirmed)
    assert retired.ok, retired.stdout[-5000:]


def test_two_waves_with_a_soak_that_survives_the_controller(pair: Pair) -> None:
    pair.commit("soaks")
    pair.declare("soaks", closed="late")
    previewed = pair.play(check=True)
    assert previewed.ok, previewed.stdout[-5000:]
    assert "early: to be updated" in previewed.stdout
    assert "late: to be updated, when its window opens" in previewed.stdout
    assert "DocType Shop Order changed" in previewed.stdout
    assert pair.at("soaks") == {"early": False, "late": False}
    assert pair.record("early") == {}

    first = pair.play(rollout_wait=False)
    assert first.ok, first.stdout[-5000:]
    assert pair.at("soaks") == {"early": True, "late": False}
    assert "early: soaks until" in first.stdout
    assert "late: is not begun, since it waits for early (canary)" in first.stdout
    record = pair.record("early")
    assert (record["state"], record["target"]["shopsync"]) == ("soaking", pair.commits["soaks"])
    assert record["baseline"]["http"]["early.localhost"]["requests"] == 3
    again = pair.play(rollout_wait=False)
    assert (again.ok, again.changed) == (True, {}), again.stdout[-5000:]
    assert pair.record("early") == record, "the soak goes on, and does not begin anew"

    pair.set_back("early", 61)
    pair.errors("early", 3)  # fewer than are too many
    closed = pair.play()
    assert closed.ok, closed.stdout[-5000:]
    assert "late: waits for its window, which opens" in closed.stdout
    assert pair.record("early")["state"] == "passed"
    assert pair.at("soaks") == {"early": True, "late": False}

    pair.declare("soaks")
    pair.errors("late", 9)  # before its update
    second = pair.play(rollout_wait=False)
    assert second.ok, second.stdout[-5000:]
    assert pair.at("soaks") == {"early": True, "late": True}
    pair.errors("late", 20)
    pair.set_back("late", 61)
    accepted = pair.play(rollout_accept_gate="late", rollout_accept_reason="the shop was down")
    assert accepted.ok, accepted.stdout[-5000:]
    assert "late.localhost: new rows in Error Log since the update" in accepted.stdout
    assert pair.record("late")["accepted"]["reason"] == "the shop was down"
    done = pair.play()
    assert (done.ok, done.changed) == (True, {}), done.stdout[-5000:]
    assert "Nothing is left to roll out" in done.stdout


def test_a_gate_that_fails_stops_before_the_next_wave_and_its_wave_goes_back(pair: Pair) -> None:
    pair.commit("gated")
    pair.declare("gated")
    begun = pair.play(rollout_wait=False, rollout_freeze=[FROZEN], rollout_freeze_override="a hole is closed")
    assert begun.ok, begun.stdout[-5000:]
    assert "Begun in spite of a freeze until" in begun.stdout
    point = pair.record("early")["point"]
    assert (pair.bench("early") / ".erpops/points" / point / "manifest.json").exists()

    pair.set_back("early", 61)
    pair.errors("early", 40)
    failed = pair.play()
    assert not failed.ok
    assert "early.localhost: new rows in Error Log since the update. Seen: 4" in failed.stdout
    assert "x shopsync.pull with token=********" in failed.stdout
    assert "abcdefgh12345" not in failed.stdout
    assert f"-e rollback_to={point} -e rollback_confirm=early" in failed.stdout
    assert pair.at("gated") == {"early": True, "late": False}
    assert pair.record("early")["state"] == "failed"
    undone = pair.play(rollout_undo=True)
    assert not undone.ok
    assert "was taken back, code and data" in undone.stdout
    assert pair.at("gated") == {"early": False, "late": False}
    assert pair.record("early")["state"] == "undone"


# Which benches go on when one fails is Ansible's own doing, with serial and max_fail_percentage: the real playbook, role
# and records, on directories in which updating is writing a file.
STUB = {
    "roles/update/tasks/main.yml": """
- name: Look
  ansible.builtin.set_fact:
    update_needed: "{{ lookup('ansible.builtin.file', bench_path ~ '/commit') != 'new' }}"
    update_code_changes: "{{ lookup('ansible.builtin.file', bench_path ~ '/commit') != 'new' }}"
    update_commits: {shop: new}
    update_pending: []
    update_faults: []
    update_lines: []
""",
    "playbooks/tasks/bench_facts.yml": "[]\n",
    "playbooks/tasks/update.yml": """
- name: Break
  ansible.builtin.fail:
    msg: no such field
  when: breaks | default('') == 'update'
- name: Vanish
  ansible.builtin.ping:
  vars: {ansible_connection: ssh, ansible_port: 1, ansible_host: 127.0.0.1}
  when: breaks | default('') == 'network'
- name: Show a site that nobody can read
  ansible.builtin.copy: {content: "{", dest: "{{ bench_path }}/sites/x.test/site_config.json", mode: "0600"}
  when: breaks | default('') == 'gate'
- name: Update
  ansible.builtin.copy: {content: new, dest: "{{ bench_path }}/commit", mode: "0600"}
""",
    "playbooks/tasks/update_back.yml": """
- name: Go back
  ansible.builtin.copy: {content: old, dest: "{{ bench_path }}/commit", mode: "0600"}
""",
}


@dataclass
class Directories:
    """Benches that are directories, in waves; ``breaks`` says where what goes wrong."""

    root: Path
    waves: dict[str, list[str]]
    runs: int = 0

    def __post_init__(self) -> None:
        collection = self.root / "collections/ansible_collections/erpops/frappe"
        for name in ("plugins", "meta"):
            (collection / name).parent.mkdir(parents=True, exist_ok=True)
            (collection / name).symlink_to(ROOT / name)
        (collection / "roles").mkdir()
        (collection / "roles/rollout").symlink_to(ROOT / "roles/rollout")
        for name, text in STUB.items():
            path = (collection if name.startswith("roles") else self.root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for name in ("rollout.yml", "tasks/rollout.yml"):
            (self.root / "playbooks" / name).write_text((ROOT / "playbooks" / name).read_text())
        for bench in self.benches:
            for folder in ("sites/x.test", "env/bin"):
                (self.root / bench / folder).mkdir(parents=True)
            (self.root / bench / "env/bin/python").symlink_to(sys.executable)
            (self.root / bench / "commit").write_text("old")

    @property
    def benches(self) -> list[str]:
        return [bench for own in self.waves.values() for bench in own]

    def play(self, breaks: dict[str, str], budget: int = 0, **given: Any) -> Result:
        self.runs += 1
        hosts = {
            bench: {
                "bench_path": str(self.root / bench),
                "rollout_bench": bench,
                "rollout_max_fail_percentage": budget,
                "rollout_bench_path": str(self.root / bench),
                "rollout_bench_wave": wave,
                "rollout_sites": [{"name": "x.test", "wave": wave, "integrations": []}],
                "rollout_target": "{{ update_commits }}",
                "rollout_code": "{{ update_code_changes }}",
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
                **({"breaks": breaks[bench]} if bench in breaks else {}),
            }
            for wave, own in self.waves.items()
            for bench in own
        }
        told = {"rollout_waves": list(self.waves), "rollout_known_waves": list(self.waves)}
        return run_playbook(
            self.root / "runs" / str(self.runs),
            playbook="playbooks/rollout.yml",
            project=self.root,
            inventory={"benches": {"hosts": hosts}},
            extravars={**told, "rollout_soak_minutes": {"default": 0}, **given},
            envvars=environment(self.root, ANSIBLE_COLLECTIONS_PATH=str(self.root / "collections")),
        )

    @property
    def updated(self) -> list[str]:
        return [bench for bench in self.benches if (self.root / bench / "commit").read_text() == "new"]


def test_what_fails_on_one_bench_is_kept_until_its_wave_ends(tmp_path: Path) -> None:
    benches = Directories(tmp_path, {"canary": ["a", "b", "c"], "rest": ["d"]})
    failed = benches.play({"a": "network", "b": "update"})
    assert not failed.ok
    assert benches.updated == ["c"], "the update of its neighbour was not broken off"
    assert failed.failures[-1].message == "b: no such field"
    again = benches.play({"a": "network"})
    assert not again.ok
    assert benches.updated == ["b", "c"]
    assert "d: is not begun, since it waits for a (canary)" in again.stdout, "Ansible itself would go on"
    assert benches.play({}).ok
    assert benches.updated == ["a", "b", "c", "d"]


def test_a_failure_budget_and_the_way_back_of_a_wave(tmp_path: Path) -> None:
    benches = Directories(tmp_path, {"canary": ["a", "b"], "rest": ["c", "d"], "last": ["e"]})
    refused = benches.play({}, rollout_freeze=[FROZEN], rollout_waves=["canry", "100%"])
    assert "no site and no bench has the wave canry" in refused.failure.message
    assert "Changes are frozen until" in refused.failure.message
    assert benches.updated == []
    failed = benches.play({"a": "gate", "c": "gate", "d": "gate"}, budget=50, rollout_undo=True)
    assert not failed.ok
    assert "x.test cannot be looked into" in failed.stdout
    assert benches.updated == ["a", "b"], "the second wave went back, and the third never began"
    again = benches.play({}, budget=50)
    assert "c: these commits did not pass here before, and were taken back" in again.failure.message
    assert benches.updated == ["a", "b"]
