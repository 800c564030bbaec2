# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An integration's log on a site of the stand-in: read, and pruned."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime
from tests.standin.quick_bench import QuickBench
from tests.unit.plugins.answers_sets import SET_ANSWERS

SITE = "a.localhost"
FIELDS = {"time": "creation", "status": "status", "success": "Success", "failure": "Error", "error": "message"}
ROWS = """
import frappe
frappe.init(site='a.localhost', sites_path='.'); frappe.connect()
frappe.db.delete('Shop Sync Log')
for n, status in enumerate(['Success', 'Error', 'Error', 'Error']):
    doc = frappe.get_doc({'doctype': 'Shop Sync Log', 'status': status, 'message': 'HTTP 503',
                          'started': '2026-01-01 00:00:00'}).insert()
    if n < 3:
        frappe.db.set_value('Shop Sync Log', doc.name, 'creation', '2020-01-01', update_modified=False)
frappe.db.commit()
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> QuickBench:
    made = QuickBench.create(tmp_path_factory.mktemp("log") / "bench", "erpnext", "shopsync")
    for command in (["new-site", SITE, "--admin-password", "x", "--install-app", "erpnext"],):
        assert made.run(*command).returncode == 0
    assert made.run("--site", SITE, "install-app", "shopsync").returncode == 0
    return made


@pytest.fixture
def log(bench: QuickBench) -> QuickBench:
    done = bench.call("-c", ROWS)
    assert done.returncode == 0, done.stderr
    return bench


def one(bench: QuickBench, op: str, check: bool = False, **args: Any) -> dict[str, Any]:
    agent = SiteAgent(HostRuntime(str(bench.path)), check=check, timeout=60.0, lock_timeout=0.0)
    return dict(agent.one(op, SITE, {"doctype": "Shop Sync Log", **args}))


def test_reading_looks_back_so_far_and_no_further(log: QuickBench) -> None:
    found = one(log, "log.read", hours=24, fields=FIELDS)
    assert found.keys() == SET_ANSWERS["log.read"].keys()
    assert (found["total"], found["statuses"], found["cut"]) == (1, {"Error": 1}, False)
    assert found["failures"][0]["error"] == "HTTP 503"
    assert one(log, "log.read", hours=24 * 365 * 50, fields=FIELDS)["statuses"] == {"Error": 3, "Success": 1}


def test_pruning(log: QuickBench) -> None:
    args: dict[str, Any] = {"days": 90, "time_field": "creation", "status_field": "status"}
    preview = one(log, "log.prune", check=True, **args)
    assert (preview["changed"], preview["deleted"], preview["kept"]) == (True, 3, 1)
    done = one(log, "log.prune", **args)
    assert done.keys() == SET_ANSWERS["log.prune"].keys()
    assert (done["changed"], done["deleted"], done["kept"]) == (True, 3, 1)
    again = one(log, "log.prune", **args)
    assert (again["changed"], again["deleted"], again["kept"]) == (False, 0, 1)


def test_some_rows_stay_however_old_they_are(log: QuickBench) -> None:
    done = one(log, "log.prune", days=90, time_field="creation", status_field="status", keep=["Error"])
    assert (done["deleted"], done["kept"]) == (1, 3)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"doctype": "Shop Sync Logs"}, "there is no DocType 'Shop Sync Logs'"),
        ({"time_field": "begun"}, "has no field 'begun'"),
    ],
)
def test_what_is_not_there(log: QuickBench, args: dict[str, Any], words: str) -> None:
    with pytest.raises(ErpopsError, match=words):
        one(log, "log.prune", check=False, **{"days": 90, "time_field": "creation", **args})
