# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a site; they never change anything."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

CHECK = {"check": "config", "mode": "0600", "title": "mode of the configuration"}


@pytest.mark.parametrize("check", [False, True])
def test_a_result(play: Player, check: bool) -> None:
    done = play.succeed(check, checks=[CHECK])
    assert (done.call.op, done.call.site) == ("check.site", "a.localhost")
    assert done.call.args == {"checks": [CHECK], "secrets": {}}
    assert done.answer["changed"] is False
    assert (done.answer["site_checks"]["failed"], done.answer["site_checks"]["passed"]) == (0, 1)
    assert done.answer["site_checks"]["checks"] == play.answers["check.site"]["checks"]
    assert done.answer["agent"]["frappe"] == "15.0.0"


def failing(play: Player) -> None:
    answer = play.answers["check.site"]["checks"]
    answer.append({**answer[0], "title": "second", "ok": False, "seen": "mode 0644", "next": "change it"})
    answer.append({**answer[0], "title": "third", "ok": False, "seen": "mode 0640", "next": "change it"})


def test_all_failed_checks_are_one_message(play: Player) -> None:
    failing(play)
    done = play.run(checks=[CHECK])
    assert (done.code, done.answer["failed"]) == (1, True)
    assert done.answer["msg"].splitlines() == [
        "a.localhost: 2 of 3 checks failed",
        "second: seen mode 0644, needed mode 0600. Next: change it.",
        "third: seen mode 0640, needed mode 0600. Next: change it.",
    ]
    assert done.answer["error"]["data"]["site_checks"]["passed"] == 1


def test_failed_checks_can_be_reported_only(play: Player) -> None:
    failing(play)
    done = play.succeed(checks=[CHECK], fail=False)
    assert (done.answer["site_checks"]["failed"], done.answer["changed"]) == (2, False)


def test_secrets_are_hidden(play: Player) -> None:
    play.answers["check.site"]["checks"][0]["seen"] = "secret-of-the-shop and password-of-a-user"
    done = play.succeed(
        checks=[{"check": "leak"}, {"check": "method", "method": "a.b", "kwargs": {"password": "password-of-a-user"}}],
        secrets={"shop": "secret-of-the-shop"},
    )
    assert "secret-of-the-shop" in done.call.secrets
    assert "secret-of-the-shop" not in done.output
    assert "password-of-a-user" not in done.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            {"checks": [{"check": "x"}, {"check": "index"}]},
            "check 2 (index): needs doctype; check 2 (index): needs columns",
        ),
        ({"checks": [{"check": "leak"}]}, "needs the module's option secrets"),
        ({"checks": [{"check": "leak"}], "secrets": {"a": "seven77"}}, "the secret 'a' is too short"),
        ({"checks": ["x y"]}, "checks"),
        ({}, "missing required arguments: checks"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
