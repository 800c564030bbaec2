# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of a move: the operation that it is, and what of it may be seen."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils import _key_http
from ansible_collections.erpops.frappe.plugins.module_utils._key_http import Answer
from tests.unit.plugins.modules.player import Player

SEALED = {"path": "/var/tmp/x/set.sealed", "sha256": "0" * 64, "set_id": "5" * 32, "id": "6" * 32, "set": "move-666"}
KEY = "k" * 44
RECEIVE: dict[str, Any] = {"from": "bench1", "sealed": SEALED, "key": KEY}
STEPS: list[tuple[str, dict[str, Any], str]] = [
    ("read", {"name": "bench1"}, "move.read"),
    ("planned", {"name": "bench2", "peer": {"name": "bench1"}}, "move.plan"),
    ("held", {"to": "bench2"}, "move.hold"),
    ("packed", {}, "move_set.pack"),
    ("received", RECEIVE, "move_set.receive"),
    ("live", {"scheduler": "enabled"}, "move.live"),
    ("moved", {"forward": "https://two.example.com"}, "move.moved"),
    ("dropped", {"from": "bench1"}, "move.drop_copy"),
    ("released", {"to": "bench2"}, "move.release"),
    ("finished", {}, "move.finish"),
]


@pytest.mark.parametrize(("state", "args", "operation"), STEPS)
def test_steps(play: Player, state: str, args: dict[str, Any], operation: str) -> None:
    done = play.succeed(state=state, **args)
    assert (done.call.op, done.call.site) == (operation, "a.localhost")
    given = {key: value for key, value in args.items() if key != "sealed"}
    assert {key: done.call.args[key] for key in given} == given
    assert done.answer["changed"] is (state not in ("read", "planned"))


def test_only_the_target_is_asked_for_its_database_server(play: Player) -> None:
    assert play.succeed(state="read").call.args["database"] is False
    assert play.succeed(state="planned", name="two", peer={}).call.args["database"] is True


def test_the_key_is_taken_in_and_not_shown(play: Player) -> None:
    done = play.succeed(state="received", **RECEIVE)
    assert {key: done.call.args[key] for key in SEALED} == SEALED
    assert (done.call.args["key"], done.call.secrets, KEY in done.output) == (KEY, [KEY], False)


def test_what_is_packed_can_be_received(play: Player) -> None:
    packed = play.succeed(state="packed").answer
    done = play.succeed(state="received", **{**RECEIVE, "sealed": packed["sealed"], "key": packed["key"]})
    assert done.call.args["path"] == packed["sealed"]["path"]


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """Requests that were sent; the server knows the site, and the key that the agent reads."""
    sent: list[tuple[str, dict[str, str]]] = []

    def transport(*_args: Any) -> Any:
        def get(url: str, headers: dict[str, str], timeout: float) -> Answer:
            sent.append((url, headers))
            body = '{"message":"pong"}' if url.endswith("ping") else '{"message":"sync@a.localhost"}'
            return Answer(200, {"content-type": "application/json"}, body, None, 2.0)

        return get

    monkeypatch.setattr(_key_http, "urls_transport", transport)
    return sent


def test_verified_over_http(play: Player, http: list[tuple[str, dict[str, str]]]) -> None:
    done = play.succeed(state="verified", url="http://127.0.0.1:8010", user="sync@a.localhost")
    assert done.answer["verified"] == {"ping": True, "api_key": True}
    assert [url for url, _headers in http] == [
        "http://127.0.0.1:8010/api/method/ping",
        "http://127.0.0.1:8010/api/method/frappe.auth.get_logged_user",
    ]
    assert {headers["Host"] for _url, headers in http} == {"a.localhost"}
    assert http[1][1]["Authorization"] == "token 0123456789abcde:secret-of-the-key"
    assert "secret-of-the-key" not in done.output


def test_without_a_key_only_the_site_is_asked_for(play: Player, http: list[tuple[str, dict[str, str]]]) -> None:
    play.answers["move.key"] = {"api_key": "", "api_secret": ""}
    done = play.succeed(state="verified", url="http://127.0.0.1:8010")
    assert (done.answer["verified"], len(http)) == ({"ping": True, "api_key": False}, 1)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"state": "planned"}, "all of the following are missing: name, peer"),
        ({"state": "held"}, "all of the following are missing: to"),
        ({"state": "received", "from": "x", "sealed": {}, "key": KEY}, "sealed is incomplete"),
        ({"state": "received", "from": "x", "sealed": SEALED, "key": "abc1234"}, "the password 'key' is too short"),
        ({"state": "live"}, "all of the following are missing: scheduler"),
        ({"state": "verified"}, "all of the following are missing: url"),
        ({"state": "undone"}, "value of state must be one of"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
