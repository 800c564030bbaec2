# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase of an integration's roll-out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

PHASES = [{"name": "one", "soak_hours": 2}, {"name": "two"}]


def test_a_result(play: Player) -> None:
    done = play.succeed(name="shop", phases=PHASES, phase="one")
    assert (done.call.op, done.call.site) == ("phase.apply", "a.localhost")
    assert done.call.args == {
        "name": "shop",
        "phases": [{"name": "one", "soak_hours": 2.0}, {"name": "two", "soak_hours": 0.0}],
        "state": "present",
        "phase": "one",
        "reason": "",
    }
    assert done.answer["changed"] is True
    assert (done.answer["integration_phase"]["action"], done.answer["actions"]) == ("begun", ["shop: begun one"])


@pytest.mark.parametrize("state", ["suspended", "absent"])
def test_off_and_gone_need_no_phase(play: Player, state: str) -> None:
    assert play.succeed(name="shop", phases=PHASES, state=state).call.args["phase"] is None


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"name": "shop", "phases": PHASES}, "state is present but all of the following are missing: phase"),
        ({"name": "shop", "phase": "one"}, "missing required arguments: phases"),
        ({"name": "shop", "phases": [{"soak_hours": 1}], "phase": "one"}, "missing required arguments: name"),
        ({"name": "shop", "phases": [{"name": "one", "soak_hours": "long"}], "phase": "one"}, "soak_hours"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
