# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the integrations of a site of the stand-in were: what their jobs and logs wrote, told in figures."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime
from tests.standin.quick_bench import QuickBench
from tests.unit.plugins.answers_sets import SET_ANSWERS

SITE = "a.localhost"
LOG = {
    "doctype": "Shop Sync Log",
    "fields": {
        "time": "started",
        "status": "status",
        "success": "Success",
        "failure": "Error",
        "error": "message",
        "started": "started",
        "ended": "finished",
    },
}
SHOP = {
    "name": "shopsync",
    "app": "shopsync",
    "logs": [LOG],
    "errors": {"titles": ["shopsync%"], "texts": ["%/shopsync/%"]},
}
PRELUDE = """
import frappe
from frappe.utils import add_to_date, now_datetime
frappe.init(site='a.localhost', sites_path='.'); frappe.connect()
def row(status, hours=0, message='', took=2):
    began = add_to_date(now_datetime(), hours=-hours, seconds=-took)
    frappe.get_doc({'doctype': 'Shop Sync Log', 'status': status, 'message': message, 'started': began,
                    'finished': add_to_date(began, seconds=took)}).insert()
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> QuickBench:
    bench = QuickBench.create(tmp_path_factory.mktemp("health") / "bench", "erpnext", "shopsync")
    assert bench.run("new-site", SITE, "--admin-password", "x", "--install-app", "erpnext").returncode == 0
    assert bench.run("--site", SITE, "install-app", "shopsync").returncode == 0
    return bench


@pytest.fixture
def bench(made: QuickBench) -> QuickBench:
    write(made, "for name in ('Shop Sync Log', 'Scheduled Job Log', 'Error Log'): frappe.db.delete(name)")
    return made


def write(bench: QuickBench, lines: str) -> None:
    done = bench.call("-c", PRELUDE + lines + "\nfrappe.db.commit()\n")
    assert done.returncode == 0, done.stderr


def health(bench: QuickBench, *integrations: dict[str, Any]) -> dict[str, Any]:
    agent = SiteAgent(HostRuntime(str(bench.path)), check=False, timeout=60.0, lock_timeout=0.0)
    return dict(agent.one("health.read", SITE, {"integrations": list(integrations or [SHOP]), "hours": 24}))


def shop(bench: QuickBench) -> dict[str, Any]:
    (found,) = health(bench)["integrations"]
    return dict(found)


def test_the_answer_has_the_documented_form(bench: QuickBench) -> None:
    found, played = health(bench), SET_ANSWERS["health.read"]
    assert found.keys() == played.keys()
    assert found["integrations"][0].keys() == played["integrations"][0].keys()
    assert found["scheduler"].keys() == played["scheduler"].keys()
    assert abs(found["taken_at"] - time.time()) < 60


def test_nothing_ran(bench: QuickBench) -> None:
    found = shop(bench)
    assert (found["status"], found["last_success"], found["failures"]) == ("silent", "", 0)
    assert found["jobs"]["count"] == 3
    assert found["jobs"]["stopped"] == 0


def test_what_failed_and_then_went_well_is_well(bench: QuickBench) -> None:
    write(bench, "row('Error', 3, 'HTTP 503 for order SO-00012')\nrow('Error', 2, 'HTTP 503 for order SO-00013')\n"
          "row('Success', 1, took=4)\nrow('Error', 25, 'too long ago')")  # fmt: skip
    found = shop(bench)
    assert (found["status"], found["failures"], found["failing_kinds"]) == ("ok", 2, [])
    (failure,) = found["sources"][0]["failures"]
    assert (failure["error"], failure["count"]) == ("HTTP 503 for order SO-#", 2)
    assert found["duration"] == {"count": 1, "average_ms": 4000, "max_ms": 4000}
    assert 3590 < found["last_success_age_seconds"] < 3700


def test_the_log_decides_not_the_job_that_is_always_complete(bench: QuickBench) -> None:
    write(bench, "row('Success', 2)\nrow('Error', 0, 'https://shop/?consumer_secret=cs_0123 refused')\n"
          "frappe.get_doc('Scheduled Job Type', {'method': 'shopsync.sync.prune_logs'}).execute()")  # fmt: skip
    found = shop(bench)
    assert found["status"] == "failing"
    assert [one["last_success"] for one in found["sources"]][1].keys() == {"shopsync.sync.prune_logs"}
    assert found["sources"][0]["failures"][0]["error"] == "https://shop/?consumer_secret=******** refused"


def test_a_job_that_raises(bench: QuickBench) -> None:
    # Without its settings the pull raises.
    write(bench, "job = frappe.get_doc('Scheduled Job Type', {'method': 'shopsync.sync.pull_all'})\n"
          "job.db_set('method', 'shopsync.sync.gone')\njob.execute()\njob.db_set('method', 'shopsync.sync.pull_all')\n"
          "row('Success')")  # fmt: skip
    found = health(bench)
    (one,) = found["integrations"]
    assert (one["status"], found["status"]) == ("degraded", "degraded")
    assert one["failing_kinds"] == ["shopsync.sync.pull_all"]
    assert "gone" in one["sources"][1]["failures"][0]["error"]


def test_stopped_on_purpose(bench: QuickBench) -> None:
    stop = (
        "for name in frappe.get_all('Scheduled Job Type', filters={'method': ['like', 'shopsync%']}, pluck='name'):\n"
    )
    write(bench, stop + "    frappe.db.set_value('Scheduled Job Type', name, 'stopped', 1)")
    try:
        assert shop(bench)["status"] == "off"
    finally:
        write(bench, stop + "    frappe.db.set_value('Scheduled Job Type', name, 'stopped', 0)")


def test_errors_are_counted_by_title(bench: QuickBench) -> None:
    write(bench, "[frappe.get_doc({'doctype': 'Error Log', 'method': title, 'error': 'x'}).insert() for title in "
          "('shopsync.pull 1234', 'shopsync.pull 5678', 'another')]")  # fmt: skip
    (error,) = shop(bench)["errors"]
    assert (error["title"], error["count"]) == ("shopsync.pull #", 2)
    write(bench, "frappe.get_doc({'doctype': 'Error Log', 'method': 'title', 'error': 'File /shopsync/x.py'}).insert()")
    assert [one["title"] for one in shop(bench)["errors"]] == ["shopsync.pull #", "title"]


def test_verdicts_on_webhooks(bench: QuickBench) -> None:
    write(bench, "row('Success')\nrow('Success')\nrow('Error', 0, 'invalid signature')")
    one = {"name": "shop", "webhooks": LOG}
    found = health(bench, one)["integrations"][0]["webhooks"]
    assert found["verdicts"] == {"Error": 1, "Success": 2}
    assert found["failures"][0]["error"] == "invalid signature"


def test_verdicts_of_an_app_that_writes_errors_alone(bench: QuickBench) -> None:
    one = {"name": "shop", "webhooks": {"titles": ["Webhook Error%"]}}
    assert health(bench, one)["integrations"][0]["webhooks"] == {"verdicts": {}, "failures": []}
    write(bench, "frappe.get_doc({'doctype': 'Error Log', 'method': 'Webhook Error: x', 'error': 'x'}).insert()")
    assert health(bench, one)["integrations"][0]["webhooks"]["verdicts"] == {"Webhook Error: x": 1}


def test_what_cannot_be_read_does_not_hide_the_others(bench: QuickBench) -> None:
    write(bench, "row('Success')")
    gone = {"name": "gone", "logs": [{**LOG, "doctype": "Gone Log"}], "webhooks": {**LOG, "doctype": "Gone Hook"}}
    found = health(bench, gone, SHOP)
    assert found["status"] == "failing"
    assert [(one["name"], one["status"]) for one in found["integrations"]] == [("gone", "failing"), ("shopsync", "ok")]
    assert found["integrations"][0]["faults"] == [
        "there is no DocType 'Gone Log'",
        "there is no DocType 'Gone Hook'",
    ]


def test_a_log_that_only_newer_versions_have(bench: QuickBench) -> None:
    one = {"name": "old", "app": "shopsync", "logs": [{**LOG, "doctype": "Gone Log", "optional": True}]}
    (found,) = health(bench, {**one, "webhooks": {**LOG, "doctype": "Gone Hook", "optional": True}})["integrations"]
    assert (found["faults"], found["webhooks"], len(found["sources"])) == ([], None, 1)


def test_the_scheduler_is_seen_to_be_held(bench: QuickBench) -> None:
    found = health(bench)["scheduler"]
    assert found["status"] == "inactive"  # as Frappe makes a site
    assert found["inactive_because"] == ["System Settings.enable_scheduler"]


def test_redis_that_does_not_answer_is_told(bench: QuickBench) -> None:
    found = health(bench)["queues"]
    assert bool(found["fault"]) != bool(found["by_name"])
