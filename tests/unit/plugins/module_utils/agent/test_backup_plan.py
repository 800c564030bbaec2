# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retention and slots, as tables of cases. Nothing here looks at a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup_plan import (
    check_policy,
    newest,
    retention,
    slot_name,
)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOW = at("2026-11-21 12:00")
DAY = 86400.0


def one(name: str, taken: str | float, **other: Any) -> dict[str, Any]:
    when = at(taken) if isinstance(taken, str) else taken
    return {"name": name, "taken": when, "purpose": "scheduled", "whole": True, **other}


def days(count: int, step: float = 1.0) -> list[dict[str, Any]]:
    """Sets of the last days, each at noon: d0 is of now."""
    return [one(f"d{number}", NOW - number * step * DAY) for number in range(count)]


def removed(sets: list[dict[str, Any]], policy: dict[str, Any], now: float = NOW) -> list[str]:
    return [name for name, why in retention(sets, policy, now).items() if not why]


@pytest.mark.parametrize(
    ("slot", "moment", "name"),
    [
        ("hour", "2026-11-21 17:59:59", "scheduled-2026-11-21T17"),
        ("day", "2026-11-21 23:59:59", "scheduled-2026-11-21"),
        ("day", "2026-11-22 00:00:00", "scheduled-2026-11-22"),
        # ISO weeks: the last days of December are of the first week of the next year, and the other way round.
        ("week", "2024-12-30 00:00:00", "scheduled-2025-W01"),
        ("week", "2027-01-03 12:00:00", "scheduled-2026-W53"),
        ("month", "2026-02-28 12:00:00", "scheduled-2026-02"),
    ],
)
def test_a_slot_has_one_name(slot: str, moment: str, name: str) -> None:
    assert slot_name(slot, at(moment)) == name


def test_there_is_no_such_slot() -> None:
    with pytest.raises(ErpopsError, match="Needed: hour, day, week, month"):
        slot_name("minute", NOW)


@pytest.mark.parametrize(
    ("sets", "policy", "gone"),
    [
        pytest.param(days(5), {}, [], id="no policy"),
        pytest.param(days(5), {"last": None, "daily": 0}, [], id="a policy that says nothing"),
        pytest.param(days(5), {"last": 2}, ["d2", "d3", "d4"], id="FIFO"),
        pytest.param(days(2), {"last": 5}, [], id="fewer than may be kept"),
        pytest.param([], {"last": 1}, [], id="nothing there"),
        pytest.param(days(4), {"daily": 2}, ["d2", "d3"], id="days"),
        pytest.param(
            [one("late", "2026-11-21 11:00"), one("early", "2026-11-21 01:00"), one("before", "2026-11-20 23:59")],
            {"daily": 2},
            ["early"],
            id="the newest of a day stays",
        ),
        pytest.param(
            [one("h2", "2026-11-21 02:59"), one("h2a", "2026-11-21 02:01"), one("h1", "2026-11-21 01:30")],
            {"hourly": 2},
            ["h2a"],
            id="hours",
        ),
        pytest.param(
            days(15), {"weekly": 2}, [f"d{n}" for n in range(15) if n not in (0, 6)], id="weeks end on Sunday"
        ),
        pytest.param(
            [one("nov", "2026-11-20"), one("nov1", "2026-11-01"), one("oct", "2026-10-31"), one("sep", "2026-09-30")],
            {"monthly": 2},
            ["nov1", "sep"],
            id="months",
        ),
        pytest.param(
            [one("y26", "2026-11-20"), one("y25", "2025-12-31"), one("y25a", "2025-01-01"), one("y24", "2024-06-01")],
            {"yearly": 2},
            ["y25a", "y24"],
            id="years",
        ),
        pytest.param(
            days(400),
            {"daily": 7, "weekly": 4, "monthly": 12, "yearly": 2},
            # Seven days, the Sundays of the 15th, 8th and 1st of November, the last of twelve months (that of December
            # is its year's too).
            [
                f"d{number}"
                for number in range(400)
                if number not in (*range(7), 13, 20, 21, 52, 82, 113, 144, 174, 205, 235, 266, 294, 325)
            ],
            id="GFS over a year",
        ),
        pytest.param(
            [one("a", "2026-09-03"), one("b", "2026-09-02"), one("c", "2026-09-01")],
            {"daily": 2},
            ["c"],
            id="nothing for two months, and the newest days stay all the same",
        ),
        pytest.param(
            [*days(3), one("undone-x", NOW - 900 * DAY, purpose=""), one("move-y", NOW - 900 * DAY, purpose="move")],
            {"last": 1},
            ["d1", "d2"],
            id="sets of others are not counted and not removed",
        ),
        pytest.param(
            [one("bad", NOW, whole=False), one("good", NOW - DAY), one("old", NOW - 2 * DAY)],
            {"last": 1},
            ["old"],
            id="a damaged one is no backup: the newest whole one stays, the damaged one too",
        ),
        pytest.param(
            [one("future", NOW + 30 * DAY), *days(3)],
            {"last": 1},
            ["d1", "d2"],
            id="the clock was ahead when one was taken: it takes the place of none",
        ),
        pytest.param(
            [one("skew", NOW + 600), *days(2)], {"last": 1}, ["d0", "d1"], id="ten minutes ahead are the same"
        ),
        pytest.param([one("b", NOW), one("a", NOW)], {"last": 1}, ["a"], id="two of one moment: by name"),
    ],
)
def test_what_goes(sets: list[dict[str, Any]], policy: dict[str, Any], gone: list[str]) -> None:
    assert removed(sets, policy) == gone


def test_a_clock_that_jumps_ahead_removes_nothing_of_days() -> None:
    """A year later by a wrong clock: the same sets stay as before."""
    sets, policy = days(10), {"daily": 5}
    assert removed(sets, policy, NOW + 365 * DAY) == removed(sets, policy, NOW)


def test_a_clock_that_jumps_back_removes_nothing() -> None:
    """What was taken since is from the future then, and stays."""
    assert removed(days(5), {"last": 1}, NOW - 10 * DAY) == []


@pytest.mark.parametrize("policy", [{"last": 1}, {"daily": 1}, {"yearly": 1}])
def test_the_newest_never_goes(policy: dict[str, Any]) -> None:
    for sets in (days(1), days(30), days(3, step=0.01), [one("x", NOW - 5000 * DAY)]):
        assert retention(sets, policy, NOW)[sets[0]["name"]][0] == "the newest"


def test_reasons_are_told() -> None:
    assert retention(days(1), {"last": 1, "daily": 1}, NOW) == {"d0": ["the newest", "last 1", "daily 2026-11-21"]}


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"daily": -1}, "daily is -1"),
        ({"daily": "7"}, "daily is '7'"),
        ({"daily": True, "centuries": 1}, "centuries is no rule; daily is True"),
    ],
)
def test_a_policy_that_cannot_be_followed(policy: dict[str, Any], said: str) -> None:
    with pytest.raises(ErpopsError) as error:
        check_policy(policy)
    assert (error.value.seen, error.value.status) == (said, 400)


def test_the_newest_is_whole_of_the_schedule_and_not_from_the_future() -> None:
    sets = [
        one("future", NOW + DAY),
        one("bad", NOW, whole=False),
        one("move", NOW, purpose=""),
        *days(3, step=2)[1:],
    ]
    found = newest(sets, NOW)
    assert found is not None
    assert found["name"] == "d1"
    assert newest(sets[:3], NOW) is None
