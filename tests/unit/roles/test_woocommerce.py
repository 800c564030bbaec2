# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""roles/woocommerce: what is declared to the modules in each state and phase, and what is refused before that."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_args import ready_checks
from ansible_collections.erpops.frappe.plugins.module_utils.agent._task_plan import check_task
from tests.unit.repository import ROOT

ROLE = ROOT / "roles/woocommerce"
GIVEN: dict[str, Any] = {
    "woocommerce_site": "shop.example.com",
    "woocommerce_company": "Jarz",
    "woocommerce_kashier_account": "Kashier - J",
    "woocommerce_base_url": "https://woo.example.com",
    "woocommerce_public_url": "https://shop.example.com",
    "woocommerce_consumer_key": "ck_12345678",
    "woocommerce_consumer_secret": "cs_12345678",
    "woocommerce_webhook_secret": "wh_12345678",
}
SECRETS = {"consumer_secret": "cs_12345678", "webhook_secret": "wh_12345678"}
PROFILES = ("current", "documented")
PHASES = ("history", "live")


def rendered(name: str, profile: str = "current", **variables: Any) -> Any:
    """A variable of the role as Ansible's engine makes it."""
    loader = DataLoader()
    known: dict[str, Any] = loader.load_from_file(str(ROLE / "defaults/main.yml"), trusted_as_template=True)
    for path in sorted((ROLE / "vars/main").glob("*.yml")):
        known |= loader.load_from_file(str(path), trusted_as_template=True)
    known |= {**GIVEN, "__woocommerce_found_profile": profile, **variables}
    return Templar(loader=loader, variables=known).template(trust_as_template("{{ " + name + " }}"))


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.items() for text in texts(list(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [str(value)] if isinstance(value, str) else []


@pytest.mark.parametrize(("profile", "phase"), [*itertools.product(PROFILES, PHASES)])
@pytest.mark.parametrize("state", ["present", "disabled", "absent"])
def test_every_check_can_be_understood(profile: str, phase: str, state: str) -> None:
    how: dict[str, Any] = {"woocommerce_phase": phase, "woocommerce_state": state}
    checks = rendered("__woocommerce_verify_checks", profile, **how)
    assert ready_checks(checks, SECRETS)
    broken = [text for text in texts(checks) if "\n" in text and not text.startswith("\nCash")]
    assert broken == [], "a line break inside a text of the role"


@pytest.mark.parametrize("phase", PHASES)
def test_the_checks_before_and_between(phase: str) -> None:
    for name in ("preflight", "entry", "gate", "processed"):
        checks = rendered(f"__woocommerce_{name}_checks", woocommerce_phase=phase)
        assert ready_checks(checks, SECRETS)
        assert [text for text in texts(checks) if "\n" in text] == []


def test_the_checks_of_the_document_ask_for_nothing_that_its_version_lacks() -> None:
    said = str(rendered("__woocommerce_verify_checks", "documented", woocommerce_phase="live"))
    for later in ("WooCommerce Sync Log", "enable_outbound", "get_migration_progress", "api.settings"):
        assert later not in said


@pytest.mark.parametrize("profile", PROFILES)
def test_every_job_can_be_read(profile: str) -> None:
    jobs = rendered("__woocommerce_jobs", profile)
    names = [job["name"] for job in jobs]
    assert len(names) == len(set(names))
    for job in jobs:
        check_task({key: value for key, value in job.items() if key not in ("name", "timeout")})


def test_the_jobs_of_the_first_phase() -> None:
    jobs = {job["name"]: job for job in rendered("__woocommerce_jobs")}
    assert [*jobs] == [
        "woocommerce_indexes",
        "woocommerce_history_completed",
        "woocommerce_history_cancelled_refunded_failed",
        "woocommerce_history_processing",
        "woocommerce_proof_completed",
        "woocommerce_proof_cancelled_refunded_failed",
        "woocommerce_proof_processing",
    ]
    first, proof = jobs["woocommerce_history_completed"], jobs["woocommerce_proof_completed"]
    assert first["kwargs"] == {"statuses": "completed", "batch_size": 100, "commit_every": 1}
    assert first["fail_when"] == ["errors > 0", "mapped != created"]
    assert proof["fail_when"] == ["errors > 0", "created > 0", "mapped > 0"]
    assert proof["kwargs"] == first["kwargs"]
    until = rendered("__woocommerce_jobs", woocommerce_history_until="2026-10-22")[1]
    assert until["kwargs"]["date_to"] == "2026-10-22"
    assert rendered("__woocommerce_jobs", woocommerce_history_statuses=[]) == []


def test_the_jobs_of_the_document() -> None:
    first = rendered("__woocommerce_jobs", "documented", woocommerce_page_size=50)[0]
    assert first["method"].endswith("order_sync.migrate_historical_orders")
    assert (first["kwargs"], first["paging"]["until"]) == ({"limit": 50}, "orders_fetched < 50")


@pytest.mark.parametrize(
    ("phase", "outbound", "expected"),
    [
        ("history", False, {"enable_inbound_orders": 0, "enable_outbound_orders": 0, "enable_outbound_customers": 0}),
        ("live", False, {"enable_inbound_orders": 1, "enable_outbound_orders": 0, "enable_outbound_customers": 0}),
        ("live", True, {"enable_inbound_orders": 1, "enable_outbound_orders": 1, "enable_outbound_customers": 1}),
    ],
)
def test_flags_and_secrets_are_one_save(phase: str, outbound: bool, expected: dict[str, int]) -> None:
    how: dict[str, Any] = {"woocommerce_phase": phase, "woocommerce_outbound": outbound}
    settings, company = rendered("__woocommerce_documents", **how)
    assert expected.items() <= settings["values"].items()
    assert settings["secrets"] == SECRETS
    assert company["values"] == {"custom_kashier_account": "Kashier - J"}


def test_the_document_knows_no_flags() -> None:
    settings = rendered("__woocommerce_documents", "documented")[0]
    assert settings["values"] == {
        "base_url": "https://woo.example.com",
        "consumer_key": "ck_12345678",
        "api_version": "v3",
    }


def test_jobs_of_the_phases() -> None:
    kept = "jarz_woocommerce_integration.services.order_sync.reconcile_deleted_orders_cron"
    states = rendered("__woocommerce_job_states", woocommerce_phase="live", woocommerce_stopped_jobs=[kept])
    assert (len(states), states[kept], sorted(set(states.values()))) == (9, "stopped", ["enabled", "stopped"])
    assert set(rendered("__woocommerce_job_states").values()) == {"stopped"}


@pytest.mark.parametrize(
    ("phase", "state", "status"),
    [("history", "present", "paused"), ("live", "present", "active"), ("live", "disabled", "paused")],
)
def test_webhooks(phase: str, state: str, status: str) -> None:
    webhooks = rendered("__woocommerce_webhooks", woocommerce_phase=phase, woocommerce_state=state)
    assert [one["topic"] for one in webhooks] == ["order.created", "order.updated"]
    assert {one["status"] for one in webhooks} == {status}
    assert {one["delivery_url"] for one in webhooks} == {
        "https://shop.example.com/api/method/jarz_woocommerce_integration.api.orders.woo_order_webhook"
    }


def test_nothing_is_wrong_with_a_right_declaration() -> None:
    assert rendered("__woocommerce_declared_faults") == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"woocommerce_base_url": ""}, 'woocommerce_base_url is ""'),
        ({"woocommerce_base_url": "http://woo.example.com"}, "with https"),
        ({"woocommerce_base_url": "https://woo.example.com/"}, "ends with a slash"),
        ({"woocommerce_public_url": "shop.example.com"}, "woocommerce_public_url is"),
        ({"woocommerce_webhook_secret": ""}, "lets every unsigned delivery in"),
        ({"woocommerce_consumer_secret": "short"}, "woocommerce_consumer_secret has 5 characters, needed are 8"),
        ({"woocommerce_outbound": True}, "must not write into the live shop"),
        ({"woocommerce_settings": {"consumer_key": "x"}}, "woocommerce_settings has consumer_key"),
        ({"woocommerce_stopped_jobs": ["a.b"]}, "woocommerce_stopped_jobs names a.b"),
        ({"woocommerce_company": ""}, "woocommerce_company is empty"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], fault: str) -> None:
    faults = rendered("__woocommerce_declared_faults", **changes)
    assert len(faults) == 1
    assert fault in faults[0]
    assert "\n" not in faults[0]
    assert "short" not in faults[0]


def test_production_may_write_into_the_shop() -> None:
    how: dict[str, Any] = {"woocommerce_outbound": True, "woocommerce_environment": "production"}
    assert rendered("__woocommerce_declared_faults", **how) == []


@pytest.mark.parametrize(
    ("found", "expected"), [((True, False), ["current"]), ((False, True), ["documented"]), ((False, False), [])]
)
def test_the_installed_code_chooses(found: tuple[bool, ...], expected: list[str]) -> None:
    entries = {"site_checks": {"checks": [{"ok": ok} for ok in found]}}
    assert rendered("__woocommerce_profiles_found", __woocommerce_entries=entries) == expected
    faults = rendered("__woocommerce_site_faults", __woocommerce_entries=entries)
    assert bool(faults) == (not expected)


def test_the_second_phase_waits_for_the_first() -> None:
    tasks = {job["name"]: {"state": "done"} for job in rendered("__woocommerce_jobs")}
    how: dict[str, Any] = {"woocommerce_phase": "live", "__woocommerce_facts": {"site": {"tasks": tasks}}}
    assert rendered("__woocommerce_site_faults", **how) == []
    tasks["woocommerce_history_processing"]["state"] = "failed"
    del tasks["woocommerce_proof_completed"]
    faults = rendered("__woocommerce_site_faults", **how)
    assert [
        "woocommerce_history_processing is failed" in faults[0],
        "woocommerce_proof_completed is not run" in faults[1],
    ] == [True] * 2
    assert rendered("__woocommerce_site_faults", **how, woocommerce_history_statuses=[]) == []


def test_accepted_deliveries_are_not_sent() -> None:
    names = [one["name"] for one in rendered("__woocommerce_oracle_deliveries")]
    left = rendered("__woocommerce_oracle_deliveries", woocommerce_accepted_deliveries=["d in the body"])
    assert [one["name"] for one in left] == [name for name in names if name != "d in the body"]
