# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compared beside a site: what is asked for, and what comes back."""

from __future__ import annotations

from tests.unit.plugins.modules.player import Player


def test_differences_come_back_as_they_are(play: Player) -> None:
    done = play.succeed(apps=[{"name": "shop", "version": "v1"}], jobs_stopped=["shop.push"])
    assert (done.call.op, done.call.site) == ("drift.read", "a.localhost")
    assert done.call.args == {
        "apps": [{"name": "shop", "version": "v1", "subdirectory": None}],
        "jobs_stopped": ["shop.push"],
    }
    assert (done.answer["changed"], done.answer["differences"]) == (False, play.answers["drift.read"]["differences"])


def test_an_app_has_a_name(play: Player) -> None:
    assert "name" in play.fail(apps=[{"version": "v1"}])
