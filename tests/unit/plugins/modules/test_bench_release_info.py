# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The releases of a bench, as they are read."""

from __future__ import annotations

from tests.unit.plugins.modules.player import Player


def test_a_result(play: Player) -> None:
    done = play.succeed()
    assert (done.call.op, done.call.args) == ("release.read", {"sizes": False})
    assert done.answer["changed"] is False
    assert done.answer["bench_releases"] == play.answers["release.read"]


def test_sizes(play: Player) -> None:
    assert play.succeed(sizes=True).call.args == {"sizes": True}
