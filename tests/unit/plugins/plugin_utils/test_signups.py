# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where new tenants go, and the files that declare them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils._reader import Reader
from ansible_collections.erpops.frappe.plugins.plugin_utils._signups import (
    Signups,
    declaration,
    parts_of,
    read_signups,
    with_signups,
)
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants import LOCALHOST
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants_read import read_fleet


def read(value: object) -> tuple[Signups | None, list[str]]:
    reader = Reader(lambda _item: None)
    return read_signups(reader, value, "signups"), [problem.message for problem in reader.problems]


def test_only_the_domain_is_needed() -> None:
    assert read({"domain": "example.com"}) == (Signups("example.com"), [])
    assert read(None) == (None, [])


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"domain": None}, "domain is missing"),
        ({"domain": "Example.com"}, "has upper-case letters"),
        ({"domain": "a b"}, "contains ' '"),
        ({"domian": "x"}, "unknown key 'domian' (did you mean 'domain'?)"),
        ({"directory": "signups"}, "does not begin with a dot"),
        ({"max_length": 2}, "needed is a number from 3 to 63"),
        ({"max_length": 64}, "needed is a number from 0 to 63"),
        ({"reserved": "www"}, "reserved is text, needed is a list"),
        ({"vars": {"site_name": "x"}}, "is computed by the inventory"),
    ],
)
def test_faults(changes: dict[str, Any], fault: str) -> None:
    _signups, faults = read({"domain": "example.com", **changes})
    assert any(fault in found for found in faults), faults


def test_bench_and_plan_must_be_there() -> None:
    data = {
        "plugin": "erpops.frappe.tenants",
        "benches": {"one": {"path": "/a"}, "two": {"path": "/b"}},
        "tenants": [],
        "signups": {"domain": "example.com", "plan": "fre"},
    }
    _fleet, problems = read_fleet(data, lambda _item: None, LOCALHOST)
    found = [f"{problem.subject}: {problem.message}" for problem in problems]
    assert [text for text in found if text.startswith("signups: bench is missing")]
    assert [text for text in found if "unknown plan 'fre'" in text]


SIGNUPS = Signups("example.com", bench="main", plan="free")
REQUEST = {"subdomain": "acme", "email": "a@acme.example", "company": "{{ 6 * 7 }}"}


def record(state: str = "active") -> tuple[str, dict[str, Any]]:
    made = declaration(SIGNUPS, REQUEST, "2026-01-01")
    made["signup"]["state"] = state
    return "/fleet/.signups/acme.example.com.yml", made


def test_what_is_declared() -> None:
    assert declaration(SIGNUPS, REQUEST, "2026-01-01") == {
        "tenant": {
            "name": "acme.example.com",
            "bench": "main",
            "plan": "free",
            "vars": {"signup_subdomain": "acme", "signup_email": "a@acme.example", "signup_company": "{{ 6 * 7 }}"},
        },
        "signup": {"state": "pending", "email": "a@acme.example", "started": "2026-01-01"},
    }


@pytest.mark.parametrize(
    ("state", "pending", "taken"),
    [("active", "", True), ("pending", "", False), ("pending", "acme.example.com", True), ("pending", "b.c", False)],
)
def test_a_tenant_whose_making_has_not_ended_is_no_part_of_the_fleet(state: str, pending: str, taken: bool) -> None:
    data = {"tenants": [{"name": "a.b"}], "signups": {"vars": {"company": "{{ signup_company }}"}}}
    names = [tenant["name"] for tenant in with_signups(data, [record(state)], pending)["tenants"]]
    assert names == (["a.b", "acme.example.com"] if taken else ["a.b"])
    assert data["tenants"] == [{"name": "a.b"}], "what was read is not changed"


def test_shared_variables_lie_beneath_the_tenants_own() -> None:
    data = {"tenants": [], "signups": {"vars": {"wave": "x", "signup_company": "not this one"}}}
    (tenant,) = with_signups(data, [record()])["tenants"]
    assert (tenant["vars"]["wave"], tenant["vars"]["signup_company"]) == ("x", "{{ 6 * 7 }}")


@pytest.mark.parametrize(
    "content",
    [None, [], {}, {"tenant": {"name": "acme.example.com"}}, {"tenant": {"name": "b.c"}, "signup": {"state": "active"}},
     {"tenant": {"name": "acme.example.com"}, "signup": {"state": "half"}}],
)  # fmt: skip
def test_another_file_is_refused(content: object) -> None:
    with pytest.raises(ErpopsError, match="is no declaration of a tenant"):
        parts_of(record()[0], content)
