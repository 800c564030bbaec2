# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check found, in words."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_outcome import (
    bounds,
    cut,
    judged,
    listed,
    quoted,
    start_of,
    within,
)


def test_all_faults_are_told() -> None:
    found = judged(["one", "two"], "fine", "both", hint="look", value=3)
    assert (found.ok, found.seen, found.needed, found.hint, found.value) == (False, "one; two", "both", "look", 3)
    found = judged([], "fine", "both", hint="look")
    assert (found.ok, found.seen, found.hint) == (True, "fine", "")


@pytest.mark.parametrize(
    ("names", "text"),
    [([], "none"), (["a"], "a"), (["a", 1], "a, 1"), (list("abcdefgh"), "a, b, c, d, e, f, g, h"),
     (list("abcdefghij"), "a, b, c, d, e, f, g, h and 2 more")],
)  # fmt: skip
def test_a_list(names: list[Any], text: str) -> None:
    assert listed(names) == text


def test_a_long_text_is_cut_to_one_line() -> None:
    assert cut("a\n  b\tc ") == "a b c"
    assert (cut("x" * 300)[-4:], len(cut("x" * 300))) == ("x...", 200)


@pytest.mark.parametrize(("value", "text"), [("a", "'a'"), ("1", "'1'"), (1, "1"), (None, "empty"), ("", "''")])
def test_a_value(value: Any, text: str) -> None:
    assert quoted(value) == text


@pytest.mark.parametrize(
    ("args", "count", "fits", "words"),
    [
        ({}, 0, True, ""),
        ({"equals": 0}, 0, True, "exactly 0"),
        ({"equals": 0}, 1, False, "exactly 0"),
        ({"min": 1}, 0, False, "at least 1"),
        ({"min": 1, "max": 2}, 2, True, "at least 1, at most 2"),
        ({"min": 1, "max": 2}, 3, False, "at least 1, at most 2"),
    ],
)
def test_bounds(args: dict[str, int], count: int, fits: bool, words: str) -> None:
    assert (within(count, args), bounds(args)) == (fits, words)


@pytest.mark.parametrize(
    ("since", "start"),
    [
        (0, "2026-01-02 12:00:00.000000"),
        (90.5, "2026-01-02 11:58:29.500000"),
        (99_999_999, "2022-11-02 02:13:21.000000"),
        (1_700_000_000, "2026-01-02 11:50:00.000000"),  # ten minutes before the caller's now
    ],
)
def test_a_time_is_told_by_the_sites_clock(since: float, start: str) -> None:
    assert start_of(since, datetime.datetime.fromisoformat("2026-01-02 12:00:00"), 1_700_000_600) == start
