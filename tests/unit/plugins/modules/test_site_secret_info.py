# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the way of rotations: of all secrets at once, and of the web server."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils import _key_http
from ansible_collections.erpops.frappe.plugins.module_utils._key_http import Answer
from tests.unit.plugins.modules.player import Player

GIVEN: dict[str, Any] = {"request": "one", "url": "http://127.0.0.1:8000"}


@pytest.fixture(params=[200, 404])
def status(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    def get(url: str, headers: dict[str, str], timeout: float) -> Answer:
        return Answer(int(request.param), {}, '{"message": "pong"}', None, 1.0)

    monkeypatch.setattr(_key_http, "urls_transport", lambda *_options: get)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return int(request.param)


def test_all_secrets_and_the_web_server_are_asked(play: Player, status: int) -> None:
    play.answers["rotation.plan"]["secrets"]["database_password"]["faults"] = ["one fault."]
    done = play.run(secrets=["database_password", "encryption_key"], confirm="a.localhost", **GIVEN)
    assert done.call.op == "rotation.plan"
    assert done.call.args["secrets"]["encryption_key"]["confirm"] == "a.localhost"
    assert done.answer["faults"][0] == "one fault."
    assert len(done.answer["faults"]) == (1 if status == 200 else 2)


def test_what_is_not_due_needs_no_web_server(play: Player) -> None:
    play.answers["rotation.plan"]["secrets"]["database_password"]["due"] = False
    done = play.succeed(secrets=["database_password"], **GIVEN)
    assert (done.answer["changed"], done.answer["faults"]) == (False, [])
