# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tables are brought back after a migration that failed, and where all of them are."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.faults.update_bench import ROOT, SITE, UpdateBench, same

_CALL = """
import json, sys
sys.path.insert(0, sys.argv[1])
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _update, _update_back
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
asked, plain, seen = json.load(sys.stdin), _update_back.restore_in_place, []
def restore(context, folder, manifest, tables=None):
    seen.append("all" if tables is None else sorted(tables))
    return plain(context, folder, manifest, tables)
_update_back.restore_in_place = restore
_update_back.WHOLE_BELOW = asked["whole_below"]
try:
    _update.forward(Context(Bench(asked["bench"]), asked["site"]), asked["args"])
except Exception as error:
    print(json.dumps({"seen": seen, "error": str(error)}))
"""
_ROW = "frappe.db.sql(\"update `tabRole` set name=name || 'x'\"); frappe.db.commit()"


def fail(bench: UpdateBench, patch: str, whole_below: int = 0) -> list[Any]:
    """What was loaded after a migration with this patch, with databases from ``whole_below`` bytes on called large."""
    request = {
        "bench": str(bench.path),
        "site": SITE,
        "whole_below": whole_below,
        "args": bench.begin(bench.release(patch)),
    }
    done = subprocess.run(
        [str(bench.bench.python), "-c", _CALL, str(ROOT / ".collections")],
        input=json.dumps(request),
        cwd=bench.bench.sites,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    assert "fully old again" in answer["error"]
    return list(answer["seen"])


def test_of_a_large_database_the_touched_tables(updated_bench: UpdateBench) -> None:
    before = updated_bench.state()
    (tables,) = fail(updated_bench, f"{_ROW}; raise ValueError('no')")
    assert {"tabDocField", "__Auth"} <= set(tables), "what Frappe tells, and what it cannot see"
    assert "tabCurrency" not in tables
    assert same(before, updated_bench.state()) == []


@pytest.mark.parametrize("patch", [f"{_ROW}; import os; os.kill(os.getpid(), 9)"])
def test_all_where_the_migration_did_not_end(updated_bench: UpdateBench, patch: str) -> None:
    before = updated_bench.state()
    assert fail(updated_bench, patch) == ["all"]
    assert same(before, updated_bench.state()) == []


def test_all_where_more_was_changed_than_told(updated_bench: UpdateBench) -> None:
    """A row that went past Frappe: the comparison with the set finds it."""
    before = updated_bench.state()
    past = "frappe.db.connection().execute('delete from `tabRole`'); frappe.db.commit(); raise ValueError('no')"
    tables, whole = fail(updated_bench, past)
    assert ("tabRole" in tables, whole) == (False, "all")
    assert same(before, updated_bench.state()) == []


def test_all_of_a_small_database(updated_bench: UpdateBench) -> None:
    assert fail(updated_bench, f"{_ROW}; raise ValueError('no')", whole_below=1 << 30) == ["all"]
