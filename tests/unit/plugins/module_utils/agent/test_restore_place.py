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
