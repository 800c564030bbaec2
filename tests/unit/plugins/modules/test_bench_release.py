# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases of a bench: what is passed on, what is hidden, what is returned."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

APP: dict[str, Any] = {"name": "shop", "repo": "https://example.com/shop"}


def test_a_build(play: Player) -> None:
    done = play.succeed(apps=[{**APP, "version": "v2"}], requirements=["setuptools<80"])
    assert (done.call.op, done.call.site) == ("release.build", "")
    given = {"version": "v2", "subdirectory": "", "token": None, "ssh_key": None, "build": True}
    assert done.call.args == {
        "apps": [{**APP, **given}],
        "removed": [],
        "requirements": ["setuptools<80"],
        "python": None,
        "build": None,
    }
    assert done.answer["changed"] is True
    assert (done.answer["actions"], done.answer["bench_release"]["id"]) == (["built"], "953f2a3f6d99")
    assert done.answer["bench_release"]["path"].endswith("/releases/953f2a3f6d99")
    assert done.agent.options["timeout"] == 3600.0


def test_a_credential_is_hidden(play: Player) -> None:
    play.answers["release.build"]["apps"] = {"shop": "the-credential"}
    done = play.succeed(apps=[{**APP, "token": "the-credential"}])
    assert done.call.args["apps"][0]["token"] == "the-credential"
    assert done.call.secrets == ["the-credential"]
    assert "the-credential" not in done.output
    assert "too short" in play.fail(apps=[{**APP, "ssh_key": "abcdefg"}])


@pytest.mark.parametrize(
    ("args", "operations"),
    [
        ({"state": "adopted"}, ["release.adopt"]),
        ({"state": "present"}, ["release.build"]),
        ({"state": "current"}, ["release.adopt", "release.build", "release.switch"]),
        ({"state": "current", "id": "e81b382ce53b"}, ["release.adopt", "release.switch"]),
        ({"state": "pruned", "keep": 2}, ["release.prune"]),
        ({"state": "plain"}, ["release.leave"]),
    ],
)
def test_states(play: Player, args: dict[str, Any], operations: list[str]) -> None:
    done = play.succeed(**args)
    assert [call.op for call in done.calls] == operations
    if operations[-1] == "release.switch":
        assert done.calls[-1].args == {"id": args.get("id", "953f2a3f6d99"), "accept_older": False}
        assert done.answer["bench_release"]["previous"] == "e81b382ce53b"
    if operations[-1] == "release.prune":
        assert done.call.args == {"keep": 2, "protect": []}
        assert done.answer["bench_release"]["removed"] == ["e81b382ce53b"]


def test_wrong_arguments(play: Player) -> None:
    assert "value of state must be one of" in play.fail(state="absent")
    assert "missing required arguments: repo" in play.fail(apps=[{"name": "shop"}])
