# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of a log say."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._log_summary import (
    duration_ms,
    error_pattern,
    summary,
)

FIELDS = {
    "time": "at",
    "status": "status",
    "kind": "kind",
    "error": "error",
    "retries": "retries",
    "duration": "ms",
    "success": "Success",
    "failure": "Failed",
}


def row(status: str, at: str = "10:00", **more: Any) -> dict[str, Any]:
    return {"status": status, "at": f"2026-01-01 {at}:00.123456", "kind": "Price", **more}


def test_no_rows() -> None:
    found = summary([], FIELDS)
    assert found == {"total": 0, "statuses": {}, "failures": [], "retries": [], "durations": [], "last_success": {}}


def test_failures_are_grouped_by_kind_and_error_most_frequent_first() -> None:
    rows = [
        row("Failed", "10:00", error="HTTP 503"),
        row("Failed", "10:30", error="HTTP 401"),
        row("Failed", "11:00", error="HTTP  503\n"),
        row("Failed", error="x" * 500, kind="Media"),
    ]
    found = summary(rows, FIELDS)["failures"]
    assert found[0] == {"kind": "Price", "error": "HTTP 503", "count": 2, "last": "2026-01-01 11:00:00"}
    assert [(item["kind"], item["count"]) for item in found[1:]] == [("Media", 1), ("Price", 1)]
    assert len(found[1]["error"]) == 200


def test_durations_are_those_of_successes() -> None:
    rows = [row("Success", ms=100), row("Success", "12:00", ms=301), row("Failed", ms=30000), row("Success", ms=None)]
    found = summary(rows, FIELDS)
    assert found["durations"] == [{"kind": "Price", "count": 2, "average_ms": 200, "max_ms": 301}]
    assert found["last_success"] == {"Price": "2026-01-01 12:00:00"}
    assert found["statuses"] == {"Failed": 1, "Success": 3}


def test_retries_are_counted() -> None:
    rows = [
        row("Retrying", retries=1),
        row("Retrying", retries=1),
        row("Retrying", retries=3),
        row("Failed", retries=0),
    ]
    assert summary(rows, FIELDS)["retries"] == [
        {"kind": "Price", "retries": 1, "count": 2},
        {"kind": "Price", "retries": 3, "count": 1},
    ]


def test_a_log_without_such_fields() -> None:
    found = summary(
        [row("Success", ms=5), row("Failed", error="e")], {**FIELDS, "kind": "", "error": "", "duration": ""}
    )
    assert found["failures"] == [{"kind": "", "error": "", "count": 1, "last": "2026-01-01 10:00:00"}]
    assert found["durations"] == []


@pytest.mark.parametrize(
    ("error", "pattern"),
    [
        ("HTTP 503", "HTTP 503"),
        ("no item SKU-0042 in order 100234", "no item SKU-# in order #"),
        ("request 5f0c1e6a-9d7b-4c3e-8a2f-6b1d0e9c8a7b failed", "request # failed"),
        ("digest 5f0c1e6a9d7b4c3e", "digest #"),
        ("KeyError: 'billing'", "KeyError: 'billing'"),
        ("a deadbeef", "a deadbeef"),
        (" a\n b ", "a b"),
        ("api_key=abcd refused", "api_key=******** refused"),
    ],
)
def test_what_names_a_single_record_is_left_out(error: str, pattern: str) -> None:
    assert error_pattern(error) == pattern


def test_equal_causes_count_as_one() -> None:
    rows = [row("Failed", error=f"no item SKU-{n:04}") for n in range(3)]
    assert [(one["error"], one["count"]) for one in summary(rows, FIELDS)["failures"]] == [("no item SKU-#", 3)]


def test_a_status_may_have_several_words() -> None:
    words = {**FIELDS, "success": ["Ack", "Queued"], "failure": ["Failed", "InvalidSignature"]}
    found = summary([row("Ack"), row("Queued"), row("InvalidSignature"), row("Other")], words)
    assert (found["last_success"], sum(one["count"] for one in found["failures"])) == (
        {"Price": "2026-01-01 10:00:00"},
        1,
    )


@pytest.mark.parametrize(
    ("fields", "values", "took"),
    [
        ({"duration": "ms"}, {"ms": 5}, 5),
        ({"duration": "ms"}, {"ms": None}, None),
        ({"started": "b", "ended": "e"}, {"b": "2026-01-01 10:00:00", "e": "2026-01-01 10:00:01.5"}, 1500),
        ({"started": "b", "ended": "e"}, {"b": "2026-01-01 10:00:00", "e": None}, None),
        ({"started": "b", "ended": "e"}, {"b": "2026-01-01 10:00:01", "e": "2026-01-01 10:00:00"}, 0),
        ({}, {}, None),
    ],
)
def test_durations_from_one_field_or_two(fields: dict[str, str], values: dict[str, Any], took: int | None) -> None:
    assert duration_ms(values, fields) == took
