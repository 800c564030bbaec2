# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records: secrets hidden at any depth, the diff by record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

SECRET = "the-secret-of-the-shop"


def test_a_result(play: Player) -> None:
    record = {"doctype": "Role", "name": "Keeper", "values": {"desk_access": 1}}
    done = play.succeed(documents=[record])
    assert (done.call.op, done.call.site) == ("document.apply", "a.localhost")
    (sent,) = done.call.args["documents"]
    assert sent == {**record, "match": None, "state": "present", "secrets": {}, "child_mode": "exact", "child_keys": {}}
    assert done.answer["counts"] == {"created": 1, "updated": 0, "deleted": 0, "unchanged": 1}
    assert done.answer["actions"] == ["created Role Keeper"]
    assert done.answer["documents"][1] == {"doctype": "Note", "name": "n", "action": "unchanged"}
    assert done.answer["diff"] == {"before": {}, "after": {"Role Keeper": {"desk_access": 1}}}


def test_secrets_are_hidden(play: Player) -> None:
    play.answers["document.apply"]["documents"][0]["after"] = {"secret": SECRET}
    done = play.succeed(documents=[{"doctype": "Shop Settings", "secrets": {"consumer": SECRET}}])
    assert done.call.secrets == [SECRET]
    assert done.call.args["documents"][0]["secrets"] == {"consumer": SECRET}
    assert SECRET not in done.output


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (..., "missing required arguments: documents"),
        ([{"name": "x"}], "missing required arguments: doctype found in documents"),
        ([{"doctype": "Role", "vales": {}}], "Unsupported parameters"),
        ([{"doctype": "Role", "state": "gone"}], "value of state must be one of"),
        ([{"doctype": "A"}, {"doctype": "B", "secrets": {"token": "abcdefg"}}], "the secret 'token' is too short"),
    ],
)
def test_wrong_records(play: Player, records: Any, message: str) -> None:
    assert message in play.fail(documents=records)
    assert play.calls == []


def test_nothing_to_do(play: Player) -> None:
    rows = play.answers["document.apply"]["documents"][1:]
    play.answers["document.apply"].update(changed=False, documents=rows)
    done = play.succeed(documents=[])
    assert (done.answer["changed"], done.answer["actions"]) == (False, [])
    assert done.answer["diff"] == {"before": {}, "after": {}}
