# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job as an operator runs it: preview, first run, second run, drift, one tenant, each playbook."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.integration.conftest import Built
from tests.integration.fleet import SITES, Fleet
from tests.integration.looks import Site, tree

APPS = {
    "alpha.localhost": ["frappe", "erpnext", "shopsync", "ledgerlift"],
    "beta.localhost": ["frappe", "erpnext", "shopsync", "ledgerlift"],
    "gamma.localhost": ["frappe", "erpnext", "shopsync"],
}
ABBREVIATIONS = {"alpha.localhost": "AT", "beta.localhost": "BF", "gamma.localhost": "GT"}


def ready(site: Site) -> str:
    """Name of the tenant's warehouse Ready."""
    return f"Ready - {ABBREVIATIONS[site.name]}"


def spoil_config(site: Site) -> None:
    """Change one key of site_config.json as somebody with an editor would."""
    (site.folder / "site_config.json").write_text(json.dumps({**site.config, "mute_emails": False}))


def spoil_record(fleet: Fleet, site: Site) -> None:
    """Change one field of one record as a user of the site would."""
    path = f"/api/resource/Warehouse/{quote(ready(site))}"
    assert site.put(path, {"custom_shop_code": "WRONG"}, fleet.key(site.name)).status == 200


def codes(sites: list[Site]) -> list[str]:
    return [site.value("select custom_shop_code from tabWarehouse where name=?", ready(site)) for site in sites]


# --- preview and first run --------------------------------------------------------------------------------


def test_preview_of_a_clean_host_ends_well_and_writes_nothing(built: Built) -> None:
    assert built.preview.ok, built.preview.stdout[-4000:]
    # Ansible itself makes its directory for temporary files, and leaves nothing in it.
    made = {path: kind for path, kind in built.after.items() if built.before.get(path) != kind}
    assert list(made) in ([], [".demo/tmp"])
    assert built.before.keys() <= built.after.keys()
    assert built.preview.changed["demo"] > 0, "the preview says that it would make the bench"


def test_first_run_made_every_tenant(built: Built) -> None:
    assert built.first.hosts == {"demo", *SITES}
    assert set(built.first.changed) == {"demo", *SITES}


@pytest.mark.parametrize("name", SITES)
def test_tenant_answers_to_its_key_only(fleet: Fleet, name: str) -> None:
    site = fleet.site(name)
    who = "/api/method/frappe.auth.get_logged_user"
    key, secret = fleet.key(name)
    assert site.get("/api/method/ping").message == "pong"
    assert site.get(who, (key, secret)).message == f"sync@{name}"
    assert site.get(who, (key, secret[::-1])).status == 401
    other = next(other for other in SITES if other != name)
    assert site.get(who, fleet.key(other)).status == 401


@pytest.mark.parametrize("name", SITES)
def test_tenant_has_apps_configuration_and_records(fleet: Fleet, name: str) -> None:
    site, abbreviation = fleet.site(name), ABBREVIATIONS[name]
    assert site.apps == APPS[name]
    config = site.config
    assert config["mute_emails"] is True
    assert config.get("max_file_size") == (26214400 if "ledgerlift" in site.apps else None)
    assert config.get("shopsync_enabled") is (False if name == "gamma.localhost" else None)
    assert config["shopsync_token"] == (fleet.demo / "shop_token").read_text()
    assert config["shopsync_webhook_secret"] == fleet.vaulted(name)["webhook_secret"]
    assert (site.folder / "site_config.json").stat().st_mode & 0o777 == 0o600
    assert site.single("System Settings", "time_zone") == "Asia/Dubai"
    roles = site.rows("select role from `tabHas Role` where parent=? order by role", f"sync@{name}")
    assert roles == [("Integration Operator",), ("System Manager",)]
    field = site.rows("select fieldtype, label from `tabCustom Field` where name='Warehouse-custom_shop_code'")
    assert field == [("Data", "Shop Code")]
    warehouses = dict(site.rows("select name, custom_shop_code from tabWarehouse"))
    assert (warehouses[f"Ready - {abbreviation}"], warehouses[f"Returns - {abbreviation}"]) == ("READY", None)
    assert site.single("Shop Settings", "base_url") == f"http://127.0.0.1:{fleet.port + 1}"
    methods = site.rows("select method, account from `tabShop Payment Method` order by idx")
    assert methods == [("card", "Cards"), ("cash", "Till")]


@pytest.mark.parametrize("name", SITES)
def test_tenant_has_every_order_and_entry_once(fleet: Fleet, name: str) -> None:
    site = fleet.site(name)
    assert site.single("System Settings", "enable_scheduler") == "1"
    orders = site.rows("select count(*), count(distinct order_id), min(order_id), max(order_id) from `tabShop Order`")
    assert orders == [(57, 57, "O-00001", "O-00057")]
    if "ledgerlift" in site.apps:
        entries = site.rows("select count(*), count(distinct entry_id) from `tabLedger Entry`")
        assert entries == [(230, 230)]
    answer = site.get("/api/method/shopsync.sync.status", fleet.key(name)).message
    assert (answer["orders"], answer["has_token"]) == (57, True)


# --- again, and drift -------------------------------------------------------------------------------------


def test_second_run_and_its_preview_change_nothing(fleet: Fleet) -> None:
    before = [site.state() for site in fleet.sites]
    temporary = [fleet.demo / "tmp", fleet.root / "ansible" / "tmp"]
    files = [tree(folder) for folder in temporary]
    second = fleet.play("site.yml")
    assert (second.ok, second.changed, second.hosts) == (True, {}, {"demo", *SITES})
    report = fleet.report
    assert report["totals"]["changed"] == 0
    assert report["tenants"]["alpha.localhost"]["key"] == "ok"
    assert report["tenants"]["alpha.localhost"]["jobs"]["ledger"]["counts"]["processed"] == 230
    preview = fleet.play("site.yml", check=True, diff=True)
    assert (preview.ok, preview.changed) == (True, {})
    assert [site.state() for site in fleet.sites] == before
    assert [tree(folder) for folder in temporary] == files


def test_drift_is_shown_reported_and_repaired_where_it_is(fleet: Fleet) -> None:
    beta = fleet.site("beta.localhost")
    spoil_config(beta)
    spoil_record(fleet, beta)
    before = {site.name: site.state() for site in fleet.sites}

    # Preview: exactly the two fields, and nothing is changed.
    preview = fleet.play("provision.yml", check=True, diff=True)
    assert preview.ok
    assert preview.changed == {beta.name: 2}
    record = f"Warehouse {ready(beta)}"
    assert preview.diffs(beta.name) == [
        ({"mute_emails": False}, {"mute_emails": True}),
        ({record: {"custom_shop_code": "WRONG"}}, {record: {"custom_shop_code": "READY"}}),
    ]
    assert {site.name: site.state() for site in fleet.sites} == before

    # Report: fails, and names the site and its parts.
    verified = fleet.play("verify.yml", extravars={"drift": True})
    assert not verified.ok
    assert verified.failure.host == beta.name
    assert "beta.localhost differs from its declaration in config, documents" in verified.failure.message
    assert {site.name: site.state() for site in fleet.sites} == before

    # Repair: these two and nothing else, there and nowhere else.
    repaired = fleet.play("provision.yml")
    assert (repaired.ok, repaired.changed) == (True, {beta.name: 2})
    assert beta.config["mute_emails"] is True
    assert codes([beta]) == ["READY"]
    for site in fleet.sites:
        differs = {part for part, digest in site.state().items() if before[site.name][part] != digest}
        assert differs == ({"config", "tabWarehouse"} if site == beta else set())
    verified = fleet.play("verify.yml", extravars={"drift": True})
    assert (verified.ok, verified.changed) == (True, {})


def test_limit_touches_one_tenant_only(fleet: Fleet) -> None:
    for site in fleet.sites:
        spoil_record(fleet, site)
    limited = fleet.play("site.yml", limit="gamma.localhost")
    assert limited.ok
    assert (limited.hosts, limited.changed) == ({"gamma.localhost"}, {"gamma.localhost": 1})
    assert codes(fleet.sites) == ["WRONG", "WRONG", "READY"]

    # configure.yml does the rest: it makes no site and installs no app, and needs neither here.
    configured = fleet.play("configure.yml")
    assert (configured.ok, configured.changed) == (True, {"alpha.localhost": 1, "beta.localhost": 1})
    assert codes(fleet.sites) == ["READY"] * 3


# --- the other playbooks ----------------------------------------------------------------------------------


def test_sync_runs_the_named_jobs_only(fleet: Fleet) -> None:
    alpha = fleet.site("alpha.localhost")
    lost = alpha.connection()
    lost.execute("delete from `tabShop Order` where order_id in ('O-00003', 'O-00044')")
    lost.close()
    ledger = alpha.cursor("ledger")
    synced = fleet.play("sync.yml", extravars={"sync_jobs": ["orders"]})
    assert (synced.ok, synced.changed) == (True, {alpha.name: 1})
    (job,) = [result["site_task"] for result in synced.results("Run the jobs", alpha.name)]
    assert (job["name"], job["pages"]) == ("orders", 3)
    assert job["counts"] == {"fetched": 57, "created": 2, "updated": 0, "errors": 0}
    assert alpha.count("Shop Order") == 57
    assert alpha.cursor("ledger") == ledger
    refused = fleet.play("sync.yml", limit=alpha.name, extravars={"sync_jobs": ["order"]})
    assert refused.failure.message == "alpha.localhost has no job named order; it has orders, ledger"


@pytest.fixture
def next_commit(fleet: Fleet) -> Iterator[str]:
    """A later commit of shopsync, in which its status says so; it is gone again afterwards."""
    repo = Path(fleet.repos["shopsync"]["path"])
    identity = {
        f"GIT_{role}_{what}": "tests@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }

    def git(*words: str) -> str:
        environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(["git", *words], cwd=repo, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    source = repo / "shopsync" / "sync.py"
    source.write_text(source.read_text().replace('"configured": bool', '"news": "next", "configured": bool'))
    git("commit", "--quiet", "--all", "-m", "next")
    try:
        yield git("rev-parse", "HEAD")
    finally:
        git("reset", "--quiet", "--hard", fleet.repos["shopsync"]["commit"])


def test_deploy_moves_an_app_and_restarts_what_runs_it(fleet: Fleet, next_commit: str) -> None:
    gamma = fleet.site("gamma.localhost")
    apps = [
        {"name": "erpnext", "repo": fleet.repos["erpnext"]["path"], "version": "version-15"},
        {"name": "shopsync", "repo": fleet.repos["shopsync"]["path"], "version": next_commit},
    ]

    def news() -> object:
        return gamma.get("/api/method/shopsync.sync.status", fleet.key(gamma.name)).message.get("news")

    preview = fleet.play("deploy.yml", check=True, diff=True, extravars={"bench_apps": apps})
    assert preview.ok
    commits = [(before["commit"], after["commit"]) for before, after in preview.diffs("demo") if "commit" in before]
    assert commits == [(fleet.repos["shopsync"]["commit"], next_commit)]
    assert news() is None
    moved = fleet.play("deploy.yml", extravars={"bench_apps": apps})
    assert moved.ok, moved.stdout[-4000:]
    assert news() == "next"
    back = fleet.play("deploy.yml")
    assert back.ok
    assert news() is None


def test_retire_needs_the_name_and_keeps_a_verified_backup(fleet: Fleet) -> None:
    site = fleet.site("delta.localhost")
    inventory = fleet.tenant_inventory(site.name, ["erpnext", "shopsync", "ledgerlift"])
    archive = fleet.bench / ".erpops" / "archive" / site.name
    made = fleet.play("site.yml", inventory=inventory, limit=site.name)
    assert made.ok, made.stdout[-4000:]
    assert site.get("/api/method/ping").message == "pong"
    before, database, key = site.state(), site.database, site.config["encryption_key"]

    # Without the name, or with another one, nothing happens.
    for given in ({}, {"retire_confirm": "alpha.localhost"}):
        refused = fleet.play("retire.yml", inventory=inventory, limit=site.name, extravars=given)
        assert refused.failure.message.startswith("delta.localhost is not removed without confirmation")
        assert site.state() == before
        assert not archive.exists()
    preview = fleet.play(
        "retire.yml", inventory=inventory, limit=site.name, check=True, extravars={"retire_confirm": site.name}
    )
    assert (preview.ok, preview.changed) == (True, {site.name: 1})
    assert site.state() == before

    # With it the site goes, and what it was can be read in the archive.
    retired = fleet.play("retire.yml", inventory=inventory, limit=site.name, extravars={"retire_confirm": site.name})
    assert (retired.ok, retired.changed) == (True, {site.name: 1})
    assert not site.folder.exists()
    assert not database.exists()
    assert site.record == {}
    (backup,) = [path.parent for path in archive.glob("*/manifest.json")]
    manifest = json.loads((backup / "manifest.json").read_text())
    assert manifest["site"] == site.name
    assert {name: hashlib.sha256((backup / name).read_bytes()).hexdigest() for name in manifest["files"]} == manifest[
        "files"
    ]
    (dump,) = backup.glob("*-database.sql.gz")
    with gzip.open(dump, "rt") as text:
        assert text.read().count("O-00057") >= 1
    (config,) = backup.glob("*site_config_backup*.json")
    assert json.loads(config.read_text())["encryption_key"] == key
    assert backup.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in backup.iterdir()} == {0o600}
    again = fleet.play("retire.yml", inventory=inventory, limit=site.name, extravars={"retire_confirm": site.name})
    assert (again.ok, again.changed) == (True, {})

    # The same name can be provisioned again, and converges.
    made = fleet.play("site.yml", inventory=inventory, limit=site.name)
    assert made.ok, made.stdout[-4000:]
    assert site.config["encryption_key"] != key
    assert (site.count("Shop Order"), site.count("Ledger Entry")) == (57, 230)
    again = fleet.play("site.yml", inventory=inventory, limit=site.name)
    assert (again.ok, again.changed) == (True, {})
    gone = {"retire_confirm": site.name, "retire_backup": "skip"}
    assert fleet.play("retire.yml", inventory=inventory, limit=site.name, extravars=gone).ok
    shutil.rmtree(archive)
