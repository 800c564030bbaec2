# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps of a bench and of a site: whole or told, repaired rather than skipped, never over another's DocTypes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contract.benches import SITE, ContractBench

NewName = Callable[[str], str]

JOB = "answer = frappe.db.count('Scheduled Job Type', {'method': args['method']})"


@pytest.fixture(scope="module")
def second_site(bench: ContractBench) -> Iterator[tuple[ContractBench, str]]:
    """A site for installations that go wrong, so that those of the main site stay as they are."""
    name = "contract-apps.localhost"
    bench.make_site(name)
    yield bench, name
    bench.drop_site(name)


def test_an_installed_app_is_whole(main_site: ContractBench) -> None:
    read = main_site.one("site_app.read", SITE, {"apps": ["contractkit"]})
    assert read["installed"] == ["frappe", "contractkit"]
    assert (read["missing"], read["interrupted"]) == ({}, [])
    assert main_site.query(
        "answer = [frappe.db.exists('Role', 'Kit Operator'), 'tabKit Widget' in frappe.db.get_tables()]"
    ) == [
        "Kit Operator",
        True,
    ]
    again = main_site.one("site_app.apply", SITE, {"apps": ["contractkit"]})
    assert (again["changed"], again["actions"]) == (False, [])


def test_the_framework_itself_is_whole(main_site: ContractBench) -> None:
    """Whatever `missing_pieces` looks for, Frappe's own new site has it."""
    assert main_site.one("site_app.read", SITE, {"apps": ["frappe"]})["missing"] == {}


def test_a_job_that_was_deleted_by_hand_comes_back(main_site: ContractBench) -> None:
    main_site.query("frappe.db.delete('Scheduled Job Type', {'method': 'contractkit.tasks.tick'})\nfrappe.db.commit()")
    read = main_site.one("site_app.read", SITE)
    assert read["missing"] == {"contractkit": {"jobs": ["contractkit.tasks.tick"]}}
    plan = main_site.one("plan.site", SITE, {"apps": ["contractkit"]})
    assert plan["differs"] == ["apps"]
    done = main_site.one("site_app.apply", SITE, {"apps": ["contractkit"]})
    assert done["actions"] == ["repaired contractkit"]
    assert main_site.query(JOB, method="contractkit.tasks.tick") == 1
    assert main_site.one("plan.site", SITE, {"apps": ["contractkit"]})["differs"] == []


def test_a_table_and_a_fixture_that_were_dropped_come_back(main_site: ContractBench) -> None:
    main_site.query(
        "frappe.db.sql_ddl('drop table `tabKit Series`')\n"
        "frappe.db.delete('DocType', {'name': 'Kit Series'})\n"
        "frappe.db.delete('DocField', {'parent': 'Kit Series'})\n"
        "frappe.db.delete('Role', {'name': 'Kit Operator'})\nfrappe.db.commit()\nfrappe.clear_cache()"
    )
    missing = main_site.one("site_app.read", SITE)["missing"]["contractkit"]
    assert missing == {"doctypes": ["Kit Series"], "fixtures": ["Role Kit Operator"]}
    done = main_site.one("site_app.apply", SITE, {"apps": ["contractkit"]})
    assert done["apps"][0]["missing_before"] == missing
    assert main_site.one("site_app.read", SITE)["missing"] == {}


def test_a_late_failure_is_told_and_repaired(second_site: tuple[ContractBench, str]) -> None:
    bench, site = second_site
    error = bench.refused("site_app.apply", site, {"apps": ["lateinstall"]})
    assert error["message"] == "install-app lateinstall failed (exit code 1)"
    assert "after_install fails on purpose" in " ".join(error["data"]["output"])
    listed = bench.cli("list-apps", "-f", "json", site=site)
    assert "lateinstall" in listed.stdout
    skipped = bench.cli("install-app", "lateinstall", site=site)  # the plain command sees nothing to do
    assert (skipped.returncode, "already installed" in skipped.stdout) == (0, True)
    read = bench.one("site_app.read", site, {"apps": ["lateinstall"]})
    assert read["missing"]["lateinstall"] == {"jobs": ["lateinstall.install.hourly"], "fixtures": ["Role Late Role"]}
    assert read["interrupted"] == ["lateinstall"]
    assert bench.one("plan.site", site, {"apps": ["lateinstall"]})["differs"] == ["apps"]

    still = bench.refused("site_app.apply", site, {"apps": ["lateinstall"]})  # its hooks are run again, not skipped
    assert "after_install fails on purpose" in " ".join(still["data"]["output"])
    bench.one("config.apply", site, {"set": {"lateinstall_ok": True}})
    done = bench.one("site_app.apply", site, {"apps": ["lateinstall"]})
    assert done["actions"] == ["repaired lateinstall"]
    read = bench.one("site_app.read", site, {"apps": ["lateinstall"]})
    assert (read["missing"], read["interrupted"]) == ({}, [])
    assert bench.one("site_app.apply", site, {"apps": ["lateinstall"]})["changed"] is False


def test_an_app_is_uninstalled_with_its_doctypes(second_site: tuple[ContractBench, str]) -> None:
    bench, site = second_site
    bench.one("config.apply", site, {"set": {"lateinstall_ok": True}})
    bench.one("site_app.apply", site, {"apps": ["lateinstall"]})
    error = bench.refused("site_app.apply", site, {"apps": ["lateinstall"], "state": "absent"})
    assert (error["status"], error["needed"]) == (400, "confirm: [lateinstall]")
    args = {"apps": ["lateinstall"], "state": "absent", "confirm": ["lateinstall"], "backup": "skip"}
    done = bench.one("site_app.apply", site, args)
    assert done["actions"] == ["uninstalled lateinstall"]
    assert "lateinstall" not in done["installed"]
    assert bench.query("answer = frappe.db.exists('DocType', 'Late Note')", site=site) is None
    assert bench.one("site_app.apply", site, args)["changed"] is False


def test_an_app_that_is_not_on_the_bench(main_site: ContractBench) -> None:
    error = main_site.refused("site_app.apply", SITE, {"apps": ["nobodys_app"]})
    assert (error["status"], error["message"]) == (404, "this app is not on the bench")
    plain = main_site.cli("install-app", "nobodys_app", site=SITE)
    assert plain.returncode == 1
    assert "nobodys_app" in plain.stdout + plain.stderr


def apply_app(bench: ContractBench, name: str, **args: Any) -> dict[str, Any]:
    return bench.refused(
        "app.apply", args={"name": name, "repo": bench.repos[name]["path"], "version": "version-15", **args}
    )


@pytest.mark.parametrize(
    ("app", "status", "text"),
    [
        ("noimport", 409, "cannot be imported"),
        ("nometa", 422, "has no package metadata"),
        ("wrongver", 409, "does not fit this bench"),
    ],
)
def test_an_unfit_app_leaves_the_bench_as_it_was(main_site: ContractBench, app: str, status: int, text: str) -> None:
    before = (main_site.sites / "apps.txt").read_text()
    error = apply_app(main_site, app)
    assert (error["status"], text in error["message"]) == (status, True)
    assert (main_site.sites / "apps.txt").read_text() == before
    assert not (main_site.path / "apps" / app).exists()
    assert main_site.cli("list-apps", site=SITE).returncode == 0


def test_versions_of_the_bench(main_site: ContractBench) -> None:
    info = main_site.one("info.bench")
    assert info["frappe"].startswith("15.")
    apps = {app["name"]: app for app in info["apps"]}
    assert apps["contractkit"]["commit"] == main_site.repos["contractkit"]["commit"]
    assert (apps["contractkit"]["version"], apps["contractkit"]["installed"]) == ("1.0.0", True)
    assert SITE in info["sites"]


def test_facts_of_a_site(main_site: ContractBench) -> None:
    before = main_site.one("info.site", SITE)
    assert (before["state"], before["maintenance"], before["missing"]) == ("present", "off", {})
    assert before["config"]["db_password"] == "str"
    main_site.query("frappe.log_error(title='contract', message='one more')\nfrappe.db.commit()")
    assert main_site.one("info.site", SITE)["errors"] == before["errors"] + 1
