# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about a site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player


@pytest.mark.parametrize("check", [False, True])
def test_a_result(play: Player, check: bool) -> None:
    done = play.succeed(check, since=60)
    assert (done.call.op, done.call.site, done.call.args) == ("info.site", "a.localhost", {"since": 60})
    assert done.answer["changed"] is False
    assert done.answer["site"] == play.answers["info.site"]


def test_a_site_that_is_not_there(play: Player) -> None:
    known = ("name", "state", "directory", "config", "database", "framework", "installed_apps", "db_name")
    rest = {"owned": False, "recorded": "", "problems": [], "tasks": {}}
    play.answers["info.site"] = {**{key: play.answers["info.site"][key] for key in known}, **rest, "state": "absent"}
    assert play.succeed().call.args == {"since": 86400}


def test_wrong_arguments(play: Player) -> None:
    args: dict[str, Any] = {"since": "yesterday"}
    assert "since" in play.fail(**args)
    assert play.calls == []
