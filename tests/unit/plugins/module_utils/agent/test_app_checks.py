# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app says it brings, and what of it a site really has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _app_checks
from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_checks import (
    app_contents,
    collisions,
    import_problems,
    job_methods,
    missing_pieces,
    package_modules,
    read_definitions,
    read_pyproject,
    scrub,
    scrub_app_name,
    version_fits,
    version_problems,
)
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import connect
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

HOOKS = """
required_apps = ["frappe/erpnext", "hrms"]
scheduler_events = {"all": ["shop.api.pull"], "daily": ["shop.api.tidy"]}
"""


def frappe_of(tools: Tools) -> Any:
    return connect(tools.at().bench, SITE)


@pytest.mark.parametrize(
    ("name", "expected"), [("Shop Sync", "shop_sync"), ("Shop-Sync", "shop_sync"), ("shop", "shop"), ("A  B", "a__b")]
)
def test_the_directory_of_a_module(name: str, expected: str) -> None:
    assert scrub(name) == expected


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("erpnext", "erpnext"),
        ("frappe/erpnext", "erpnext"),
        ("https://github.com/frappe/erpnext", "erpnext"),
        ("https://github.com/frappe/erpnext.git", "erpnext"),
        ("https://github.com/frappe/erpnext/", "erpnext"),
        ("frappe/erpnext@version-15", "erpnext"),
        ("frappe/erpnext@feature/x", "erpnext"),
        ("git@github.com:frappe/erpnext.git", "erpnext"),
        ("https://user:token@github.com/frappe/erpnext@main", "erpnext"),
    ],
)
def test_the_name_of_a_required_app(requirement: str, expected: str) -> None:
    assert scrub_app_name(requirement) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (None, []),
        ({}, []),
        ({"all": ["a.b"], "daily": ["a.c", "a.b"]}, ["a.b", "a.c"]),
        ({"hourly": "a.b"}, ["a.b"]),
        ({"cron": {"0 * * * *": ["a.b"], "*/5 * * * *": ["a.d"]}}, ["a.b", "a.d"]),
    ],
)
def test_the_methods_of_scheduler_events(events: Any, expected: list[str]) -> None:
    assert job_methods(events) == expected


def test_the_modules_of_a_package(tmp_path: Path) -> None:
    assert package_modules(str(tmp_path)) == []
    (tmp_path / "modules.txt").write_text("Shop Sync\n\n# a comment\n  Other \n")
    assert package_modules(str(tmp_path)) == ["Shop Sync", "Other"]


def test_definitions_are_read_from_files(tools: Tools) -> None:
    package = tools.app("shop", doctypes=("Shop Order", "Shop Item"), fixtures=[{"doctype": "Role", "name": "Keeper"}])
    folder = package / "shop_core" / "doctype" / "shop_order"
    tools.write(folder / "test_records.json", [{"doctype": "Shop Order"}])
    tools.write(package / "shop_core" / "doctype" / "shop_list" / "shop_list.json", {"doctype": "Report", "name": "x"})
    found = read_definitions(str(package))
    assert found.doctypes == {"Shop Item": "shop_core", "Shop Order": "shop_core"}
    assert found.fixtures == [("Role", "Keeper")]
    assert found.problems == []


@pytest.mark.parametrize("fault", ["module", "json"])
def test_a_broken_package_is_told(tools: Tools, fault: str) -> None:
    package = tools.app("shop", doctypes=("Shop Order",))
    if fault == "module":
        tools.write(package / "modules.txt", "shop_core\nNot There\n")
    else:
        tools.write(package / "shop_core/doctype/shop_order/shop_order.json", "{broken")
    (problem,) = read_definitions(str(package)).problems
    assert ("not_there" if fault == "module" else "shop_order.json cannot be read") in problem


def test_a_module_that_is_an_alias_of_its_package(tools: Tools) -> None:
    package = tools.app("shop", doctypes=("Shop Order",))
    tools.write(package / "modules.txt", "Shop\n# shop_core is gone\n")
    assert len(read_definitions(str(package)).problems) == 1
    (package / "shop_core" / "doctype").rename(package / "doctype")
    found = read_definitions(str(package))
    assert (found.doctypes, found.problems) == ({"Shop Order": "Shop"}, [])


def test_a_comment_in_modules_txt_is_no_module(framework: Tools) -> None:
    package = framework.app("shop")
    framework.write(package / "modules.txt", "# a note\nshop_core\n")
    assert import_problems("shop", str(framework.sites)) == []


def test_hooks_of_an_app(site: Tools) -> None:
    site.app("shop", doctypes=("Shop Order",), hooks=HOOKS)
    found = app_contents(frappe_of(site), "shop")
    assert found.jobs == ["shop.api.pull", "shop.api.tidy"]
    assert found.required_apps == ["erpnext", "hrms"]
    assert list(found.doctypes) == ["Shop Order"]


def test_hooks_that_are_wrapped_in_lists(site: Tools) -> None:
    site.app("shop", hooks='scheduler_events = [{"all": ["shop.api.pull"]}, {"daily": ["shop.api.tidy"]}]')
    assert app_contents(frappe_of(site), "shop").jobs == ["shop.api.pull", "shop.api.tidy"]


def row(**values: Any) -> dict[str, Any]:
    return {"issingle": 0, "is_virtual": 0, "custom": 0, "module": "shop_core", "fields": [], **values}


JOB = {"shop.api.pull": {"name": "shop.api.pull", "method": "shop.api.pull"}}
WHOLE = {
    "DocType": {"Shop Order": row(name="Shop Order")},
    "Scheduled Job Type": {**JOB, "shop.api.tidy": {"name": "shop.api.tidy", "method": "shop.api.tidy"}},
    "Role": {"Keeper": {"name": "Keeper"}},
}


@pytest.mark.parametrize(
    ("docs", "dropped", "missing"),
    [
        (WHOLE, [], {}),
        (
            {},
            [],
            {
                "doctypes": ["Shop Order"],
                "jobs": ["shop.api.pull", "shop.api.tidy"],
                "fixtures": ["Role Keeper"],
            },
        ),
        (WHOLE, ["Shop Order"], {"tables": ["Shop Order"]}),
        ({**WHOLE, "Scheduled Job Type": JOB}, [], {"jobs": ["shop.api.tidy"]}),
        ({**WHOLE, "Role": {}}, [], {"fixtures": ["Role Keeper"]}),
        ({**WHOLE, "DocType": {"Shop Order": row(name="Shop Order", issingle=1)}}, ["Shop Order"], {}),
        ({**WHOLE, "DocType": {"Shop Order": row(name="Shop Order", is_virtual=1)}}, ["Shop Order"], {}),
    ],
    ids=["whole", "nothing", "no table", "no job", "no fixture", "single", "virtual"],
)
def test_missing_pieces(site: Tools, docs: dict[str, Any], dropped: list[str], missing: dict[str, list[str]]) -> None:
    site.app("shop", doctypes=("Shop Order",), hooks=HOOKS, fixtures=[{"doctype": "Role", "name": "Keeper"}])
    site.change_database(docs=docs, dropped=dropped)
    assert missing_pieces(frappe_of(site), "shop") == missing


def test_nothing_is_missing_of_an_app_that_brings_nothing(site: Tools) -> None:
    site.app("shop")
    assert missing_pieces(frappe_of(site), "shop") == {}


@pytest.mark.parametrize(
    ("owner", "custom", "accepted", "collides"),
    [
        ("shop", 0, [], ""),
        ("other", 0, [], "Shop Order (of other, module their_module)"),
        ("other", 0, ["Shop Order"], ""),
        ("", 0, [], "Shop Order (of unknown, module their_module)"),
        ("shop", 1, [], "Shop Order (of custom, module their_module)"),
    ],
)
def test_a_doctype_of_another_app_is_a_collision(
    site: Tools, owner: str, custom: int, accepted: list[str], collides: str
) -> None:
    site.app("shop", doctypes=("Shop Order", "Shop Item"))
    modules = {"their_module": {"name": "their_module", "app_name": owner}} if owner else {}
    theirs = row(name="Shop Order", module="their_module", custom=custom)
    site.change_database(docs={"Module Def": modules, "DocType": {"Shop Order": theirs}})
    assert collisions(frappe_of(site), "shop", accepted) == ([collides] if collides else [])


@pytest.mark.parametrize("module", ["Shop POS", "shop pos", "Shop-Pos"])
def test_a_module_is_the_same_in_capital_letters(site: Tools, module: str) -> None:
    """jarz_pos writes "jarz pos" in modules.txt, and "Jarz POS" in one definition."""
    site.app("shop", doctypes=("Shop Order",))
    mine = row(name="Shop Order", module=module, custom=0)
    modules = {"shop pos": {"name": "shop pos", "app_name": "shop"}}
    site.change_database(docs={"Module Def": modules, "DocType": {"Shop Order": mine}})
    assert collisions(frappe_of(site), "shop") == []


def test_a_doctype_that_is_known_to_be_inherited_is_none(site: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_app_checks, "INHERITED", {("shop", "Role"): "frappe"})
    site.app("shop", doctypes=("Role", "Note"))
    assert collisions(frappe_of(site), "shop") == ["Note (of frappe, module Core)"]


@pytest.mark.parametrize(
    ("part", "text", "problem"),
    [
        ("__init__.py", "raise RuntimeError('no')", "package shop: RuntimeError: no"),
        ("hooks.py", "import not_there_at_all", "hooks shop.hooks: ModuleNotFoundError"),
        ("hooks.py", "import sys; sys.exit(3)", "hooks shop.hooks: SystemExit: 3"),
        ("hooks.py", "import os; os._exit(3)", "the interpreter ended with exit code 3"),
        ("modules.txt", "shop_core\nNot There\n", "module shop.not_there: ModuleNotFoundError"),
        ("shop_core/__init__.py", "1 / 0", "module shop.shop_core: ZeroDivisionError"),
    ],
)
def test_an_app_that_cannot_be_imported(framework: Tools, part: str, text: str, problem: str) -> None:
    package = framework.app("shop")
    assert import_problems("shop", str(framework.sites)) == []
    framework.write(package / part, text)
    (found,) = import_problems("shop", str(framework.sites))
    assert found.startswith(problem)


def test_an_app_that_prints_can_be_imported(framework: Tools) -> None:
    framework.write(framework.app("shop") / "hooks.py", "print('--- erpops imports ---')\nprint('[1]')")
    assert import_problems("shop", str(framework.sites)) == []


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("15.105.0", ">=15.0.0,<16.0.0", True),
        ("15.105.0", ">= 15.0.0, < 16.0.0", True),
        ("16.0.0", ">=15.0.0,<16.0.0", False),
        ("16.0.0-dev", ">=15.0.0,<=16.0.0", True),
        ("15.9.0", ">=15.10.0", False),
        ("14.0.0", "", True),
    ],
)
def test_version_ranges(version: str, wanted: str, fits: bool) -> None:
    assert version_fits(version, wanted) is fits


def test_a_range_that_cannot_be_read() -> None:
    with pytest.raises(ErpopsError, match="version range") as caught:
        version_fits("15.0.0", "^15")
    assert (caught.value.status, caught.value.seen) == (422, "^15")


def test_libraries_that_only_pip_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        _app_checks._library("no_such_library", "packaging.specifiers").__name__ == "pip._vendor.packaging.specifiers"
    )


def test_the_ranges_an_app_asks_for(tmp_path: Path) -> None:
    assert version_problems(str(tmp_path), {"frappe": "15.0.0"}) == []
    (tmp_path / "pyproject.toml").write_text(
        '[tool.bench.frappe-dependencies]\nfrappe = ">=15,<16"\nerpnext = ">=15"\nhrms = ">=16"\n'
    )
    assert version_problems(str(tmp_path), {"frappe": "15.1.0", "hrms": "15.0.0"}) == [
        "needs erpnext >=15, which this bench does not have",
        "needs hrms >=16, this bench has 15.0.0",
    ]


def test_a_malformed_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project\n")
    with pytest.raises(ErpopsError, match="cannot be read") as caught:
        read_pyproject(str(tmp_path))
    assert caught.value.status == 422
    assert "line 1" in caught.value.seen
