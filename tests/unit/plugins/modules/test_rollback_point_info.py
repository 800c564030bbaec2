# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollback points, listed."""

from __future__ import annotations

from tests.unit.plugins.modules.player import Player


def test_a_result(play: Player) -> None:
    done = play.succeed(id="one", verify=True)
    assert (done.call.op, done.call.args) == ("point.read", {"id": "one", "verify": True})
    assert (done.answer["changed"], done.answer["rollback_points"][0]["whole"]) == (False, True)
