# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The setup wizard unattended, on the stand-in's, which has the traps of the real one."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.plugins.module_utils.agent.twins import Side

JARZ: dict[str, Any] = {
    "company": "Jarz",
    "abbr": "J",
    "country": "Egypt",
    "currency": "EGP",
    "timezone": "Africa/Cairo",
    "language": "English",
    "chart_of_accounts": "Standard",
    "fiscal_year_start": "2026-01-01",
}
_numbers = itertools.count(1)
BY_HAND = [
    {"doctype": "Warehouse Type", "name": "Transit", "values": {}},
    {
        "doctype": "Company",
        "values": {"company_name": "Jarz", "abbr": "J", "default_currency": "EGP", "country": "Egypt"},
    },
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Side:
    side = Side("one", tmp_path_factory.mktemp("company") / "one")
    side.one("site.apply", "template.localhost", admin_password="admin-password")
    side.one("site_app.apply", "template.localhost", apps=["erpnext"])
    return side


@pytest.fixture
def side(template: Side) -> tuple[Side, str]:
    """The bench and a site of this test's own."""
    name = f"site{next(_numbers)}.localhost"
    template.bench.clone_site("template.localhost", name)
    return template, name


def counts(side: Side, site: str) -> dict[str, Any]:
    facts = side.one("company.read", site, company="Jarz", day="2026-06-01")
    return {"companies": [row["name"] for row in facts["companies"]], "missing": facts["missing"], **facts["parts"]}


def test_a_preview_changes_nothing(side: tuple[Side, str]) -> None:
    bench, site = side
    before = counts(bench, site)
    shown = bench.one("company.apply", site, check=True, **JARZ)
    assert (shown["changed"], shown["action"], shown["companies"]) == (True, "setup", [])
    assert (shown["diff"]["before"]["company"], shown["diff"]["after"]["abbr"]) == ("", "J")
    assert counts(bench, site) == before


def test_the_site_is_set_up_once(side: tuple[Side, str]) -> None:
    bench, site = side
    done = bench.one("company.apply", site, **JARZ)
    assert (done["changed"], done["action"], done["complete"], done["companies"]) == (True, "setup", True, ["Jarz"])
    assert done.keys() == SET_ANSWERS["company.apply"].keys()
    found = counts(bench, site)
    assert (found["missing"], found["receivable_account"], found["stock_unit"]) == ([], "Debtors - J", "Nos")
    # As installing another app does.
    code = "import frappe; frappe.init(site={!r}); frappe.connect(); "
    code += "frappe.get_single('Installed Applications').update_versions(); frappe.db.commit()"
    assert bench.bench.call("-c", code.format(site)).returncode == 0
    again = bench.one("company.apply", site, **JARZ)
    assert (again["changed"], again["action"], again["diff"]) == (False, "none", {"before": {}, "after": {}})
    assert counts(bench, site) == found


@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_the_scheduler_stays_as_it_was(side: tuple[Side, str], state: str) -> None:
    bench, site = side
    bench.one("scheduler.apply", site, state=state)
    bench.one("company.apply", site, **JARZ)
    assert bench.one("scheduler.read", site)["state"] == state


def test_an_api_user_that_was_there_before_empties_no_answer(side: tuple[Side, str]) -> None:
    """Frappe calls its own slides answered then, and overwrites the country with its own empty one."""
    bench, site = side
    user: dict[str, Any] = {
        "doctype": "User",
        "name": "api@example.com",
        "values": {"email": "api@example.com", "first_name": "Api"},
    }
    bench.one("document.apply", site, documents=[{**user, "values": {**user["values"], "user_type": "System User"}}])
    bench.sql(site, "update `tabInstalled Application` set is_setup_complete=1 where app_name='frappe'")
    bench.one("company.apply", site, **JARZ)
    (company,) = bench.one("company.read", site, company="Jarz")["companies"]
    assert (company["country"], company["default_currency"]) == ("Egypt", "EGP")


def test_a_company_made_by_hand_gets_the_rest(side: tuple[Side, str]) -> None:
    bench, site = side
    bench.one("document.apply", site, documents=BY_HAND)
    assert "units of measure" in counts(bench, site)["missing"]
    done = bench.one("company.apply", site, **JARZ)
    assert (done["action"], done["complete"]) == ("finish", True)
    assert counts(bench, site)["missing"] == []
    assert bench.one("company.apply", site, **JARZ)["changed"] is False


def test_a_site_set_up_otherwise_is_left_alone(side: tuple[Side, str]) -> None:
    bench, site = side
    bench.one("company.apply", site, **{**JARZ, "company": "Acme", "abbr": "A"})
    before = counts(bench, site)
    assert "was set up with another company and is left alone" in str(bench.refused("company.apply", site, **JARZ))
    differing = {**JARZ, "company": "Acme", "abbr": "J"}
    assert "abbr is 'A', declared is 'J'" in str(bench.refused("company.apply", site, **differing))
    assert counts(bench, site) == before


def test_names_that_do_not_exist_are_all_told_before_anything_is_changed(side: tuple[Side, str]) -> None:
    bench, site = side
    before = counts(bench, site)
    wrong = {**JARZ, "country": "Egipt", "currency": "EGB", "timezone": "Cairo/Africa", "language": "Englisch"}
    error = bench.refused("company.apply", site, **wrong)
    for fragment in ("country 'Egipt'", "currency 'EGB'", "timezone 'Cairo/Africa'", "language 'Englisch'"):
        assert fragment in error.seen
    assert (error.status, counts(bench, site)) == (422, before)


def test_a_wizard_that_fails_says_where_to_look(side: tuple[Side, str]) -> None:
    bench, site = side
    bench.sql(site, "drop table `tabPrice List`")
    bench.sql(site, "create view `tabPrice List` as select name, 0 buying, 0 selling from `tabUOM`")
    error = bench.refused("company.apply", site, **JARZ)
    assert "the setup wizard failed" in str(error)
    assert "Error Log" in error.hint


def test_a_site_without_erpnext(side: tuple[Side, str]) -> None:
    bench, _site = side
    bench.one("site.apply", "bare.localhost", admin_password="admin-password")
    assert "has no ERPNext" in str(bench.refused("company.apply", "bare.localhost", **JARZ))
