# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers of many checks as one result, or one message."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._checks import failure, line, summary


def check(title: str, ok: bool, **values: str) -> dict[str, Any]:
    return {"title": title, "kind": "apps", "ok": ok, "seen": "a", "needed": "b", "next": "" if ok else "c", **values}


@pytest.mark.parametrize(
    ("checks", "failed", "passed"),
    [([], 0, 0), ([check("A", True)], 0, 1), ([check("A", True), check("B", False)], 1, 1)],
)
def test_counts(checks: list[dict[str, Any]], failed: int, passed: int) -> None:
    assert summary({"checks": checks}) == {"checks": checks, "failed": failed, "passed": passed}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (check("A", False), "A: seen a, needed b. Next: c."),
        (check("A", False, needed="b.", next="c."), "A: seen a, needed b. Next: c."),
        (check("A", False, next=""), "A: seen a, needed b."),
    ],
)
def test_a_line(given: dict[str, Any], text: str) -> None:
    assert line(given) == text


def test_all_that_failed_is_in_one_message() -> None:
    answer = summary({"checks": [check("A", False), check("B", True), check("C", False)]})
    error = failure("a.localhost", answer)
    assert str(error).splitlines() == [
        "a.localhost: 2 of 3 checks failed",
        "A: seen a, needed b. Next: c.",
        "C: seen a, needed b. Next: c.",
    ]
    assert (error.status, error.data) == (409, {"site_checks": answer})
