# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of what is no Frappe site, in the form that a site's health has."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._integration_metrics import families
from ansible_collections.erpops.frappe.plugins.plugin_utils._prometheus import metrics_text
from ansible_collections.erpops.frappe.plugins.plugin_utils._runs_health import runs_health
from tests.unit.plugins.answers_sets import SET_ANSWERS

NOW = datetime.datetime(2026, 1, 2, 12, 0, 0)  # noqa: DTZ001 -- UTC


def run(status: str, hour: int, error: str = "") -> dict[str, Any]:
    return {"time": f"2026-01-02 {hour:02}:00:00", "status": status, "error": error, "ms": 1500}


def told(*runs: dict[str, Any], enabled: bool = True, age: int | None = 60) -> dict[str, Any]:
    queues = {"whatsapp": {"jobs": 2, "workers": 1}, "celery": {"jobs": 0, "workers": 1}}
    seen = {"runs": list(runs), "schedule": {"enabled": enabled, "age": age}, "queues": queues}
    return runs_health(seen, "hanna1", "hanna", 24, NOW)


def test_it_has_the_form_of_a_sites_health() -> None:
    site, stack = SET_ANSWERS["health.read"], told(run("Success", 11))
    assert stack.keys() == site.keys()
    assert stack["integrations"][0].keys() == site["integrations"][0].keys()
    assert stack["scheduler"].keys() == site["scheduler"].keys()
    assert 'site="hanna1"' in metrics_text(families, stack)


def test_figures() -> None:
    found = told(run("Success", 11), run("Failed", 10, "HTTP 429"), run("Retry", 9))
    (one,) = found["integrations"]
    assert (found["status"], one["failures"], one["last_success_age_seconds"]) == ("ok", 1, 3600)
    assert one["duration"] == {"count": 1, "average_ms": 1500, "max_ms": 1500}
    assert found["taken_at"] == 1767355200
    assert list(found["queues"]["by_name"]) == ["celery", "whatsapp"]


@pytest.mark.parametrize(
    ("runs", "enabled", "status"),
    [([], True, "silent"), ([run("Failed", 11)], True, "failing"), ([run("Failed", 11)], False, "off")],
)
def test_status(runs: list[dict[str, Any]], enabled: bool, status: str) -> None:
    assert told(*runs, enabled=enabled)["status"] == status


def test_the_schedule() -> None:
    assert told(age=None)["integrations"][0]["jobs"]["never_ran"] == ["hanna"]
    assert told(enabled=False)["scheduler"]["inactive_because"] == ["the schedule is off"]
