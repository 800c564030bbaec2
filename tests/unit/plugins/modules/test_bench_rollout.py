# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a roll-out: what is asked of the bench."""

from __future__ import annotations

import pytest

from tests.unit.plugins.modules.player import Player


def test_reading_changes_nothing(play: Player) -> None:
    done = play.succeed(target={"shop": "1"}, pending=["a.localhost"], code=True, soak_minutes=30)
    assert (done.call.op, done.call.site) == ("rollout.read", "")
    assert (done.call.args["pending"], done.call.args["code"], done.call.args["soak_minutes"]) == (
        ["a.localhost"],
        True,
        30.0,
    )
    assert (done.answer["changed"], done.answer["actions"]) == (False, [])


@pytest.mark.parametrize("state", ["begun", "soaking", "passed", "failed", "undone"])
def test_a_step(play: Player, state: str) -> None:
    done = play.succeed(state=state, wave="canary", faults=["slow"], reason="known", baseline={"hours": 24})
    assert (done.call.op, done.call.args["state"], done.call.args["wave"]) == ("rollout.apply", state, "canary")
    assert (done.call.args["faults"], done.call.args["reason"]) == (["slow"], "known")
    assert (done.answer["changed"], done.answer["actions"]) == (True, [state])
    assert done.answer["diff"]["before"]["state"] == "begun"
