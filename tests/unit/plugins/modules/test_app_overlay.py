# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An overlay: what is passed on, what is hidden, what is returned."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

ARGS: dict[str, Any] = {"name": "shop", "repo": "https://example.com/shop"}


def test_a_result(play: Player) -> None:
    done = play.succeed(**ARGS, rules={"controllers": True}, reviewed={"a": "b"}, requirements={"qrcode": "qrcode>=7"})
    assert (done.call.op, done.call.site) == ("overlay.apply", "")
    assert done.call.args["rules"] == {"controllers": True}
    assert done.call.args["reviewed"] == {"a": "b"}
    assert done.call.args["requirements"] == {"qrcode": "qrcode>=7"}
    assert done.answer["changed"] is True
    assert done.answer["diff"] == {"prepared": "+one\n"}
    assert done.answer["app_overlay"]["result"] == "2" * 40


def test_nothing_to_show(play: Player) -> None:
    play.answers["overlay.apply"].update(changed=False, patch="")
    done = play.succeed(**ARGS)
    assert (done.answer["changed"], done.answer["diff"]) == (False, {"prepared": ""})


def test_a_token_is_hidden(play: Player) -> None:
    play.answers["overlay.apply"]["patch"] = "+the-credential"
    done = play.succeed(**ARGS, token="the-credential")
    assert done.call.secrets == ["the-credential"]
    assert "the-credential" not in done.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"repo": ...}, "state is present but all of the following are missing: repo"),
        ({"token": "x" * 8, "ssh_key": "y" * 8}, "mutually exclusive: token|ssh_key"),
        ({"state": "gone"}, "value of state must be one of: present, absent"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**{**ARGS, **args})
    assert play.calls == []
