# SPDX-License-Identifier: GPL-3.0-or-later
"""Installing and removing apps, with the ways in which that goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.standin.quick_bench import QuickBench

Make = Callable[..., QuickBench]


@pytest.fixture
def lab(bench: Make) -> QuickBench:
    """A bench with one site a.test that has only the framework."""
    own = bench("erpnext")
    done = own.run("new-site", "a.test", "--admin-password", "x")
    assert done.returncode == 0, done.stderr
    return own


def look(own: QuickBench, expression: str, site: str = "a.test") -> Any:
    """Value of an expression on the site, in a process of its own."""
    code = f"import frappe, json; frappe.init({site!r}); frappe.connect(); print(json.dumps({expression}, default=str))"
    done = own.call("-c", code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def apps_of(own: QuickBench) -> list[str]:
    done = own.run("--site", "a.test", "list-apps", "--format", "json")
    listed: list[str] = json.loads(done.stdout)["a.test"]
    return listed


def test_prerequisites_come_along(lab: QuickBench) -> None:
    lab.add_app("shopsync")
    done = lab.run("--site", "a.test", "install-app", "shopsync")
    assert done.returncode == 0, done.stdout
    assert apps_of(lab) == ["frappe", "erpnext", "shopsync"]
    assert look(lab, "frappe.db.count('Scheduled Job Type', {'method': ['like', 'shopsync.%']})") == 3
    assert look(lab, "frappe.db.exists('Role', 'Shop Manager')") == "Shop Manager"
    assert look(lab, "frappe.db.exists('Custom Field', 'Warehouse-shop_location_id')")
    again = lab.run("--site", "a.test", "install-app", "shopsync")
    assert again.returncode == 0
    assert "App shopsync already installed" in again.stdout


def test_a_failing_after_install_leaves_the_app_listed_without_jobs_and_fixtures(lab: QuickBench) -> None:
    lab.add_app("lateinstall")
    failed = lab.run("--site", "a.test", "install-app", "lateinstall")
    assert failed.returncode == 1
    assert "An error occurred while installing lateinstall" in failed.stdout
    assert "lateinstall" in apps_of(lab)
    assert look(lab, "frappe.db.exists('DocType', 'Late Note')") == "Late Note"
    assert look(lab, "frappe.db.count('Scheduled Job Type', {'method': ['like', 'lateinstall.%']})") == 0
    assert look(lab, "frappe.db.exists('Role', 'Late Role')") is None
    again = lab.run("--site", "a.test", "install-app", "lateinstall")
    assert (again.returncode, "already installed" in again.stdout) == (0, True)
    assert look(lab, "frappe.db.exists('Role', 'Late Role')") is None
    forced = lab.run("--site", "a.test", "install-app", "lateinstall", "--force", env={"LATEINSTALL_OK": "1"})
    assert forced.returncode == 0, forced.stdout
    assert look(lab, "frappe.db.exists('Role', 'Late Role')") == "Late Role"
    assert look(lab, "frappe.db.count('Scheduled Job Type', {'method': ['like', 'lateinstall.%']})") == 1


def test_migrate_repairs_a_late_failure(lab: QuickBench) -> None:
    lab.add_app("lateinstall")
    assert lab.run("--site", "a.test", "install-app", "lateinstall").returncode == 1
    assert lab.run("--site", "a.test", "migrate").returncode == 0
    assert look(lab, "frappe.db.exists('Role', 'Late Role')") == "Late Role"


def test_an_app_that_is_not_in_apps_txt(lab: QuickBench) -> None:
    done = lab.run("--site", "a.test", "install-app", "ledgerlift")
    assert done.returncode == 1
    lab.add_app("ledgerlift")
    (lab.sites / "apps.txt").write_text("frappe\nerpnext\n")
    done = lab.run("--site", "a.test", "install-app", "ledgerlift")
    assert (done.returncode, "App ledgerlift not in apps.txt" in done.stdout) == (1, True)


def test_a_name_that_cannot_be_imported_breaks_every_command_of_every_site(lab: QuickBench) -> None:
    lab.add_app("nometa", installed=False)
    for command in (["list-apps"], ["migrate"], ["set-config", "a", "b"], ["scheduler", "status"]):
        done = lab.run("--site", "a.test", *command)
        assert done.returncode == 1, command
        assert "ModuleNotFoundError: No module named 'nometa'" in done.stderr
    assert lab.run("new-site", "b.test", "--admin-password", "x").returncode == 1
    (lab.sites / "apps.txt").write_text("frappe\nerpnext")
    assert lab.run("--site", "a.test", "list-apps").returncode == 0


def test_hooks_that_cannot_be_imported(lab: QuickBench) -> None:
    lab.add_app("noimport")
    assert lab.run("--site", "a.test", "list-apps").returncode == 0
    done = lab.run("--site", "a.test", "install-app", "noimport")
    assert done.returncode == 1
    assert 'Could not find app "noimport"' in done.stdout
    assert apps_of(lab) == ["frappe"]


def test_a_required_app_that_the_bench_has_not(lab: QuickBench) -> None:
    lab.add_app("needsapp")
    done = lab.run("--site", "a.test", "install-app", "needsapp")
    assert done.returncode == 1
    assert "missingapp" in done.stdout
    assert apps_of(lab) == ["frappe"]


@pytest.mark.parametrize(
    ("name", "app"),
    [
        ("frappe/erpnext", "erpnext"),
        ("frappe/erpnext@version-15", "erpnext"),
        ("erpnext", "erpnext"),
        ("git@github.com:frappe/erpnext.git", "erpnext"),
        ("https://github.com/frappe/erpnext.git", "erpnext"),
    ],
)
def test_names_of_required_apps(frappe: Any, name: str, app: str) -> None:
    from frappe.installer import parse_app_name

    assert parse_app_name(name) == app


def test_a_bare_unknown_name_asks_github(frappe: Any) -> None:
    from frappe.installer import parse_app_name

    with pytest.raises(frappe.InvalidRemoteException):
        parse_app_name("somewhere")


def test_a_doctype_of_another_app_is_taken_over_and_its_table_dropped_with_the_taker(lab: QuickBench) -> None:
    lab.add_app("collide")
    assert lab.run("--site", "a.test", "install-app", "erpnext", "collide").returncode == 0
    assert look(lab, "frappe.db.get_value('DocType', 'Item', 'module')") == "Collide"
    assert look(lab, "frappe.get_meta('Item').has_field('stock_uom')") is False
    assert look(lab, "frappe.db.has_column('Item', 'stock_uom')") is True
    assert look(lab, "frappe.db.has_column('Item', 'collide_flag')") is True
    done = lab.run("--site", "a.test", "uninstall-app", "collide", "--yes", "--no-backup")
    assert done.returncode == 0, done.stderr
    assert look(lab, "frappe.db.table_exists('Item')") is False


def test_uninstall(lab: QuickBench) -> None:
    lab.add_app("shopsync")
    lab.run("--site", "a.test", "install-app", "shopsync")
    needed = lab.run("--site", "a.test", "uninstall-app", "erpnext", "--yes", "--no-backup")
    assert needed.returncode == 0
    assert "App erpnext is a dependency of shopsync" in needed.stdout
    dry = lab.run("--site", "a.test", "uninstall-app", "shopsync", "--dry-run")
    assert "removing DocType 'Shop Order'" in dry.stdout
    assert apps_of(lab) == ["frappe", "erpnext", "shopsync"]
    done = lab.run("--site", "a.test", "uninstall-app", "shopsync", "--yes")
    assert "Uninstalled App shopsync from Site a.test" in done.stdout
    assert len(list((lab.sites / "a.test/private/backups").glob("*-database.sql.gz"))) == 1
    assert apps_of(lab) == ["frappe", "erpnext"]
    assert look(lab, "frappe.db.exists('DocType', 'Shop Order')") is None
    assert look(lab, "frappe.db.table_exists('Shop Order')") is False
    assert look(lab, "frappe.db.exists('Custom Field', 'Warehouse-shop_location_id')") is None
    jobs = "frappe.db.count('Scheduled Job Type', {'method': ['like', 'shopsync.%']})"
    assert look(lab, jobs) == 3, "stay until the next migrate"
    lab.run("--site", "a.test", "migrate")
    assert look(lab, jobs) == 0
    again = lab.run("--site", "a.test", "uninstall-app", "shopsync", "--yes", "--no-backup")
    assert (again.returncode, "not installed on Site" in again.stdout) == (0, True)
    frappe = lab.run("--site", "a.test", "uninstall-app", "frappe", "--yes")
    assert (frappe.returncode, "You cannot remove" in frappe.stdout) == (1, True)
