# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites: whole, half made and recorded; what a failed `new-site` leaves, and what our own operation leaves."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable

import pytest

from tests.contract.benches import ADMIN_PASSWORD, DB_USERS, SITE, ContractBench

NewName = Callable[[str], str]

MAKE_DATABASE = """
manager.create_user(args['name'], 'not-the-password', host='%')
manager.create_database(args['name'])
manager.grant_all_privileges(args['name'], args['name'], host='%')
manager.flush_privileges()
"""


def test_a_new_site_is_whole_and_recorded(main_site: ContractBench) -> None:
    config, record = main_site.site_config(), main_site.record(SITE)
    assert record["state"] == "created"
    assert record["db_name"] == config["db_name"]
    assert config["db_name"].startswith("_")
    assert config["encryption_key"]
    assert stat.S_IMODE((main_site.sites / SITE / "site_config.json").stat().st_mode) == 0o600
    found = main_site.one("site.read", SITE, {"root": main_site.root})
    assert (found["state"], found["owned"], found["recorded"]) == ("present", True, "created")
    assert (found["directory"], found["config"], found["database"], found["framework"]) == (True, "ok", "present", True)
    assert found["installed_apps"][0] == "frappe"
    assert found["problems"] == []


def test_a_new_site_has_its_password_and_its_scheduler_off(main_site: ContractBench) -> None:
    answer = main_site.query(
        "from frappe.utils.password import check_password\n"
        "answer = [check_password('Administrator', args['password']), "
        "int(frappe.db.get_single_value('System Settings', 'enable_scheduler') or 0)]",
        password=ADMIN_PASSWORD,
    )
    assert answer == ["Administrator", 0]


def test_a_whole_site_is_kept(main_site: ContractBench) -> None:
    again = main_site.make_site(SITE)
    assert (again["changed"], again["actions"]) == (False, [])


def test_an_absent_site(bench: ContractBench) -> None:
    name = "contract-nowhere.localhost"
    found = bench.one("site.read", name, {"root": bench.root})
    assert (found["state"], found["database"], found["directory"], found["owned"]) == ("absent", "absent", False, False)
    planned = bench.one("site.apply", name, {"root": bench.root, "admin_password": ADMIN_PASSWORD}, check=True)
    assert planned["actions"] == ["created site"]
    assert bench.one("site.read", name, {"root": bench.root})["state"] == "absent"
    gone = bench.one("site.apply", name, {"root": bench.root, "state": "absent"})
    assert gone["changed"] is False


def test_a_directory_without_database_is_half_made(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("nodb")
    folder = bench.sites / name
    folder.mkdir()
    (folder / "site_config.json").write_text('{"db_name": "_contract_nodb", "db_password": "nothing-here"}')
    found = bench.one("site.read", name, {"root": bench.root})
    assert (found["state"], found["database"], found["config"]) == ("half_made", "absent", "ok")
    assert "does not let the site in" in " ".join(found["problems"])
    assert "no database _contract_nodb" in " ".join(found["problems"])
    error = bench.refused("site.apply", name, {"root": bench.root, "admin_password": ADMIN_PASSWORD, "repair": True})
    assert (error["status"], "not by us" in error["message"]) == (409, True)
    assert folder.exists()


def test_a_directory_without_configuration_is_half_made(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("noconf")
    (bench.sites / name / "locks").mkdir(parents=True)
    found = bench.one("site.read", name, {"root": bench.root})
    assert (found["state"], found["config"]) == ("half_made", "absent")


def test_a_database_without_directory_is_half_made(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("nodir")
    bench.write_record(name, schema=1, state="creating", db_name="_contract_nodir", started=time.time())
    bench.as_root(MAKE_DATABASE, name="_contract_nodir")
    found = bench.one("site.read", name, {"root": bench.root})
    assert (found["state"], found["database"], found["directory"]) == ("half_made", "present", False)
    assert found["problems"] == ["there is a database _contract_nodir but no site directory"]
    error = bench.refused("site.apply", name, {"root": bench.root, "admin_password": ADMIN_PASSWORD})
    assert (error["status"], "ended" in error["message"]) == (409, True)
    planned = bench.one(
        "site.apply", name, {"root": bench.root, "admin_password": ADMIN_PASSWORD, "repair": True}, check=True
    )
    assert planned["actions"] == ["removed half-made site", "created site"]
    gone = bench.one("site.apply", name, {"root": bench.root, "state": "absent", "confirm": name})
    assert gone["actions"] == ["removed half-made site"]
    assert "_contract_nodir" not in bench.databases()
    assert bench.record(name) == {}


def test_an_empty_database_has_no_framework(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("empty")
    bench.write_record(name, schema=1, state="creating", db_name="_contract_empty", started=time.time())
    bench.as_root(MAKE_DATABASE, name="_contract_empty")
    (bench.sites / name / "logs").mkdir(parents=True)
    (bench.sites / name / "site_config.json").write_text(
        '{"db_name": "_contract_empty", "db_password": "not-the-password"}'
    )
    found = bench.one("site.read", name, {"root": bench.root})
    assert (found["state"], found["database"], found["framework"]) == ("half_made", "present", False)
    assert "the framework is not installed in its database" in found["problems"]


def test_a_malformed_configuration_is_told_and_left(restored: ContractBench) -> None:
    (restored.sites / SITE / "site_config.json").write_text('{"db_name": "x",')
    found = restored.one("site.read", SITE, {"root": restored.root})
    assert (found["state"], found["config"]) == ("half_made", "malformed")
    assert "not valid JSON" in " ".join(found["problems"])
    error = restored.refused("site.apply", SITE, {"root": restored.root, "admin_password": "x" * 12, "repair": True})
    assert (error["status"], "whole site once" in error["message"]) == (409, True)


def test_a_finished_site_whose_record_stayed_behind(main_site: ContractBench) -> None:
    """The run was ended after `new-site` was done and before that was noted."""
    main_site.write_record(SITE, state="creating", started=time.time())
    done = main_site.make_site(SITE)
    assert done["actions"] == ["finished site"]
    assert main_site.record(SITE)["state"] == "created"


def test_an_unfinished_framework_is_doubted(main_site: ContractBench) -> None:
    """`new-site` lists the framework as installed before its last steps: a scheduled job is one of those."""
    take = (
        "doc = frappe.get_all('Scheduled Job Type', fields=['name', 'method', 'frequency'], limit=1,"
        " filters={'method': ['like', 'frappe.%']}, order_by='method')[0]\n"
        "frappe.db.delete('Scheduled Job Type', {'name': doc['name']})\nfrappe.db.commit()\nanswer = doc['method']"
    )
    method = main_site.query(take)
    main_site.write_record(SITE, state="creating", started=time.time())
    try:
        error = main_site.refused("site.apply", SITE, {"root": main_site.root, "admin_password": ADMIN_PASSWORD})
        assert (error["status"], "the framework is not complete: missing jobs" in error["seen"]) == (409, True)
    finally:
        main_site.write_record(SITE, state="created")
        main_site.query(
            "from frappe.core.doctype.scheduled_job_type.scheduled_job_type import sync_jobs\n"
            "sync_jobs()\nfrappe.db.commit()"
        )
    assert main_site.query("answer = frappe.db.count('Scheduled Job Type', {'method': args['method']})", method=method)


def test_a_plain_new_site_with_a_wrong_root_password_leaves_its_directory(
    bench: ContractBench, new_name: NewName
) -> None:
    name = new_name("badroot")
    done = bench.cli(
        *("new-site", name, "--db-name", "_contract_badroot", "--db-root-password", "not-it"),
        *("--admin-password", ADMIN_PASSWORD),
    )
    assert done.returncode != 0
    assert "Access denied" in done.stdout + done.stderr
    assert (bench.sites / name / "site_config.json").exists()
    found = bench.one("site.read", name, {"root": bench.root})
    assert (found["state"], found["config"], found["database"]) == ("half_made", "ok", "absent")
    again = bench.cli("new-site", name, "--db-root-password", "not-it", "--admin-password", ADMIN_PASSWORD)
    assert (again.returncode, "already exists" in again.stdout) == (1, True)


def test_a_plain_new_site_that_fails_late_leaves_everything(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("late")
    words = ["--db-name", "_contract_late", "--db-root-password", str(bench.root["password"])]
    words += ["--mariadb-user-host-login-scope", "%", "--admin-password", ADMIN_PASSWORD]
    done = bench.cli("new-site", name, *words, "--install-app", "lateinstall")
    assert done.returncode != 0
    assert "after_install fails on purpose" in done.stdout + done.stderr
    assert (bench.sites / name / "site_config.json").exists()
    assert "_contract_late" in bench.databases()
    listed = bench.cli("list-apps", "-f", "json", site=name)
    assert "lateinstall" in listed.stdout
    found = bench.one("site.read", name, {"root": bench.root})
    assert (found["owned"], found["recorded"]) == (False, "")
    error = bench.refused("site.apply", name, {"state": "absent", "confirm": name, "root": bench.root})
    assert (error["status"], "was not made by us" in error["message"]) == (409, True)
    # The directory taken away by hand, the database is what stops the next try.
    (bench.sites / name).rename(bench.work / name)
    again = bench.cli("new-site", name, *words)
    assert again.returncode != 0
    assert "Database _contract_late already exists" in again.stdout + again.stderr


def test_our_own_new_site_leaves_nothing_of_a_failure(bench: ContractBench, new_name: NewName) -> None:
    """A login scope that shuts the site itself out: the failure that is met first with containers."""
    name = new_name("ours")
    error = bench.refused(
        "site.apply", name, {"root": bench.root, "admin_password": ADMIN_PASSWORD, "db_user_host": "10.9.9.9"}
    )
    assert error["message"].startswith("new-site failed (exit code 1)")
    assert "nothing of the site was left behind" in error["hint"]
    assert "CommandFailedError: Command failed" in " ".join(error["data"]["output"])
    assert ADMIN_PASSWORD not in str(error)
    assert not (bench.sites / name).exists()
    found = bench.one("site.read", name, {"root": bench.root})
    assert (found["state"], found["owned"]) == ("absent", False)
    assert found["db_name"] not in bench.databases()
    assert bench.as_root(DB_USERS + "answer = hosts", name=found["db_name"]) == []


def test_a_site_is_dropped_with_a_backup_and_made_again(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("again")
    bench.make_site(name)
    db_name = bench.site_config(name)["db_name"]
    error = bench.refused("site.apply", name, {"root": bench.root, "state": "absent"})
    assert (error["status"], error["needed"]) == (400, f"confirm: {name}")
    gone = bench.one("site.apply", name, {"root": bench.root, "state": "absent", "confirm": name})
    assert gone["actions"] == ["dropped site"]
    assert gone["backup"]
    assert not (bench.sites / name).exists()
    assert db_name not in bench.databases()
    assert bench.record(name) == {}
    assert bench.as_root(DB_USERS + "answer = hosts", name=db_name) == []
    made = bench.make_site(name)  # the same database name: what the caches still know of the first one is not met
    assert (made["actions"], made["after"]["db_name"]) == (["created site"], db_name)
    assert bench.one("site_app.read", name)["missing"] == {}


def test_a_site_of_somebody_else_is_adopted(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("adopt")
    bench.make_site(name)
    (bench.path / ".erpops/sites" / f"{name}.json").unlink()
    args = {"root": bench.root, "admin_password": ADMIN_PASSWORD}
    assert bench.one("site.apply", name, args)["changed"] is False
    assert bench.record(name) == {}
    assert bench.one("site.apply", name, {**args, "adopt": True})["actions"] == ["adopted site"]
    assert bench.record(name)["state"] == "adopted"


def test_a_site_that_is_not_there(bench: ContractBench) -> None:
    error = bench.refused("site_app.read", "contract-nowhere.localhost")
    assert (error["status"], error["message"]) == (404, "there is no such site on this bench")


@pytest.mark.parametrize("word", ["info.nothing", "nothing.at_all"])
def test_an_unknown_operation(bench: ContractBench, word: str) -> None:
    error = bench.refused(word)
    assert (error["status"], "unknown operation" in error["message"]) == (400, True)
