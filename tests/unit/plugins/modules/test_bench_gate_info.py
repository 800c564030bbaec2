# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate's figures: what is asked of the bench."""

from __future__ import annotations

from tests.unit.plugins.modules.player import Player


def test_all_sites_in_one_conversation(play: Player) -> None:
    shop = {"name": "shop", "logs": [{"doctype": "Shop Log"}]}
    done = play.succeed(sites=[{"name": "a.localhost", "integrations": [shop]}, {"name": "b.localhost"}], since=5)
    assert (done.call.op, done.call.site) == ("gates.read", "")
    assert (done.call.args["since"], done.call.args["hours"]) == (5.0, 24.0)
    first, second = done.call.args["sites"]
    assert second == {"name": "b.localhost", "integrations": []}
    (one,) = first["integrations"]
    assert (one["app"], one["logs"][0]["fields"]["failure"], one["webhooks"]) == ("", "Failed", None)
    assert done.answer["changed"] is False


def test_integrations_are_checked_as_the_other_module_does(play: Player) -> None:
    told = play.fail(sites=[{"name": "a.localhost", "integrations": [{"nam": "shop"}]}])
    assert told.startswith("a.localhost: its integrations are not declared")
    assert "missing required arguments: name" in told
    assert play.calls == []
