# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan of a migration: what is asked for."""

from __future__ import annotations

from tests.unit.plugins.modules.player import Player

APP = {"name": "shop", "repo": "https://example.com/shop", "version": "v2"}


def test_apps_that_go_to_another_commit(play: Player) -> None:
    done = play.succeed(apps=[{**APP, "token": "a-token-of-the-host"}])
    assert (done.call.op, done.call.site) == ("migration.plan", "a.localhost")
    (app,) = done.call.args["apps"]
    assert (app["name"], app["version"], app["subdirectory"], app["token"]) == ("shop", "v2", "", "a-token-of-the-host")
    assert done.call.secrets == ["a-token-of-the-host"]
    assert done.answer["changed"] is False
    assert done.answer["diff"] == {"before": "", "after": "shop: patch shop.patches.one\n"}
    assert "diff" not in done.answer["site_migration"]


def test_a_commit_needs_its_repository(play: Player) -> None:
    assert "repo" in play.fail(apps=[{"name": "shop", "version": "v2"}])
