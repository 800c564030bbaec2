# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench with two tenants goes to another commit, and back: previewed, killed, resumed, aborted, rolled back.

What is asserted is asked of the sites' databases, files and web server. No test waits for a time.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet import Fleet, Result
from tests.integration.looks import Sampler, Site, processes_of, wait_until
from tests.integration.test_kill import Run
from tests.ports import free_ports

NAMES = ("later1.localhost", "later2.localhost")
ORDER = "shopsync/shop_sync/doctype/shop_order/shop_order.json"
GOOD = "frappe.db.set_default('later', 'yes')"
FAILS = (
    "frappe.db.sql_ddl('create table `tabLeft Behind` (name varchar(140))');"
    " frappe.db.sql(\"update `tabUser` set first_name='x'\"); frappe.db.commit();"
    " frappe.local.site == 'later2.localhost' and frappe.throw('no such field')"
)
# What a run of a site writes by itself, whoever asks it.
LIVING = {
    "tabSessions",
    "tabActivity Log",
    "tabError Log",
    "tabSingles",
    "tabScheduled Job Type",
    "tabScheduled Job Log",
}


@dataclass
class Later:
    """A bench of its own in the fleet's inventory, and the repository of the app that goes on."""

    fleet: Fleet
    port: int
    repo: Path
    commits: dict[str, str] = field(default_factory=dict)
    inventory: Path = Path()

    @property
    def bench(self) -> Path:
        return self.fleet.demo / "later"

    @property
    def sites(self) -> list[Site]:
        return [Site(name, self.bench, self.port) for name in NAMES]

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        done = subprocess.run(["git", *who, *words], cwd=self.repo, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, name: str, patch: str) -> str:
        """A commit on the first, with one more field and one more patch."""
        self.git("checkout", "--quiet", "--detach", self.commits["first"])
        order = json.loads((self.repo / ORDER).read_text())
        order["fields"].append({"fieldname": "extra", "fieldtype": "Data", "label": "Extra"})
        (self.repo / ORDER).write_text(json.dumps(order))
        with (self.repo / "shopsync/patches.txt").open("a") as handle:
            handle.write(f"execute:{patch} #{name}\n")
        self.git("commit", "--quiet", "--all", "-m", name)
        self.commits[name] = self.git("rev-parse", "HEAD")
        return self.commits[name]

    def declare(self, name: str, **more: Any) -> None:
        """The inventory with the app at that commit."""
        apps = [
            {"name": "erpnext", "repo": "{{ demo_root }}/repos/erpnext", "version": "version-15"},
            {"name": "shopsync", "repo": str(self.repo), "version": self.commits[name]},
        ]
        variables = {"bench_web_port": self.port, "bench_programs": [], "bench_apps": apps}
        tenants = []
        for number, site in enumerate(NAMES):
            company = {"name": f"Later {number}", "abbr": f"L{number}"}
            given = {"company": company, "site_jobs": [], "site_url": f"http://{site}:{self.port}"}
            given |= {"site_connect": f"127.0.0.1:{self.port}", **more}
            tenants.append({"name": site, "bench": "later", "apps": ["erpnext", "shopsync"], "vars": given})
        self.inventory = self.fleet.write_inventory(
            "later",
            {
                "plugin": "erpops.frappe.tenants",
                "benches": {"later": {"path": "{{ demo_root }}/later", "vars": variables}},
                "tenants": tenants,
            },
        )

    def play(self, playbook: str = "update.yml", *, check: bool = False, **given: Any) -> Result:
        return self.fleet.play(playbook, inventory=self.inventory, check=check, diff=True, extravars=dict(given))

    def state(self) -> dict[str, Any]:
        """All that the sites are, and the commit of the app that the bench has."""
        found: dict[str, Any] = {}
        for site in self.sites:
            tables = site.state()
            tables.pop("config")
            found[site.name] = {key: value for key, value in tables.items() if key not in LIVING}
        found["commit"] = self.deployed
        return found

    @property
    def deployed(self) -> str:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=self.bench / "apps/shopsync", capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def journal(self, site: str = "") -> dict[str, Any]:
        path = self.bench / ".erpops" / (f"updates/{site}.json" if site else "update.json")
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def agents_end(self) -> None:
        """What the supervisor runs goes on; agents and their commands are given their program by ``-c``."""
        wait_until(
            "agents end", lambda: not [p for p in processes_of(self.bench) if "env/bin/python -c" in p.command], 60
        )

    def assert_served(self) -> None:
        for site in self.sites:
            assert site.get("/api/method/ping").message == "pong", site.name
            assert not site.config.get("maintenance_mode")

    def assert_new(self, name: str) -> None:
        """Code, data and what is served are those of the commit."""
        assert self.deployed == self.commits[name]
        for site in self.sites:
            assert site.rows("select name from tabDocField where fieldname='extra'"), site.name
            assert self.journal(site.name)["outcome"] == "done"
        self.assert_served()

    def assert_old(self, before: dict[str, Any]) -> None:
        after = self.state()
        for name in NAMES:
            assert {k for k in before[name] if before[name][k] != after[name].get(k)} == set(), name
            assert set(after[name]) == set(before[name])
        assert after["commit"] == before["commit"]
        self.assert_served()


@pytest.fixture(scope="module")
def benched(fleet: Fleet) -> Iterator[Later]:
    """The bench with both tenants; gone at the end."""
    repo = fleet.root / "shopsync"
    subprocess.run(["git", "clone", "--quiet", str(fleet.demo / "repos/shopsync"), str(repo)], check=True)
    later = Later(fleet, free_ports(2), repo)
    later.commits["first"] = later.git("rev-parse", "HEAD")
    later.declare("first")
    for playbook in ("setup.yml", "deploy.yml", "provision.yml"):
        made = later.play(playbook)
        assert made.ok, made.stdout[-5000:]
    for site in later.sites:
        (site.folder / "private/files/kept.txt").write_text(site.name)
    yield later
    later.declare("first")
    retired = later.play("retire.yml", retire_confirm="all", retire_benches=True, bench_backups_discarded=True)
    assert retired.ok, retired.stdout[-5000:]
    assert not later.bench.exists()


@pytest.fixture
def later(benched: Later) -> Iterator[Later]:
    """The same, brought back to the first commit by its own way back."""
    before = benched.state()
    assert before["commit"] == benched.commits["first"]
    yield benched
    benched.agents_end()
    benched.declare("first")
    if benched.state() != before:
        back = benched.play("rollback.yml", rollback_to="newest", rollback_confirm="all", rollback_again=True)
        assert back.ok, back.stdout[-5000:]
    benched.assert_old(before)


def test_an_update_and_its_rollback(later: Later) -> None:
    before = later.state()
    again = later.play()
    assert (again.ok, again.changed) == (True, {}), again.stdout[-5000:]

    later.commit("second", GOOD)
    later.declare("second")
    previewed = later.play(check=True)
    assert previewed.ok, previewed.stdout[-5000:]
    assert "shopsync: patch execute:frappe.db.set_default('later', 'yes') #second" in previewed.stdout
    assert "DocType Shop Order changed" in previewed.stdout
    later.assert_old(before)
    assert later.journal() == {}

    with Sampler() as sampler:
        done = later.play()
    assert done.ok, done.stdout[-5000:]
    later.assert_new("second")
    assert "later1.localhost is fully new" in done.stdout
    seen = "\n".join(sampler.seen) + done.stdout
    for site in later.sites:
        for hidden in (site.config["encryption_key"], site.config["db_password"]):
            assert hidden not in seen

    again = later.play()
    assert (again.ok, again.changed) == (True, {}), again.stdout[-5000:]

    refused = later.play("rollback.yml")
    assert "is not taken back without confirmation" in refused.failure.message
    later.assert_new("second")
    with sqlite3.connect(later.sites[0].database) as connection:
        connection.execute("update tabUser set last_name='written since'")
    point = json.loads((later.bench / ".erpops/update.json").read_text())["point"]
    release = json.loads((later.bench / f".erpops/points/{point}/manifest.json").read_text())["release"]
    back = later.play("rollback.yml", rollback_to=release, rollback_confirm="later")
    assert back.ok, back.stdout[-5000:]
    later.assert_old(before)
    kept = later.bench / ".erpops/archive" / NAMES[0]
    assert list(kept.glob("before-back-*/manifest.json")), "what was written since is in a set"
    again = later.play("rollback.yml", rollback_confirm="later")
    assert (again.ok, again.changed) == (True, {}), again.stdout[-5000:]


def test_one_site_that_fails_takes_all_back(later: Later) -> None:
    before = later.state()
    later.commit("fails", FAILS)
    later.declare("fails")
    failed = later.play()
    assert not failed.ok
    assert "no such field" in failed.stdout
    assert "1 of 2 sites could not be updated, and everything is as before" in failed.stdout
    later.assert_old(before)
    refused = later.play()
    assert "the same change of code failed before" in refused.failure.message


def test_sites_that_do_not_answer_are_taken_back(later: Later) -> None:
    before = later.state()
    later.commit("unasked", GOOD)
    later.declare("unasked", site_connect="127.0.0.1:1")
    failed = later.play()
    assert not failed.ok
    assert "later1.localhost ping" in failed.stdout
    later.assert_old(before)


@pytest.mark.fault(
    "the controller, or all that runs, is killed (kill -9)",
    "before and in the migration, through `playbooks/update.yml`",
    "`resume=true`: fully new; `abort=true`: fully old",
)
@pytest.mark.parametrize(
    ("states", "who", "then"),
    [
        pytest.param(("holding", "held", "saved", "migrating"), "controller", "abort", id="abort"),
        pytest.param(("migrating",), "everything", "resume", id="resume"),
    ],
)
def test_an_update_that_was_killed(later: Later, states: tuple[str, ...], who: str, then: str) -> None:
    before = later.state()
    name = f"killed-{then}"
    later.commit(name, GOOD)
    later.declare(name)
    run = Run(later.fleet, "update.yml", later.inventory)
    # The new code is built first.
    run.wait_for(states[0], lambda: later.journal(NAMES[0]).get("state") in states, 240)
    run.kill(who)
    later.agents_end()
    refused = later.play()
    assert "resume=true" in refused.stdout
    ended = later.play("update.yml", **{then: True})
    assert ended.ok, ended.stdout[-5000:]
    if then == "resume":
        later.assert_new(name)
    else:
        later.assert_old(before)
    again = later.play("update.yml", **({"abort": True} if then == "abort" else {}))
    assert (again.ok, again.changed) == (True, {}), again.stdout[-5000:]
