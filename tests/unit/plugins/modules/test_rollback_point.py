# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback point, taken and removed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player


def test_a_result(play: Player) -> None:
    done = play.succeed(id="one", sites=["a.localhost"], timeout=100)
    assert (done.call.op, done.call.site) == ("point.apply", "")
    assert done.call.args == {"state": "present", "id": "one", "sites": ["a.localhost"], "keep": 3, "timeout": 90}
    assert (done.answer["changed"], done.answer["actions"]) == (True, ["took one"])
    assert done.answer["rollback_points"][0]["id"] == "one"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"state": "absent"}, "state is absent but all of the following are missing: id"),
        ({"state": "restored"}, "value of state must be one of: present, absent, pruned"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
