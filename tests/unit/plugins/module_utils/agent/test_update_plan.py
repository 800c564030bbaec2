# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the way of an update, and what follows from how its migrations ended."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._update_plan import (
    PACKET,
    judge,
    left_out,
    sentence,
    site_faults,
    space_faults,
)

FINE: dict[str, Any] = {
    "site": "a.localhost",
    "trouble": "",
    "plan": {"space": {"device": 1, "needed": 100, "free": 1 << 40}},
    "moving": "",
    "restoring": "",
    "redis": "",
    "secrets": {"stored": 3, "readable": 2},
    "encrypted_backup": False,
    "packet": PACKET,
    "charset": "utf8mb4",
    "failed_before": "",
}


def test_nothing_is_in_the_way() -> None:
    assert site_faults(FINE) == []


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("trouble", "the site's database does not answer", "cannot be looked into. Seen: the site's database"),
        ("moving", "held", "is being moved. Seen: held"),
        ("restoring", "loading", "is being restored. Seen: loading"),
        ("redis", "ConnectionError: refused", "its Redis does not answer"),
        ("secrets", {"stored": 3, "readable": 0}, "encryption_key opens none of its stored passwords. Seen: 0 of 3"),
        ("encrypted_backup", True, "Frappe encrypts its backups"),
        ("packet", PACKET - 1, "max_allowed_packet"),
        ("charset", "utf8mb3", "character set. Seen: utf8mb3. Needed: utf8mb4"),
        ("failed_before", "no such field", "the same change of code failed before. Seen: no such field"),
    ],
)
def test_each_fault(key: str, value: Any, told: str) -> None:
    (fault,) = site_faults({**FINE, key: value})
    assert told in fault
    assert fault.startswith("a.localhost")
    assert "Next: " in fault


def test_all_faults_at_once() -> None:
    assert len(site_faults({**FINE, "moving": "held", "redis": "refused", "charset": "latin1"})) == 3


def test_what_failed_before_is_tried_again_on_demand() -> None:
    assert site_faults({**FINE, "failed_before": "no such field"}, retry=True) == []


def test_a_server_that_does_not_tell_is_not_blamed() -> None:
    assert site_faults({**FINE, "packet": 0, "charset": ""}) == []


def room(device: int, needed: int, free: int) -> dict[str, Any]:
    return {**FINE, "plan": {"space": {"device": device, "needed": needed, "free": free}}}


def test_sites_of_one_file_system_need_room_together() -> None:
    gib = 1 << 30
    assert space_faults([room(1, gib, 2 * gib)]) == []
    (fault,) = space_faults([room(1, gib, 2 * gib), room(1, gib, 2 * gib), room(2, gib, 9 * gib)])
    assert "not enough room" in fault
    assert "2048 MiB free" in fault
    assert space_faults([{**FINE, "trouble": "x", "plan": {}}]) == []


def test_sites_that_are_left_out() -> None:
    assert left_out(["a", "b"], ["b", "a"]) == ""
    assert "Seen: b." in left_out(["a", "b"], ["a"])


def journal(state: str, run: str = "r", **more: Any) -> dict[str, Any]:
    return {"run": run, "state": state, **more}


@pytest.mark.parametrize(
    ("journals", "allowed", "go", "failed"),
    [
        ({"a": journal("migrated"), "b": journal("migrated")}, 0, True, {}),
        ({"a": journal("over", outcome="done"), "b": journal("migrated")}, 0, True, {}),
        (
            {"a": journal("migrated"), "b": journal("over", outcome="undone", why="no field")},
            0,
            False,
            {"b": "no field"},
        ),
        (
            {"a": journal("migrated"), "b": journal("over", outcome="undone", why="no field")},
            1,
            True,
            {"b": "no field"},
        ),
        ({"a": journal("migrated")}, 0, False, {"b": "was never begun"}),
        ({"a": journal("migrated", run="s"), "b": journal("migrated")}, 0, False, {"a": "was never begun"}),
        ({"a": journal("migrating"), "b": journal("migrated")}, 0, False, {"a": ""}),
        # None of them has the new data: there is nothing to go on with.
        ({}, 2, False, {"a": "was never begun", "b": "was never begun"}),
    ],
)
def test_judge(journals: dict[str, Any], allowed: int, go: bool, failed: dict[str, str]) -> None:
    found = judge(["a", "b"], journals, "r", allowed)
    assert (found["go"], found["failed"]) == (go, failed)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        ({}, "a is fully old: it was never begun"),
        (journal("over", outcome="done"), "a is fully new"),
        (journal("over", outcome="undone"), "a is fully old: what was changed was taken back"),
        (journal("over", outcome="untouched"), "a is fully old: nothing of it had been changed"),
        (journal("saved"), "resume=true"),
        (journal("migrating"), "abort=true"),
        (journal("undoing"), "finish that with playbooks/update.yml -e abort=true"),
        (journal("quarantined"), "update_retry=true"),
    ],
)
def test_sentences(one: dict[str, Any], told: str) -> None:
    assert told in sentence("a", one)
    assert "old" in sentence("a", one) or "new" in sentence("a", one) or "maintenance" in sentence("a", one)
