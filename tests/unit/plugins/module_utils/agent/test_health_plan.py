# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an integration is, by what it and its jobs wrote."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._health_plan import (
    age_of,
    failed_kinds,
    scheduler_status,
    status_of,
    totals,
    worst,
)

NOW = datetime.datetime(2026, 1, 2, 12, 0, 0)  # noqa: DTZ001 -- a site's times have no zone
JOBS = {"count": 2, "stopped": 0}


def source(good: dict[str, str] | None = None, bad: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    failures = [{"kind": kind, "error": "e", "count": 2, "last": at} for kind, at in (bad or {}).items()]
    return {"last_success": good or {}, "failures": failures, "retries": [], "durations": [], **more}


@pytest.mark.parametrize(
    ("one", "failed", "ran"),
    [
        (source(), set(), set()),
        (source({"a": "10"}), set(), {"a"}),
        (source({"a": "10"}, {"a": "09"}), set(), {"a"}),
        (source({"a": "10"}, {"a": "11"}), {"a"}, {"a"}),
        (source({"a": "10"}, {"a": "10"}), {"a"}, {"a"}),
        (source({"a": "10"}, {"b": "09"}), {"b"}, {"a", "b"}),
    ],
)
def test_the_newest_run_of_each_kind_counts(one: dict[str, Any], failed: set[str], ran: set[str]) -> None:
    assert failed_kinds(one) == (failed, ran)


def test_of_two_errors_of_a_kind_the_newer_counts() -> None:
    one = source({"a": "10"})
    one["failures"] = [{"kind": "a", "error": e, "count": 1, "last": at} for e, at in (("x", "11"), ("y", "09"))]
    assert failed_kinds(one) == ({"a"}, {"a"})


@pytest.mark.parametrize(
    ("sources", "jobs", "status"),
    [
        ([], JOBS, "silent"),
        ([source()], JOBS, "silent"),
        ([source({"a": "10"})], JOBS, "ok"),
        ([source({"a": "10"}, {"a": "11"})], JOBS, "failing"),
        ([source({"a": "10", "b": "10"}, {"a": "11"})], JOBS, "degraded"),
        # The app's own log decides: its jobs are complete whatever happens.
        ([source({}, {"a": "11"}), source({"job": "12"})], JOBS, "failing"),
        ([source({"a": "10"}), source({}, {"job": "12"})], JOBS, "degraded"),
        # ... but not if it wrote nothing.
        ([source(), source({}, {"job": "12"})], JOBS, "failing"),
        ([source(), source({"job": "12"})], JOBS, "ok"),
        # On purpose, and whatever was before.
        ([source({}, {"a": "11"})], {"count": 2, "stopped": 2}, "off"),
        ([source()], {"count": 0, "stopped": 0}, "silent"),
    ],
)
def test_status(sources: list[dict[str, Any]], jobs: dict[str, int], status: str) -> None:
    assert status_of(sources, jobs) == status


@pytest.mark.parametrize(
    ("statuses", "of_all"),
    [([], "silent"), (["ok"], "ok"), (["ok", "silent"], "silent"), (["failing", "ok", "degraded"], "failing")],
)
def test_the_worst(statuses: list[str], of_all: str) -> None:
    assert worst(statuses) == of_all


@pytest.mark.parametrize(
    ("state", "because", "age", "status"),
    [
        ("enabled", [], 60, "active"),
        ("enabled", [], 901, "late"),
        ("enabled", [], None, "late"),
        ("enabled", ["maintenance_mode"], 60, "inactive"),
        ("disabled", ["System Settings.enable_scheduler"], 60, "inactive"),
    ],
)
def test_the_scheduler(state: str, because: list[str], age: int | None, status: str) -> None:
    assert scheduler_status({"state": state, "inactive_because": because}, age) == status


@pytest.mark.parametrize(
    ("at", "age"),
    [("", None), (None, None), ("2026-01-02 11:59:00.5", 59), (NOW, 0), ("2026-01-02 12:30:00", 0)],
)
def test_ages(at: Any, age: int | None) -> None:
    assert age_of(at, NOW) == age


def test_totals_over_all_sources() -> None:
    first = source({"a": "10"}, {"b": "09"}, retries=[{"kind": "a", "retries": 2, "count": 3}])
    first["durations"] = [{"kind": "a", "count": 3, "average_ms": 100, "max_ms": 200}]
    second = source({"a": "11"}, retries=[{"kind": "x", "retries": n, "count": 1} for n in (2, 10)])
    second["durations"] = [{"kind": "x", "count": 1, "average_ms": 500, "max_ms": 500}]
    assert totals([first, second]) == {
        "last_success": "11",
        "failures": 2,
        "retries": {"2": 4, "10": 1},
        "duration": {"count": 4, "average_ms": 200, "max_ms": 500},
    }


def test_totals_of_nothing() -> None:
    assert totals([source()]) == {
        "last_success": "",
        "failures": 0,
        "retries": {},
        "duration": {"count": 0, "average_ms": None, "max_ms": None},
    }
