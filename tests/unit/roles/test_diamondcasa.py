# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role diamondcasa: what it refuses, the records and checks that it makes of its variables."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_args import check_problems
from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/diamondcasa"
SITE = {
    "state": "present",
    "installed_apps": ["frappe", "erpnext", "diamondcasa_jewellery"],
    "scheduler": {"jobs": [{"method": "diamondcasa_jewellery.utils.sync.sync_products_to_diamondcasa"}]},
}
SOURCE = {"commit": "01a6a58acadc", "tree": "t1", "problems": [], "overlay": {}}
GOOD: dict[str, Any] = {
    "diamondcasa_site": "a.localhost",
    "diamondcasa_api_url": "https://shop.example.com",
    "diamondcasa_api_key": "key-of-the-shop",
    "diamondcasa_api_secret": "secret-of-the-shop",
    "diamondcasa_webhook_secret": "secret-of-webhooks",
    "diamondcasa_company": "Diamond Casa",
}


def template(expression: str, **given: Any) -> Any:
    files = [ROLE / "defaults/main.yml", *sorted((ROLE / "vars/main").glob("*.yml"))]
    known = {name: value for path in files for name, value in trusted(read_yaml(path)).items()}
    seen = {
        "__diamondcasa_facts": {"site": SITE},
        "__diamondcasa_source": {"app_source": SOURCE},
        "__diamondcasa_before": {"site_checks": {"checks": []}},
    }
    templar = Templar(loader=DataLoader(), variables={**known, **GOOD, **seen, **trusted(given)})
    return templar.template(trust_as_template("{{ " + expression + " }}"))


def faults(**given: Any) -> list[str]:
    return list(template("__diamondcasa_faults", **given))


def test_a_good_declaration_has_no_faults() -> None:
    assert faults() == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "https://shop.example.com/v2"])
def test_addresses_that_are_taken(url: str) -> None:
    assert faults(diamondcasa_api_url=url) == []


@pytest.mark.parametrize(
    "url", ["", "http://shop.example.com", "https://shop.example.com/", "shop", "http://localhosted.com"]
)
def test_addresses_that_are_refused(url: str) -> None:
    (fault,) = faults(diamondcasa_api_url=url)
    assert fault.startswith(f"diamondcasa_api_url is {url or 'empty'}. Needed: an address that begins with https://")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"diamondcasa_webhook_secret": ""}, "diamondcasa_webhook_secret are empty"),
        (
            {"diamondcasa_api_key": "", "diamondcasa_api_secret": ""},
            "diamondcasa_api_key, diamondcasa_api_secret are empty",
        ),
        ({"diamondcasa_company": ""}, "diamondcasa_company is empty"),
        (
            {"diamondcasa_settings": {"diamondcasa_sync_enabled": 1}},
            "names diamondcasa_sync_enabled, which the app reads",
        ),
        (
            {"diamondcasa_settings_secrets": {"diamondcasa_api_key": "x"}},
            "names diamondcasa_api_key, which the app reads",
        ),
        ({"diamondcasa_job_states": {"sync": "stopped"}}, "diamondcasa_job_states has sync. Needed: of sync_products"),
        ({"diamondcasa_job_states": {"cleanup_old_integration_logs": "off"}}, "has cleanup_old_integration_logs"),
        ({"__diamondcasa_facts": {"site": {"state": "absent"}}}, "there is no such site on this bench (absent)"),
        (
            {"__diamondcasa_source": {"app_source": {**SOURCE, "problems": ["module: gone"]}}},
            "module: gone | Deploy it with",
        ),
    ],
)
def test_each_fault_is_told(given: dict[str, Any], words: str) -> None:
    (fault,) = faults(**given)
    assert words in fault


def test_no_company_is_needed_without_warehouses() -> None:
    assert faults(diamondcasa_company="", diamondcasa_warehouses=[]) == []


def test_an_overlay_is_taken_for_reviewed_files_only() -> None:
    source: dict[str, Any] = {**SOURCE, "problems": ["module: gone"], "overlay": {"tree": "t2", "faults": []}}
    given = {"diamondcasa_overlay": True, "__diamondcasa_source": {"app_source": source}}
    (fault,) = faults(**given)
    assert "these are not the files that the overlay was reviewed for" in fault
    assert "{t1: t2}" in fault
    assert faults(**given, diamondcasa_overlay_reviewed_custom={"t1": "t2"}) == []
    left = [{"kind": "hook", "where": "hooks.py a", "seen": "b cannot be imported", "effect": "c"}]
    source["overlay"]["faults"] = left
    (fault,) = faults(**given, diamondcasa_overlay_reviewed_custom={"t1": "t2"})
    assert "has faults that the overlay does not repair: hooks.py a: b cannot be imported" in fault


def test_checks_before_the_installation_are_told_with_their_remedies() -> None:
    check = {"title": "ERPNext", "ok": False, "seen": "installed: frappe", "needed": "erpnext", "next": "do this"}
    good = {**check, "ok": True}
    (fault,) = faults(__diamondcasa_before={"site_checks": {"checks": [check, good]}})
    assert fault == "ERPNext: seen installed: frappe, needed erpnext. do this"


def test_configuration_has_types_and_no_secret_among_them() -> None:
    found = template("__diamondcasa_config", diamondcasa_sync_enabled="yes", diamondcasa_sync_interval="600")
    assert found == {
        "diamondcasa_api_url": "https://shop.example.com",
        "diamondcasa_sync_enabled": True,
        "diamondcasa_sync_interval": 600,
    }
    assert set(template("__diamondcasa_secrets")) == {
        "diamondcasa_api_key",
        "diamondcasa_api_secret",
        "diamondcasa_webhook_secret",
    }


def test_jobs_come_back_as_they_were_unless_declared() -> None:
    stopped = {"sync_media_to_diamondcasa_scheduled": "stopped"}
    found = template(
        "__diamondcasa_jobs_restored | combine(__diamondcasa_jobs_declared)", diamondcasa_job_states=stopped
    )
    states = {name.rpartition(".")[2]: state for name, state in found.items()}
    assert len(states) == 5
    assert states.pop("sync_media_to_diamondcasa_scheduled") == "stopped"
    assert set(states.values()) == {"restored"}
    running = template("__diamondcasa_checks_each_job | map(attribute='prefix')", diamondcasa_job_states=stopped)
    assert len(list(running)) == 4


def test_a_job_that_somebody_stopped_is_not_run_behind_their_back() -> None:
    jobs = [
        {"method": f"diamondcasa_jewellery.utils.sync.{name}", "stopped": name == "cleanup_old_integration_logs"}
        for name in ("sync_products_to_diamondcasa", "cleanup_old_integration_logs")
    ]
    names = template(
        "__diamondcasa_checks_first_run | map(attribute='prefix') | list",
        __diamondcasa_scheduled={"scheduler": {"jobs": jobs}},
    )
    assert len(names) == 4
    assert not [name for name in names if "cleanup" in name]
    answers = [{"ok": "prices" not in name} for name in names]
    unproven = template(
        "__diamondcasa_jobs_unproven",
        __diamondcasa_scheduled={"scheduler": {"jobs": jobs}},
        __diamondcasa_ran={"site_checks": {"checks": answers}},
    )
    assert [name.rpartition(".")[2] for name in unproven] == ["sync_prices_to_diamondcasa_scheduled"]


def test_only_jobs_that_are_there_are_stopped() -> None:
    assert template("__diamondcasa_jobs_there") == ["diamondcasa_jewellery.utils.sync.sync_products_to_diamondcasa"]
    assert template("__diamondcasa_jobs_there", __diamondcasa_facts={"site": {"state": "absent"}}) == []


def test_records() -> None:
    metal = {"metal_code": "AU18", "metal_name": "Gold 18K"}
    found = template("__diamondcasa_documents", diamondcasa_metal_specs=[metal], diamondcasa_warehouses=["READY"])
    assert [item["doctype"] for item in found] == ["Role", "Role", "Role", "Metal Spec", "Warehouse"]
    assert found[3]["match"] == {"metal_code": "AU18"}
    assert found[3]["values"] == {"is_active": 1, **metal}
    assert found[4]["values"]["company"] == "Diamond Casa"
    settings = template("__diamondcasa_documents", diamondcasa_settings={"enable_prebagging": 1})[-1]
    assert (settings["doctype"], settings["values"]) == ("DiamondCasa Jewellery Settings", {"enable_prebagging": 1})


@pytest.mark.parametrize(
    "name",
    ["__diamondcasa_checks", "__diamondcasa_checks_before", "__diamondcasa_checks_off", "__diamondcasa_checks_gone",
     "__diamondcasa_checks_trial"],
)  # fmt: skip
def test_the_checks_are_understood_by_the_module_that_makes_them(name: str) -> None:
    spec = {"stone_code": "DIA"}
    secrets = template("__diamondcasa_secrets")
    checks = template(name, diamondcasa_stone_specs=[spec], __diamondcasa_trial_start=1)
    ready, problems = check_problems(checks, secrets)
    assert problems == []
    assert len(ready) == len(checks) > 0


def test_every_number_of_the_checklist_has_its_check() -> None:
    titles = [
        check["title"] for check in template("__diamondcasa_checks", diamondcasa_metal_specs=[{"metal_code": "A"}])
    ]
    trial = [check["title"] for check in template("__diamondcasa_checks_trial", __diamondcasa_trial_start=1)]
    numbers = {title.partition(" ")[0] for title in titles + trial} | {"8"}  # 8 is the delivery of webhooks
    assert {str(number) for number in range(1, 10)} <= numbers


def test_a_local_shop_needs_no_https() -> None:
    def https(**given: Any) -> Any:
        return template("__diamondcasa_checks_config", **given)[0]["https"]

    assert https() == ["diamondcasa_api_url"]
    assert https(diamondcasa_api_url="http://127.0.0.1:1") is None


def verdict(**given: Any) -> tuple[list[str], list[str]]:
    seen = {
        "__diamondcasa_inside": {"site_checks": {"checks": []}},
        "__diamondcasa_api": {"probes": []},
        "__diamondcasa_door": {"deliveries": []},
        **given,
    }
    return (
        [item["title"] for item in template("__diamondcasa_verify_faults", **seen)],
        [item["title"] for item in template("__diamondcasa_verify_accepted", **seen)],
    )


def test_a_verdict_is_made_of_all_answers() -> None:
    check = {"title": "4 an Item can be saved", "ok": False, "seen": "a", "needed": "b", "next": "c"}
    probe = {"ok": False, "url": "https://shop", "kind": "dns", "message": "m", "remedy": "r"}
    delivery = {"ok": False, "name": "GET", "message": "HTTP 500", "remedy": "r"}
    seen = {
        "__diamondcasa_inside": {"site_checks": {"checks": [check, {**check, "ok": True}]}},
        "__diamondcasa_api": {"probes": [probe, {**probe, "ok": True}]},
        "__diamondcasa_door": {"deliveries": [delivery, {**delivery, "ok": True}]},
    }
    assert verdict() == ([], [])
    assert verdict(**seen) == (["4 an Item can be saved", "6 the shop answers", "8 webhook GET"], [])
    accepted = {"diamondcasa_accepted_checks": ["8 webhook GET"]}
    assert verdict(**seen, **accepted) == (["4 an Item can be saved", "6 the shop answers"], ["8 webhook GET"])


def test_the_newest_set_is_gone_back_to() -> None:
    files = [{"path": f"/b/before-diamondcasa-{time}"} for time in ("20260102", "20260301", "20260201")]
    assert template("__diamondcasa_restore_set", __diamondcasa_sets={"files": files}).endswith("20260301")
    assert template("__diamondcasa_restore_set", __diamondcasa_sets={"files": []}) == ""
    assert template("__diamondcasa_restore_set", __diamondcasa_sets={}, diamondcasa_restore_set="/x") == "/x"
