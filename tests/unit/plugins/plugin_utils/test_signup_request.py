# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may have which name, and what is told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils._signup_request import (
    ANSWER_KEYS,
    Request,
    answer,
    check_declared,
    company_of,
    request_faults,
)
from ansible_collections.erpops.frappe.plugins.plugin_utils._signups import Signups
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants_model import Fleet, Tenant

SIGNUPS = Signups("example.com", reserved=("billing",))
GOOD = Request("acme", "owner@acme.example", "Acme")
PASSWORD = "Vivid-Otter-47"


@pytest.mark.parametrize("subdomain", ["abc", "a-b", "a1b", "123", "a" * 40, "x--y"])
def test_names_that_may_be_had(subdomain: str) -> None:
    assert request_faults(Request(subdomain, GOOD.email, "Acme"), PASSWORD, SIGNUPS) == []


@pytest.mark.parametrize(
    ("subdomain", "fault"),
    [
        ("", "empty"),
        ("ab", "too short"),
        ("-a-", "begins or ends with a hyphen"),
        ("abc-", "begins or ends with a hyphen"),
        ("Admin", "upper-case"),
        ("a..b", "contains a dot"),
        ("a.b", "contains a dot"),
        ("a;id", "contains ';'"),
        ("a b", "contains ' '"),
        ("$(id)", "contains"),
        ("a\nb", "contains"),
        ("../x", "contains"),
        ("münchen", "contains"),
        ("a_b", "contains '_'"),
        ("a" * 41, "too long"),
        ("a" * 64, "63"),
        ("billing", "is reserved"),
        *[(name, "reserved") for name in "admin api www mail ftp localhost root administrator".split()],
    ],
)
def test_names_that_nobody_gets(subdomain: str, fault: str) -> None:
    (found,) = request_faults(Request(subdomain, GOOD.email, "Acme"), PASSWORD, SIGNUPS)
    assert fault in found


def test_all_faults_come_at_once_and_none_shows_the_password() -> None:
    faults = request_faults(Request("ab", "nobody", ""), "sh0rt!x", SIGNUPS)
    assert len(faults) == 4
    assert "sh0rt!x" not in " ".join(faults)


@pytest.mark.parametrize("password", ["", "short", "x" * 129, "with\x07bell"])
def test_passwords_that_are_refused(password: str) -> None:
    assert len(request_faults(GOOD, password, SIGNUPS)) == 1


@pytest.mark.parametrize("email", ["a", "a@b", "a b@c.d", "a@b.c\n", "a@b.c;id", "<a@b.c>", "@b.c", "a" * 140 + "@b.c"])
def test_addresses_that_are_none(email: str) -> None:
    assert len(request_faults(Request("acme", email, "Acme"), PASSWORD, SIGNUPS)) == 1


def fleet(*tenants: Tenant) -> Fleet:
    return Fleet({}, {}, {}, {tenant.name: tenant for tenant in tenants})


ACME = "acme.example.com"
HELD = {"state": "pending", "email": "a@acme.example", "started": "yesterday"}


def test_a_free_name_is_new_and_an_ended_request_of_the_same_person_is_resumed() -> None:
    assert check_declared(ACME, fleet(), None, "a@acme.example") is False
    assert check_declared(ACME, fleet(), HELD, "a@acme.example") is True


@pytest.mark.parametrize(
    ("known", "held", "because"),
    [
        (fleet(Tenant(ACME, "b")), None, "it is declared in tenants.yml"),
        (fleet(Tenant("other.example.com", "b", domains=(ACME,))), None, "among its domains"),
        (fleet(), {**HELD, "state": "active"}, "somebody signed up for it"),
        (fleet(), {**HELD, "email": "b@c.example"}, "bin/provision-tenant --discard acme"),
    ],
)
def test_a_name_that_is_somebodys(known: Fleet, held: dict[str, Any] | None, because: str) -> None:
    with pytest.raises(ErpopsError) as refused:
        check_declared(ACME, known, held, "a@acme.example")
    assert because in str(refused.value)
    assert "b@c.example" not in str(refused.value), "whose it is, is nobody's business"


def test_the_answer_has_every_key_or_is_none() -> None:
    known = dict.fromkeys(ANSWER_KEYS[1:], "x")
    assert answer({**known, "other": "y"}) == {"success": True, **known}
    with pytest.raises(ErpopsError, match="did not tell api_secret"):
        answer({**known, "api_secret": ""})


def test_a_failure_tells_what_is_known_on_one_line_and_no_secret() -> None:
    told = answer({"site_name": "a.b", "api_secret": "s" * 15, "db_name": ""}, "one\n  two")
    assert told == {"success": False, "error": "one two", "site_name": "a.b"}


@pytest.mark.parametrize(("subdomain", "name"), [("acme", "Acme"), ("acme-trading", "Acme Trading"), ("x--y", "X Y")])
def test_company_of_a_subdomain(subdomain: str, name: str) -> None:
    assert company_of(subdomain) == name
