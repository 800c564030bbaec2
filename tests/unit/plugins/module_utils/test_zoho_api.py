# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zoho's OAuth and the proof of a token, with played answers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._http_client import Answer, Request
from ansible_collections.erpops.frappe.plugins.module_utils._zoho_api import (
    REGIONS,
    Client,
    Refused,
    Tokens,
    exchange,
    probe,
    refresh,
    revoke,
)

EU = Client("eu", "1000.client", "the-client-secret")
REACH = {"timeout": 5.0, "attempts": 1, "connect": ""}
GIVEN = {"access_token": "1000.access", "api_domain": "https://www.zohoapis.eu", "expires_in": 3600}


class Zoho:
    """One answer, and what was asked."""

    def __init__(self, body: Any, status: int = 200) -> None:
        self.answer = Answer(status, {}, json.dumps(body))
        self.sent: list[Request] = []

    def send(self, request: Request, _timeout: float) -> Answer:
        self.sent.append(request)
        return self.answer

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs((self.sent[0].body or b"").decode()).items()}


def test_a_code_is_exchanged_with_everything_in_the_body() -> None:
    zoho = Zoho({**GIVEN, "refresh_token": "1000.refresh", "scope": "s"})
    tokens = exchange(EU, zoho.send, REACH, "the-code", "https://b.example.com/cb")
    assert tokens == Tokens("1000.access", "https://www.zohoapis.eu", "1000.refresh", "s", 3600)
    assert zoho.sent[0].url == "https://accounts.zoho.eu/oauth/v2/token"
    assert zoho.form == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": "https://b.example.com/cb",
        "client_id": "1000.client",
        "client_secret": "the-client-secret",
    }


def test_a_refresh() -> None:
    zoho = Zoho(GIVEN)
    assert refresh(EU, zoho.send, REACH, "1000.refresh").refresh_token == ""
    assert (zoho.form["grant_type"], zoho.form["refresh_token"]) == ("refresh_token", "1000.refresh")


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_each_region_has_its_hosts(region: str) -> None:
    client = Client(region, "c", "s")
    zoho = Zoho({**GIVEN, "api_domain": f"https://{REGIONS[region][1]}"})
    tokens = refresh(client, zoho.send, REACH, "r")
    zoho.answer = Answer(200, {}, '{"code": 0, "items": []}')
    probe(client, zoho.send, REACH, tokens, "7")
    assert zoho.sent[0].url == f"https://accounts.zoho{'cloud' if region == 'ca' else ''}.{region}/oauth/v2/token"
    assert zoho.sent[1].url.startswith(f"https://www.zohoapis.{region}/inventory/v1/items?organization_id=7&page=1")


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"error": "invalid_code"}, "invalid_code", "revoked, or of another client or region"),
        ({"error": "invalid_client"}, "invalid_client", "does not know the client"),
        ({"error": "invalid_client_secret"}, "invalid_client_secret", "secret is wrong"),
        ({"error": "access_denied"}, "access_denied", "denies access"),
        ({"error": "something_new"}, "something_new", "gives no token"),
        ({}, "no access_token in the answer", "gives no token"),
        ([], "no access_token in the answer", "gives no token"),
    ],
)
def test_errors_that_come_with_200(body: Any, code: str, words: str) -> None:
    with pytest.raises(Refused) as raised:
        refresh(EU, Zoho(body).send, REACH, "1000.refresh")
    assert raised.value.code == code
    assert words in str(raised.value)
    assert "region 'eu'" in str(raised.value)
    assert raised.value.hint


def test_a_used_code_is_called_so() -> None:
    with pytest.raises(Refused, match="grant code is used up"):
        exchange(EU, Zoho({"error": "invalid_code"}).send, REACH, "c", "u")
    with pytest.raises(Refused, match="no refresh token") as raised:
        exchange(EU, Zoho(GIVEN).send, REACH, "c", "u")
    assert "prompt=consent" in raised.value.needed


@pytest.mark.parametrize("domain", ["https://www.zohoapis.com", "https://evil.example.com", "", "http://127.0.0.1:1"])
def test_a_token_is_sent_to_the_regions_api_only(domain: str) -> None:
    zoho = Zoho({"code": 0})
    with pytest.raises(ErpopsError, match="another data centre"):
        probe(EU, zoho.send, REACH, Tokens("1000.access", domain), "7")
    assert zoho.sent == []


def test_other_addresses_on_demand() -> None:
    client = Client("com", "c", "s", "http://127.0.0.1:1", "http://127.0.0.1:2")
    zoho = Zoho({"code": 0, "organizations": [{"organization_id": 7}]})
    assert probe(client, zoho.send, REACH, Tokens("a", "http://127.0.0.1:1"), "") == {"organizations": ["7"]}
    assert zoho.sent[0].url == "http://127.0.0.1:2/inventory/v1/organizations"
    assert zoho.sent[0].headers["Authorization"] == "Zoho-oauthtoken a"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, {"code": 5, "message": "x"}, "did not answer with code 0"),
        (200, [], "did not answer with code 0"),
        (401, {"code": 57, "message": "You are not authorized"}, "scope is too small"),
        (401, {"code": 14, "message": "Invalid value passed for authtoken."}, "refuses the token"),
        (400, {"code": 6041, "message": "not associated"}, "organization is not the user's"),
        (404, {"code": 5}, "no Zoho Inventory at that address"),
        (500, {}, "the request failed"),
    ],
)
def test_a_token_that_does_not_do(status: int, body: Any, words: str) -> None:
    with pytest.raises(ErpopsError) as raised:
        probe(EU, Zoho(body, status).send, REACH, Tokens("1000.access", "https://www.zohoapis.eu"), "7")
    assert words in str(raised.value)
    assert "1000.access" not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "body", "known"), [(200, {"status": "success"}, True), (400, {"error": "invalid_token"}, False)]
)
def test_revoked(status: int, body: Any, known: bool) -> None:
    zoho = Zoho(body, status)
    assert revoke(EU, zoho.send, REACH, "1000.refresh") is known
    assert (zoho.sent[0].url, zoho.form) == (
        "https://accounts.zoho.eu/oauth/v2/token/revoke",
        {"token": "1000.refresh"},
    )


def test_too_many_tokens() -> None:
    body = {
        "error": "Access Denied",
        "error_description": "You have made too many requests continuously.",
        "status": "failure",
    }
    with pytest.raises(ErpopsError, match="too many tokens") as raised:
        refresh(EU, Zoho(body, 400).send, REACH, "1000.refresh")
    assert "ten minutes" in raised.value.hint
