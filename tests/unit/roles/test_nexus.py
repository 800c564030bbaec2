# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role nexus: records made of the fleet."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT
from tests.unit.templates import trusted

TENANT = {
    "subdomain": "acme",
    "company_name": "Acme",
    "owner_email": "a@acme.example",
    "erpnext_site": "acme.example.com",
    "site_url": "https://acme.example.com",
    "status": "active",
    "bench_path": "/b",
}


def records(*tenants: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    role = ROOT / "roles/nexus"
    variables = {}
    for part in ("defaults", "vars"):
        variables.update(trusted(yaml.safe_load((role / part / "main.yml").read_text())))
    variables.update({"nexus_tenants": list(tenants), **changes})
    found = Templar(variables=variables).template(trust_as_template("{{ __nexus_records }}"))
    assert isinstance(found, list)
    return found


def test_a_record_says_what_the_fleet_says_and_holds_no_secret() -> None:
    (record,) = records({**TENANT, "api_key": "k", "api_secret": "Secret0of0acme0"})
    assert "Secret0of0acme0" not in str(record)
    assert (record["doctype"], record["name"]) == ("Tenant", "acme")
    values = record["values"]
    assert (values["site_config"], values["plan"], values["status"]) == ("{}", "free", "active")
    assert "owner_name" not in values, "what nobody declared is nobody's"


def test_a_key_goes_where_frappe_encrypts_it() -> None:
    (record,) = records({**TENANT, "api_key": "k", "api_secret": "Secret0of0acme0"}, nexus_key_field_enabled=True)
    assert record["secrets"] == {"api_secret": "Secret0of0acme0"}
    assert "Secret0of0acme0" not in str(record["values"])


@pytest.mark.parametrize(
    ("status", "forced", "says"),
    [
        ("active", None, "active"),
        ("suspended", None, "suspended"),
        ("retired", None, "cancelled"),
        ("active", "suspended", "suspended"),
    ],
)
def test_statuses(status: str, forced: str | None, says: str) -> None:
    given = {"__nexus_forced_status": forced} if forced else {}
    (record,) = records({**TENANT, "status": status}, **given)
    assert record["values"]["status"] == says
