# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One comparison of a whole site; what it calls different, the modules change."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._documents import OPERATIONS as DOCUMENTS
from ansible_collections.erpops.frappe.plugins.module_utils.agent._keys import OPERATIONS as KEYS
from ansible_collections.erpops.frappe.plugins.module_utils.agent._site_apps import OPERATIONS as SITE_APPS
from ansible_collections.erpops.frappe.plugins.module_utils.agent._site_plan import OPERATIONS
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

DECLARED: dict[str, Any] = {
    "apps": ["shop"],
    "config": {"set": {"flag": True}, "secrets": {"shop_secret": "the-secret"}},
    "documents": [{"doctype": "Role", "values": {"role_name": "Keeper"}}],
    "keys": ["Administrator"],
    "scheduler": "disabled",
    "maintenance": "on",
}


def plan(tools: Tools, **args: Any) -> dict[str, Any]:
    return dict(OPERATIONS["plan.site"](tools.at(), args))


def test_a_site_as_declared_needs_nothing(site: Tools) -> None:
    site.app("shop", doctypes=("Shop Order",))
    SITE_APPS["site_app.apply"](site.at(), {"apps": ["shop"]})
    DOCUMENTS["document.apply"](site.at(), {"documents": DECLARED["documents"]})
    KEYS["key.apply"](site.at(), {"user": "Administrator"})
    site.change_database(docs={"System Settings": {"System Settings": {"name": "x", "enable_scheduler": 0}}})
    config = {"flag": True, "shop_secret": "the-secret", "maintenance_mode": 1}
    site.write(f"sites/{SITE}/site_config.json", {**site.read(f"sites/{SITE}/site_config.json"), **config})
    found = plan(site, **DECLARED)
    assert found["differs"] == []
    assert found["diff"] == {"before": {}, "after": {}}
    assert found["site"]["state"] == "present"


def test_an_empty_declaration_is_met(site: Tools) -> None:
    assert plan(site)["differs"] == []


def test_every_part_that_differs_is_named_and_nothing_is_changed(site: Tools) -> None:
    site.app("shop", doctypes=("Shop Order",))
    before = (site.database(), site.read(f"sites/{SITE}/site_config.json"))
    found = plan(site, **DECLARED)
    assert found["differs"] == ["apps", "config", "documents", "keys", "scheduler", "maintenance"]
    assert found["diff"]["after"]["apps"]["installed"] == ["frappe", "shop"]
    assert found["diff"]["after"]["documents"] == {"pending": "apps are not complete yet"}
    assert found["diff"]["before"]["keys"] == {"without a key": ["Administrator"]}
    assert found["diff"]["after"]["scheduler"] == {"scheduler": "disabled"}
    assert "the-secret" not in str(found)
    assert before == (site.database(), site.read(f"sites/{SITE}/site_config.json"))
    assert site.commands() == []
    assert not (site.path / ".erpops").exists()


@pytest.mark.parametrize("part", [*DECLARED])
def test_one_part_alone(site: Tools, part: str) -> None:
    site.app("shop", doctypes=("Shop Order",))
    assert plan(site, **{part: DECLARED[part]})["differs"] == [part]


def test_documents_are_compared_record_by_record(site: Tools) -> None:
    site.change_database(docs={"Role": {"Keeper": {"name": "Keeper", "role_name": "Keeper"}}})
    records = [*DECLARED["documents"], {"doctype": "Note", "name": "n", "values": {"title": "x"}}]
    found = plan(site, documents=records)
    assert found["diff"]["after"]["documents"] == {"Note n": {"title": "x"}}


def test_a_user_that_is_not_there_has_no_key(site: Tools) -> None:
    assert plan(site, keys=["new@example.com"])["differs"] == ["keys"]


def test_the_state_of_tasks_is_told(site: Tools) -> None:
    cursor = {"task": "pull", "state": "done", "totals": {"created": 5}, "next": 3}
    site.write(f".erpops/tasks/{SITE}/pull.json", cursor)
    found = plan(site, tasks=["pull", "push"])
    assert found["tasks"] == {
        "pull": {"state": "done", "counts": {"created": 5}},
        "push": {"state": "never run", "counts": {}},
    }
    assert found["differs"] == [], "running them again is the task's own decision"


def test_an_interrupted_install_differs(site: Tools) -> None:
    site.app("shop")
    site.change_database(installed=["frappe", "shop"])
    site.at().bench.write_record(SITE, {"state": "created", "apps": {"shop": "installing"}})
    assert plan(site, apps=["shop"])["diff"]["before"]["apps"]["interrupted"] == ["shop"]


def test_without_a_site_all_that_is_declared_differs(framework: Tools) -> None:
    found = plan(framework, **DECLARED)
    assert found["differs"] == ["site", *DECLARED]
    assert plan(framework, scheduler="enabled")["differs"] == ["site", "scheduler"]


def test_a_half_made_site(site: Tools) -> None:
    (site.path / "databases/_a_localhost.json").unlink()
    found = plan(site, apps=["shop"])
    assert found["differs"] == ["site", "apps"]
    assert found["diff"]["before"]["site"]["state"] == "half_made"


def test_a_site_whose_record_has_to_catch_up(site: Tools) -> None:
    site.at().bench.write_record(SITE, {"state": "creating"})
    assert plan(site)["differs"] == ["site"]
