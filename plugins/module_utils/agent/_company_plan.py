# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: what a site's set-up with a company needs, given what the site has.

ERPNext's setup wizard is the only thing that makes all of it: units, groups, price lists and defaults besides the
company with its accounts. It does nothing once a company exists (``erpnext/setup/setup_wizard/setup_wizard.py:
get_setup_stages``), which is why a company made by hand leaves a site without the rest.
"""

from __future__ import annotations

import datetime
from typing import Any

from .._errors import ErpopsError

# Option of ours -> field of Company. What is stored in them cannot be changed later: accounts and warehouses carry the
# abbreviation in their names, and postings the currency.
FIXED_FIELDS = {
    "abbr": "abbr",
    "country": "country",
    "currency": "default_currency",
    "chart_of_accounts": "chart_of_accounts",
}

# What the wizard makes besides the company: key of the facts -> words for it.
PARTS = {
    "units": "units of measure",
    "item_groups": "item groups",
    "customer_groups": "customer groups",
    "territories": "territories",
    "buying_price_lists": "a price list for buying",
    "selling_price_lists": "a price list for selling",
    "fiscal_year": "the fiscal year of the declared start date",
    "default_company": "a default company",
    "stock_unit": "a default unit of measure",
    "accounts": "the company's accounts",
    "receivable_account": "the company's default receivable account",
    "warehouses": "the company's warehouses",
}


def missing_parts(facts: dict[str, Any]) -> list[str]:
    """Words for what of a set-up is not there; a part that this version does not know is no part (``None``)."""
    return [words for part, words in PARTS.items() if facts["parts"].get(part) in (0, "", False)]


def decide(wanted: dict[str, Any], facts: dict[str, Any], site: str = "") -> str:
    """``none``, ``setup`` (the wizard runs) or ``finish`` (what a cut-off wizard left out is made).

    :param wanted: ``company, abbr, country, currency, chart_of_accounts``.
    :param facts: ``apps``; ``companies``, each with ``name`` and the stored :data:`FIXED_FIELDS`; ``parts``.
    :raises ErpopsError: (422) ERPNext is not installed; (409) the site was set up with another company, or with this
        one in another way: it is left alone.
    """
    if "erpnext" not in facts["apps"]:
        raise ErpopsError(
            "has no ERPNext, whose setup wizard makes the company",
            object=site,
            seen=", ".join(facts["apps"]),
            needed="erpnext",
            hint="put erpnext into the site's apps and run playbooks/provision.yml",
            status=422,
        )
    found = next((item for item in facts["companies"] if item["name"] == wanted["company"]), None)
    if found is None:
        if facts["companies"]:
            raise ErpopsError(
                "was set up with another company and is left alone",
                object=site,
                seen=", ".join(f"{item['name']} ({item['abbr']})" for item in facts["companies"]),
                needed=f"{wanted['company']} ({wanted['abbr']})",
                hint="declare the company that the site has, or begin with a new site: a set-up cannot be taken back",
                status=409,
            )
        return "setup"
    differs = [
        f"{option} is {found[field]!r}, declared is {wanted[option]!r}"
        for option, field in FIXED_FIELDS.items()
        if found.get(field) and wanted.get(option) and found[field] != wanted[option]
    ]
    if differs:
        raise ErpopsError(
            "was set up differently and is left alone",
            object=f"{site}: company {wanted['company']}",
            seen="; ".join(differs),
            needed="the declared values: accounts, warehouses and postings hang on them and cannot follow",
            hint="declare what the site has, or begin with a new site",
            status=409,
        )
    return "finish" if missing_parts(facts) or not facts["complete"] else "none"


def fiscal_year(start: str, end: str, today: datetime.date) -> tuple[str, str]:
    """First and last day of the fiscal year, as ISO dates; the calendar year of ``today`` when neither is given.

    :raises ErpopsError: (400) one is no date, or they are not a year that begins before it ends.
    """
    try:
        first = datetime.date.fromisoformat(start) if start else datetime.date(today.year, 1, 1)
        last = datetime.date.fromisoformat(end) if end else next_year(first) - datetime.timedelta(days=1)
    except ValueError as exc:
        raise ErpopsError("is no date", object=f"{start or end}", needed="such as 2026-01-01", status=400) from exc
    if not 27 <= (last - first).days <= 731:
        raise ErpopsError(
            "a fiscal year cannot have these days",
            seen=f"{first} to {last}",
            needed="usually twelve months",
            status=400,
        )
    return first.isoformat(), last.isoformat()


def next_year(day: datetime.date) -> datetime.date:
    """The same day a year later; 1 March for 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return datetime.date(day.year + 1, 3, 1)


def wizard_input(wanted: dict[str, Any]) -> dict[str, Any]:
    """The answers that the setup wizard's slides would give (``setup_wizard.js`` of Frappe and of ERPNext, 15)."""
    return {
        "language": wanted["language"],
        "country": wanted["country"],
        "timezone": wanted["timezone"],
        "currency": wanted["currency"],
        "enable_telemetry": 0,
        "company_name": wanted["company"],
        "company_abbr": wanted["abbr"],
        "chart_of_accounts": wanted["chart_of_accounts"],
        "fy_start_date": wanted["fiscal_year_start"],
        "fy_end_date": wanted["fiscal_year_end"],
        "setup_demo": 0,
    }
