# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An integration's log: what is passed on and returned by the module that reads it and the one that prunes it."""

from __future__ import annotations

import pytest

from tests.unit.plugins.modules.player import Player


def test_pruning(play: Player) -> None:
    done = play.succeed(days=90, time_field="sync_timestamp", keep=["Failed"])
    assert (done.call.op, done.call.site) == ("log.prune", "a.localhost")
    assert done.call.args == {
        "doctype": "Integration Log",
        "days": 90,
        "time_field": "sync_timestamp",
        "status_field": "status",
        "keep": ["Failed"],
    }
    assert done.answer["integration_log"] == {"deleted": 4, "kept": 6, "before": "2026-01-01 00:00:00"}
    assert done.answer["diff"] == {"before": {"rows": 10}, "after": {"rows": 6}}


@pytest.mark.parametrize("days", [0, -1])
def test_everything_is_never_pruned(play: Player, days: int) -> None:
    assert "days must be at least 1" in play.fail(days=days)
    assert play.calls == []
