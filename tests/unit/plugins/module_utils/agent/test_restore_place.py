# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site goes back in place: single tables and all of them, tables that came later, and the way of the password."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from tests.faults.update_bench import ROOT, SITE, UpdateBench, same

_CALL = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _restore_place
from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup_set import read_set
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
asked = json.load(sys.stdin)
from frappe.database.db_manager import DbManager
plain, seen = DbManager.restore_database, []
def restore(verbose, target, source, user, password):
    seen.append([password, bool(os.environ.get("MYSQL_PWD")), os.path.basename(source)])
    plain(verbose, target, source, user, password)
DbManager.restore_database = staticmethod(restore)
context = Context(Bench(asked["bench"]), asked["site"])
answer = _restore_place.restore_in_place(context, asked["folder"], read_set(asked["folder"]), asked["tables"])
print(json.dumps({**answer, "seen": seen, "left": "MYSQL_PWD" in os.environ}))
"""


def restore(bench: UpdateBench, folder: str, tables: list[str] | None = None) -> dict[str, Any]:
    request = {"bench": str(bench.path), "site": SITE, "folder": folder, "tables": tables}
    done = subprocess.run(
        [str(bench.bench.python), "-c", _CALL, str(ROOT / ".collections")],
        input=json.dumps(request),
        cwd=bench.bench.sites,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def harm(bench: UpdateBench, *statements: str) -> None:
    connection = sqlite3.connect(bench.database())
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def taken(bench: UpdateBench) -> str:
    """A set of the site in maintenance."""
    bench.one("maintenance.apply", SITE, state="on")
    return str(bench.one("backup.apply", SITE, state="present", name="one")["backup"]["path"])


def test_all_of_it(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    folder = taken(bench)
    before = bench.state()
    harm(bench, "create table `tabLater` (name text)", "delete from tabUser", "update tabRole set name=name || 'x'")
    config = bench.bench.sites / SITE / "site_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "encryption_key": "lost", "later": 1}))
    (bench.bench.sites / SITE / "private/files/kept.txt").unlink()
    done = restore(bench, folder)
    assert (done["tables"], done["dropped"], done["files"]) == ("all", ["tabLater"], 1)
    assert same(before, bench.state()) == []
    assert bench.maintenance(), "that is the caller's to end"
    assert done["seen"] == [["", True, Path(done["seen"][0][2]).name]], "on no command line"
    assert not done["left"]


def test_single_tables(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    folder = taken(bench)
    before = bench.state()
    harm(bench, "update tabUser set first_name='x'", "update tabRole set name=name || 'x'")
    done = restore(bench, folder, ["tabUser"])
    assert done["tables"] == 1
    assert same(before, bench.state()) == ["tabRole"], "what was not named was not touched"
    assert restore(bench, folder, ["tabRole"])["tables"] == 1
    assert same(before, bench.state()) == []
    assert not list(Path(folder).glob(".part-*"))


def test_empty_tables_that_are_as_they_were_are_not_made_anew(updated_bench: UpdateBench) -> None:
    """One that got a row, a column or a row with rows in the set is; and so is one that is gone."""
    bench = updated_bench
    harm(
        bench, *(f"create table `tabEmpty {name}` (name text)" for name in ("Same", "Row", "Column", "Gone", "Filled"))
    )
    harm(bench, "insert into `tabEmpty Filled` values ('one')")
    folder = taken(bench)
    before, made = bench.state(), definitions(bench)
    harm(bench, "insert into `tabEmpty Row` values ('x')", "alter table `tabEmpty Column` add column more text")
    harm(bench, "drop table `tabEmpty Gone`", "delete from `tabEmpty Filled`")
    numbers = roots(bench)
    done = restore(bench, folder)
    assert (done["tables"], Path(done["seen"][0][2]).name) == ("all", "part.sql.gz")
    assert same(before, bench.state()) == []
    assert definitions(bench) == made
    assert not list(Path(folder).glob(".part-*"))
    kept = {name for name, number in roots(bench).items() if numbers.get(name) == number}
    assert "tabEmpty Same" in kept, "its pages are where they were"
    assert not {"tabEmpty Row", "tabEmpty Column", "tabEmpty Filled"} & kept


def definitions(bench: UpdateBench) -> dict[str, str]:
    return dict(ask(bench, "select name, sql from sqlite_master where type='table'"))


def roots(bench: UpdateBench) -> dict[str, int]:
    """Table -> its row in the schema, which a table that is made anew has not any more."""
    return dict(ask(bench, "select name, rowid from sqlite_master where type='table'"))


def ask(bench: UpdateBench, query: str) -> list[tuple[Any, Any]]:
    connection = sqlite3.connect(bench.database())
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
