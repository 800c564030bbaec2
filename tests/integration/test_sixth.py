# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sixth integration is one role, one wiring file and no change of a playbook: sixth/ laid over a copy of this tree."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet import ROOT, Fleet, Result
from tests.unit.repository import known_files

SITE = "sixth.localhost"
SIXTH = ROOT / "tests/integration/sixth"
PULL = "shopsync.sync.pull_all"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, with the sixth integration in it."""
    root = tmp_path_factory.mktemp("project")
    for path in known_files():
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)
    for folder in ("roles", "playbooks"):
        shutil.copytree(SIXTH / folder, root / folder, dirs_exist_ok=True)
    return root


class Sixth:
    """The site that has the integration, and the playbooks of the copy."""

    def __init__(self, fleet: Fleet, project: Path) -> None:
        self.fleet, self.project = fleet, project
        self.declare()

    def declare(self, integration: str = "shopsync") -> None:
        tenant = {
            "name": SITE,
            "apps": ["erpnext", "shopsync"],
            "integrations": [integration],
            "vars": {
                "site_documents": "{{ demo_documents_base }}",
                "shopsync_base_url": "http://127.0.0.1:{{ demo_port | int + 1 }}",
                "shopsync_api_secret": "{{ lookup('ansible.builtin.file', demo_root ~ '/shop_token') }}",
                "site_metrics_dir": "{{ demo_root }}/metrics",
            },
        }
        benches = {"demo": {"path": "{{ demo_root }}/bench"}}
        document = {"plugin": "erpops.frappe.tenants", "benches": benches, "tenants": [tenant]}
        self.inventory = self.fleet.write_inventory("sixth", document)

    def play(self, playbook: str, **options: Any) -> Result:
        return self.fleet.play(playbook, inventory=self.inventory, project=self.project, **options)


@pytest.fixture(scope="module")
def sixth(fleet: Fleet, project: Path) -> Iterator[Sixth]:
    sixth = Sixth(fleet, project)
    made = sixth.play("provision.yml")
    assert made.ok, made.stdout[-4000:]
    yield sixth
    fleet.drop(SITE)


def enabled(sixth: Sixth) -> Any:
    return sixth.fleet.site(SITE).single("Shop Settings", "enabled")


def test_its_whole_life(sixth: Sixth) -> None:
    before = enabled(sixth)
    preview = sixth.play("configure.yml", check=True, diff=True)
    assert preview.ok, preview.stdout[-4000:]
    assert preview.changed == {SITE: 1}
    assert enabled(sixth) == before, "a preview changes nothing"

    first = sixth.play("configure.yml")
    assert first.ok, first.stdout[-4000:]
    assert first.changed == {SITE: 1}
    second = sixth.play("configure.yml")
    assert (second.ok, second.changed) == (True, {}), second.stdout[-4000:]

    checked = sixth.play("verify.yml")
    assert checked.ok, checked.stdout[-4000:]
    answers = checked.results("Look into the site")[0]["site_checks"]
    assert (answers["failed"], answers["passed"]) == (0, 6)

    synced = sixth.play("sync.yml", extravars={"sync_jobs": ["shopsync_orders"]})
    assert synced.ok, synced.stdout[-4000:]
    assert synced.results("Run the jobs")[0]["site_task"]["counts"]["fetched"] > 0

    stopped = sixth.fleet.module("scheduler", site=SITE, jobs={PULL: "stopped"})
    assert stopped["changed"]
    told = sixth.play("verify.yml").failure
    assert "stopped" in told.message
    assert PULL in told.message


def test_its_health(sixth: Sixth) -> None:
    reports, metrics = sixth.fleet.root / "reports", sixth.fleet.demo / "metrics"
    metrics.mkdir()
    assert sixth.play("configure.yml").ok
    pull = {"site": SITE, "name": "pull", "method": PULL}
    assert sixth.fleet.module("site_task", **pull)["changed"]
    where = {"health_report_dir": str(reports)}
    preview = sixth.play("health.yml", check=True, extravars=where)
    assert preview.ok, preview.stdout[-4000:]
    assert not reports.exists()
    assert list(metrics.iterdir()) == []

    told = sixth.play("health.yml", extravars=where)
    assert (told.ok, told.changed) == (True, {}), told.stdout[-4000:]
    health = json.loads((reports / f"{SITE}.json").read_text())
    (one,) = health["integrations"]
    assert (one["name"], one["status"], one["failures"]) == ("shopsync", "ok", 0)
    text = (metrics / f"erpops_integrations_{SITE}.prom").read_text()
    assert f'erpops_integration_status{{integration="shopsync",site="{SITE}",status="ok"}} 1.0' in text

    broken = {"shopsync_base_url": "http://127.0.0.1:9"}
    assert sixth.play("configure.yml", extravars=broken).ok
    assert sixth.fleet.module("site_task", **pull)["failed"]
    try:
        # It is told, and fails only when it is asked to.
        assert sixth.play("health.yml").ok
        refused = sixth.play("health.yml", extravars={"health_accepted": ["ok", "silent", "off"]}).failure
        assert "shopsync: failing" in refused.message
        assert 'status="failing"} 1.0' in (metrics / f"erpops_integrations_{SITE}.prom").read_text()
    finally:
        assert sixth.play("configure.yml").ok


def test_the_way_back(sixth: Sixth) -> None:
    assert sixth.play("configure.yml").ok
    off = sixth.play("rollback.yml", extravars={"rollback_integration": "shopsync"})
    assert off.ok, off.stdout[-4000:]
    assert str(enabled(sixth)) == "0"
    again = sixth.play("rollback.yml", extravars={"rollback_integration": "shopsync"})
    assert (again.ok, again.changed) == (True, {})

    removed = {"rollback_integration": "shopsync", "rollback_scope": "removed"}
    refused = sixth.play("rollback.yml", extravars=removed).failure
    assert f"-e rollback_confirm={SITE}" in refused.message
    gone = sixth.play("rollback.yml", extravars=removed | {"rollback_confirm": SITE})
    assert gone.ok, gone.stdout[-4000:]
    assert sixth.fleet.site(SITE).apps == ["frappe", "erpnext"]
    again = sixth.play("rollback.yml", extravars=removed | {"rollback_confirm": SITE})
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "is not taken back without confirmation"),
        ({"rollback_scope": "removed"}, "Which integration? Needed: -e rollback_integration="),
        ({"rollback_integration": "shopsink"}, "Which integration? Needed: -e rollback_integration="),
        ({"rollback_integration": "shopsync", "rollback_scope": "all"}, "rollback_scope is all; it may be disabled"),
        ({"rollback_integration": "zoho"}, "no host in the group zoho_stacks, on which zoho runs"),
    ],
)
def test_what_cannot_be_taken_back_is_refused(sixth: Sixth, words: dict[str, str], said: str) -> None:
    assert said in sixth.play("rollback.yml", extravars=words).failure.message


def test_an_unknown_integration_is_refused(sixth: Sixth) -> None:
    sixth.declare("shopsink")
    try:
        failure = sixth.play("configure.yml").failure
    finally:
        sixth.declare()
    assert "there is no integration shopsink" in failure.message
    assert "shopsync" in failure.message
