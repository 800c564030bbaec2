# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app's repository holds: passed on, and its faults told by their causes."""

from __future__ import annotations

from typing import Any

from tests.unit.plugins.modules.player import Player

ARGS: dict[str, Any] = {"name": "shop", "repo": "https://example.com/shop"}


def test_a_result(play: Player) -> None:
    done = play.succeed(**ARGS, version="v1", subdirectory="apps/shop")
    assert (done.call.op, done.call.site) == ("overlay.inspect", "")
    assert done.call.args["subdirectory"] == "apps/shop"
    assert done.answer["changed"] is False
    assert done.answer["app_source"]["problems"] == [
        "hook: there is no s/: s.f of hooks.py a (it fails); s.g of hooks.py b (it fails)",
        "controller: has no bag.py: bag.json (Bag cannot be loaded)",
    ]


def test_a_repository_is_needed(play: Player) -> None:
    assert "missing required arguments: repo" in play.fail(name="shop")
