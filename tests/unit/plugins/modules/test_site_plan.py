# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of a whole site; it never changes anything."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player


@pytest.mark.parametrize("check", [False, True])
def test_a_result(play: Player, check: bool) -> None:
    done = play.succeed(
        check,
        apps=["shop"],
        config={"flag": True},
        secrets={"shop_secret": "the-secret"},
        config_mode="0640",
        documents=[{"doctype": "Role", "name": "Keeper"}],
        api_users=["u@example.com"],
        scheduler="enabled",
        tasks=["pull"],
        db_root_password="root-password",
    )
    assert (done.call.op, done.call.site) == ("plan.site", "a.localhost")
    args = done.call.args
    assert args["config"] == {"set": {"flag": True}, "secrets": {"shop_secret": "the-secret"}, "mode": "0640"}
    assert (args["apps"], args["keys"], args["scheduler"], args["tasks"]) == (
        ["shop"],
        ["u@example.com"],
        "enabled",
        ["pull"],
    )
    assert args["documents"][0]["doctype"] == "Role"
    assert args["root"]["password"] == "root-password"
    assert done.answer["changed"] is False
    assert done.answer["plan"]["differs"] == ["config"]
    assert done.answer["diff"] == play.answers["plan.site"]["diff"]
    assert done.answer["agent"]["frappe"] == "15.0.0"


def test_secrets_are_hidden(play: Player) -> None:
    play.answers["plan.site"]["diff"]["after"] = {"a": "first-secret", "b": "second-secret", "c": "root-password"}
    done = play.succeed(
        secrets={"a": "first-secret"},
        documents=[{"doctype": "Shop", "secrets": {"b": "second-secret"}}],
        db_root_password="root-password",
    )
    assert {"first-secret", "second-secret"} <= set(done.call.secrets)
    assert "-secret" not in done.output
    assert "root-password" not in done.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"scheduler": "restored"}, "value of scheduler must be one of: enabled, disabled"),
        ({"secrets": {"token": "abcdefg"}}, "the secret 'token' is too short"),
        ({"documents": [{"name": "x"}]}, "missing required arguments: doctype"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
