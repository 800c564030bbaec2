# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation's steps, what is proven after each, and the way back when a proof fails."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils import _key_http
from ansible_collections.erpops.frappe.plugins.module_utils._key_http import Answer
from tests.unit.plugins.modules.player import Player

KEY: dict[str, Any] = {
    "secret": "api_key",
    "request": "one",
    "user": "sync@example.com",
    "url": "http://127.0.0.1:8000",
}
NEW, OLD = "token new-key-of-sync:new-secret-of-sync", "token old-key-of-sync:old-secret-of-sync"


class Server:
    """Lets in whom it is told to; what it was asked for is kept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lets_in = {NEW}
        self.asked: list[str] = []

        def get(url: str, headers: dict[str, str], timeout: float) -> Answer:
            token = headers.get("Authorization", "")
            self.asked.append(token)
            if token in self.lets_in:
                return Answer(200, {}, '{"message": "sync@example.com"}', None, 1.0)
            return Answer(401, {}, '{"exc_type": "AuthenticationError"}', None, 1.0)

        monkeypatch.setattr(_key_http, "urls_transport", lambda *_options: get)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


def test_the_new_key_is_let_in_and_the_old_one_is_not(play: Player, server: Server) -> None:
    done = play.succeed(**KEY)
    assert [call.op for call in done.calls] == ["rotation.begin", "rotation.finish"]
    assert server.asked == [NEW, OLD, OLD]
    found = done.answer["site_secret"]
    assert (found["key"], found["user"], found["gap"]) == ("new-key-of-sync", "sync@example.com", True)
    assert (found["open"], found["request"], done.answer["actions"]) == (False, "one", ["rotated api_key"])
    for secret in ("new-secret-of-sync", "old-secret-of-sync"):
        assert secret not in done.output


@pytest.mark.parametrize("lets_in", [set(), {OLD}, {NEW, OLD}])
def test_a_proof_that_fails_undoes_the_rotation(play: Player, server: Server, lets_in: set[str]) -> None:
    server.lets_in = lets_in
    done = play.run(**KEY)
    assert [call.op for call in done.calls] == ["rotation.begin", "rotation.undo"]
    said = done.answer["msg"]
    if OLD in lets_in:
        assert "the rotation was undone, and the old secret works again" in said
    else:
        assert "the old one is not proven to be in force again" in said


def test_with_a_standby_the_old_key_is_let_in_meanwhile(play: Player, server: Server) -> None:
    play.answers["rotation.begin"]["told"]["gap"] = False
    play.answers["rotation.finish"].update(waits_until=2_000_000_000.0, open=True, told={})
    server.lets_in = {NEW, OLD}
    done = play.succeed(standby_user="standby@example.com", grace=60, **KEY)
    assert server.asked == [NEW, OLD]
    assert (done.answer["site_secret"]["open"], done.answer["site_secret"]["waits_until"]) == (True, 2_000_000_000.0)
    assert done.calls[0].args["standby"] == "standby@example.com"


def test_the_halves(play: Player, server: Server) -> None:
    begun = play.succeed(state="begun", return_secret=True, **KEY)
    assert begun.call.op == "rotation.begin"
    assert begun.answer["site_secret"]["secret_half"] == "new-secret-of-sync"
    assert play.succeed(state="finished", **KEY).call.op == "rotation.finish"
    server.lets_in = {OLD}
    undone = play.succeed(state="undone", return_secret=True, **KEY)
    assert (undone.call.op, undone.answer["site_secret"]["secret_half"]) == ("rotation.undo", "old-secret-of-sync")


def test_check_mode_proves_nothing(play: Player, server: Server) -> None:
    done = play.succeed(check=True, **KEY)
    assert (done.answer["changed"], server.asked) == (True, [])


def test_what_this_request_has_rotated_is_left_alone(play: Player, server: Server) -> None:
    for verb in ("begin", "finish"):
        play.answers[f"rotation.{verb}"].update(changed=False, open=False, told={})
    done = play.succeed(**KEY)
    assert (done.answer["changed"], done.answer["actions"], server.asked) == (False, [], [])


def test_a_password_comes_from_somewhere(play: Player) -> None:
    assert "there is no new password" in play.fail(**{**KEY, "secret": "admin_password"})
    assert "Needed: at least 8" in play.fail(**{**KEY, "secret": "admin_password"}, new_password="short")


def test_passwords_are_told_as_secrets(play: Player, server: Server) -> None:
    play.answers["rotation.begin"].update(open=False, told={})
    play.answers["rotation.finish"].update(told={})
    given = {"db_root_password": "the-root-password", **KEY, "secret": "database_password"}
    done = play.succeed(**given)
    assert done.calls[0].secrets == ["the-root-password"]
    assert done.calls[0].args["root"]["password"] == "the-root-password"
    assert "the-root-password" not in done.output
