# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the sites of a bench of the stand-in are, for the gate between two waves."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime
from tests.standin.quick_bench import QuickBench
from tests.unit.plugins.answers import ANSWERS

SITES = ("a.localhost", "b.localhost")
SHOP = {
    "name": "shop",
    "app": "",
    "logs": [{"doctype": "Error Log", "fields": {"time": "creation", "status": "method", "success": "good",
                                                 "failure": "bad", "error": "error"}}],
}  # fmt: skip
ERROR = "frappe.get_doc({{'doctype': 'Error Log', 'method': {0!r}, 'error': 'x'}}).insert()\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> QuickBench:
    bench = QuickBench.create(tmp_path_factory.mktemp("gates") / "bench")
    assert bench.run("new-site", SITES[0], "--admin-password", "x").returncode == 0
    bench.clone_site(*SITES)
    return bench


@pytest.fixture
def bench(made: QuickBench) -> QuickBench:
    for site in SITES:
        write(made, "for name in ('Scheduled Job Log', 'Error Log'): frappe.db.delete(name)", site)
    return made


def write(bench: QuickBench, lines: str, site: str = SITES[0]) -> None:
    prelude = f"import frappe\nfrappe.init(site={site!r}, sites_path='.'); frappe.connect()\n"
    done = bench.call("-c", f"{prelude}{lines}\nfrappe.db.commit()\n")
    assert done.returncode == 0, done.stderr


def read(bench: QuickBench, *names: str, integrations: Any = (), **window: float) -> dict[str, Any]:
    agent = SiteAgent(HostRuntime(str(bench.path)), check=True, timeout=60.0, lock_timeout=0.0)
    sites = [{"name": name, "integrations": list(integrations)} for name in names or SITES]
    return dict(agent.one("gates.read", "", {"sites": sites, **(window or {"hours": 24})}))


def test_the_answer_has_the_documented_form(bench: QuickBench) -> None:
    found, played = read(bench), ANSWERS["gates.read"]
    assert found.keys() == played.keys()
    assert found["sites"]["a.localhost"].keys() == played["sites"]["a.localhost"].keys()
    assert found["queues"].keys() == played["queues"].keys()
    assert abs(found["taken_at"] - time.time()) < 60
    quiet = found["sites"]["b.localhost"]
    assert (quiet["fault"], quiet["maintenance"], quiet["quarantined"]) == ("", "off", False)
    assert (quiet["errors"]["count"], quiet["failed_jobs"]["count"]) == (0, 0)


def test_errors_are_counted_by_title_with_secrets_masked(bench: QuickBench) -> None:
    titles = ["pull of SO-00012", "pull of SO-00013", "GET /?token=abcdefgh12345", "x"]
    write(bench, "".join(ERROR.format(title) for title in titles))
    errors = read(bench)["sites"]["a.localhost"]["errors"]
    assert errors["count"] == 4
    assert [one["title"] for one in errors["titles"]] == ["pull of SO-#", "GET /?token=********", "x"]
    assert read(bench)["sites"]["b.localhost"]["errors"]["count"] == 0


def test_only_what_came_since_counts(bench: QuickBench) -> None:
    old = "frappe.db.set_value('Error Log', frappe.get_all('Error Log', pluck='name')[0], 'creation', '2020-01-01')\n"
    write(bench, ERROR.format("old") + old + ERROR.format("new"))
    assert read(bench, hours=1)["sites"]["a.localhost"]["errors"]["count"] == 1
    since = read(bench, since=time.time() - 600)
    assert since["sites"]["a.localhost"]["errors"]["count"] == 1
    assert 0.16 < since["hours"] < 0.18
    assert read(bench, since=time.time() + 60)["sites"]["a.localhost"]["errors"]["count"] == 0


def test_jobs_that_failed_in_the_queue_and_in_the_scheduler(bench: QuickBench) -> None:
    write(
        bench,
        "job = frappe.get_doc({'doctype': 'Scheduled Job Type', 'method': 'frappe.gone', 'frequency': 'Daily',"
        " 'create_log': 1}).insert()\n"
        "frappe.get_doc({'doctype': 'Scheduled Job Log', 'status': 'Failed', 'scheduled_job_type': job.name}).insert()\n"
        "frappe.get_doc({'doctype': 'Scheduled Job Log', 'status': 'Complete', 'scheduled_job_type': job.name})"
        ".insert()\n"
        "frappe.enqueue('frappe.no_such_function')\nfrappe.db.commit()\n"
        "from frappe.utils.background_jobs import start_worker\nstart_worker(burst=True, quiet=True)\nraise SystemExit(0)",
    )
    failed = read(bench)["sites"]["a.localhost"]["failed_jobs"]
    assert failed["count"] == 2
    assert {"frappe.no_such_function"} < {one["title"] for one in failed["titles"]}
    assert read(bench)["sites"]["b.localhost"]["failed_jobs"]["count"] == 0


def test_a_site_that_cannot_be_read_keeps_nobody_else_from_being_read(bench: QuickBench) -> None:
    config = bench.sites / SITES[0] / "site_config.json"
    before = config.read_text()
    config.write_text("{")
    try:
        found = read(bench)["sites"]
    finally:
        config.write_text(before)
    assert "is not valid JSON" in found["a.localhost"]["fault"]
    assert found["b.localhost"]["fault"] == ""


def test_what_is_not_there_is_left_out_and_integrations_are_asked(bench: QuickBench) -> None:
    write(bench, ERROR.format("bad"))
    found = read(bench, "a.localhost", "c.localhost", integrations=[SHOP])["sites"]
    assert found.keys() == {"a.localhost"}
    assert found["a.localhost"]["integrations"] == {"shop": "failing"}


def test_quarantine_is_told(bench: QuickBench) -> None:
    path = bench.path / ".erpops/updates/a.localhost.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"schema": 1, "state": "quarantined"}')
    try:
        found = read(bench)["sites"]
    finally:
        path.unlink()
    assert (found["a.localhost"]["quarantined"], found["b.localhost"]["quarantined"]) == (True, False)
