# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ERPNext's own records, and an app that would take its DocType. Last: installing real ERPNext takes half a minute."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.benches import SITE, ContractBench

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
