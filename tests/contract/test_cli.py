# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plain commands print and answer: the collection, its documents and its benchmarks lean on it."""

from __future__ import annotations

import json

import pytest

from tests.contract.benches import SITE, ContractBench


def test_list_apps(main_site: ContractBench) -> None:
    done = main_site.cli("list-apps", "-f", "json", site=SITE)
    assert (done.returncode, json.loads(done.stdout)) == (0, {SITE: ["frappe", "contractkit"]})
    text = main_site.cli("list-apps", site=SITE)
    lines = [line.split() for line in text.stdout.splitlines() if line.strip()]
    assert [words[0] for words in lines] == ["frappe", "contractkit"]
    assert lines[1][1] == "1.0.0"


@pytest.mark.parametrize(("before", "word"), [("enable", "enabled"), ("disable", "disabled")])
def test_scheduler(main_site: ContractBench, before: str, word: str) -> None:
    done = main_site.cli("scheduler", before, site=SITE)
    assert (done.returncode, done.stdout.strip()) == (0, f"Scheduler is {word} for site {SITE}")
    status = main_site.cli("scheduler", "status", "-f", "json", site=SITE)
    assert (status.returncode, json.loads(status.stdout)) == (0, {"status": word, "site": SITE})
    text = main_site.cli("scheduler", "status", site=SITE)
    assert text.stdout.strip() == f"Scheduler is {word} for site {SITE}"


def test_version(main_site: ContractBench) -> None:
    done = main_site.cli("version", "-f", "json")
    rows = {row["app"]: row for row in json.loads(done.stdout)}
    assert set(rows["contractkit"]) == {"app", "branch", "commit", "version"}
    assert rows["contractkit"]["version"] == "1.0.0"
    assert main_site.repos["contractkit"]["commit"].startswith(rows["contractkit"]["commit"])
    legacy = main_site.cli("version")
    assert "contractkit 1.0.0" in legacy.stdout.splitlines()


def test_an_app_that_is_installed_already(main_site: ContractBench) -> None:
    done = main_site.cli("install-app", "contractkit", site=SITE)
    assert (done.returncode, "App contractkit already installed" in done.stdout) == (0, True)


def test_a_site_that_is_not_there(main_site: ContractBench) -> None:
    done = main_site.cli("list-apps", site="contract-nowhere.localhost")
    assert done.returncode == 1
    assert "contract-nowhere.localhost does not exist" in done.stdout + done.stderr


def test_no_site_is_named(main_site: ContractBench) -> None:
    done = main_site.cli("migrate")
    assert done.returncode == 1
    assert "Please specify --site sitename" in done.stdout + done.stderr


def test_an_unknown_command(main_site: ContractBench) -> None:
    done = main_site.cli("no-such-command", site=SITE)
    assert done.returncode == 2
    assert "No such command 'no-such-command'" in done.stderr


def test_a_site_that_is_there_is_not_made_again(main_site: ContractBench) -> None:
    done = main_site.cli("new-site", SITE, "--admin-password", "x", "--db-root-password", "x")
    assert (done.returncode, f"Site {SITE} already exists" in done.stdout) == (1, True)


def test_show_config(main_site: ContractBench) -> None:
    done = main_site.cli("show-config", "-f", "json", site=SITE)
    config = json.loads(done.stdout)[SITE]
    assert config["db_name"] == main_site.site_config()["db_name"]


def test_migrate_with_nothing_to_do(main_site: ContractBench) -> None:
    done = main_site.cli("migrate", site=SITE)
    assert done.returncode == 0
    assert f"Migrating {SITE}" in done.stdout
    touched = main_site.sites / SITE / "touched_tables.json"
    assert isinstance(json.loads(touched.read_text()), list)


def test_maintenance_mode(main_site: ContractBench) -> None:
    assert main_site.cli("set-maintenance-mode", "on", site=SITE).returncode == 0
    assert main_site.site_config()["maintenance_mode"] == 1
    assert main_site.cli("set-maintenance-mode", "off", site=SITE).returncode == 0
    assert main_site.site_config()["maintenance_mode"] == 0


def test_execute(main_site: ContractBench) -> None:
    done = main_site.cli("execute", "frappe.db.count", "--args", "['DocType']", site=SITE)
    assert int(done.stdout) > 0
    done = main_site.cli("execute", "frappe.get_installed_apps", site=SITE)
    assert json.loads(done.stdout) == ["frappe", "contractkit"]


def test_backup(main_site: ContractBench) -> None:
    done = main_site.cli("backup", site=SITE)
    assert done.returncode == 0
    assert f"Backup for Site {SITE} has been successfully completed" in done.stdout
    names = sorted(path.name for path in (main_site.sites / SITE / "private/backups").iterdir())
    assert any(name.endswith("-contract-main_localhost-database.sql.gz") for name in names)
    assert any(name.endswith("-contract-main_localhost-site_config_backup.json") for name in names)
