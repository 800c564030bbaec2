# SPDX-License-Identifier: GPL-3.0-or-later
"""ERPNext's stages of the setup wizard: none of them once a company exists, as in ERPNext 15."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.desk.page.setup_wizard.setup_wizard import make_records

_ROOTS = {"Item Group": "All Item Groups", "Customer Group": "All Customer Groups", "Territory": "All Territories"}


def get_setup_stages(args: Any = None) -> list[dict[str, Any]]:
    if frappe.get_all("Company", limit=1):
        return [{"tasks": [{"fn": fin, "args": args}]}]
    return [{"tasks": [{"fn": fn, "args": args}]} for fn in (stage_fixtures, setup_company, setup_defaults, fin)]


def stage_fixtures(args: Any) -> None:
    records: list[dict[str, Any]] = [{"doctype": "Warehouse Type", "name": "Transit"}]
    for doctype, root in _ROOTS.items():
        field = doctype.lower().replace(" ", "_") + "_name"
        records.append({"doctype": doctype, field: root, "is_group": 1})
    records += [{"doctype": "UOM", "uom_name": name, "must_be_whole_number": 1} for name in ("Nos", "Unit", "Box")]
    make_records(records)


def setup_company(args: Any) -> None:
    start, end = args.fy_start_date, args.fy_end_date
    year = start[:4] if start[:4] == end[:4] else f"{start[:4]}-{int(start[:4]) + 1}"
    if not args.country:
        frappe.throw("Company: country is not set", frappe.MandatoryError)
    make_records(
        [
            {"doctype": "Fiscal Year", "year": year, "year_start_date": start, "year_end_date": end},
            {
                "doctype": "Company",
                "company_name": args.company_name,
                "abbr": args.company_abbr,
                "default_currency": args.currency,
                "country": args.country,
                "create_chart_of_accounts_based_on": "Standard Template",
                "chart_of_accounts": args.chart_of_accounts,
            },
        ]
    )


def setup_defaults(args: Any) -> None:
    make_records(
        [
            {"doctype": "Price List", "price_list_name": f"Standard {word}", "currency": args.currency, **flags}
            for word, flags in (("Buying", {"buying": 1}), ("Selling", {"selling": 1}))
        ]
    )
    defaults = frappe.get_single("Global Defaults")
    defaults.update({"default_company": args.company_name, "default_currency": args.currency, "country": args.country})
    defaults.save(ignore_permissions=True)
    stock = frappe.get_single("Stock Settings")
    stock.update(
        {"stock_uom": "Nos", "default_warehouse": frappe.db.get_value("Warehouse", {"warehouse_name": "Stores"})}
    )
    stock.save(ignore_permissions=True)


def fin(args: Any) -> None:
    frappe.local.message_log = []
