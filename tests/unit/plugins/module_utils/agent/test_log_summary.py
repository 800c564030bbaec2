# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of a log say."""

from __future__ import annotations

from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils.agent._log_summary import summary

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
