# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account's webhooks over Chatwoot's API, its version, and what refusals mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._chatwoot_api import (
    chatwoot,
    create,
    delete,
    explain,
    read_server,
    read_webhooks,
    signs,
    update,
)
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._http_client import Answer, Request
from ansible_collections.erpops.frappe.plugins.module_utils._vendor_http import Failure, VendorApi


class Server:
    """One answer, and what was asked."""

    def __init__(self, body: Any, status: int = 200) -> None:
        self.answer = Answer(status, {}, json.dumps(body))
        self.sent: list[Request] = []
        self.api = VendorApi(chatwoot("https://chat.example.com/", "the-access-token"), self.send)

    def send(self, request: Request, _timeout: float) -> Answer:
        self.sent.append(request)
        return self.answer


def test_webhooks_are_read_and_sorted() -> None:
    server = Server({"payload": {"webhooks": [{"id": 9}, {"id": 2}]}})
    assert [one["id"] for one in read_webhooks(server.api, 3)] == [2, 9]
    assert server.sent[0].url == "https://chat.example.com/api/v1/accounts/3/webhooks"
    assert server.sent[0].headers["api_access_token"] == "the-access-token"


@pytest.mark.parametrize("body", [{}, [], {"payload": {}}, {"payload": {"webhooks": [1]}}, {"payload": None}])
def test_what_is_no_list_of_webhooks(body: Any) -> None:
    with pytest.raises(ErpopsError, match="no list of webhooks"):
        read_webhooks(Server(body).api, 1)


def test_changes_are_wrapped_as_rails_wants_them() -> None:
    server = Server({})
    create(server.api, 1, {"url": "u"})
    update(server.api, 1, 4, {"url": "v"})
    delete(server.api, 1, 4)
    assert [(one.method, one.url.rpartition("accounts/1/")[2], one.body) for one in server.sent] == [
        ("POST", "webhooks", b'{"webhook": {"url": "u"}}'),
        ("PATCH", "webhooks/4", b'{"webhook": {"url": "v"}}'),
        ("DELETE", "webhooks/4", None),
    ]


@pytest.mark.parametrize(
    ("version", "webhooks", "signed"),
    [
        ("4.11.2", [], True),
        ("4.11.1", [{"secret": "x"}], False),
        ("v4.12.0-rc1", [], True),
        ("5.0", [], True),
        ("3.9.0", [], False),
        ("", [{"secret": "x"}], True),
        ("", [{"url": "x"}], False),
        ("", [], None),
        ("develop", [], None),
    ],
)
def test_who_signs(version: str, webhooks: list[dict[str, Any]], signed: bool | None) -> None:
    assert signs(version, webhooks) is signed
    assert read_server(Server({"version": version}).api, webhooks)["signs_deliveries"] is signed


def test_a_server_that_tells_no_version_is_no_fault() -> None:
    assert read_server(Server({"error": "no"}, 404).api, []) == {"version": None, "signs_deliveries": None}


@pytest.mark.parametrize(
    ("status", "kind", "said", "words"),
    [
        (401, "wrong_secret", "Invalid Access Token", "access token is refused"),
        (401, "wrong_secret", "You are not authorized to do this action", "may not manage webhooks"),
        (401, "wrong_secret", "You are not authorized to access this account", "does not belong to the account"),
        (403, "permission", "", "in front of Chatwoot"),
        (404, "not_found", "Resource could not be found", "is not there"),
        (422, "unexpected", "Url has already been taken", "refuses the webhook"),
        (302, "unexpected", "", "redirects"),
        (500, "app_error", "", "Chatwoot failed"),
    ],
)
def test_refusals(status: int, kind: str, said: str, words: str) -> None:
    explained = explain(Failure(kind, status, {}, said, "GET", "/x"))
    assert explained is not None
    assert words in explained.message
    assert explained.hint


def test_the_rest_is_common() -> None:
    assert explain(Failure("timeout", None, {}, "", "GET", "/x")) is None
