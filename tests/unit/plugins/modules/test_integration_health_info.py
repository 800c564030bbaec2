# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health of integrations: what is asked of the site."""

from __future__ import annotations

from tests.unit.plugins.modules.player import Player


def test_logs_and_webhooks_get_the_fields_that_were_not_given(play: Player) -> None:
    log = {"doctype": "Shop Log", "fields": {"time": "at"}}
    done = play.succeed(
        hours=6,
        integrations=[{"name": "shop", "app": "shopsync", "logs": [log], "webhooks": log, "errors": {"texts": ["x"]}}],
    )
    (one,) = done.call.args["integrations"]
    fields = {"time": "at", "status": "status", "success": "Success", "failure": "Failed"}
    wanted = {"doctype": "Shop Log", "optional": False, "filters": [], "fields": fields}
    assert (done.call.op, done.call.args["hours"]) == ("health.read", 6)
    assert one == {
        "name": "shop",
        "app": "shopsync",
        "logs": [wanted],
        "webhooks": {**wanted, "titles": []},
        "errors": {"titles": [], "texts": ["x"]},
    }
    assert done.answer["changed"] is False
    assert done.answer["integration_health"]["status"] == "ok"


def test_without_webhooks(play: Player) -> None:
    (one,) = play.succeed(integrations=[{"name": "shop"}]).call.args["integrations"]
    assert one["webhooks"] is None


def test_unknown_fields_are_refused(play: Player) -> None:
    bad = {"doctype": "Shop Log", "fields": {"reason": "x"}}
    assert "unknown keys of fields" in play.fail(integrations=[{"name": "shop", "webhooks": bad}])
    assert play.calls == []
