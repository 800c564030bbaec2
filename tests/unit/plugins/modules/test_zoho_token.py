# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against an imitated Zoho."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.modules import zoho_token
from tests.fake.zoho import CLIENT_ID, CLIENT_SECRET, CODE, ORGANIZATION, REDIRECT_URI, Zoho
from tests.unit.plugins.modules.vendors import VendorModule

GRANT = {"code": CODE, "redirect_uri": REDIRECT_URI}


@pytest.fixture
def zoho() -> Iterator[Zoho]:
    with Zoho() as server:
        server.start()
        yield server


def module_for(server: Zoho, capsys: pytest.CaptureFixture[str]) -> VendorModule:
    known = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "organization_id": ORGANIZATION}
    return VendorModule(zoho_token, capsys, accounts_url=server.url, **known)


@pytest.fixture
def module(zoho: Zoho, capsys: pytest.CaptureFixture[str]) -> VendorModule:
    return module_for(zoho, capsys)


def test_a_code_is_exchanged_and_proven(module: VendorModule, zoho: Zoho) -> None:
    checked = module.ok(check=True, **GRANT)
    assert (checked["changed"], zoho.lines, list(zoho.codes)) == (True, [], [CODE]), "a code is not used up by a check"
    done = module.ok(**GRANT, return_secret=True)
    token = done["zoho_token"]
    assert (done["changed"], token["action"], token["verified"], token["items"]) == (True, "exchanged", True, 5)
    assert token["api_domain"] == zoho.url
    assert token["refresh_token"] in zoho.refresh_tokens
    again = module.ok(refresh_token=token["refresh_token"], **GRANT)
    assert (again["changed"], again["zoho_token"]["action"], again["zoho_token"]["verified"]) == (False, "", True)
    assert again["diff"]["before"] == again["diff"]["after"]


def test_a_token_that_works_leaves_a_new_code_alone(module: VendorModule, zoho: Zoho) -> None:
    done = module.ok(refresh_token=zoho.give_refresh_token(), **GRANT)
    assert (done["changed"], list(zoho.codes)) == (False, [CODE])


def test_secrets_travel_in_bodies_and_are_in_no_output(module: VendorModule, zoho: Zoho) -> None:
    held = zoho.give_refresh_token()
    runs = [module.run(**GRANT), module.run(refresh_token=held), module.run(client_secret="another-client-secret")]
    secrets = [CLIENT_SECRET, CODE, held, *zoho.refresh_tokens, *zoho.access_tokens, "another-client-secret"]
    assert len(secrets) > 5
    assert not [secret for secret in secrets if any(secret in run.output for run in runs)]
    assert not [line for line in zoho.lines if any(secret in line for secret in secrets)]


def test_a_dead_token_is_replaced_with_a_code(module: VendorModule, zoho: Zoho) -> None:
    checked = module.ok(check=True, refresh_token="1000.dead.dead", **GRANT)
    assert (checked["zoho_token"]["action"], list(zoho.codes)) == ("replaced", [CODE])
    done = module.ok(refresh_token="1000.dead.dead", **GRANT)
    assert (done["changed"], done["zoho_token"]["action"]) == (True, "replaced")
    assert done["diff"] == {"before": {"refresh_token": "refused"}, "after": {"refresh_token": "present"}}


def test_without_an_organization_the_organizations_are_read(module: VendorModule, zoho: Zoho) -> None:
    done = module.ok(refresh_token=zoho.give_refresh_token(), organization_id=None)
    assert done["zoho_token"]["organizations"] == [ORGANIZATION]


def test_a_token_that_cannot_be_proven_is_not_lost(capsys: pytest.CaptureFixture[str]) -> None:
    with Zoho(scopes=["ZohoInventory.contacts.READ"]) as zoho:
        zoho.start()
        done = module_for(zoho, capsys).run(**GRANT, return_secret=True)
        token = done.answer["zoho_token"]
        assert (done.code, token["refresh_token"] in zoho.refresh_tokens) == (1, True)
    assert (token["verified"], token["action"]) == (False, "exchanged")
    assert "scope is too small" in done.msg


def test_revoked(module: VendorModule, zoho: Zoho) -> None:
    held = zoho.give_refresh_token()
    assert module.ok(check=True, state="absent", refresh_token=held)["changed"] is True
    assert held in zoho.refresh_tokens
    done = module.ok(state="absent", refresh_token=held)
    assert (done["changed"], done["zoho_token"]["was_known"], zoho.refresh_tokens) == (True, True, set())
    assert module.ok(state="absent", refresh_token=held)["zoho_token"]["was_known"] is False
    assert module.ok(state="absent")["changed"] is False


WRONG: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"client_id": "1000.ANOTHER"}, {}, "does not know the client", "a client is known in one only"),
    ({"client_secret": "a-wrong-client-secret"}, {}, "the client's secret is wrong", "copy it again"),
    ({"redirect_uri": "https://another.example.com/"}, {}, "redirect URI is another one", "registered"),
    ({"code": "1000.used.up.before"}, {}, "used up, too old, or of another region", "within minutes"),
    ({}, {"code_seconds": 0}, "used up, too old", "give the new code within minutes"),
    ({}, {"offline": False}, "no refresh token", "access_type=offline and prompt=consent"),
    ({"code": None, "redirect_uri": None, "refresh_token": "1000.revoked"}, {}, "is revoked", "authorize again"),
    ({"code": None, "redirect_uri": None}, {}, "no code to get one with", "/oauth/v2/auth?scope="),
    ({}, {"faults": ["400"]}, "not Zoho's token endpoint", "correct region"),
    ({}, {"faults": ["429=600"]}, "too many tokens", "wait ten minutes"),
    ({}, {"faults": ["500"]}, "the request failed", "look at the whole answer"),
    ({}, {"faults": ["cut"]}, "is not JSON", "breaks off"),
    ({}, {"faults": ["truncate"]}, "is down", "received"),
    ({"timeout": 0.2}, {"faults": ["slow=1"]}, "no answer came in time", "timeout"),
    ({}, {"api_domain": "https://www.zohoapis.eu"}, "another data centre's API", "correct the region"),
    ({}, {"api_domain": "https://evil.example.com"}, "another data centre's API", "https://www.zohoapis.com"),
    ({"organization_id": "7"}, {}, "the organization is not the user's", "organization_id"),
    ({}, {"token_seconds": 0}, "refuses the token", "compare the region"),
    ({}, {"faults": ["404@/inventory"]}, "no Zoho Inventory at that address", "api_url"),
    ({"organization_id": None}, {"scopes": ["ZohoInventory.items.READ"]}, "scope is too small", "settings.READ"),
]


@pytest.mark.parametrize(("arguments", "how", "what", "remedy"), WRONG)
def test_each_fault_says_what_to_do(
    capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], how: dict[str, Any], what: str, remedy: str
) -> None:
    with Zoho(**how) as zoho:
        zoho.start()
        done = module_for(zoho, capsys).run(**{**GRANT, **arguments})
    assert done.code == 1
    assert what in done.msg
    assert remedy in done.msg
    assert not [secret for secret in (CODE, CLIENT_SECRET, *zoho.access_tokens) if secret in done.output]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"code": CODE}, "code needs redirect_uri"),
        ({"client_secret": "xq7zk"}, "too short"),
        ({"region": "mars"}, "must be one of: com, eu, in, com.au"),
        ({"accounts_url": "http://accounts.zoho.eu", **GRANT}, "without TLS"),
    ],
)
def test_bad_arguments(module: VendorModule, zoho: Zoho, arguments: dict[str, Any], words: str) -> None:
    assert words in module.fails(**arguments)
    assert zoho.lines == []
