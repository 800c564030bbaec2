# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An integration's log, read: which fields are asked for."""

from __future__ import annotations

from tests.unit.plugins.modules.player import Player


def test_fields_have_defaults(play: Player) -> None:
    done = play.succeed(hours=6, fields={"time": "sync_timestamp", "kind": "integration_type"})
    assert done.call.op == "log.read"
    assert done.call.args == {
        "doctype": "Integration Log",
        "hours": 6,
        "fields": {
            "time": "sync_timestamp",
            "status": "status",
            "success": "Success",
            "failure": "Failed",
            "kind": "integration_type",
        },
    }
    assert done.answer["changed"] is False
    assert done.answer["integration_log"]["total"] == 1


def test_an_unknown_key_is_refused(play: Player) -> None:
    assert "unknown keys of fields" in play.fail(fields={"reason": "x"})
    assert play.calls == []
