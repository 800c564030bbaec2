# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files around a bench: compared, and recorded when that is asked for."""

from __future__ import annotations

import pytest

from tests.unit.plugins.modules.player import Player

KINDS = {"processes": ["/etc/systemd/system/erpops-*"], "crontab": []}


@pytest.mark.parametrize(("state", "actions"), [("recorded", ["recorded crontab, processes"]), ("compared", [])])
def test_states(play: Player, state: str, actions: list[str]) -> None:
    play.answers["drift.baseline"]["changed"] = state == "recorded"
    done = play.succeed(kinds=KINDS, state=state)
    assert (done.call.op, done.call.args) == ("drift.baseline", {"kinds": KINDS, "state": state})
    assert (done.answer["changed"], done.answer["actions"]) == (state == "recorded", actions)


def test_it_compares_unless_told_otherwise(play: Player) -> None:
    assert play.succeed(kinds=KINDS).call.args["state"] == "compared"
