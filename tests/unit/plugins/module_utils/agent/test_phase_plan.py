# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which phase of a roll-out may be entered, from which, and when."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._phase_plan import (
    HISTORY_LIMIT,
    Decision,
    decide,
    parse_phases,
    soak,
)

HOUR = 3600.0
NOW = 1_795_219_200.0
PHASES = parse_phases(
    [{"name": "dashboard", "soak_hours": 24}, {"name": "api", "soak_hours": 24}, {"name": "sync", "soak_hours": 48}]
)


def record(phase: str, hours: float = 0.0, suspended: float = 0) -> dict[str, Any]:
    """A phase that began ``hours`` ago."""
    if not phase:
        return {}
    return {"integration": "chatwoot", "phase": phase, "since": NOW - hours * HOUR, "suspended": suspended}


def go(now: dict[str, Any], wanted: str, reason: str = "") -> Decision:
    return decide(now, "chatwoot", PHASES, wanted, NOW, reason)


@pytest.mark.parametrize(
    ("now", "wanted", "action"),
    [
        (record(""), "dashboard", "begun"),
        (record("dashboard", 3), "dashboard", ""),
        (record("dashboard", 24), "api", "promoted"),
        (record("api", 24.5), "sync", "promoted"),
        (record("sync", 1), "sync", ""),
        (record("sync", 1), "api", "demoted"),
        (record("sync", 1), "dashboard", "demoted"),
        (record("api", 5, suspended=NOW - HOUR), "api", "resumed"),
        (record("api", 5, suspended=NOW - HOUR), "dashboard", "demoted"),
        (record("api", 5), "suspended", "suspended"),
        (record("api", 5, suspended=NOW - HOUR), "suspended", ""),
        (record(""), "suspended", ""),
        (record("sync", 5), "", "removed"),
        (record(""), "", ""),
    ],
)
def test_what_is_done(now: dict[str, Any], wanted: str, action: str) -> None:
    done = go(now, wanted)
    assert (done.action, done.overridden) == (action, [])
    if not action:
        assert done.record is now, "no step, no other record"
        return
    assert done.record["phase"] == {"suspended": now.get("phase"), "": ""}.get(wanted, wanted)
    assert done.record["history"][-1]["reason"] == ""
    assert bool(done.record["suspended"]) == (action == "suspended")


@pytest.mark.parametrize(
    ("now", "wanted", "seen", "hint"),
    [
        (
            record("dashboard", 2),
            "api",
            "dashboard has lasted 2.0 of 24 h",
            (
                "go to api, not before 2026-11-21 22:00 UTC; or say why it may be done all the same, which is logged: "
                "reason (chatwoot_soak_reason)"
            ),
        ),
        (record("dashboard", 23.99), "api", "dashboard has lasted 24.0 of 24 h", "go to api"),
        (record("dashboard", 2), "sync", "dashboard has lasted 2.0 of 24 h; api left out", "go to api, not before"),
        (record("dashboard", 200), "sync", "api left out", "go to api"),
        (record(""), "api", "never was in dashboard", "begin with phase dashboard"),
        (record(""), "sync", "never was in dashboard and api", "begin with phase dashboard"),
        (
            record("api", 90, suspended=NOW - HOUR),
            "sync",
            "api is suspended since 2026-11-20 23:00 UTC",
            "take phase api up again first",
        ),
    ],
)
def test_what_is_refused_unless_somebody_says_why(now: dict[str, Any], wanted: str, seen: str, hint: str) -> None:
    for reason in ("", "  \n"):
        with pytest.raises(ErpopsError, match=f"cannot go to phase {wanted} yet") as caught:
            go(now, wanted, reason)
        assert (caught.value.status, caught.value.seen) == (409, seen)
        assert hint in caught.value.hint
    done = go(now, wanted, " the old bridge is gone tonight ")
    assert done.action == ("promoted" if now else "begun")
    assert done.overridden == seen.split("; ")
    entry = done.record["history"][-1]
    assert entry["reason"] == "the old bridge is gone tonight"
    assert (entry["against"], entry["from"], entry["to"]) == (done.overridden, now.get("phase", ""), wanted)
    assert (done.record["since"], done.record["suspended"]) == (NOW, 0)


def test_a_reason_that_nobody_needed_is_not_logged() -> None:
    assert go(record("dashboard", 25), "api", "because").record["history"][-1]["reason"] == ""


@pytest.mark.parametrize("way", ["demoted", "resumed"])
def test_the_time_counts_anew(way: str) -> None:
    now = record("sync", 90) if way == "demoted" else record("api", 90, suspended=NOW - HOUR)
    after = go(now, "api").record
    with pytest.raises(ErpopsError, match="cannot go to phase sync yet") as caught:
        decide(after, "chatwoot", PHASES, "sync", NOW + 23 * HOUR, "")
    assert caught.value.seen == "api has lasted 23.0 of 24 h"
    assert decide(after, "chatwoot", PHASES, "sync", NOW + 24 * HOUR, "").action == "promoted"


def test_suspended_keeps_when_the_phase_began() -> None:
    after = go(record("sync", 5), "suspended").record
    assert (after["phase"], after["since"], after["suspended"]) == ("sync", NOW - 5 * HOUR, NOW)
    assert soak(after, PHASES, NOW) == (0.0, 48.0)


@pytest.mark.parametrize(
    ("ahead", "wanted", "refused"),
    [(30, "api", False), (7200, "api", True), (7200, "sync", True), (7200, "dashboard", False), (7200, "", False)],
)
def test_a_clock_that_was_set_back(ahead: float, wanted: str, refused: bool) -> None:
    now = {**record("api"), "since": NOW + ahead}
    if not refused:
        assert go(now, wanted).soaked_hours == 0.0
        return
    with pytest.raises(ErpopsError, match="from the future") as caught:
        go(now, wanted, reason="a reason does not make a clock right")
    assert "timedatectl" in caught.value.hint


@pytest.mark.parametrize(("wanted", "action"), [("suspended", "suspended"), ("", "removed"), ("api", "demoted")])
def test_no_wrong_clock_bars_the_way_back(wanted: str, action: str) -> None:
    assert go({**record("sync"), "since": NOW + 9 * HOUR}, wanted).action == action


@pytest.mark.parametrize("wanted", ["api", "suspended", ""])
def test_a_record_of_another_roll_out(wanted: str) -> None:
    with pytest.raises(ErpopsError, match="does not have") as caught:
        go(record("pilot", 3), wanted)
    assert (caught.value.status, caught.value.seen) == (422, "pilot")


def test_a_phase_that_is_none() -> None:
    with pytest.raises(ErpopsError, match="does not have"):
        go(record("api", 30), "4D")


@pytest.mark.parametrize(
    "items", [[], [{"name": "a"}, {"name": "a"}], [{"name": "a", "soak_hours": -1}]], ids=["none", "twice", "negative"]
)
def test_phases_that_are_none(items: list[dict[str, Any]]) -> None:
    with pytest.raises(ErpopsError, match="phases of a roll-out"):
        parse_phases(items)


def test_the_history_has_an_end() -> None:
    now: dict[str, Any] = record("dashboard", 30)
    for step in range(HISTORY_LIMIT + 10):
        now = go(now, "suspended" if step % 2 == 0 else "dashboard").record
    assert len(now["history"]) == HISTORY_LIMIT
    assert now["history"][-1]["action"] == "resumed"
