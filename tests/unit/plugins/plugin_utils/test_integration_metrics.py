# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health as metrics: read back by Prometheus's own parser."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.erpops.frappe.plugins.plugin_utils._integration_metrics import MOST_ERRORS, families
from ansible_collections.erpops.frappe.plugins.plugin_utils._prometheus import metrics_text
from tests.unit.plugins.answers_sets import SET_ANSWERS

Values = dict[tuple[str, ...], float]


@pytest.fixture
def health() -> dict[str, Any]:
    return copy.deepcopy(SET_ANSWERS["health.read"])


def values(health: dict[str, Any], name: str) -> Values:
    """Label values in the order of their names, without those of site and integration -> value."""
    found: Values = {}
    for family in text_string_to_metric_families(metrics_text(families, health)):
        for sample in family.samples:
            if sample.name == f"erpops_{name}":
                assert sample.labels.pop("site") == "a.localhost"
                sample.labels.pop("integration", None)
                key = tuple(value for _name, value in sorted(sample.labels.items()))
                assert key not in found
                found[key] = sample.value
    return found


def failure(kind: str, error: str, count: int) -> dict[str, Any]:
    return {"kind": kind, "error": error, "count": count, "last": "2026-01-01 00:00:00"}


def test_what_is_told_of_the_site(health: dict[str, Any]) -> None:
    assert values(health, "integration_health_timestamp_seconds") == {(): 1_700_000_000}
    assert values(health, "integration_health_window_seconds") == {(): 86400}
    assert values(health, "site_scheduler_active") == {(): 1}
    assert values(health, "site_scheduler_last_job_timestamp_seconds") == {(): 1_700_000_000 - 61}
    assert values(health, "site_queue_jobs") == {("default",): 0}
    assert values(health, "site_queue_workers") == {("default",): 1}


def test_a_scheduler_that_is_late_may_still_begin_jobs(health: dict[str, Any]) -> None:
    health["scheduler"] = {"status": "late", "inactive_because": [], "age_seconds": None}
    assert values(health, "site_scheduler_active") == {(): 1}
    assert values(health, "site_scheduler_last_job_timestamp_seconds") == {}
    health["scheduler"]["status"] = "inactive"
    assert values(health, "site_scheduler_active") == {(): 0}


def test_just_one_status_is_set(health: dict[str, Any]) -> None:
    health["integrations"][0]["status"] = "degraded"
    found = values(health, "integration_status")
    assert {key for key, value in found.items() if value} == {("degraded",)}
    assert len(found) == 5


def test_figures_of_an_integration(health: dict[str, Any]) -> None:
    one = health["integrations"][0]
    one.update(retries={"1": 4, "2": 1}, webhooks={"verdicts": {"Queued": 3}, "failures": []}, faults=["gone"])
    one.update(jobs={"count": 3, "stopped": 1, "never_ran": []}, errors=[{"title": "t", "count": 2, "last": ""}])
    assert values(health, "integration_last_success_timestamp_seconds") == {(): 1_700_000_000 - 61}
    assert values(health, "integration_retries") == {("1",): 4, ("2",): 1}
    assert values(health, "integration_duration_average_seconds") == {(): 0.005}
    assert values(health, "integration_duration_max_seconds") == {(): 0.005}
    assert values(health, "integration_jobs") == {("active",): 2, ("stopped",): 1}
    assert values(health, "integration_webhooks") == {("Queued",): 3}
    assert values(health, "integration_errors") == {("t",): 2}
    assert values(health, "integration_faults") == {(): 1}


def test_what_never_was_is_not_told(health: dict[str, Any]) -> None:
    health["integrations"][0].update(
        last_success_age_seconds=None, duration={"count": 0, "average_ms": None, "max_ms": None}
    )
    for name in ("last_success_timestamp_seconds", "duration_average_seconds", "duration_max_seconds"):
        assert values(health, f"integration_{name}") == {}


def test_of_many_errors_the_most_frequent_are_named(health: dict[str, Any]) -> None:
    rows = [failure("Price", f"error {chr(97 + n)}", 100 - n) for n in range(MOST_ERRORS + 3)]
    health["integrations"][0]["sources"] = [{"failures": rows}]
    found = values(health, "integration_failures")
    assert len(found) == MOST_ERRORS + 1
    assert found["(other)", ""] == 90 + 89 + 88
    assert found["error a", "Price"] == 100


def test_equal_errors_of_two_logs_are_one_series(health: dict[str, Any]) -> None:
    health["integrations"][0]["sources"] = [
        {"failures": [failure("a", "x" * 150, 1)]},
        {"failures": [failure("a", "x" * 140, 2)]},
    ]
    assert values(health, "integration_failures") == {("x" * 120, "a"): 3}


def test_labels_are_escaped(health: dict[str, Any]) -> None:
    health["integrations"][0]["sources"] = [{"failures": [failure("a", 'say "no"\\ now', 1)]}]
    assert values(health, "integration_failures") == {('say "no"\\ now', "a"): 1}
