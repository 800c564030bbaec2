# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection: transactions, DDL, logins, MariaDB's error numbers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.standin.quick_bench import QuickBench


def role(name: str) -> dict[str, str]:
    return {"doctype": "Role", "role_name": name}


def test_rollback_and_savepoints(frappe: Any) -> None:
    frappe.get_doc(role("One")).insert()
    frappe.db.savepoint("here")
    frappe.get_doc(role("Two")).insert()
    frappe.db.rollback(save_point="here")
    frappe.db.commit()
    frappe.get_doc(role("Three")).insert()
    frappe.db.rollback()
    assert [bool(frappe.db.exists("Role", n)) for n in ("One", "Two", "Three")] == [True, False, False]


def test_ddl_commits(frappe: Any) -> None:
    frappe.get_doc(role("One")).insert()
    frappe.db.sql_ddl("create table `tabX` (name varchar(140))")
    frappe.db.rollback()
    assert frappe.db.exists("Role", "One")
    assert frappe.db.table_exists("X")


def test_plain_sql_refuses_ddl_with_pending_writes(frappe: Any) -> None:
    frappe.get_doc(role("One")).insert()
    with pytest.raises(frappe.ImplicitCommitError):
        frappe.db.sql("create table `tabX` (name varchar(140))")
    frappe.db.rollback()
    assert not frappe.db.exists("Role", "One")


def test_a_custom_field_commits_what_was_pending(frappe: Any) -> None:
    frappe.get_doc(role("One")).insert()
    frappe.get_doc({"doctype": "Custom Field", "dt": "Role", "fieldname": "colour", "label": "Colour"}).insert()
    frappe.db.rollback()
    assert frappe.db.exists("Role", "One"), "the ALTER TABLE committed it"
    assert frappe.db.has_column("Role", "colour")


def test_close_loses_what_is_not_committed(frappe: Any, site: str) -> None:
    frappe.get_doc(role("One")).insert()
    frappe.destroy()
    frappe.init(site)
    frappe.connect()
    assert not frappe.db.exists("Role", "One")


def test_placeholders(frappe: Any) -> None:
    sql = frappe.db.sql
    assert sql("select %s, %s", (1, "a")) == ((1, "a"),)
    assert sql("select %(x)s as x", {"x": 5}, as_dict=True) == [{"x": 5}]
    assert sql("select name from `tabRole` where name in %s order by name", (["Guest", "All"],), pluck=True) == [
        "All",
        "Guest",
    ]
    assert sql("select name from `tabRole` where name like 'Gu%'", pluck=True) == ["Guest"]
    assert sql("select '100%%' where 1=%s", 1) == (("100%",),)
    assert sql("select 1 where 1=0") == ()
    assert frappe.db.sql_list("select name from `tabRole` where name='Guest'") == ["Guest"]


def test_hooks_around_commit(frappe: Any) -> None:
    seen: list[str] = []
    frappe.db.after_commit.add(lambda: seen.append("commit"))
    frappe.db.rollback()
    frappe.db.after_commit.add(lambda: seen.append("second"))
    frappe.db.commit()
    assert seen == ["second"]


def test_a_reader_that_writes_later_waits_for_the_other_writer(frappe: Any, site: str) -> None:
    """Reading first and writing after somebody else's commit must not fail (SQLITE_BUSY_SNAPSHOT)."""
    frappe.db.count("Role")

    def other() -> None:
        frappe.init(site)
        frappe.connect()
        frappe.get_doc(role("Theirs")).insert()
        frappe.db.commit()
        frappe.destroy()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    frappe.get_doc(role("Mine")).insert()
    frappe.db.commit()
    assert frappe.db.exists("Role", "Theirs")


def test_for_update_locks(frappe: Any) -> None:
    assert frappe.db.get_value("Role", "Guest", "name", for_update=True) == "Guest"
    assert frappe.db.connection().in_transaction
    frappe.db.rollback()


def test_wrong_password_and_missing_database(frappe: Any, site: str, site_path: Path, shared: QuickBench) -> None:
    config = json.loads((site_path / "site_config.json").read_text())
    frappe.destroy()
    (site_path / "site_config.json").write_text(json.dumps({**config, "db_password": "wrong"}))
    frappe.init(site)
    frappe.connect()  # connects with the first query only
    with pytest.raises(frappe.db.OperationalError) as caught:
        frappe.db.count("Role")
    assert caught.value.args[0] == 1045
    frappe.destroy()
    (site_path / "site_config.json").write_text(json.dumps(config))
    (shared.path / ".standin-db" / f"{config['db_name']}.sqlite3").unlink()
    frappe.init(site)
    frappe.connect()
    with pytest.raises(frappe.db.OperationalError) as caught:
        frappe.db.count("Role")
    assert caught.value.args == (1049, f"Unknown database '{config['db_name']}'")


def test_the_list_of_databases(frappe: Any) -> None:
    from frappe.database import get_db, get_root_connection
    from frappe.database.db_manager import DbManager

    own = ["information_schema", frappe.conf.db_name]
    assert DbManager(frappe.db).get_database_list() == own
    everything = DbManager(get_root_connection("root", None)).get_database_list()
    assert set(own) < set(everything)
    with pytest.raises(frappe.db.OperationalError):
        DbManager(frappe.db).drop_database(frappe.conf.db_name)
    assert DbManager(get_db(user="root", password="any", host="127.0.0.1", port=3306)).get_database_list() == everything
    user = get_db(user=frappe.conf.db_name, password=frappe.conf.db_password, cur_db_name=frappe.conf.db_name)
    assert user.sql("select 1") == ((1,),)


def test_root_password(bench: Callable[..., QuickBench]) -> None:
    own = bench()
    (own.path / ".standin-db").mkdir()
    (own.path / ".standin-db/root_password").write_text("rootpw\n")
    wrong = own.run("new-site", "a.test", "--admin-password", "x", "--db-root-password", "nope")
    assert wrong.returncode != 0
    assert "1045" in wrong.stderr
    assert "Access denied for user 'root'" in wrong.stderr
    assert (own.sites / "a.test/site_config.json").exists(), "a failed new-site leaves its directory"
    listing = (
        "from frappe.database import get_db, db_manager as m; print(m.DbManager(get_db(user='root', password='{}'))"
    )
    listing = "import frappe; frappe.init(''); " + listing + ".get_database_list())"
    assert own.call("-c", listing.format("rootpw")).stdout == "['information_schema']\n"
    assert "1045" in own.call("-c", listing.format("nope")).stderr
    right = own.run("new-site", "b.test", "--admin-password", "x", "--db-root-password", "rootpw")
    assert right.returncode == 0, right.stderr
    drop = own.run("drop-site", "b.test", "--no-backup", "--root-password", "nope")
    assert "1045" in drop.stderr
    assert (own.sites / "b.test").exists()
