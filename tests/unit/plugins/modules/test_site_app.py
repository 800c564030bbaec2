# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps of a site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player


def test_a_result(play: Player) -> None:
    done = play.succeed(apps=["base", "shop"], accept_collisions=["Note"], timeout=100)
    assert (done.call.op, done.call.site) == ("site_app.apply", "a.localhost")
    assert done.call.args == {
        "apps": ["base", "shop"],
        "state": "present",
        "confirm": [],
        "backup": "verified",
        "accept_collisions": ["Note"],
        "timeout": 90,
    }
    assert done.answer["site_app"]["installed"] == ["frappe", "shop"]
    assert done.answer["actions"] == ["installed shop"]


def test_uninstalling(play: Player) -> None:
    done = play.succeed(apps="shop", state="absent", confirm="shop", backup="skip")
    assert (done.call.args["apps"], done.call.args["confirm"]) == (["shop"], ["shop"])
    assert (done.call.args["state"], done.call.args["backup"]) == ("absent", "skip")
    assert done.agent.options["timeout"] == 3600.0


@pytest.mark.parametrize(
    ("args", "message"),
    [({}, "missing required arguments: apps"), ({"apps": ["a"], "state": "latest"}, "value of state must be one of")],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
