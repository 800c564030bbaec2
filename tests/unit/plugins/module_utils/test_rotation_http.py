# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the site itself once a database password or an encryption key has changed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils import _key_http
from ansible_collections.erpops.frappe.plugins.module_utils._key_http import LOGGED_USER, Answer
from ansible_collections.erpops.frappe.plugins.module_utils._rotation_http import prove_begun, prove_undone

PARAMS = {"secret": "database_password", "site": "a.localhost", "url": "http://x", "user": "u@example.com"}


class Agent:
    """Knows the user's key, or none."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def one(self, op: str, site: str, args: dict[str, Any]) -> dict[str, str]:
        assert (op, site, args) == ("move.key", "a.localhost", {"user": "u@example.com"})
        return {"api_key": "key", "api_secret": self.secret}


@pytest.mark.parametrize("prove", [prove_begun, prove_undone])
@pytest.mark.parametrize(("secret", "hidden"), [("the-secret", ["the-secret"]), ("", [])])
def test_the_site_answers_and_knows_its_user(
    prove: Any, secret: str, hidden: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    found: list[str] = []

    def get(url: str, headers: dict[str, str], timeout: float) -> Answer:
        asked.append(url)
        message = "u@example.com" if url.endswith(LOGGED_USER) else "pong"
        return Answer(200, {}, f'{{"message": "{message}"}}', None, 1.0)

    monkeypatch.setattr(_key_http, "urls_transport", lambda *_options: get)
    prove(PARAMS, Agent(secret), {}, found.append)
    assert found == hidden
    assert len(asked) == 1 + len(hidden)
