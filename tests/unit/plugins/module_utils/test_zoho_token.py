# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way a working refresh token is had; Zoho is imitated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._http_client import HttpClient
from ansible_collections.erpops.frappe.plugins.module_utils._http_probe import Send
from ansible_collections.erpops.frappe.plugins.module_utils._zoho_api import Client
from ansible_collections.erpops.frappe.plugins.module_utils._zoho_token import Grant, authorization_hint, end, ensure
from tests.fake.zoho import CLIENT_ID, CLIENT_SECRET, CODE, ORGANIZATION, REDIRECT_URI, Zoho

REACH = {"timeout": 5.0, "attempts": 1, "connect": ""}


@pytest.fixture
def zoho() -> Iterator[Zoho]:
    with Zoho() as server:
        server.start()
        yield server


@pytest.fixture
def send() -> Iterator[Send]:
    client = HttpClient()
    yield client.send
    client.close()


def client_of(zoho: Zoho) -> Client:
    return Client("com", CLIENT_ID, CLIENT_SECRET, zoho.url)


DEAD = "1000.dead"
# Held (live, dead, none), code -> action, or the start of the error; and whether the code is used up.
WAYS = [
    ("live", True, "", False),
    ("live", False, "", False),
    ("dead", True, "replaced", True),
    ("dead", False, "the refresh token is revoked", False),
    ("none", True, "exchanged", True),
    ("none", False, "there is no refresh token yet", False),
]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("held", "code", "expected", "used"), WAYS)
def test_ways(zoho: Zoho, send: Send, held: str, code: bool, expected: str, used: bool, check: bool) -> None:
    token = {"live": zoho.give_refresh_token(), "dead": DEAD, "none": ""}[held]
    grant = Grant(token, CODE if code else "", REDIRECT_URI, ORGANIZATION)
    if " " in expected:
        with pytest.raises(ErpopsError, match=expected):
            ensure(client_of(zoho), send, REACH, grant, check)
    else:
        outcome = ensure(client_of(zoho), send, REACH, grant, check)
        assert outcome.action == expected
        assert outcome.facts["verified"] is not (check and used)
        assert outcome.refresh_token in ({""} if check and used else zoho.refresh_tokens)
    assert list(zoho.codes) == ([] if used and not check else [CODE])


def test_a_client_that_is_refused_is_not_helped_by_a_code(zoho: Zoho, send: Send) -> None:
    client = Client("com", CLIENT_ID, "another-client-secret", zoho.url)
    with pytest.raises(ErpopsError, match="secret is wrong"):
        ensure(client, send, REACH, Grant(DEAD, CODE, REDIRECT_URI))
    assert list(zoho.codes) == [CODE]


def test_a_failing_proof_keeps_the_token(zoho: Zoho, send: Send) -> None:
    outcome = ensure(client_of(zoho), send, REACH, Grant("", CODE, REDIRECT_URI, "another-organization"))
    assert outcome.refresh_token in zoho.refresh_tokens
    assert (outcome.action, outcome.facts["verified"]) == ("exchanged", False)
    assert "organization is not the user's" in str(outcome.error)


def test_an_access_token_that_expired_is_nothing_to_a_refresh(zoho: Zoho, send: Send) -> None:
    grant = Grant(zoho.give_refresh_token(), organization=ORGANIZATION)
    ensure(client_of(zoho), send, REACH, grant)
    zoho.expire_access_tokens()
    assert ensure(client_of(zoho), send, REACH, grant).facts["verified"] is True


@pytest.mark.parametrize("check", [True, False])
def test_ended(zoho: Zoho, send: Send, check: bool) -> None:
    token = zoho.give_refresh_token()
    assert end(client_of(zoho), send, REACH, token, check).action == "revoked"
    assert zoho.refresh_tokens == ({token} if check else set())
    assert end(client_of(zoho), send, REACH, "").action == ""


def test_the_address_for_a_person_holds_no_secret() -> None:
    hint = authorization_hint(Client("in", CLIENT_ID, CLIENT_SECRET))
    assert hint.startswith("open https://accounts.zoho.in/oauth/v2/auth?scope=ZohoInventory.items.READ")
    assert "access_type=offline&prompt=consent" in hint
    assert CLIENT_SECRET not in hint
