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


@pytest.fixture(scope="module")
def erp(main_site: ContractBench) -> ContractBench:
    main_site.add_app("erpnext")
    main_site.one("site_app.apply", SITE, {"apps": ["erpnext"]})
    return main_site


def test_it_is_whole(erp: ContractBench) -> None:
    assert erp.one("site_app.read", SITE, {"apps": ["erpnext"]})["missing"] == {}


def test_a_company_and_its_warehouse(erp: ContractBench) -> None:
    if not erp.query("answer = frappe.db.exists('Warehouse Type', 'Transit')"):
        error = erp.refused_documents(COMPANY)
        assert "LinkValidationError: Could not find Warehouse Type: Transit" in error["message"]
    done = erp.documents(TRANSIT, COMPANY, WAREHOUSE)
    assert [item["name"] for item in done["documents"]] == ["Transit", "Contract Trading", "Ready - CT"]
    again = erp.documents(TRANSIT, COMPANY, WAREHOUSE)
    assert again["changed"] is False


def test_an_app_that_would_take_a_doctype_is_refused(erp: ContractBench) -> None:
    before: Any = erp.query("answer = [f.fieldname for f in frappe.get_meta('Item').fields]")
    error = erp.refused("site_app.apply", SITE, {"apps": ["collide"]})
    assert (error["status"], error["message"]) == (409, "would overwrite DocTypes of another app")
    assert error["data"]["collisions"] == ["Item (of erpnext, module Stock)"]
    assert "collide" not in erp.one("site_app.read", SITE)["installed"]
    assert erp.query("answer = [f.fieldname for f in frappe.get_meta('Item').fields]") == before
