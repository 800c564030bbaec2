# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup set becomes a site, with what ``bench restore`` forgets."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup import sha256
from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.plugins.module_utils.agent.twins import JOBS, PHASE, USER, Twins


def test_all_comes_back(twins: Twins) -> None:
    site = twins.site()
    path = twins.send(site)
    planned = twins.target.one("restore.apply", site, check=True, path=path)
    assert (planned["changed"], planned["actions"]) == (True, ["restored site"])
    assert not (twins.target.bench.sites / site).exists()
    done = twins.target.one("restore.apply", site, path=path, scheduler="disabled")
    wanted = SET_ANSWERS["restore.apply"]
    assert (done.keys(), done["restore"].keys(), done["after"].keys()) == (
        wanted.keys(),
        wanted["restore"].keys(),
        wanted["after"].keys(),
    )
    assert (done["restore"]["files"], done["restore"]["compared"]) == (2, True)
    assert done["restore"]["seconds"].keys() == wanted["restore"]["seconds"].keys()
    before, after = twins.source.config(site), twins.target.config(site)
    assert after["encryption_key"] == before["encryption_key"]
    assert (after["flag"], after["shop_token"]) == (1, "token-of-the-shop")
    assert (before["maintenance_mode"], "maintenance_mode" in after) == (1, False)
    assert after["db_name"] != before["db_name"]
    files = twins.target.bench.sites / site
    assert (files / "public/files/x.txt").read_text() == "public"
    assert (files / "private/files/y.txt").read_text() == "private"
    assert json.loads(twins.target.state("tasks", site, "shop.migrate.json").read_text())["state"] == "done"
    assert json.loads(twins.target.state("phases", site, "shop.json").read_text()) == PHASE
    # What was remembered of the scheduler as a whole is not of this bench.
    assert json.loads(twins.target.state("originals", f"{site}.json").read_text()) == {"schema": 1, "jobs": JOBS}
    key = {side.name: side.one("move.key", site, user=USER) for side in (twins.source, twins.target)}
    assert key["one"] == key["two"]
    assert key["two"]["api_secret"]
    assert twins.target.one("scheduler.read", site)["state"] == "disabled"
    again = twins.target.one("restore.apply", site, path=path)
    assert (again["changed"], again["restore"]) == (False, {})


def test_a_site_that_is_there_is_not_overwritten(twins: Twins) -> None:
    site = twins.site()
    path = twins.source.one("backup.apply", site, state="present", name="one")["backup"]["path"]
    config = twins.source.config(site)
    error = twins.source.refused("restore.apply", site, path=path)
    assert (error.status, error.message) == (409, "there is a site of this name, and it is not overwritten")
    assert twins.source.config(site) == config


def test_a_restore_that_was_ended_is_begun_anew(twins: Twins) -> None:
    site = twins.site()
    path = twins.send(site)
    twins.target.one("restore.apply", site, path=path)
    record = twins.target.state("sites", f"{site}.json")
    record.write_text(json.dumps({**json.loads(record.read_text()), "state": "restoring"}))
    (twins.target.bench.sites / site / "public/files/x.txt").unlink()
    done = twins.target.one("restore.apply", site, path=path)
    assert done["actions"] == ["removed half-restored site", "restored site"]
    assert (twins.target.bench.sites / site / "public/files/x.txt").exists()


def resealed(folder: Path, change: str) -> None:
    """Change the dump as nobody notices by its digest: what a bad server does to data on the way in."""
    (dump,) = folder.glob("*-database.sql.gz")
    lines = gzip.decompress(dump.read_bytes()).decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(change)]
    assert len(kept) < len(lines)
    dump.write_bytes(gzip.compress("".join(kept).encode()))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][dump.name] = sha256(str(dump))
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_site_that_is_not_the_same_is_refused(twins: Twins) -> None:
    site = twins.site()
    path = twins.send(site)
    resealed(Path(path), "INSERT INTO `tabRole`")
    error = twins.target.refused("restore.apply", site, path=path)
    assert error.message == "the restored site is not the one that was backed up"
    assert "tabRole: " in error.seen
    assert json.loads(twins.target.state("sites", f"{site}.json").read_text())["state"] == "restoring"


def test_a_lost_encryption_key_is_noticed(twins: Twins) -> None:
    site = twins.site()
    path = Path(twins.send(site))
    (copy,) = path.glob("*site_config_backup.json")
    manifest = json.loads((path / "manifest.json").read_text())
    config = {**json.loads(copy.read_text()), "encryption_key": "5" * 43 + "="}
    copy.write_text(json.dumps(config))
    manifest["files"][copy.name] = sha256(str(copy))
    (path / "manifest.json").write_text(json.dumps(manifest))
    error = twins.target.refused("restore.apply", site, path=str(path))
    assert "stored passwords: " in error.seen
    assert "could be decrypted before, 0 of" in error.seen


def test_a_bench_that_does_not_fit(twins: Twins) -> None:
    site = twins.site()
    path = Path(twins.send(site))
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["frappe"] = "99.0.0"
    manifest["apps"].append({"name": "lost", "version": "1", "commit": ""})
    (path / "manifest.json").write_text(json.dumps(manifest))
    error = twins.target.refused("restore.apply", site, path=str(path))
    assert "the framework is 15.0.0, the site had 99.0.0; the app lost is not on the bench" in error.seen
    assert not (twins.target.bench.sites / site).exists()


def test_a_failed_load_leaves_nothing(twins: Twins) -> None:
    site = twins.site()
    path = twins.send(site)
    before = twins.target.databases()
    error = twins.target.refused(
        "restore.apply", site, path=path, root={"user": "root", "password": "not-the-password"}
    )
    assert "root" in str(error)
    assert (twins.target.databases(), (twins.target.bench.sites / site).exists()) == (before, False)
