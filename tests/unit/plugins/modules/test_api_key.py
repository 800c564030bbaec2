# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target's half of api_key: issue, store, warm up, verify, and never show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.modules import api_key
from tests.unit.plugins.modules.player import Player

SECRET = "the-secret-of-the-key"
ARGS: dict[str, Any] = {"user": "sync@example.com"}
URL = "http://127.0.0.1:8000"
TARGET: dict[str, Any] = {
    "site": "b.localhost",
    "doctype": "Shop Settings",
    "name": "main",
    "key_field": "the_key",
    "secret_field": "the_secret",
}
WARM = {"first_ms": 100.0, "after_ms": 5.0, "requests": 6, "rounds": 2}


class Probe:
    """Instead of HTTP; keeps in which order it was used."""

    def __init__(self, params: dict[str, Any], key: str, secret: str) -> None:
        assert (params["url"], key, secret) == (URL, "the-key", SECRET)
        self.first_success = 1000.25
        self.order: list[str] = []
        Probe.last = self

    last: Probe | None = None

    def warm_up(self, workers: int) -> dict[str, Any]:
        self.order.append(f"warm {workers}")
        return dict(WARM)

    def verify(self, user: str) -> dict[str, Any]:
        self.order.append(f"verify {user}")
        return {"verified": True, "attempts": 1, "verify_ms": 5.0}


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    monkeypatch.setattr(api_key, "KeyProbe", Probe)
    Probe.last = None
    return lambda: Probe.last.order if Probe.last else []


def ops(play: Player) -> list[str]:
    return [call.op for call in play.calls]


def unchanged(play: Player) -> None:
    play.answers["key.apply"].update(changed=False, action="", created=0.0)


def test_a_key_is_issued_warmed_up_and_verified(play: Player, probe: Callable[[], list[str]]) -> None:
    done = play.succeed(**ARGS, url=URL, web_workers=3)
    assert done.calls[0].args == {"user": "sync@example.com", "rotate": False}
    assert ops(play) == ["key.apply", "key.warm"]
    assert probe() == ["warm 3", "verify sync@example.com"]
    key = done.answer["api_key"]
    assert key["warmup"] == {**WARM, "session_ms": 12.5}
    assert (key["verified"], key["seconds_to_active"], key["action"]) == (True, 0.25, "issued")
    assert (done.answer["changed"], done.answer["actions"]) == (True, ["issued key"])
    assert done.answer["diff"] == {"before": {"key": "absent"}, "after": {"key": "present"}}


def test_a_key_that_is_there_is_verified_only(play: Player, probe: Callable[[], list[str]]) -> None:
    unchanged(play)
    done = play.succeed(**ARGS, url=URL)
    assert (ops(play), probe()) == (["key.apply"], ["verify sync@example.com"])
    assert (done.answer["changed"], done.answer["actions"]) == (False, [])
    assert done.answer["api_key"]["seconds_to_active"] == 0.0
    assert done.answer["diff"]["before"] == done.answer["diff"]["after"]


def test_a_rotated_secret_shows_in_the_diff(play: Player) -> None:
    play.answers["key.apply"]["action"] = "rotated"
    done = play.succeed(**ARGS, rotate=True)
    assert play.calls[0].args["rotate"] is True
    assert done.answer["diff"] == {"before": {"key": "present"}, "after": {"key": "present (new secret)"}}


@pytest.mark.parametrize(
    ("args", "used"),
    [
        ({}, []),
        ({"url": URL, "verify": False}, ["warm 2"]),
        ({"url": URL, "warmup": False}, ["verify sync@example.com"]),
        ({"url": URL, "warmup": False, "verify": False}, []),
    ],
)
def test_what_is_not_wanted_is_not_done(
    play: Player, probe: Callable[[], list[str]], args: dict[str, Any], used: list[str]
) -> None:
    play.succeed(**ARGS, **args)
    assert probe() == used


def test_check_mode_asks_nobody_with_a_key_that_is_not_there_yet(play: Player, probe: Callable[[], list[str]]) -> None:
    play.answers["key.apply"]["api_secret"] = ""
    done = play.succeed(check=True, **ARGS, url=URL, store_document=TARGET)
    assert (ops(play), probe()) == (["key.apply"], [])
    assert done.answer["changed"] is True


def test_check_mode_verifies_a_key_that_is_there(play: Player, probe: Callable[[], list[str]]) -> None:
    unchanged(play)
    play.answers["document.apply"]["changed"] = False
    done = play.succeed(check=True, **ARGS, url=URL, store_document=TARGET)
    assert (ops(play), probe()) == (["key.apply", "document.apply"], ["verify sync@example.com"])
    assert done.answer["changed"] is False


def test_the_pair_goes_into_a_record_of_another_site(play: Player) -> None:
    unchanged(play)
    done = play.succeed(**ARGS, store_document=TARGET)
    call = play.calls[1]
    assert (call.op, call.site, call.secrets) == ("document.apply", "b.localhost", [SECRET])
    assert call.args == {
        "documents": [
            {
                "doctype": "Shop Settings",
                "name": "main",
                "values": {"the_key": "the-key"},
                "secrets": {"the_secret": SECRET},
            }
        ]
    }
    assert done.answer["changed"] is True, "the record is"
    assert done.answer["api_key"]["stored"] == ["document"]


def test_the_secret_is_in_no_output(play: Player) -> None:
    play.answers["key.warm"] = ErpopsError(f"cannot open a session with {SECRET}")
    done = play.run(**ARGS, url=URL)
    assert done.code == 1
    assert "cannot open a session" in done.answer["msg"]
    assert SECRET not in done.output
    play.answers["key.warm"] = {"opened_ms": 1.0}
    assert SECRET not in play.succeed(**ARGS, url=URL, store_document=TARGET).output


def test_the_secret_is_returned_when_it_is_asked_for(play: Player) -> None:
    assert play.succeed(**ARGS, return_secret=True).answer["api_key"]["secret"] == SECRET


def test_a_key_that_does_not_work_is_an_error(play: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    def verify(_self: Probe, user: str) -> dict[str, Any]:
        raise ErpopsError(f"the API key of {user} does not work (wrong_secret, 1 attempts in 0 s)", status=401)

    monkeypatch.setattr(Probe, "verify", verify)
    done = play.run(**ARGS, url=URL)
    assert (done.code, done.answer["error"]["status"]) == (1, 401)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "missing required arguments: user"),
        ({**ARGS, "store_document": {"site": "b.localhost"}}, "missing required arguments"),
        ({**ARGS, "web_workers": "many"}, "web_workers"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
