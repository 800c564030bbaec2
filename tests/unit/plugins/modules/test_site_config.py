# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of a configuration: typed, hidden where they are secret."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

SITE: dict[str, Any] = {"site": "a.localhost"}


def test_a_result(play: Player) -> None:
    config = {"flag": True, "number": 900, "map": {"x": [1, None]}}
    done = play.succeed(**SITE, config=config, secrets={"shop_secret": "the-secret"}, mode="0640")
    assert (done.call.op, done.call.site) == ("config.apply", "a.localhost")
    assert done.call.args == {
        "scope": "site",
        "set": config,
        "secrets": {"shop_secret": "the-secret"},
        "absent": [],
        "mode": "0640",
    }
    assert [type(value) for value in done.call.args["set"].values()] == [bool, int, dict]
    assert done.answer["site_config"]["changed_keys"] == {"flag": "added", "old": "removed"}
    assert done.answer["actions"] == ["added flag", "removed old"]


def test_secrets_are_hidden(play: Player) -> None:
    play.answers["config.apply"]["diff"] = {"before": {}, "after": {"shop": "the-secret"}}
    done = play.succeed(**SITE, secrets={"shop": "the-secret"})
    assert done.call.secrets == ["the-secret"]
    assert "the-secret" not in done.output


def test_an_empty_secret_does_not_garble_the_output(play: Player) -> None:
    done = play.succeed(**SITE, secrets={"shop": ""})
    assert done.call.args["secrets"] == {"shop": ""}
    assert done.answer["site_config"]["path"] == play.answers["config.apply"]["path"]


def test_keys_are_removed(play: Player) -> None:
    assert play.succeed(**SITE, keys=["old"], state="absent").call.args["absent"] == ["old"]


def test_the_common_configuration_needs_no_site(play: Player) -> None:
    done = play.succeed(scope="common", config={"a": 1})
    assert (done.call.site, done.call.args["scope"]) == ("", "common")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "scope site needs a site"),
        ({**SITE, "state": "absent"}, "state absent takes `keys`"),
        ({**SITE, "keys": ["a"]}, "and state present `config` and `secrets`. Seen: keys."),
        ({**SITE, "state": "absent", "keys": ["a"], "config": {"b": 1}}, "state absent takes `keys`"),
        ({**SITE, "state": "absent", "keys": ["a"], "secrets": {"b": "x" * 8}}, "state absent takes `keys`"),
        ({**SITE, "secrets": {"shop_token": "abcdefg"}}, "the secret 'shop_token' is too short"),
        ({**SITE, "mode": "0644"}, "value of mode must be one of: 0600, 0640"),
        ({**SITE, "scope": "all"}, "value of scope must be one of"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
