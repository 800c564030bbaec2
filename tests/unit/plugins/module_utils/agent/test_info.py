# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts: nothing is changed, no value of a configuration is shown."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._info import OPERATIONS, sites_with_app
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools


def site_info(tools: Tools, **args: Any) -> dict[str, Any]:
    return dict(OPERATIONS["info.site"](tools.at(), args))


def test_a_bench(site: Tools) -> None:
    site.app("shop")
    site.write("sites/common_site_config.json", {"redis_cache": "redis://secret", "workers": 2})
    found = OPERATIONS["info.bench"](site.at(""), {})
    assert (found["path"], found["frappe"], found["sites"]) == (str(site.path), "15.0.0", [SITE])
    assert [app["name"] for app in found["apps"]] == ["frappe", "shop"]
    shop = found["apps"][1]
    assert (shop["version"], shop["installed"], shop["listed"], shop["commit"]) == ("1.2.3", True, True, "")
    assert found["common_config"] == {"redis_cache": "str", "workers": "int"}
    assert found["id"] == ""
    assert not (site.path / ".erpops").exists(), "looking makes nothing"


def test_a_whole_site(site: Tools) -> None:
    site.app("shop", doctypes=("Shop Order",))
    site.change_database(installed=["frappe", "shop", "not_on_the_bench"])
    site.write(f".erpops/tasks/{SITE}/a.json", {"schema": 1, "task": "a.b", "state": "done", "pages": 2, "next": 9})
    found = site_info(site)
    assert (found["state"], found["installed_apps"]) == ("present", ["frappe", "shop", "not_on_the_bench"])
    assert found["missing"] == {"shop": {"doctypes": ["Shop Order"]}}
    assert found["config"] == {"db_name": "str", "db_password": "str"}
    assert "db-password" not in str(found)
    assert found["maintenance"] == "off"
    assert found["scheduler"]["state"] == "enabled"
    assert found["tasks"] == {"a.b": {"state": "done", "pages": 2, "totals": None, "updated": None}}


def test_maintenance(site: Tools) -> None:
    site.write(f"sites/{SITE}/site_config.json", {**site.read(f"sites/{SITE}/site_config.json"), "maintenance_mode": 1})
    found = site_info(site)
    assert (found["maintenance"], found["scheduler"]["inactive_because"]) == ("on", ["maintenance_mode"])


@pytest.mark.parametrize(("since", "count"), [(None, 2), (3600, 1), (60, 0)])
def test_errors_are_counted_by_the_sites_own_clock(site: Tools, since: int | None, count: int) -> None:
    """The fake site's clock says noon of 2 January 2026."""
    created = ["2026-01-02 11:30:00.000000", "2026-01-01 13:00:00.000000", "2025-12-31 12:00:00.000000"]
    site.change_database(docs={"Error Log": {at: {"name": at, "creation": at} for at in created}})
    assert site_info(site, since=since)["errors"] == count


def test_a_site_that_is_not_there(framework: Tools) -> None:
    found = site_info(framework)
    assert (found["state"], found["tasks"], found["config"]) == ("absent", {}, {})
    assert "scheduler" not in found


def test_which_sites_have_an_app(site: Tools) -> None:
    for name in ("b.localhost", "c.localhost"):
        site.site(name)
    site.change_database(installed=["frappe", "shop"])
    (site.path / "databases/_c_localhost.json").unlink()
    assert sites_with_app(site.at(""), "shop") == [SITE, "c.localhost (cannot be asked: ErpopsError)"]
    assert sites_with_app(site.at(""), "other") == ["c.localhost (cannot be asked: ErpopsError)"]
