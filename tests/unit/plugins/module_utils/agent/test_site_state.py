# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What state a site is in, as a truth table over its pieces."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import connect
from ansible_collections.erpops.frappe.plugins.module_utils.agent._site_state import database_name, look, root_database
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

ROOT = {"user": "root", "password": "root-password"}
CONFIG = f"sites/{SITE}/site_config.json"

# directory, config, database, root password given -> state, database as found, what a problem says
TABLE = [
    (False, "", False, False, "absent", "unknown", ""),
    (False, "", False, True, "absent", "absent", ""),
    (False, "", True, False, "absent", "unknown", ""),
    (False, "", True, True, "half_made", "present", "but no site directory"),
    (True, "", False, True, "half_made", "absent", "no site_config.json"),
    (True, "", False, True, "half_made", "absent", "but no database"),
    (True, "", True, True, "half_made", "present", "no site_config.json"),
    (True, "", True, False, "half_made", "unknown", "no site_config.json"),
    (True, "{broken", True, True, "half_made", "present", "is not valid JSON"),
    (True, "ok", False, False, "half_made", "unknown", "does not let the site in"),
    (True, "ok", False, True, "half_made", "absent", "but no database"),
    (True, "ok", True, False, "present", "present", ""),
    (True, "ok", True, True, "present", "present", ""),
]


def build(tools: Tools, directory: bool, config: str, database: bool) -> None:
    name = database_name(tools.at(), create_identity=True)
    tools.site()
    tools.write(CONFIG, {"db_name": name, "db_password": "x"} if config == "ok" else config)
    if not config:
        (tools.path / CONFIG).unlink()
    if not directory:
        (tools.sites / SITE / "locks").rmdir()
        (tools.sites / SITE).rmdir()
    if database:
        (tools.path / "databases/_a_localhost.json").rename(tools.path / f"databases/{name}.json")
    else:
        (tools.path / "databases/_a_localhost.json").unlink()


@pytest.mark.parametrize(("directory", "config", "database", "root", "state", "found", "problem"), TABLE)
def test_the_state_of_a_site(
    framework: Tools, directory: bool, config: str, database: bool, root: bool, state: str, found: str, problem: str
) -> None:
    build(framework, directory, config, database)
    seen = look(framework.at(), ROOT if root else None)
    assert (seen.state, seen.database, seen.directory) == (state, found, directory)
    assert seen.config == {"": "absent", "ok": "ok"}.get(config, "malformed")
    if problem:
        assert any(problem in text for text in seen.problems), seen.problems
    else:
        assert seen.problems == []
    assert seen.as_dict()["state"] == state


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"installed": []}, "the framework is not installed in its database"),
        ({"installed": ["shop"]}, "the framework is not installed in its database"),
    ],
)
def test_a_database_without_the_framework(site: Tools, change: dict[str, Any], problem: str) -> None:
    site.change_database(**change)
    found = look(site.at())
    assert (found.state, found.problems) == ("half_made", [problem])


def test_a_database_without_its_administrator(site: Tools) -> None:
    data = site.database()
    del data["docs"]["User"]["Administrator"]
    site.write("databases/_a_localhost.json", data)
    assert look(site.at()).state == "half_made"


def test_a_database_whose_tables_cannot_be_read(site: Tools) -> None:
    site.write("databases/_a_localhost.json", {})
    found = look(site.at())
    assert found.state == "half_made"
    assert "its tables cannot be read: KeyError" in found.problems


@pytest.mark.parametrize("recorded", ["", "creating", "created", "adopted"])
def test_whose_a_site_is(site: Tools, recorded: str) -> None:
    if recorded:
        site.at().bench.write_record(SITE, {"state": recorded})
    found = look(site.at())
    assert (found.owned, found.recorded) == (bool(recorded), recorded)


def test_a_database_has_one_name_on_each_bench(tools: Tools) -> None:
    context = tools.at()
    assert database_name(context, create_identity=False) == ""
    name = database_name(context, create_identity=True)
    assert name == database_name(context, create_identity=False)
    assert len(name) == 17, "MariaDB's user names end at 80, old ones at 16 after the underscore"
    assert database_name(tools.at("b.localhost"), create_identity=False) != name
    tools.write(".erpops/bench.json", {"schema": 1, "id": "another bench"})
    assert database_name(context, create_identity=False) != name
    context.bench.write_record(SITE, {"db_name": "_recorded"})
    assert database_name(context, create_identity=False) == "_recorded"


def test_the_root_connection_is_given_up_in_any_case(site: Tools) -> None:
    frappe = connect(site.at().bench, SITE)
    with pytest.raises(ErpopsError, match="refuses its administrative user"), root_database({"password": "wrong"}):
        pass
    assert frappe.db is None
    assert connect(site.at().bench, SITE).db is not None, "and the site is connected to anew"


def test_looking_changes_nothing(framework: Tools) -> None:
    look(framework.at(), ROOT)
    assert not (framework.path / ".erpops").exists()
    assert not (framework.sites / SITE).exists()
