# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a trial's exceptions and answers mean."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_trial import (
    answer_faults,
    blame,
    fits,
    raised,
)

ANSWER: dict[str, Any] = {
    "status": "ok",
    "done": True,
    "counts": {"errors": 0},
    "rows": [1, 2],
    "api_key": "open-secret",
}


@pytest.mark.parametrize(
    ("args", "faults"),
    [
        ({"expect": {"status": "ok", "counts.errors": 0, "done": True}}, []),
        ({"expect": {"status": "no"}}, ['status is "ok"']),
        ({"expect": {"done": 1}}, ["done is true"]),
        ({"expect": {"gone": 1}}, ["no gone (api_key, counts, done, rows, status)"]),
        ({"expect_min": {"rows": 2, "counts.errors": 0}}, []),
        ({"expect_min": {"rows": 3}}, ["rows is [1, 2]"]),
        ({"expect_max": {"counts.errors": 0}}, []),
        ({"expect_max": {"rows": 1}}, ["rows is [1, 2]"]),
        ({"expect_max": {"status": 1}}, ['status is "ok"']),
    ],
)
def test_answers(args: dict[str, Any], faults: list[str]) -> None:
    assert answer_faults(ANSWER, args) == faults


def test_an_answer_that_is_no_mapping() -> None:
    assert answer_faults("pong", {"expect": {"answer": "pong"}}) == []
    assert answer_faults([1], {"expect_min": {"answer": 2}}) == ["answer is [1]"]
    assert answer_faults(None, {"expect": {"answer": 1}}) == ["answer is null"]


def test_a_secret_of_an_answer_is_not_shown() -> None:
    assert "open-secret" not in str(answer_faults(ANSWER, {"expect": {"api_key": "x"}}))


@pytest.mark.parametrize(
    ("what", "found", "wanted", "ok"),
    [
        ("expect", 1, True, False),
        ("expect", 1, 1.0, True),
        ("expect_min", True, 1, False),
        ("expect_max", None, 1, False),
    ],
)
def test_fits(what: str, found: Any, wanted: Any, ok: bool) -> None:
    assert fits(what, found, wanted) is ok


@pytest.mark.parametrize(
    ("frames", "where"),
    [
        ([], ""),
        ([("<agent>", 1)], ""),
        (
            [("/b/apps/frappe/frappe/a.py", 3), ("/b/apps/shop/shop/hooks.py", 4), ("/b/apps/frappe/frappe/b.py", 5)],
            "shop/shop/hooks.py:4",
        ),
        ([("/b/apps/shop/shop/a.py", 4), ("/b/env/lib/requests.py", 5)], "shop/shop/a.py:4"),
        ([("/b/apps/frappe/frappe/a.py", 4), ("/b/apps/frappe/frappe/b.py", 5)], "frappe/frappe/b.py:5"),
    ],
)  # fmt: skip
def test_who_raised_it(frames: list[tuple[str, int]], where: str) -> None:
    assert blame(frames) == where


def test_what_was_raised() -> None:
    assert raised(ValueError("is <b>wrong</b>")) == "ValueError: is wrong"
    assert raised(KeyError()) == "KeyError"
