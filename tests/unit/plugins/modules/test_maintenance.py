# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance mode."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player


def test_a_result(play: Player) -> None:
    done = play.succeed(state="on", remember=True)
    assert (done.call.op, done.call.site) == ("maintenance.apply", "a.localhost")
    assert done.call.args == {"state": "on", "remember": True}
    assert done.answer["maintenance"] == {"state": "on", "before": "off", "remembered": "off"}
    assert done.answer["actions"] == ["maintenance on"]
    assert done.answer["diff"] == play.answers["maintenance.apply"]["diff"]


def test_nothing_to_do(play: Player) -> None:
    play.answers["maintenance.apply"]["changed"] = False
    done = play.succeed(state="restored")
    assert (done.answer["changed"], done.answer["actions"]) == (False, [])
    assert done.call.args == {"state": "restored", "remember": False}


@pytest.mark.parametrize(("value", "state"), [(True, "on"), (False, "off")])
def test_yaml_without_quotes_means_the_same(play: Player, value: bool, state: str) -> None:
    assert play.succeed(state=value).call.args["state"] == state


@pytest.mark.parametrize("args", [{}, {"state": "maybe"}])
def test_wrong_arguments(play: Player, args: dict[str, Any]) -> None:
    assert "state" in play.fail(**args)
    assert play.calls == []
