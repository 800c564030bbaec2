# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site's set-up needs, as tables of cases."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._company_plan import (
    PARTS,
    decide,
    fiscal_year,
    missing_parts,
    wizard_input,
)

WANTED = {"company": "Jarz", "abbr": "J", "country": "Egypt", "currency": "EGP", "chart_of_accounts": "Standard"}
STORED = {"name": "Jarz", "abbr": "J", "country": "Egypt", "default_currency": "EGP", "chart_of_accounts": "Standard"}
WHOLE: dict[str, Any] = dict.fromkeys(PARTS, 3)
OTHER = {**STORED, "name": "Acme", "abbr": "A"}


def facts(
    *companies: dict[str, Any], complete: bool = True, apps: str = "frappe erpnext", **parts: Any
) -> dict[str, Any]:
    return {"apps": apps.split(), "companies": list(companies), "complete": complete, "parts": {**WHOLE, **parts}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (facts(STORED), "none"),
        (facts(OTHER, STORED), "none"),
        (facts(complete=False, accounts=0), "setup"),
        (facts(), "setup"),
        (facts(STORED, units=0), "finish"),
        (facts(STORED, default_company=""), "finish"),
        (facts(STORED, complete=False), "finish"),
        (facts(STORED, receivable_account=None), "none"),
        (facts({**STORED, "chart_of_accounts": None}), "none"),
    ],
)
def test_what_is_to_be_done(found: dict[str, Any], expected: str) -> None:
    assert decide(WANTED, found, "a.localhost") == expected


@pytest.mark.parametrize(
    ("found", "status", "fragments"),
    [
        (facts(apps="frappe"), 422, ["has no ERPNext", "Seen: frappe"]),
        (facts(OTHER), 409, ["was set up with another company and is left alone", "Acme (A)", "Needed: Jarz (J)"]),
        (facts(OTHER, complete=False), 409, ["another company"]),
        (facts({**STORED, "abbr": "JZ"}), 409, ["was set up differently", "abbr is 'JZ', declared is 'J'"]),
        (
            facts({**STORED, "default_currency": "USD", "country": "Kenya"}),
            409,
            ["country is 'Kenya', declared is 'Egypt'; currency is 'USD', declared is 'EGP'"],
        ),
    ],
)
def test_what_is_left_alone(found: dict[str, Any], status: int, fragments: list[str]) -> None:
    with pytest.raises(ErpopsError) as caught:
        decide(WANTED, found, "a.localhost")
    assert caught.value.status == status
    assert [text for text in fragments if text not in str(caught.value)] == []


def test_missing_parts_are_named() -> None:
    assert missing_parts(facts()) == []
    found = missing_parts(facts(units=0, stock_unit="", fiscal_year=0))
    assert found == ["units of measure", "the fiscal year of the declared start date", "a default unit of measure"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("", "", ("2026-01-01", "2026-12-31")),
        ("2026-07-01", "", ("2026-07-01", "2027-06-30")),
        ("2024-02-29", "", ("2024-02-29", "2025-02-28")),
        ("2026-04-01", "2027-03-31", ("2026-04-01", "2027-03-31")),
    ],
)
def test_fiscal_years(start: str, end: str, expected: tuple[str, str]) -> None:
    assert fiscal_year(start, end, datetime.date(2026, 11, 21)) == expected


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("01.01.2026", "", "01.01.2026: is no date"),
        ("2026-01-01", "2026-13-01", "is no date"),
        ("2026-01-01", "2025-12-31", "a fiscal year cannot have these days. Seen: 2026-01-01 to 2025-12-31"),
        ("2026-01-01", "2029-12-31", "a fiscal year cannot have these days"),
    ],
)
def test_what_is_no_fiscal_year(start: str, end: str, message: str) -> None:
    with pytest.raises(ErpopsError, match=message):
        fiscal_year(start, end, datetime.date(2026, 11, 21))


def test_the_wizards_answers() -> None:
    given = {"language": "English", "timezone": "Africa/Cairo", "fiscal_year_start": "x", "fiscal_year_end": "y"}
    values = wizard_input({**WANTED, **given})
    assert (values["company_name"], values["company_abbr"], values["fy_start_date"]) == ("Jarz", "J", "x")
    assert (values["timezone"], values["enable_telemetry"], values["setup_demo"]) == ("Africa/Cairo", 0, 0)
