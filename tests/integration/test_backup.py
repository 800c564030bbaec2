# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every tenant's backup: previewed, taken, encrypted, copied to a real S3 server, kept, and told.

What is asserted is asked of the bench's files and of the bucket.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.contract.keys import Keys, age_keys
from tests.integration.fleet import SITES, Fleet, Result
from tests.integration.looks import Sampler
from tests.s3.servers import S3, missing, swift

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@dataclass
class Backups:
    """The fleet with a bucket and a key; its sets are those of this module's tests."""

    fleet: Fleet
    s3: S3
    keys: Keys

    @property
    def metrics(self) -> Path:
        return self.fleet.root / "backup-metrics"

    def play(self, check: bool = False, limit: str = "", **more: Any) -> Result:
        given = {
            "site_backup_encryption": {"tool": "age", "recipients": [self.keys.public]},
            "site_backup_offsite": self.s3.offsite(prefix="fleet"),
            "site_backup_keep": {"daily": 2},
            "site_backup_offsite_keep": {"daily": 2},
            "site_metrics_dir": str(self.metrics),
        }
        return self.fleet.play("backup.yml", check=check, diff=check, limit=limit, extravars={**given, **more})

    def sets(self, site: str) -> dict[str, Path]:
        """The sets of a site that have a manifest, by name."""
        found = (self.fleet.bench / ".erpops/archive" / site).glob("*/manifest.json")
        return {path.parent.name: path.parent for path in found if not path.parent.name.startswith(".")}

    def measured(self, site: str) -> dict[str, float]:
        """The metrics of a site."""
        lines = (self.metrics / f"erpops_backup_{site}.prom").read_text().splitlines()
        rows = [line.split() for line in lines if not line.startswith("#")]
        return {name.partition("{")[0].removeprefix("erpops_backup_"): float(value) for name, value in rows}

    def rewrite(self, site: str, name: str, **values: Any) -> None:
        path = self.sets(site)[name] / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.fixture(scope="module")
def backups(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backups]:
    with swift(tmp_path_factory.mktemp("swift")) as server:
        made = Backups(fleet, server, age_keys())
        made.metrics.mkdir()
        yield made
        shutil.rmtree(made.metrics)
        for site in SITES:
            for folder in made.sets(site).values():
                shutil.rmtree(folder)


def test_a_fleet_is_backed_up(backups: Backups) -> None:
    today = time.strftime("scheduled-%Y-%m-%d", time.gmtime())
    previewed = backups.play(check=True)
    assert previewed.ok, previewed.stdout[-5000:]
    assert previewed.changed == dict.fromkeys(SITES, 2)  # the set and its copy
    assert (backups.s3.objects(), [backups.sets(site) for site in SITES]) == ([], [{}, {}, {}])
    assert list(backups.metrics.iterdir()) == []

    begun = time.time()
    with Sampler() as sampler:
        done = backups.play()
    assert done.ok, done.stdout[-5000:]
    assert done.changed == dict.fromkeys(SITES, 2)
    for site in SITES:
        assert list(backups.sets(site)) == [today]
        folder = backups.sets(site)[today]
        assert {path.suffix for path in folder.iterdir()} == {".age", ".json"}
        for path in folder.iterdir():
            if path.name != "notes.json":
                assert backups.s3.read(f"fleet/{site}/{today}/{path.name}") == path.read_bytes()
        measured = backups.measured(site)
        assert measured["last_success_timestamp_seconds"] >= begun - 1
        assert measured["offsite_last_success_timestamp_seconds"] == measured["last_success_timestamp_seconds"]
        assert (measured["sets"], measured["sets_damaged"], measured["last_encrypted"]) == (1, 0, 1)
    lines = done.results("Tell how it is with all of them")[0]["msg"]
    assert [line.partition(":")[0] for line in lines] == sorted(SITES)
    seen = "\n".join(sampler.seen).replace("\0", " ") + done.stdout
    assert "rclone copy " in seen
    assert "age --encrypt" in seen
    config = backups.fleet.site(SITES[0]).config
    for hidden in (backups.s3.secret_key, backups.s3.access_key, config["encryption_key"]):
        assert hidden not in seen

    again = backups.play()
    assert (again.ok, again.changed) == (True, {})
    kept = backups.s3.objects()
    verified = backups.play(backup_state="verified", backup_verify=True)
    assert (verified.ok, verified.changed, backups.s3.objects()) == (True, {}, kept)


def test_old_sets_go_and_those_of_others_stay(backups: Backups) -> None:
    site, today = SITES[0], time.strftime("scheduled-%Y-%m-%d", time.gmtime())
    newest = backups.sets(site)[today]
    taken = json.loads((newest / "manifest.json").read_text())["taken"]
    for name, days, purpose in (("scheduled-a", 1, "scheduled"), ("scheduled-b", 2, "scheduled"), ("move-c", 90, "")):
        shutil.copytree(newest, newest.parent / name)
        backups.rewrite(site, name, taken=taken - days * 86400, purpose=purpose)
    previewed = backups.play(check=True, limit=site)
    assert previewed.changed == {site: 1}
    before, after = previewed.diffs(site)[0]
    assert set(before["sets"]) - set(after["sets"]) == {"scheduled-b"}
    assert len(backups.sets(site)) == 4
    done = backups.play(limit=site)
    assert (done.ok, done.changed) == (True, {site: 1})
    assert set(backups.sets(site)) == {today, "scheduled-a", "move-c"}
    shutil.rmtree(newest.parent / "scheduled-a")
    shutil.rmtree(newest.parent / "move-c")


def test_a_backup_that_is_too_old_fails_by_name(backups: Backups) -> None:
    today = time.strftime("scheduled-%Y-%m-%d", time.gmtime())
    taken = json.loads((backups.sets(SITES[1])[today] / "manifest.json").read_text())["taken"]
    dump = next(backups.sets(SITES[2])[today].glob("*-database.sql.gz.age"))
    data = dump.read_bytes()
    backups.rewrite(SITES[1], today, taken=taken - 30 * 3600)
    dump.write_bytes(data[:-1])
    try:
        verified = backups.play(backup_state="verified")
    finally:
        backups.rewrite(SITES[1], today, taken=taken)
        dump.write_bytes(data)
    messages = {failure.host: failure.message for failure in verified.failures}
    assert set(messages) == set(SITES[1:])
    assert f"its newest backup, {today}, is 30." in messages[SITES[1]]
    assert f"there is no whole backup of the schedule ({today}: {dump.name} has" in messages[SITES[2]]
    assert backups.measured(SITES[2])["sets_damaged"] == 1
    assert verified.changed == {}


def test_a_bucket_that_is_gone_costs_no_backup(backups: Backups) -> None:
    """The set of this hour is taken and stays; what is old is not removed; the run fails and says why."""
    site = SITES[0]
    before = set(backups.sets(site))
    offsite = backups.s3.offsite(prefix="fleet", bucket="no-such-bucket")
    failed = backups.play(
        limit=site, site_backup_offsite=offsite, site_backup_slot="hour", site_backup_keep={"last": 1}
    )
    assert not failed.ok
    assert f"{site}: present | Ensure its copy: " in failed.failures[-1].message
    assert "there is no such bucket" in failed.failures[-1].message
    (new,) = set(backups.sets(site)) - before
    assert new.startswith("scheduled-")
    assert before < set(backups.sets(site))
    measured = backups.measured(site)
    assert measured["offsite_last_success_timestamp_seconds"] < measured["last_success_timestamp_seconds"]
    shutil.rmtree(backups.sets(site)[new])
