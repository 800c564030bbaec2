# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about a bench."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player


@pytest.mark.parametrize("check", [False, True])
def test_a_result(play: Player, check: bool) -> None:
    done = play.succeed(check)
    assert (done.call.op, done.call.site, done.call.args) == ("info.bench", "", {})
    assert done.answer["changed"] is False
    assert done.answer["bench"] == play.answers["info.bench"]


def test_an_option_that_there_is_not(play: Player) -> None:
    unknown: dict[str, Any] = {"site": "a.localhost"}
    assert "Unsupported parameters" in play.fail(**unknown)
