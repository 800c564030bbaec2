# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site goes back to one of its sets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player


def test_a_plan(play: Player) -> None:
    done = play.succeed(state="planned", set="newest")
    assert (done.call.op, done.call.args["set"]) == ("restore_site.plan", "newest")
    assert (done.answer["changed"], done.answer["plan"]["faults"]) == (False, [])


@pytest.mark.parametrize(("state", "op"), [("present", "restore_site.apply"), ("undone", "restore_site.undo")])
def test_a_step(play: Player, state: str, op: str) -> None:
    done = play.succeed(
        state=state, set="one", timeout=100, safety="skip", pending="abandoned", drain_timeout=5, again=True
    )
    assert done.call.op == op
    wanted = {"set": "one", "again": True, "safety": "skip", "pending": "abandoned", "drain_timeout": 5, "timeout": 90}
    assert done.call.args == wanted
    assert done.answer["restore"]["outcome"] == "done"
    assert done.answer["told"].startswith("a.localhost is what its set")


@pytest.mark.parametrize("args", [{}, {"state": "planned"}])
def test_the_set_is_needed(play: Player, args: dict[str, Any]) -> None:
    assert "all of the following are missing: set" in play.fail(**args)
    assert play.calls == []
