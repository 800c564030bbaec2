# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small language of site_task, as tables of cases."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._task_plan import (
    Condition,
    add_counts,
    check_task,
    count_answer,
    dig,
    failures,
    is_change,
)

ANSWER = {"errors": 0, "fetched": 5, "done": True, "more": 0, "text": "all", "cursor": None, "a": {"b": {"c": 7}}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("errors > 0", False),
        ("errors >= 0", True),
        ("errors == 0", True),
        ("errors != 0", False),
        ("errors < fetched", True),
        ("fetched <= errors", False),
        ("fetched == 5.0", True),
        ("done == true", True),
        ("done == False", False),
        ("more == false", True),
        ("cursor == none", True),
        ("cursor != null", False),
        ("text == 'all'", True),
        ('text == "none"', False),
        ("a.b.c > 6", True),
        ("a.b.c == fetched", False),
        ("  errors  >0 ", False),
    ],
)
def test_a_condition(text: str, expected: bool) -> None:
    assert Condition.parse(text).holds(ANSWER) is expected


@pytest.mark.parametrize(
    "text", ["", "errors", "errors >", "> 0", "errors > 0 or x", "errors = 0", "1 > errors", "e => 1"]
)
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(ErpopsError, match="cannot read this condition") as caught:
        Condition.parse(text)
    assert (caught.value.status, caught.value.object) == (400, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("missing > 0", "has no 'missing'"),
        ("errors > missing", "has no 'missing'"),
        ("a.x == 1", "has no 'a.x'"),
        ("text.x == 1", "has no 'text.x'"),
        ("text > 0", "cannot compare"),
        ("cursor > 0", "cannot compare"),
    ],
)
def test_a_condition_that_cannot_be_told(text: str, message: str) -> None:
    with pytest.raises(ErpopsError) as caught:
        Condition.parse(text).holds(ANSWER)
    assert message in caught.value.message
    assert caught.value.status == 422


@pytest.mark.parametrize(
    ("answer", "seen"), [({}, "an empty answer"), ({"b": 1, "a": 2}, "a, b"), (None, "NoneType"), ([1], "list")]
)
def test_a_missing_key_says_what_there_is(answer: Any, seen: str) -> None:
    with pytest.raises(ErpopsError) as caught:
        dig(answer, "x.y")
    assert caught.value.seen == seen


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, {}),
        ({"errors": "errors"}, {"errors": 0}),
        ({"deep": "a.b.c"}, {"deep": 7}),
        ({"rows": "rows"}, {"rows": 3}),
        ({"half": "half"}, {"half": 2}),
    ],
)
def test_counts(counts: dict[str, str], expected: dict[str, int]) -> None:
    assert count_answer({**ANSWER, "rows": [1, 2, 3], "half": 2.9}, counts) == expected


@pytest.mark.parametrize("path", ["text", "done", "cursor"])
def test_what_is_no_number_is_no_count(path: str) -> None:
    with pytest.raises(ErpopsError, match="is no number") as caught:
        count_answer(ANSWER, {"x": path})
    assert caught.value.status == 422


def test_totals() -> None:
    assert add_counts({"a": 1, "b": 2}, {"b": 3, "c": 4}) == {"a": 1, "b": 5, "c": 4}


@pytest.mark.parametrize(
    ("totals", "changed_counts", "expected"),
    [
        ({}, None, True),  # nothing is known
        ({"fetched": 5}, None, False),
        ({"fetched": 5, "created": 0}, None, False),
        ({"fetched": 5, "created": 1}, None, True),
        ({"fetched": 5}, ["fetched"], True),
        ({"created": 5}, ["fetched"], False),
        ({"created": 5}, [], False),
    ],
)
def test_what_is_a_change(totals: dict[str, int], changed_counts: list[str] | None, expected: bool) -> None:
    assert is_change(totals, changed_counts) is expected


def test_failures_are_told_with_their_numbers() -> None:
    totals = {"errors": 2, "processed": 3, "fetched": 5}
    assert failures(totals, ["errors > 5", "errors > 0", "processed < fetched"]) == [
        "errors > 0 (errors=2)",
        "processed < fetched (processed=3, fetched=5)",
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"fail_when": ["errors > 0"]}, "names 'errors'"),
        ({"counts": {"errors": "x"}, "fail_when": ["errors > fetched"]}, "names 'fetched'"),
        ({"counts": {"errors": "x"}, "fail_when": ["errors"]}, "cannot read"),
        ({"paging": {"until": "done"}}, "cannot read"),
        ({"paging": {"until": "done == true"}, "mode": "enqueued"}, "has no pages"),
    ],
)
def test_a_task_is_checked_before_it_runs(args: dict[str, Any], message: str) -> None:
    with pytest.raises(ErpopsError) as caught:
        check_task(args)
    assert message in caught.value.message
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"counts": {"errors": "x"}, "fail_when": ["errors > 0", "errors != none"], "paging": {"until": "d == true"}},
    ],
)
def test_a_sound_task_passes(args: dict[str, Any]) -> None:
    check_task(args)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"growth": {"maps": "Note"}}, "maps: cannot read this growth. Seen: Note"),
        ({"growth": {"maps": {"filters": {}}}}, "cannot read this growth"),
        ({"growth": {"maps": {"doctype": "Note", "filter": {}}}}, "cannot read this growth"),
        ({"growth": {"made": {"doctype": "Note"}}, "counts": {"made": "made"}}, "counts and growth name the same"),
    ],
)
def test_what_is_no_growth(args: dict[str, Any], message: str) -> None:
    with pytest.raises(ErpopsError, match=message):
        check_task(args)


def test_growth_may_be_compared() -> None:
    check_task({"growth": {"maps": {"doctype": "Note"}}, "counts": {"made": "made"}, "fail_when": ["maps != made"]})
