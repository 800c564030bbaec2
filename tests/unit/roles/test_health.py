# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role health: how it words what was read, and what it refuses; and what the wiring hands it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.erpops.frappe.plugins.modules import integration_health_info
from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/health"
WIRING = ROOT / "playbooks/group_vars/sites"
DECLARED = {
    path.stem: read_yaml(path)[f"{path.stem}_health"]
    for path in sorted((WIRING / "integrations").glob("*.yml"))
    if f"{path.stem}_health" in read_yaml(path)
}


def template(expression: str, *paths: str, **given: Any) -> Any:
    files = [ROLE / "defaults/main.yml", ROLE / "vars/main.yml", *(WIRING / path for path in paths)]
    known = {name: value for path in files for name, value in trusted(read_yaml(path)).items()}
    return Templar(loader=DataLoader(), variables={**known, **trusted(given)}).template(
        trust_as_template("{{ " + expression + " }}")
    )


@pytest.fixture
def health() -> dict[str, Any]:
    return copy.deepcopy(SET_ANSWERS["health.read"])


def lines(health: dict[str, Any]) -> list[str]:
    return list(template("__health_lines", health_given=health))


def test_what_is_well_takes_one_line(health: dict[str, Any]) -> None:
    assert lines(health) == ["shopsync: ok; last success 61 s ago"]


def test_nothing_is_not_called_healthy(health: dict[str, Any]) -> None:
    health["integrations"][0].update(status="silent", last_success_age_seconds=None)
    assert lines(health) == [
        "shopsync: silent; last success not in the last 24 h; nothing ran, which is no proof of health"
    ]


def test_each_finding_has_a_line(health: dict[str, Any]) -> None:
    source = {
        "failures": [{"kind": "Price Sync", "error": "HTTP 503", "count": 3, "last": "2026-01-01 10:00:00"}],
        "retries": [{"kind": "Price Sync", "retries": 2, "count": 1}],
        "durations": [{"kind": "Product Sync", "count": 6, "average_ms": 240, "max_ms": 900}],
        "last_success": {"Product Sync": "2026-01-01 09:00:00"},
    }
    health["integrations"][0].update(
        status="degraded",
        sources=[source],
        errors=[{"title": "a title", "count": 2, "last": "2026-01-01 08:00:00"}],
        webhooks={"verdicts": {"InvalidSignature": 7}, "failures": []},
    )
    head, *rest = lines(health)
    assert head.startswith("shopsync: degraded;")
    assert rest[0].split() == ["failed", "Price", "Sync", "3", "last", "2026-01-01", "10:00:00", "HTTP", "503"]
    assert rest[1].endswith("after 2 attempts")
    assert rest[2].endswith("average 240 ms, longest 900 ms, last 2026-01-01 09:00:00")
    assert rest[3].split() == ["error", "a", "title", "2", "last", "2026-01-01", "08:00:00"]
    assert rest[4].split() == ["webhook", "InvalidSignature", "7"]


def test_what_holds_the_site_back_is_told(health: dict[str, Any]) -> None:
    health["integrations"][0]["faults"] = ["there is no DocType 'X'"]
    health["scheduler"].update(status="inactive", inactive_because=["maintenance_mode"])
    health["queues"] = {"fault": "", "by_name": {"long": {"jobs": 3, "workers": 0}, "short": {"jobs": 0, "workers": 1}}}
    assert lines(health) == [
        "shopsync: ok; last success 61 s ago; there is no DocType 'X'",
        "scheduler inactive: maintenance_mode",
        "queue long: 3 jobs wait, 0 workers",
    ]
    health["queues"] = {"fault": "ConnectionError: refused", "by_name": {}}
    assert lines(health)[-1] == "queues: ConnectionError: refused"


@pytest.mark.parametrize(
    ("accepted", "status", "refused"),
    [(["ok", "off", "silent"], "ok", 0), (["ok", "off", "silent"], "degraded", 1), (["ok"], "silent", 1)],
)
def test_only_accepted_statuses_pass(health: dict[str, Any], accepted: list[str], status: str, refused: int) -> None:
    health["integrations"][0]["status"] = status
    assert len(template("__health_refused", health_given=health, health_accepted=accepted)) == refused


def test_by_default_nothing_fails(health: dict[str, Any]) -> None:
    health["integrations"][0]["status"] = "failing"
    assert template("__health_refused", health_given=health) == []


def test_the_sites_integrations_are_asked_for() -> None:
    wired = {
        "site_name": "a",
        "bench_path": "/b",
        "__bench_managed": False,
        **{f"{n}_health": d for n, d in DECLARED.items()},
    }
    found = template("health_integrations", "health.yml", site_integrations=["woocommerce", "nexus"], **wired)
    assert [one["name"] for one in found] == ["woocommerce"]
    assert template("health_integrations", "health.yml", **wired) == []


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({"__bench_managed": False}, ""),
        ({"__bench_managed": True}, "/var/lib/prometheus/node-exporter"),
        ({"__bench_managed": False, "site_metrics_dir": "/m"}, "/m"),
        ({"__bench_managed": True, "site_metrics_dir": ""}, ""),
    ],
)
def test_where_metrics_go(given: dict[str, Any], folder: str) -> None:
    assert template("health_textfile_dir", "health.yml", **given) == folder


@pytest.mark.parametrize("name", DECLARED)
def test_a_declaration_is_one_that_the_module_takes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible.module_utils.basic import AnsibleModule
    from ansible.module_utils.testing import patch_module_args

    asked: list[Any] = []

    class Agent:
        def one(self, _op: str, _site: str, args: dict[str, Any]) -> dict[str, Any]:
            asked.append(args)
            return {}

    def act(module: AnsibleModule, function: Any) -> None:
        function(module)

    monkeypatch.setattr(integration_health_info, "agent_for", lambda _module: Agent())
    monkeypatch.setattr(integration_health_info, "run_module", act)
    with patch_module_args({"site": "a.test", "bench_path": "/b", "integrations": [DECLARED[name]]}):
        integration_health_info.main()
    ((one,),) = [args["integrations"] for args in asked]
    assert one["name"] == name
    assert one["app"]
