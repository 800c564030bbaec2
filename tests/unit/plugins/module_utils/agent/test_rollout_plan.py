# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a bench stands in a roll-out."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._rollout_plan import after, left_seconds, stage

NOW = 1_795_219_200.0
A, B = {"shop": "a" * 40}, {"shop": "b" * 40}


def record(state: str, target: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "state": state,
        "wave": "canary",
        "target": B if target is None else target,
        "begun": NOW - 900,
        "since": NOW - 600,
        "point": "p",
        "baseline": {"hours": 24},
        "faults": [],
        "accepted": {},
        "history": [],
        **more,
    }


@pytest.mark.parametrize(
    ("known", "needed", "soak", "wanted"),
    [
        ({}, True, 30, "new"),
        ({}, False, 30, "there"),
        (record("passed", A), True, 30, "new"),
        (record("passed", A), False, 30, "there"),
        (record("begun"), True, 30, "new"),
        (record("begun"), False, 30, "updated"),
        (record("begun", A), False, 30, "updated"),  # went to other commits than were planned
        (record("soaking"), False, 30, "soaking"),
        (record("soaking"), False, 10, "due"),
        (record("soaking"), False, 0, "due"),
        (record("soaking"), True, 30, "new"),  # somebody took it back
        (record("soaking", A), False, 30, "there"),
        (record("passed"), False, 30, "passed"),
        (record("failed"), False, 0, "due"),
        (record("failed"), True, 0, "refused"),
        (record("failed", A), True, 0, "new"),
        (record("undone"), True, 0, "refused"),
        (record("undone"), False, 0, "updated"),
    ],
)
def test_stages(known: dict[str, Any], needed: bool, soak: float, wanted: str) -> None:
    assert stage(known, B, needed, soak, NOW) == wanted


@pytest.mark.parametrize(("since", "minutes", "left"), [(600, 30, 1200), (600, 10, 0), (600, 0, 0), (-30, 1, 90)])
def test_what_is_left_of_a_soak(since: float, minutes: float, left: int) -> None:
    assert left_seconds({"since": NOW - since}, minutes, NOW) == left


def test_a_record_from_the_future_is_no_clock() -> None:
    with pytest.raises(ErpopsError, match="from the future"):
        left_seconds({"since": NOW + 3600}, 30, NOW)


DONE = {
    "state": "over", "outcome": "done", "purpose": "update", "ended": NOW - 60, "point": "p1", "to": {**B, "crm": "c"}
}  # fmt: skip


def test_a_roll_out() -> None:
    begun = after({}, "begun", {"wave": "first", "target": B, "baseline": {"hours": 24}}, {}, NOW - 300)
    assert (begun["state"], begun["wave"], begun["begun"], begun["since"]) == ("begun", "first", NOW - 300, 0)
    again = after(begun, "begun", {"target": B, "baseline": {"hours": 1}}, {}, NOW)
    assert again == begun, "what was measured before an update that was ended is kept"
    soaking = after(begun, "soaking", {}, DONE, NOW)
    assert (soaking["since"], soaking["point"], soaking["target"]) == (NOW - 60, "p1", B)
    assert after(soaking, "soaking", {}, DONE, NOW + 9) == soaking
    failed = after(soaking, "failed", {"faults": ["slow"]}, DONE, NOW)
    assert (failed["state"], failed["faults"]) == ("failed", ["slow"])
    assert after(failed, "failed", {"faults": ["slow"]}, DONE, NOW + 9) == failed
    with pytest.raises(ErpopsError, match="nobody said why"):
        after(failed, "passed", {"faults": ["slow"], "reason": " "}, DONE, NOW)
    accepted = after(failed, "passed", {"faults": ["slow"], "reason": "the shop's fault"}, DONE, NOW)
    assert accepted["accepted"] == {"at": NOW, "reason": "the shop's fault"}
    assert [one["state"] for one in accepted["history"]] == ["begun", "soaking", "failed", "passed"]
    well = after(failed, "passed", {"faults": []}, DONE, NOW)
    assert (well["state"], well["faults"], well["accepted"]) == ("passed", [], {})
    assert after(well, "passed", {"faults": []}, DONE, NOW + 9) == well
    assert after(accepted, "undone", {}, DONE, NOW)["state"] == "undone"


def test_another_target_begins_anew_and_keeps_the_history() -> None:
    passed = after(record("soaking"), "passed", {}, {}, NOW)
    other = after(passed, "begun", {"target": A, "baseline": {}}, {}, NOW)
    assert (other["target"], other["since"], other["point"], len(other["history"])) == (A, 0, "", 2)


@pytest.mark.parametrize(
    "journal",
    [
        {},
        {**DONE, "outcome": "undone"},
        {**DONE, "purpose": "back"},
        {**DONE, "state": "switched"},
        {**DONE, "ended": NOW - 901},  # of an update before
    ],
)
def test_without_its_update_s_end_the_soak_begins_now(journal: dict[str, Any]) -> None:
    found = after(record("begun"), "soaking", {}, journal, NOW)
    assert (found["since"], found["point"], found["target"]) == (NOW, "", B)


def test_a_branch_that_moved_meanwhile_is_told_as_it_is() -> None:
    moved = {**DONE, "to": A}
    assert after(record("begun"), "soaking", {}, moved, NOW)["target"] == A


@pytest.mark.parametrize(
    ("state", "wanted"),
    [("", "soaking"), ("", "passed"), ("begun", "passed"), ("passed", "failed"), ("begun", "undone")],
)
def test_what_does_not_follow_is_refused(state: str, wanted: str) -> None:
    with pytest.raises(ErpopsError, match=f"cannot be {wanted} now"):
        after(record(state) if state else {}, wanted, {}, {}, NOW)
