# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheduler and its jobs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player


def test_a_result(play: Player) -> None:
    done = play.succeed(state="disabled", jobs={"shop.api.pull": "stopped"}, remember=True)
    assert (done.call.op, done.call.site) == ("scheduler.apply", "a.localhost")
    assert done.call.args == {"state": "disabled", "jobs": {"shop.api.pull": "stopped"}, "remember": True}
    assert done.answer["scheduler"] == {
        "state": "disabled",
        "before": "enabled",
        "inactive_because": ["maintenance_mode"],
        "jobs": [],
    }
    assert done.answer["actions"] == ["scheduler disabled"]


def test_the_state_can_be_left_as_it_is(play: Player) -> None:
    assert play.succeed(jobs={"a.b": "enabled"}).call.args["state"] is None


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"state": "on"}, "value of state must be one of"),
        ({"jobs": {"a.b": "disabled"}}, "jobs are enabled, stopped or restored. Seen: {'a.b': 'disabled'}"),
        ({"jobs": {"a.b": True}}, "jobs are enabled, stopped or restored"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
