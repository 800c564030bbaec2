# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup set."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player


def test_a_result(play: Player) -> None:
    done = play.succeed(name="one", timeout=100)
    assert (done.call.op, done.call.site) == ("backup.apply", "a.localhost")
    assert done.call.args == {"state": "present", "name": "one", "path": None, "timeout": 90}
    assert (done.answer["changed"], done.answer["actions"]) == (True, ["took backup"])
    assert done.answer["backup"]["name"] == "one"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"state": "verified"}, "state is verified but all of the following are missing: path"),
        ({"state": "absent"}, "value of state must be one of: present, verified"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
