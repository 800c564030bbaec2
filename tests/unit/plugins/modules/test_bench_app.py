# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app of a bench: what is passed on, what is hidden, what is returned."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

ARGS: dict[str, Any] = {"name": "shop", "repo": "https://example.com/shop"}


def test_a_result(play: Player) -> None:
    done = play.succeed(**ARGS, version="v1", subdirectory="apps/shop", build=True)
    assert (done.call.op, done.call.site) == ("app.apply", "")
    assert done.call.args == {
        **ARGS,
        "version": "v1",
        "subdirectory": "apps/shop",
        "build": True,
        "state": "present",
        "token": None,
        "ssh_key": None,
    }
    assert done.answer["changed"] is True
    assert done.answer["actions"] == ["cloned"]
    assert done.answer["bench_app"]["commit_after"] == "0" * 40
    assert done.agent.options["timeout"] == 3600.0


@pytest.mark.parametrize("name", ["token", "ssh_key"])
def test_credentials_are_hidden(play: Player, name: str) -> None:
    play.answers["app.apply"]["remote"] = "https://the-credential@example.com"
    credential: dict[str, Any] = {name: "the-credential"}
    done = play.succeed(**ARGS, **credential)
    assert done.call.args[name] == "the-credential"
    assert done.call.secrets == ["the-credential"]
    assert "the-credential" not in done.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"repo": ...}, "state is present but all of the following are missing: repo"),
        ({"name": ...}, "missing required arguments: name"),
        ({"token": "x" * 8, "ssh_key": "y" * 8}, "mutually exclusive: token|ssh_key"),
        ({"token": "abcdefg"}, "the secret 'token' is too short"),
        ({"state": "gone"}, "value of state must be one of: present, absent"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**{**ARGS, **args})
    assert play.calls == []


def test_an_app_that_goes_needs_no_repository(play: Player) -> None:
    assert play.succeed(name="shop", state="absent").call.args["state"] == "absent"
