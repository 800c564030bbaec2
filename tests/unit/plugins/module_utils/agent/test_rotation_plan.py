# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a secret is due, what is told of it, and a database password that changes: cut at every point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._rotation_plan import (
    begin_database,
    finish_database,
    is_due,
    native_hash,
    shown_state,
    undo_database,
)

DONE = {"request": "one", "at": 1_795_219_200.0}
UNDER_WAY = {"state": "noted", "old": "old-secret", "new": "new-secret"}


@pytest.mark.parametrize(
    ("journal", "due"),
    [
        ({"open": {}, "done": {}}, True),
        ({"open": {}, "done": {"pin": DONE}}, False),
        ({"open": {}, "done": {"pin": {**DONE, "request": "two"}}}, True),
        ({"open": {"pin": UNDER_WAY}, "done": {"pin": DONE}}, True),
        ({"open": {"other": UNDER_WAY}, "done": {"pin": DONE}}, False),
        ({"open": {}, "done": {"other": DONE}}, True),
    ],
)
def test_a_request_rotates_once_and_finishes_what_is_under_way(journal: dict[str, Any], due: bool) -> None:
    assert is_due("pin", "one", journal) is due


@pytest.mark.parametrize(
    ("journal", "said"),
    [
        ({"open": {}, "done": {}}, "as it was made"),
        ({"open": {}, "done": {"pin": DONE}}, "rotated 2026-11-21 00:00:00 UTC (one)"),
        ({"open": {"pin": UNDER_WAY}, "done": {}}, "as it was made, a rotation is under way (noted)"),
    ],
)
def test_what_is_shown_holds_no_secret(journal: dict[str, Any], said: str) -> None:
    assert shown_state("pin", journal) == said


def test_the_hash_is_mariadbs() -> None:
    assert native_hash("password") == "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"  # select password('password')


class Cut(Exception):
    """The process is killed, or the server says no, before this call has any effect."""


class World:
    """A server and a configuration that outlive the process; every call may be the last."""

    def __init__(self) -> None:
        self.passwords, self.config = ["old"], "old"
        self.calls, self.last = 0, -1

    def _count(self) -> None:
        if self.calls == self.last:
            raise Cut
        self.calls += 1

    def opens(self, password: str) -> bool:
        self._count()
        return password in self.passwords

    def let_in(self, passwords: list[str]) -> None:
        self._count()
        self.passwords = list(passwords)

    def configure(self, password: str) -> None:
        self._count()
        self.config = password

    @property
    def works(self) -> bool:
        return self.config in self.passwords


def forward(world: World) -> None:
    begin_database(world, "old", "new", True)
    finish_database(world, "old", "new")


def back(world: World) -> None:
    begin_database(world, "old", "new", True)
    undo_database(world, "old", "new", True)


def calls_of(run: Callable[[World], None]) -> int:
    world = World()
    run(world)
    return world.calls


@pytest.mark.parametrize("last", range(calls_of(forward)))
@pytest.mark.parametrize("then", [forward, back])
def test_cut_at_any_point_the_site_works_and_goes_on_either_way(last: int, then: Callable[[World], None]) -> None:
    world = World()
    world.last = last
    with pytest.raises(Cut):
        forward(world)
    assert world.works
    world.last = -1
    then(world)
    wanted = "new" if then is forward else "old"
    assert (world.config, world.passwords) == (wanted, [wanted])


@pytest.mark.parametrize("last", range(calls_of(back)))
def test_cut_on_the_way_back_the_site_works_too(last: int) -> None:
    world = World()
    world.last = last
    with pytest.raises(Cut):
        back(world)
    assert world.works
    world.last = -1
    forward(world)
    assert (world.config, world.passwords) == ("new", ["new"])


def test_a_gap_is_closed_by_the_next_run() -> None:
    world = World()
    world.last = 2  # the server has the new password, the file has not
    with pytest.raises(Cut):
        begin_database(world, "old", "new", False)
    assert not world.works
    world.last = -1
    begin_database(world, "old", "new", False)
    assert (world.config, world.passwords) == ("new", ["new"])
    undo_database(world, "old", "new", False)
    assert (world.config, world.passwords) == ("old", ["old"])


class Deaf(World):
    """A server that says yes and changes nothing."""

    def let_in(self, passwords: list[str]) -> None:
        self._count()


def test_what_the_server_says_is_not_believed() -> None:
    world = Deaf()
    with pytest.raises(ErpopsError, match="refuses the password that it was just given"):
        begin_database(world, "old", "new", True)
    assert world.config == "old"
    world.passwords, world.config = ["old", "new"], "new"
    with pytest.raises(ErpopsError, match="still lets the old password in"):
        finish_database(world, "old", "new")
