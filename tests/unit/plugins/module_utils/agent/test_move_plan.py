# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a site can be moved: each fault by itself, and all of them at once."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._move_plan import faults, is_over
from tests.unit.plugins.answers_sets import FACTS

SITE = "a.localhost"
GIB = 1 << 30


def facts(name: str, **changes: Any) -> dict[str, Any]:
    """A bench's facts; a change of a part is merged into it."""
    found = {**copy.deepcopy(FACTS), "name": name, "bench_id": name * 4}
    for part, value in changes.items():
        found[part] = {**found[part], **value} if isinstance(value, dict) and part != "journal" else value
    return found


def source(**changes: Any) -> dict[str, Any]:
    return facts("one", **changes)


def target(**changes: Any) -> dict[str, Any]:
    return facts("two", **{"site": {"state": "absent", "owned": False, "recorded": ""}, **changes})


HELD = {"id": "1", "state": "held", "to": "two"}
RECEIVED = {"id": "1", "state": "received", "from": "one"}
LOW = {"bench": {"path": "/srv", "free": GIB, "device": 1}, "staging": {"path": "/tmp", "free": GIB, "device": 2}}


def test_nothing_is_in_the_way() -> None:
    assert faults(SITE, source(), target()) == []


@pytest.mark.parametrize(
    ("at_source", "at_target"),
    [
        ({"journal": HELD, "maintenance": "on"}, {}),
        ({"journal": {**HELD, "state": "holding"}, "maintenance": "on"}, {}),
        ({"journal": HELD, "maintenance": "on"}, {"journal": RECEIVED}),
        (
            {"journal": HELD, "maintenance": "on"},
            {"journal": RECEIVED, "site": {"state": "half_made"}, "restored_from_move": True},
        ),
        ({"journal": HELD, "maintenance": "on", "size": {"database": 900 * GIB, "files": 0}}, {"space": LOW}),
        ({"journal": {"state": "finished", "from": "three"}}, {}),
        ({"journal": {"state": "finished", "to": "three"}}, {}),
        ({}, {"journal": {"state": "finished", "to": "one"}}),
    ],
)
def test_a_move_goes_on_and_earlier_ones_are_not_in_the_way(
    at_source: dict[str, Any], at_target: dict[str, Any]
) -> None:
    assert faults(SITE, source(**at_source), target(**at_target)) == []


@pytest.mark.parametrize(
    ("at_source", "at_target", "said"),
    [
        ({}, {"bench_id": "one" * 4}, "source and target are the same bench"),
        ({"site": {"state": "absent"}}, {}, "a.localhost is not whole on one. Seen: absent"),
        ({"site": {"owned": False}}, {}, "a.localhost was not made by us"),
        ({"journal": {**HELD, "to": "three"}}, {}, "is being moved to another bench. Seen: three. Needed: two"),
        ({"journal": {"state": "live", "from": "zero"}}, {}, "an earlier move of a.localhost to one is not finished"),
        ({"maintenance": "on"}, {}, "a.localhost is in somebody else's maintenance"),
        ({"encrypted_backup": True}, {}, "backups of a.localhost are encrypted by Frappe"),
        ({}, {"site": {"state": "present"}}, "there is another a.localhost on two"),
        ({"journal": HELD}, {"site": {"state": "present"}, "journal": RECEIVED}, "there is another a.localhost on two"),
        ({}, {"frappe": "15.104.0"}, "two cannot run a.localhost. Seen: the framework is 15.104.0"),
        ({}, {"bench_apps": []}, "two cannot run a.localhost. Seen: the app frappe is not on the bench"),
        ({}, {"database_server": "1045"}, "two cannot reach its database server as root. Seen: 1045"),
        ({}, {"web": "127.0.0.1:8000: refused"}, "the web server of two does not answer"),
        ({"size": {"database": GIB, "files": GIB}}, {"space": LOW}, "too little space in /srv of two. Seen: 1024 MiB"),
        ({"size": {"database": GIB, "files": GIB}}, {"space": LOW}, "too little space in /tmp of two. Seen: 1024 MiB"),
        ({"size": {"database": GIB, "files": GIB}, "space": LOW}, {}, "too little space in /srv of one"),
    ],
)
def test_what_is_in_the_way(at_source: dict[str, Any], at_target: dict[str, Any], said: str) -> None:
    found = faults(SITE, source(**at_source), target(**at_target))
    assert [fault for fault in found if said in fault], found
    assert all(" Needed: " in fault and " Next: " in fault for fault in found)


def test_one_file_system_has_room_for_both_or_not() -> None:
    """Set and sealed copy on the same disk are added up."""
    size = {"database": 0, "files": 600 << 20}
    room = {"bench": {"path": "/srv", "free": GIB, "device": 1}, "staging": {"path": "/tmp", "free": GIB, "device": 2}}
    assert faults(SITE, source(size=size, space=room), target()) == []
    room = {part: {**where, "device": 1} for part, where in room.items()}
    assert len(faults(SITE, source(size=size, space=room), target())) == 1


def test_all_at_once() -> None:
    found = faults(
        SITE,
        source(site={"owned": False}, maintenance="on", encrypted_backup=True),
        target(site={"state": "present"}, frappe="14.0.0", web="refused", database_server="1045"),
    )
    assert len(found) == 7


@pytest.mark.parametrize(
    ("journal", "state", "over"),
    [
        ({}, "present", False),
        (HELD, "present", False),
        ({**HELD, "state": "moved"}, "present", True),
        ({**HELD, "state": "finished"}, "absent", True),
        ({**HELD, "state": "finished"}, "present", False),
        ({"state": "finished", "from": "zero"}, "present", False),
    ],
)
def test_what_is_over(journal: dict[str, Any], state: str, over: bool) -> None:
    assert is_over(source(journal=journal, site={"state": state})) is over


def test_a_move_that_is_over_has_its_site_at_the_other_end() -> None:
    there = source(journal={**HELD, "state": "moved"}, maintenance="on")
    assert faults(SITE, there, target(site={"state": "present"})) == []
    assert "is not on two" in faults(SITE, there, target())[0]
    assert "was moved to another bench" in faults(SITE, there, facts("three"))[0]
