# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a bench may be changed: windows over midnight, time zones, nights on which the clock is changed, freezes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._rollout_calendar import calendar

BERLIN = {"timezone": "Europe/Berlin"}
NIGHT = {"from": "22:00", "to": "04:00", **BERLIN}
WEEKEND = {**NIGHT, "days": ["fri", "sat"]}


def at(utc: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"{utc}+00:00")


def opens(window: dict[str, Any], utc: str) -> str:
    found = calendar(window, [], at(utc))
    assert found["open"] == (found["opens"] == "")
    return str(found["opens"])


@pytest.mark.parametrize(
    ("window", "utc", "wanted"),
    [
        ({}, "2026-11-21 12:00", ""),
        # Winter: Berlin is one hour ahead. 2026-11-21 is a Saturday.
        (NIGHT, "2026-11-21 20:59", "Sat 2026-11-21 22:00 Europe/Berlin"),
        (NIGHT, "2026-11-21 21:00", ""),
        (NIGHT, "2026-11-22 02:59", ""),
        (NIGHT, "2026-11-22 03:00", "Sun 2026-11-22 22:00 Europe/Berlin"),
        # The day is that on which it begins: the night of Saturday ends on Sunday.
        (WEEKEND, "2026-11-22 02:00", ""),
        (WEEKEND, "2026-11-22 21:30", "Fri 2026-11-27 22:00 Europe/Berlin"),
        (WEEKEND, "2026-11-20 02:00", "Fri 2026-11-20 22:00 Europe/Berlin"),
        ({**WEEKEND, "days": ["Friday"]}, "2026-11-21 02:00", ""),
        ({**WEEKEND, "days": ["Friday"]}, "2026-11-21 22:30", "Fri 2026-11-27 22:00 Europe/Berlin"),
        # Within one day; and a whole one.
        ({"from": "9:30", "to": "10:00"}, "2026-11-21 09:45", ""),
        ({"from": "9:30", "to": "10:00"}, "2026-11-21 10:00", "Sun 2026-11-22 09:30 UTC"),
        ({"from": "00:00", "to": "00:00", "days": ["sun"]}, "2026-11-22 23:59", ""),
        ({"from": "00:00", "to": "00:00", "days": ["sun"]}, "2026-11-23 00:00", "Sun 2026-11-29 00:00 UTC"),
        ({"from": "22:00", "to": "02:00", "timezone": "Asia/Dubai"}, "2026-11-21 19:00", ""),
        # Summer: two hours.
        (NIGHT, "2026-07-01 19:59", "Wed 2026-07-01 22:00 Europe/Berlin"),
        (NIGHT, "2026-07-01 20:00", ""),
    ],
)
def test_windows(window: dict[str, Any], utc: str, wanted: str) -> None:
    assert opens(window, utc) == wanted


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        # 2026-03-29: 02:00 is followed by 03:00, the night is an hour shorter.
        (NIGHT, "2026-03-28 21:00", "2026-03-29 01:59"),
        # 02:30 is not there: the window begins when the clock would show it, which is 03:30.
        ({"from": "02:30", "to": "05:00", **BERLIN}, "2026-03-29 01:30", "2026-03-29 02:59"),
        # 2026-10-25: 03:00 is followed by 02:00, the night is an hour longer.
        (NIGHT, "2026-10-24 20:00", "2026-10-25 02:59"),
        # 02:30 is there twice: from the first to the second.
        ({"from": "02:30", "to": "02:45", **BERLIN}, "2026-10-25 00:30", "2026-10-25 01:44"),
    ],
)
def test_nights_on_which_the_clock_is_changed(window: dict[str, Any], first: str, last: str) -> None:
    minute = datetime.timedelta(minutes=1)
    begin, end = at(first), at(last)
    assert [calendar(window, [], moment)["open"] for moment in (begin - minute, begin, end, end + minute)] == [
        False,
        True,
        True,
        False,
    ]


YEAR_END = {"from": "2026-12-24", "to": "2027-01-02", "reason": "year end", **BERLIN}


@pytest.mark.parametrize(
    ("freeze", "utc", "frozen"),
    [
        (YEAR_END, "2026-12-23 22:59", ""),
        (YEAR_END, "2026-12-23 23:00", "until Sun 2027-01-03 00:00 Europe/Berlin (year end)"),
        (YEAR_END, "2027-01-02 22:59", "until Sun 2027-01-03 00:00 Europe/Berlin (year end)"),
        (YEAR_END, "2027-01-02 23:00", ""),
        ({**YEAR_END, "from": datetime.date(2026, 12, 24)}, "2026-12-24 00:00", "until Sun 2027-01-03 00:00 "),
        ({"from": "2026-11-27 08:00", "to": "2026-11-27 20:00", "reason": "sale"}, "2026-11-27 08:00", "until Fri"),
        ({"from": "2026-11-27 08:00", "to": "2026-11-27 20:00", "reason": "sale"}, "2026-11-27 20:00", ""),
        ({"from": "2026-11-27T08:00+04:00", "to": "2026-11-28", "reason": "sale"}, "2026-11-27 04:00", "until Sun"),
        (
            {
                "from": datetime.datetime(2026, 11, 27, 8),  # noqa: DTZ001 -- as YAML reads it
                "to": "2026-11-28",
                "reason": "sale",
            },
            "2026-11-27 08:00",
            "until Sun 2026-11-29 00:00 UTC (sale)",
        ),
    ],
)
def test_freezes(freeze: dict[str, Any], utc: str, frozen: str) -> None:
    found = calendar({}, [freeze], at(utc))
    assert found["open"] is True
    assert found["frozen"].startswith(frozen)
    assert bool(found["frozen"]) == bool(frozen)


def test_several_freezes_are_all_told() -> None:
    other = {"from": "2026-12-01", "to": "2026-12-31", "reason": "audit"}
    assert (
        "year end); until Fri 2027-01-01 00:00 UTC (audit"
        in calendar({}, [YEAR_END, other], at("2026-12-25 12:00"))["frozen"]
    )


@pytest.mark.parametrize(
    ("window", "freeze", "told"),
    [
        ({"from": 1320, "to": "04:00"}, {}, "from is 1320; needed is a time such as"),
        ({"from": "22:00"}, {}, "to is None"),
        ({"from": "24:00", "to": "04:00"}, {}, "from is '24:00'"),
        ({**NIGHT, "timezone": "Europe/Atlantis"}, {}, "'Europe/Atlantis' is no time zone"),
        ({**NIGHT, "timezone": "../etc/passwd"}, {}, "is no time zone"),
        ({**NIGHT, "days": ["frei"]}, {}, "frei is none of mon"),
        ({**NIGHT, "days": "fri"}, {}, "days is 'fri'"),
        ({**NIGHT, "days": []}, {}, "days is []"),
        ({**NIGHT, "day": ["fri"]}, {}, "unknown day"),
        ({}, {**YEAR_END, "reason": " "}, "a freeze has no reason"),
        ({}, {**YEAR_END, "to": "soon"}, "to is 'soon'"),
        ({}, {**YEAR_END, "to": None}, "to is None"),
        ({}, {**YEAR_END, "to": "2026-12-01"}, "ends before it begins"),
        ({}, {**YEAR_END, "until": "2026-12-01"}, "unknown until"),
    ],
)
def test_what_cannot_be_read_is_refused(window: dict[str, Any], freeze: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 -- the text is compared below
        calendar(window, [freeze] if freeze else [], at("2026-11-21 12:00"))
    assert told in str(error.value)
