# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup set is tried in a scratch site."""

from __future__ import annotations

import pytest

from tests.unit.plugins.modules.player import Player


def test_a_drill(play: Player) -> None:
    done = play.succeed(url="http://127.0.0.1:8000", db_root_password="root-password", doctypes=["Item"], timeout=100)
    assert (done.call.op, done.call.secrets, done.call.args["timeout"]) == ("drill.run", ["root-password"], 90)
    assert (done.call.args["set"], done.call.args["doctypes"], done.call.args["rows"]) == ("newest", ["Item"], 20000)
    assert (done.answer["changed"], done.answer["drill"]["ok"]) == (False, True)
    assert "root-password" not in done.output


@pytest.mark.parametrize(("state", "op"), [("read", "drill.read"), ("swept", "drill.sweep")])
def test_others(play: Player, state: str, op: str) -> None:
    done = play.succeed(state=state)
    assert done.call.op == op
    assert done.answer["changed"] is (state == "swept")


def test_the_address_is_needed(play: Player) -> None:
    assert "all of the following are missing: url" in play.fail()
