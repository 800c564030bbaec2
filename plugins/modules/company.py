#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: company
short_description: A site's ERPNext is set up with its company, unattended
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Runs ERPNext's setup wizard once, with the answers that its slides ask for, and then proves that its parts exist. They are the
    company with its accounts, warehouses and receivable account, units, groups, territories, price lists and the fiscal year.
  - What a wizard that was cut off left out is made. A site that was set up with another company, or with this one in
    another way, is left alone, and the message says what differs.
  - Country, currency, language, time zone and chart of accounts are looked up before anything is changed. The scheduler is left
    as it was; the wizard alone would enable it.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  company:
    description: Name of the company.
    type: str
    required: true
  abbr:
    description: Its abbreviation, which the names of its accounts and warehouses end with.
    type: str
    required: true
  country:
    description: Its country, by its English name.
    type: str
    required: true
  currency:
    description: Its currency, such as C(EGP).
    type: str
    required: true
  timezone:
    description: The site's time zone, such as C(Africa/Cairo).
    type: str
    required: true
  language:
    description: The site's language, by its own name.
    type: str
    default: English
  chart_of_accounts:
    description: Name of the chart of accounts.
    type: str
    default: Standard
  fiscal_year_start:
    description: First day of the first fiscal year; 1 January of this year when omitted.
    type: str
    default: ""
  fiscal_year_end:
    description: Its last day; a year later when omitted.
    type: str
    default: ""
notes:
  - A second company, and accounts or price lists besides the wizard's, are records for M(erpops.frappe.document).
seealso:
  - module: erpops.frappe.document
"""

EXAMPLES = r"""
- name: Ensure the site is set up
  erpops.frappe.company:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    company: Jarz
    abbr: J
    country: Egypt
    currency: EGP
    timezone: Africa/Cairo
    chart_of_accounts: Standard
    fiscal_year_start: "2026-01-01"
"""

RETURN = r"""
company:
  description: The site's set-up after the run.
  returned: success
  type: dict
  contains:
    company:
      description: The declared company.
      type: str
      sample: Jarz
    companies:
      description: All companies of the site.
      type: list
      elements: str
      sample: [Jarz]
    action:
      description: V(none), V(setup) or V(finish).
      type: str
      sample: setup
    complete:
      description: Whether the site says of itself that its wizard is done with.
      type: bool
      sample: true
    missing_before:
      description: What of the set-up was not there before.
      type: list
      elements: str
      sample: [units of measure]
    parts:
      description: How many there are of each part, or what it is.
      type: dict
      sample: {units: 245, accounts: 86, receivable_account: Debtors - J}
    fiscal_year:
      description: First and last day of the declared fiscal year.
      type: list
      elements: str
      sample: ["2026-01-01", "2026-12-31"]
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [set up with company Jarz]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _company  # noqa: F401 -- sent to the bench

_WORDS = {"setup": "set up with company", "finish": "finished the set-up of company"}
_RETURNED = ("company", "companies", "action", "complete", "missing_before", "parts", "fiscal_year")


def company_spec() -> dict[str, Any]:
    """Options besides those of every site module; the agent's ``company.apply`` takes the same."""
    return {
        **{name: {"type": "str", "required": True} for name in ("company", "abbr", "country", "currency", "timezone")},
        "language": {"type": "str", "default": "English"},
        "chart_of_accounts": {"type": "str", "default": "Standard"},
        "fiscal_year_start": {"type": "str", "default": ""},
        "fiscal_year_end": {"type": "str", "default": ""},
    }


def act(module: AnsibleModule) -> dict[str, Any]:
    """Set the site up through the site agent."""
    params = module.params
    args = {key: params[key] for key in company_spec()}
    value = agent_for(module).one("company.apply", params["site"], args)
    word = _WORDS.get(value["action"])
    return {
        "changed": value["changed"],
        "company": {key: value[key] for key in _RETURNED},
        "actions": [f"{word} {value['company']}"] if word else [],
        "diff": value["diff"],
    }


def main() -> None:
    run_module(AnsibleModule(argument_spec={**site_spec(), **company_spec()}, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
