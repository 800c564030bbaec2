# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant goes back to its backup and forth again, by playbooks; and its backup is tried. The rest is in the unit tests.

What is asserted is asked of the site's database, files and web server.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet import SITES, Fleet
from tests.integration.looks import Site
from tests.integration.test_update import LIVING

SCRATCH = "looked-at.localhost"


def state(site: Site) -> dict[str, Any]:
    """All that it is, but for what a running site writes by itself, and what maintenance mode leaves when it is off."""
    found: dict[str, Any] = dict(site.state())
    found["config"] = {**site.config, "maintenance_mode": site.config.get("maintenance_mode", 0)}
    return {key: value for key, value in found.items() if key not in LIVING}


@pytest.fixture(scope="module")
def site(fleet: Fleet) -> Iterator[Site]:
    """A tenant with a backup of the schedule; its sets are gone at the end, and it is what it was."""
    found = fleet.site(SITES[0])
    taken = fleet.play("backup.yml", limit=found.name)
    assert taken.ok, taken.stdout[-5000:]
    yield found
    for folder in ("archive", "restores", "drills"):
        for path in (fleet.bench / ".erpops" / folder).glob(f"{found.name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


class TestRestore:
    def test_back_and_forth(self, fleet: Fleet, site: Site) -> None:
        before = state(site)
        with sqlite3.connect(site.database, timeout=30) as connection:
            connection.execute("update tabRole set home_page='/written-since'")
            connection.execute("create table `tabCame Later` (name varchar(140))")
        after = state(site)
        given = {"restore_from": "newest"}
        refused = fleet.play("restore.yml", limit=site.name, extravars=given)
        assert "is not restored without confirmation" in refused.failure.message
        previewed = fleet.play("restore.yml", check=True, diff=True, limit=site.name, extravars=given)
        assert previewed.ok, previewed.stdout[-5000:]
        assert "tabCame Later: 0 rows now, not in the set" in previewed.stdout
        assert state(site) == after

        given["restore_confirm"] = site.name
        done = fleet.play("restore.yml", limit=site.name, extravars=given)
        assert done.ok, done.stdout[-5000:]
        assert state(site) == before
        assert site.get("/api/method/ping").message == "pong"
        again = fleet.play("restore.yml", limit=site.name, extravars=given)
        assert (again.ok, again.changed) == (True, {}), again.stdout[-5000:]

        undone = fleet.play("restore.yml", limit=site.name, extravars={**given, "restore_state": "undone"})
        assert undone.ok, undone.stdout[-5000:]
        assert state(site) == after
        with sqlite3.connect(site.database) as connection:
            connection.execute("drop table `tabCame Later`")
            connection.execute("update tabRole set home_page=null")

    def test_a_scratch_site_comes_and_goes(self, fleet: Fleet, site: Site) -> None:
        given = {"restore_from": "newest", "restore_as": SCRATCH}
        done = fleet.play("restore.yml", limit=site.name, extravars=given)
        assert done.ok, done.stdout[-5000:]
        scratch = fleet.site(SCRATCH)
        assert (scratch.config["mute_emails"], scratch.config["pause_scheduler"]) == (1, 1)
        assert scratch.config["encryption_key"] == site.config["encryption_key"]
        gone = fleet.play("restore.yml", limit=site.name, extravars={**given, "restore_state": "undone"})
        assert gone.ok, gone.stdout[-5000:]
        assert not (fleet.bench / "sites" / SCRATCH).exists()


class TestDrill:
    def test_a_good_and_a_damaged_backup(self, fleet: Fleet, site: Site, tmp_path: Path) -> None:
        before = sorted(path.parent.name for path in fleet.bench.glob("sites/*/site_config.json"))
        given = {"drill_sites": [site.name], "drill_report_dir": str(tmp_path), "site_metrics_dir": str(tmp_path)}
        done = fleet.play("drill.yml", limit=site.name, extravars=given)
        assert done.ok, done.stdout[-5000:]
        report = json.loads((tmp_path / f"{site.name}.json").read_text())
        assert (report["ok"], report["findings"], report["rto_seconds"] > 0) == (True, [], True)
        assert report["doctypes"]["Role"]["sha256"]["restored"] == report["doctypes"]["Role"]["sha256"]["live"]
        assert (
            f'erpops_drill_success{{site="{site.name}"}} 1.0'
            in (tmp_path / f"erpops_drill_{site.name}.prom").read_text()
        )

        dump = next((fleet.bench / ".erpops/archive" / site.name).glob("scheduled-*/*-database.sql.gz"))
        data = dump.read_bytes()
        dump.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
        try:
            failed = fleet.play("drill.yml", limit=site.name, extravars=given)
        finally:
            dump.write_bytes(data)
        assert "is not what was written (its SHA-256 differs)" in failed.failures[-1].message
        assert not json.loads((tmp_path / f"{site.name}.json").read_text())["ok"]
        assert sorted(path.parent.name for path in fleet.bench.glob("sites/*/site_config.json")) == before
