# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that try something: what is saved or called is gone afterwards, and nothing got out."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.contract.benches import SITE, ContractBench

STATE = """
import json
answer = {
    'widgets': frappe.db.count('Kit Widget', {'code': ['like', 'scratch%']}),
    'report': frappe.db.count('Kit Widget', {'code': 'report'}),
    'series': frappe.db.sql("select current from `tabSeries` where name='KS-'"),
    'logs': frappe.db.count('Error Log'),
    'table': 'kit_leftover' in frappe.db.get_tables(cached=False),
}
"""
QUEUED = """
from frappe.utils.background_jobs import get_jobs
answer = sum(map(len, get_jobs(frappe.local.site, queue='short').values()))
"""


def answers(bench: ContractBench, *checks: dict[str, Any]) -> list[dict[str, Any]]:
    return list(bench.one("check.site", SITE, {"checks": list(checks)})["checks"])


def saved(bench: ContractBench, doctype: str = "Kit Widget", **values: Any) -> dict[str, Any]:
    """One attempt to save; the site is as it was."""
    given = {"code": "scratch", **values} if doctype == "Kit Widget" else values
    before = bench.query(STATE), bench.query(QUEUED)
    (found,) = answers(bench, {"check": "savable", "doctype": doctype, "values": given})
    assert (bench.query(STATE), bench.query(QUEUED)) == before
    return found


def test_a_good_document(main_site: ContractBench) -> None:
    found = saved(main_site, title="good", parts=[{"part_code": "a"}])
    assert (found["ok"], found["seen"]) == (True, "saved as scratch and taken back")


def test_a_series_is_not_used_up(main_site: ContractBench) -> None:
    first, second = saved(main_site, "Kit Series", title="x"), saved(main_site, "Kit Series", title="x")
    assert first["seen"] == second["seen"]
    assert first["seen"].startswith("saved as KS-")


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        (
            {"title": "refuse"},
            "ValidationError: The widget refuses this title (in contractkit/contractkit/contract_kit/",
        ),
        ({}, "MandatoryError"),
        ({"title": "x", "role": "No Such Role"}, "Could not find Role: No Such Role"),
        ({"title": "schema"}, "changes the schema, which cannot be rolled back"),
    ],
)
def test_what_cannot_be_saved(main_site: ContractBench, values: dict[str, Any], seen: str) -> None:
    found = saved(main_site, **values)
    assert found["ok"] is False
    assert seen in found["seen"]


def test_what_is_held_back(main_site: ContractBench) -> None:
    assert saved(main_site, title="commit")["seen"] == "saved as scratch and taken back; held back: 1 commits"
    assert saved(main_site, title="enqueue")["seen"].endswith("held back: jobs (contractkit.tasks.tick)")


def test_no_other_system_is_called(main_site: ContractBench) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)
        port = server.getsockname()[1]
        found = saved(main_site, title="call", remark=str(port))
        with pytest.raises(TimeoutError):
            server.accept()
    assert found["ok"] is False
    assert f"held back: connections to 127.0.0.1:{port}" in found["seen"]


def test_a_commit_past_the_framework_is_found_and_undone(main_site: ContractBench) -> None:
    found = saved(main_site, title="escape")
    assert found["ok"] is False
    assert "Kit Widget scratch was committed behind the framework's back; it was deleted again" in found["seen"]


def test_a_document_that_is_there_stays(main_site: ContractBench) -> None:
    main_site.documents(
        {"doctype": "Kit Widget", "name": "scratch-kept", "values": {"code": "scratch-kept", "title": "kept"}}
    )
    found = saved(main_site, code="scratch-kept", title="again")
    assert "DuplicateEntryError" in found["seen"]
    assert main_site.query("answer = frappe.db.get_value('Kit Widget', 'scratch-kept', 'title')") == "kept"
    main_site.documents({"doctype": "Kit Widget", "name": "scratch-kept", "state": "absent"})


def test_a_hook_that_cannot_be_imported(main_site: ContractBench) -> None:
    """As an app that names methods of other apps' documents in its hooks, and has no such methods."""
    path = main_site.path / "apps/contractkit/contractkit/hooks.py"
    text = path.read_text()
    path.write_text(text + '\ndoc_events = {"Kit Series": {"validate": "contractkit.nothing.at_all"}}\n')
    main_site.cli("clear-cache", site=SITE)
    try:
        found = saved(main_site, "Kit Series", title="x")
    finally:
        path.write_text(text)
        main_site.cli("clear-cache", site=SITE)
    assert found["ok"] is False
    assert "contractkit.nothing" in found["seen"]
    assert saved(main_site, "Kit Series", title="x")["ok"]


def test_a_method(main_site: ContractBench) -> None:
    report = {"check": "method", "method": "contractkit.tasks.report"}
    who = {"check": "method", "method": "contractkit.tasks.who"}
    before = main_site.query(STATE), main_site.query(QUEUED)
    good, bad, missing, guest, raises, gone, after = answers(
        main_site,
        {**report, "expect": {"status": "ok", "counts.errors": 0}, "expect_min": {"items": 2}, "expect_max": {"counts.done": 7}},
        {**report, "kwargs": {"status": "failed"}, "expect": {"status": "ok", "api_secret": "x"}, "expect_min": {"items": 3}},
        {**report, "expect": {"counts.nothing": 0}},
        {**who, "user": "Guest", "expect": {"answer": "Guest"}},
        {"check": "method", "method": "contractkit.tasks.write_and_raise", "kwargs": {"code": "scratch-raise"}},
        {"check": "method", "method": "contractkit.tasks.gone"},
        {**who, "expect": {"answer": "Administrator"}},
    )  # fmt: skip
    assert (main_site.query(STATE), main_site.query(QUEUED)) == before
    assert good["ok"], good
    assert good["seen"] == "answered; held back: 1 commits, jobs (contractkit.tasks.tick)"
    assert bad["seen"].startswith('status is "failed"; api_secret is "********')
    assert bad["seen"].endswith("; items is [1, 2]")
    assert "a-secret-of-the-report" not in str(bad)
    assert missing["seen"] == "no counts.nothing (done, errors)"
    assert (guest["ok"], after["ok"]) == (True, True)
    assert "ValidationError: The task refuses on purpose" in raises["seen"]
    assert gone["ok"] is False


def test_others_are_asked_after_a_trial(main_site: ContractBench) -> None:
    checks: list[dict[str, Any]] = [
        {"check": "savable", "doctype": "Kit Widget", "values": {"code": "scratch", "title": "refuse"}},
        {"check": "records", "doctype": "Kit Widget", "filters": {"code": "scratch"}, "equals": 0},
        {"check": "method", "method": "os._exit", "kwargs": {}, "expect": {"answer": 1}},
        {"check": "workers", "queues": ["short"]},
    ]
    found = answers(main_site, *checks)
    assert [item["ok"] for item in found] == [False, True, False, False]
    assert found[3]["seen"].startswith("no worker on short"), "the queue is the real one again"
