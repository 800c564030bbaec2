# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site moves to a second bench of this machine, as between two machines: through the sealed file and the controller.

What is asserted is asked of the benches' files, databases and web servers. No test waits for a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet import Fleet, Result
from tests.integration.looks import Sampler, Site, processes_of, wait_until
from tests.integration.test_kill import Run
from tests.ports import free_ports

# Of the moved site, what must not be the same: the scheduler's switch goes off and on again.
MOVING = {"config", "tabSingles"}


@dataclass
class Mover:
    """The fleet with a second bench, and one tenant on the first."""

    fleet: Fleet
    port: int
    name: str = ""
    inventory: Path = Path()

    @property
    def bench(self) -> Path:
        return self.fleet.demo / "bench2"

    @property
    def source(self) -> Site:
        return self.fleet.site(self.name)

    @property
    def target(self) -> Site:
        return Site(self.name, self.bench, self.port)

    @property
    def key(self) -> tuple[str, str]:
        return self.fleet.key(self.name)

    def write(self, bench: str) -> Path:
        """The inventory with the tenant on that bench."""
        second = {"path": "{{ demo_root }}/bench2", "vars": {"bench_web_port": self.port, "bench_programs": []}}
        company = {"name": "Mover Ltd", "abbr": self.name[:3].upper()}
        tenant: dict[str, Any] = {"name": self.name, "bench": bench, "apps": ["erpnext", "shopsync"]}
        tenant |= {"config": {"mute_emails": True}, "vars": {"company": company, "site_jobs": []}}
        return self.fleet.write_inventory(
            "move",
            {
                "plugin": "erpops.frappe.tenants",
                "benches": {"demo": {"path": "{{ demo_root }}/bench"}, "second": second},
                "tenants": [tenant],
            },
        )

    @property
    def given(self) -> dict[str, Any]:
        """As between two machines: nothing is shared but the connection."""
        folder = self.fleet.root / "carried"
        folder.mkdir(exist_ok=True)
        given = {"move_site": self.name, "move_to": "second", "move_from": "demo", "move_machine_shared": False}
        return {**given, "move_staging": str(self.fleet.root / "staging"), "move_controller_dir": str(folder)}

    def move(self, check: bool = False, **more: Any) -> Result:
        return self.fleet.play(
            "move.yml", inventory=self.inventory, check=check, diff=True, extravars={**self.given, **more}
        )

    def begin(self) -> Run:
        """The same in the background, to be killed."""
        return Run(self.fleet, "move.yml", self.inventory, "--extra-vars", json.dumps(self.given))

    def journal(self, bench: Path) -> dict[str, Any]:
        path = bench / ".erpops/moves" / f"{self.name}.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def left_behind(self) -> list[str]:
        """Files of the way between the benches."""
        folders = (self.fleet.root / "staging", self.fleet.root / "carried")
        return [str(path) for folder in folders for path in folder.glob("*")]

    def agents_end(self) -> None:
        benches = (self.fleet.bench, self.bench)
        wait_until(
            "agents end",
            lambda: not [p for b in benches for p in processes_of(b) if f"{b}/env/bin/python -c" in p.command],
            60,
        )

    def assert_at_the_source(self, before: dict[str, str]) -> None:
        """It is as if there had been no move."""
        assert self.source.get("/api/method/ping").status == 200
        assert not self.source.config.get("maintenance_mode")
        after = self.source.state()
        assert {table for table in before if before[table] != after[table]} <= MOVING
        assert self.source.single("System Settings", "enable_scheduler") == "1"
        assert not self.target.folder.exists()
        assert not list((self.bench / ".standin-db").glob("*.sqlite3"))
        assert (self.journal(self.fleet.bench), self.journal(self.bench), self.left_behind()) == ({}, {}, [])

    def assert_at_the_target(self, before: dict[str, str]) -> None:
        """It is served there, with all that it had; the source says 503."""
        who = self.target.get("/api/method/frappe.auth.get_logged_user", self.key)
        assert who.message == f"sync@{self.name}"
        after = self.target.state()
        assert {table for table in before if before[table] != after.get(table)} <= MOVING
        assert self.target.single("System Settings", "enable_scheduler") == "1"
        assert (self.target.folder / "private/files/kept.txt").read_text() == self.name
        assert self.target.config["encryption_key"]
        assert not self.target.config.get("maintenance_mode")
        assert self.left_behind() == []


@pytest.fixture(scope="module")
def benches(fleet: Fleet) -> Iterator[Mover]:
    """A second bench with its web server; gone at the end."""
    mover = Mover(fleet, free_ports(2), "nobody.localhost")
    inventory = mover.write("demo")
    (fleet.root / "staging").mkdir()
    for playbook in ("setup.yml", "deploy.yml"):
        made = fleet.play(playbook, inventory=inventory, limit="second")
        assert made.ok, made.stdout[-5000:]
    yield mover
    gone = {"retire_confirm": "all", "retire_benches": True, "bench_backups_discarded": True}
    retired = fleet.play("retire.yml", inventory=inventory, limit="second", extravars=gone)
    assert retired.ok, retired.stdout[-5000:]
    assert not mover.bench.exists()


@pytest.fixture
def mover(benches: Mover, request: pytest.FixtureRequest) -> Iterator[Mover]:
    """A tenant of this test alone, provisioned on the first bench; dropped wherever it is at the end."""
    benches.name = f"mover{abs(hash(request.node.name)) % 10000}.localhost"
    benches.inventory = benches.write("demo")
    made = benches.fleet.play("provision.yml", inventory=benches.inventory)
    assert made.ok, made.stdout[-5000:]
    (benches.source.folder / "private/files/kept.txt").write_text(benches.name)
    try:
        yield benches
    finally:
        benches.agents_end()
        gone = {"state": "absent", "confirm": benches.name, "backup": "skip"}
        for bench in (benches.bench, benches.fleet.bench):
            root = {"bench_path": str(bench), "db_root_password": benches.fleet.root_password}
            benches.fleet.module("site", site=benches.name, **root, **gone)
            (bench / ".erpops/moves" / f"{benches.name}.json").unlink(missing_ok=True)
        benches.fleet.drop(benches.name)


def test_a_site_moves_and_the_move_is_finished(mover: Mover) -> None:
    before, config, secret = mover.source.state(), mover.source.config, mover.key[1]
    previewed = mover.move(check=True)
    assert previewed.ok, previewed.stdout[-5000:]
    assert previewed.changed == {"demo": 2}
    assert "would be backed up, restored on second" in previewed.stdout
    mover.assert_at_the_source(before)

    with Sampler() as sampler:
        done = mover.move()
    assert done.ok, done.stdout[-5000:]
    mover.assert_at_the_target(before)
    assert mover.source.get("/api/method/ping").status == 503
    assert mover.target.config["encryption_key"] == config["encryption_key"]
    assert '"bench: second"' in " ".join(done.stdout.replace("\x1b[0m", "").replace("\x1b[0;32m", "").split())
    seen = "\n".join(sampler.seen) + done.stdout
    for hidden in (secret, config["encryption_key"], config["db_password"], mover.fleet.root_password):
        assert hidden not in seen

    again = mover.move()
    assert (again.ok, again.changed) == (True, {})

    mover.inventory = mover.write("second")
    finished = mover.move(move_state="finished")
    assert finished.ok, finished.stdout[-5000:]
    assert not mover.source.folder.exists()
    archive = mover.fleet.bench / ".erpops/archive" / mover.name
    assert [path.name for path in archive.glob("move-*/manifest.json")] == ["manifest.json"]
    for again in (mover.move(move_state="finished"), mover.move()):
        assert (again.ok, again.changed) == (True, {})
    mover.assert_at_the_target(before)
    # What it is now is what the inventory says, with nothing to be done.
    provisioned = mover.fleet.play("provision.yml", inventory=mover.inventory)
    assert (provisioned.ok, provisioned.changed) == (True, {})


def test_a_move_is_undone(mover: Mover) -> None:
    before = mover.source.state()
    assert mover.move().ok
    refused = mover.move(move_state="undone")
    assert "has been live on this bench" in refused.failure.message
    mover.assert_at_the_target(before)
    undone = mover.move(move_state="undone", move_confirm=mover.name)
    assert undone.ok, undone.stdout[-5000:]
    mover.assert_at_the_source(before)
    assert list((mover.bench / ".erpops/archive" / mover.name).glob("undone-*/manifest.json"))
    again = mover.move(move_state="undone")
    assert (again.ok, again.changed) == (True, {})


def while_held(mover: Mover) -> bool:
    """The site is in maintenance, and the backup set is not whole yet."""
    journal = mover.journal(mover.fleet.bench)
    archive = mover.fleet.bench / ".erpops/archive" / mover.name / journal["set"]
    return journal["state"] == "held" and archive.exists() and not (archive / "manifest.json").exists()


def while_carried(mover: Mover) -> bool:
    """The sealed file is on its way."""
    return bool(list((mover.fleet.root / "carried").glob("*/set.sealed")))


def while_restored(mover: Mover) -> bool:
    """The target's site is there in part."""
    return mover.target.record["state"] == "restoring" and mover.target.folder.exists()


MOMENTS = {"held": while_held, "carried": while_carried, "restored": while_restored}


@pytest.mark.parametrize(
    ("moment", "who", "then"),
    [
        ("held", "everything", "again"),
        ("held", "controller", "undone"),
        ("carried", "everything", "undone"),
        ("carried", "controller", "again"),
        ("restored", "everything", "again"),
        ("restored", "agent and its child", "undone"),
    ],
)
def test_a_move_that_was_killed_is_finished_or_undone(mover: Mover, moment: str, who: str, then: str) -> None:
    before = mover.source.state()
    run = mover.begin()
    run.wait_for(moment, lambda: MOMENTS[moment](mover))
    run.kill(who)
    assert run.process.returncode != 0
    if who.startswith("agent"):
        assert "the same command again finishes it" in " ".join(run.output.split())
    assert mover.source.get("/api/method/ping").status == 503
    mover.agents_end()
    given: dict[str, Any] = {"move_state": "undone"} if then == "undone" else {}
    done = mover.move(**given)
    assert done.ok, done.stdout[-5000:]
    (mover.assert_at_the_source if then == "undone" else mover.assert_at_the_target)(before)
    again = mover.move(**given)
    assert (again.ok, again.changed) == (True, {})


def test_a_move_whose_target_is_gone_for_good_is_undone(mover: Mover) -> None:
    before = mover.source.state()
    run = mover.begin()
    run.wait_for("held", lambda: while_held(mover))
    run.kill("everything")
    mover.agents_end()
    python = mover.bench / "env/bin/python"  # without it nothing can be asked there; its web server goes on
    gone = python.rename(python.with_name("gone"))
    try:
        refused = mover.move(move_state="undone")
        assert "second (the target) cannot be asked" in refused.failure.message
        undone = mover.move(move_state="undone", move_target_lost=True)
        assert undone.ok, undone.stdout[-5000:]
    finally:
        gone.rename(python)
    mover.assert_at_the_source(before)


def test_all_faults_at_once(mover: Mover) -> None:
    fleet = mover.fleet
    root = {"bench_path": str(mover.bench), "db_root_password": fleet.root_password}
    made = fleet.module("site", site=mover.name, admin_password="Admin0password0of0the0test", **root)
    assert made["changed"], made
    fleet.module("maintenance", site=mover.name, state="on")
    mover.port, port = 1, mover.port
    mover.inventory = mover.write("demo")
    try:
        refused = mover.move()
    finally:
        mover.port = port
        mover.inventory = mover.write("demo")
    message = refused.failure.message
    assert f"{mover.name} is in somebody else's maintenance" in message
    assert f"there is another {mover.name} on second" in message
    assert "the web server of second does not answer. Seen: 127.0.0.1:1" in message
    assert (refused.changed, mover.journal(fleet.bench)) == ({}, {})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"move_site": "nobody.example.com"}, "move_site=nobody.example.com"),
        ({"move_to": "third"}, "move_to=third"),
        ({"move_from": "third"}, "move_from=third"),
        ({"move_from": "second", "move_state": "undone"}, "-e move_from=(one of demo)"),
    ],
)
def test_names_that_are_not_in_the_inventory(benches: Mover, given: dict[str, Any], said: str) -> None:
    benches.inventory = benches.write("demo")
    refused = benches.move(**given)
    assert said in " ".join(refused.failure.message.split())
    assert refused.changed == {}
