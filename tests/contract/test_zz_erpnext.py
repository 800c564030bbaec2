# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ERPNext's own records, and an app that would take its DocType. Last: installing real ERPNext takes half a minute."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.benches import SITE, ContractBench
from tests.contract.test_checks import answers, insert

COMPANY = {
    "doctype": "Company",
    "values": {
        "company_name": "Contract Trading",
        "abbr": "CT",
        "default_currency": "USD",
        "country": "United Arab Emirates",
    },
}
TRANSIT = {"doctype": "Warehouse Type", "name": "Transit", "values": {}}
WAREHOUSE = {"doctype": "Warehouse", "values": {"warehouse_name": "Ready", "company": "Contract Trading"}}

WAREHOUSES = ["All Warehouses", "Finished Goods", "Goods In Transit", "Ready", "Stores", "Work In Progress"]


@pytest.fixture(scope="module")
def erp(main_site: ContractBench) -> ContractBench:
    main_site.add_app("erpnext")
    main_site.one("site_app.apply", SITE, {"apps": ["erpnext"]})
    return main_site


def test_it_is_whole(erp: ContractBench) -> None:
    assert erp.one("site_app.read", SITE, {"apps": ["erpnext"]})["missing"] == {}


def test_what_the_setup_wizard_makes_is_not_there(erp: ContractBench) -> None:
    """Documents that need it must declare it themselves."""
    doctypes = ["Warehouse Type", "Item Group", "UOM", "Territory", "Customer Group", "Company", "Warehouse"]
    found = erp.query("answer = {doctype: frappe.db.count(doctype) for doctype in args['doctypes']}", doctypes=doctypes)
    assert found == dict.fromkeys(doctypes, 0)
    assert erp.query("answer = [frappe.db.exists('Currency', 'AED'), frappe.db.exists('Country', 'Germany')]") == [
        "AED",
        "Germany",
    ]


def test_a_company_needs_a_warehouse_type(erp: ContractBench) -> None:
    error = erp.refused_documents(COMPANY)
    assert error["message"] == "LinkValidationError: Could not find Warehouse Type: Transit"
    assert erp.query("answer = frappe.db.count('Company')") == 0


def test_the_first_company_of_a_country_commits_inside_its_own_save(erp: ContractBench) -> None:
    """It adds custom fields; the next one of that country finds them there."""
    erp.documents(TRANSIT)
    code = (
        "doc = {'doctype': 'Company', 'company_name': args['name'], 'abbr': args['name'][:2], 'default_currency': 'USD'}\n"
        "frappe.get_doc({**doc, 'country': 'United Arab Emirates'}).insert()\nfrappe.db.rollback()\n"
        "answer = frappe.db.exists('Company', args['name'])"
    )
    assert erp.query(code, name="Kept") == "Kept"
    assert erp.query(code, name="Undone") is None


def test_a_company_and_its_warehouse(erp: ContractBench) -> None:
    done = erp.documents(TRANSIT, COMPANY, WAREHOUSE)
    assert [item["name"] for item in done["documents"]] == ["Transit", "Contract Trading", "Ready - CT"]
    assert erp.documents(TRANSIT, COMPANY, WAREHOUSE)["changed"] is False
    made = erp.query("answer = frappe.get_all('Warehouse', pluck='name', filters={'company': 'Contract Trading'})")
    assert sorted(made) == [f"{name} - CT" for name in WAREHOUSES]


def test_an_app_that_would_take_a_doctype_is_refused(erp: ContractBench) -> None:
    before: Any = erp.query("answer = [f.fieldname for f in frappe.get_meta('Item').fields]")
    error = erp.refused("site_app.apply", SITE, {"apps": ["collide"]})
    assert (error["status"], error["message"]) == (409, "would overwrite DocTypes of another app")
    assert error["data"]["collisions"] == ["Item (of erpnext, module Stock)"]
    assert "collide" not in erp.one("site_app.read", SITE)["installed"]
    assert erp.query("answer = [f.fieldname for f in frappe.get_meta('Item').fields]") == before


def test_checks_see_whose_doctype_it_is(erp: ContractBench) -> None:
    mine, collision = answers(
        erp,
        {"check": "doctype", "doctypes": "Item", "module": "Stock", "issingle": False},
        {"check": "collisions", "app": "collide"},
    )
    assert mine["ok"], mine
    assert collision["seen"] == "Item (of erpnext, module Stock)"


def test_whether_an_item_can_be_saved(erp: ContractBench) -> None:
    item = {"item_code": "scratch", "item_group": "Contract Goods", "stock_uom": "Contract Piece", "is_stock_item": 0}
    check = {"check": "savable", "doctype": "Item", "values": item}
    (before,) = answers(erp, check)
    assert "Could not find Item Group: Contract Goods" in before["seen"]
    erp.documents(
        {"doctype": "UOM", "match": {"uom_name": "Contract Piece"}, "values": {}},
        {"doctype": "Item Group", "match": {"item_group_name": "Contract Goods"}, "values": {}},
    )
    (after,) = answers(erp, check)
    assert after["ok"], after
    assert erp.query("answer = frappe.db.count('Item')") == 0


def test_the_ledger_is_balanced(erp: ContractBench) -> None:
    names = ["voucher-even", "voucher-off", "voucher-draft"]
    rows = [
        {"name": name, "code": name, "title": "voucher", "docstatus": int(name != "voucher-draft")} for name in names
    ]
    insert(erp, "Kit Widget", *rows)
    entry = {"voucher_type": "Kit Widget", "is_cancelled": 0, "debit": 0, "credit": 0}
    entries: list[dict[str, Any]] = [
        {**entry, "voucher_no": "voucher-even", "debit": 10.5},
        {**entry, "voucher_no": "voucher-even", "credit": 10.5},
        {**entry, "voucher_no": "voucher-even", "credit": 99, "is_cancelled": 1},
        {**entry, "voucher_no": "voucher-draft", "debit": 3},
    ]
    insert(erp, "GL Entry", *entries)
    check: dict[str, Any] = {"check": "balanced", "voucher_type": "Kit Widget", "filters": {"title": "voucher"}}
    good, few, late = answers(erp, check, {**check, "min": 2}, {**check, "since": 0})
    assert good["ok"], good
    assert good["value"] == {"vouchers": 2, "posted": 1}
    assert few["seen"] == "1 of 2 vouchers have ledger entries"
    assert late["seen"] == "0 of 0 vouchers have ledger entries"
    insert(
        erp,
        "GL Entry",
        {**entry, "voucher_no": "voucher-off", "debit": 7},
        {**entry, "voucher_no": "voucher-off", "credit": 6.98},
    )
    (off,) = answers(erp, check)
    assert off["seen"] == "1 vouchers do not balance: voucher-off (debit 7.00, credit 6.98)"
    erp.query(
        "frappe.db.delete('GL Entry', {'voucher_type': 'Kit Widget'})\n"
        "frappe.db.delete('Kit Widget', {'title': 'voucher'})\nfrappe.db.commit()"
    )
