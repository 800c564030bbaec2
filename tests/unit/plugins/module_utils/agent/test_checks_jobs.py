# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduled jobs and workers."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent import _checks_jobs
from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_jobs import (
    alive,
    job_faults,
    log_fault,
    of_prefix,
)


def job(method: str, stopped: int = 0, ran: str | None = "2026-01-02 12:00:00") -> dict[str, Any]:
    return {"method": method, "stopped": stopped, "last_execution": ran}


@pytest.mark.parametrize(
    ("method", "prefix", "fits"),
    [("shop.sync.pull", "shop", True), ("shop.sync.pull", "shop.", True), ("shop", "shop", True),
     ("shopping.pull", "shop", False), ("a.shop.pull", "shop", False)],
)  # fmt: skip
def test_prefixes(method: str, prefix: str, fits: bool) -> None:
    assert of_prefix(method, prefix) is fits


@pytest.mark.parametrize(
    ("jobs", "args", "faults"),
    [
        ([job("a.x")], {}, []),
        ([], {}, ["no job"]),
        ([], {"equals": 0}, []),
        ([job("a.x")], {"equals": 2}, ["1 jobs"]),
        ([job("a.x")], {"methods": ["a.x", "a.y"]}, ["no job for a.y"]),
        ([job("a.x", 1), job("a.y")], {}, ["stopped: a.x"]),
        ([job("a.x", 1), job("a.y")], {"stopped": "all"}, ["not stopped: a.y"]),
        ([job("a.x", 1)], {"stopped": "all"}, []),
        ([job("a.x", 1), job("a.y")], {"stopped": "any"}, []),
    ],
)
def test_jobs(jobs: list[dict[str, Any]], args: dict[str, Any], faults: list[str]) -> None:
    assert job_faults(jobs, args, "") == faults


def test_jobs_that_did_not_run() -> None:
    jobs = [job("a.x"), job("a.y", ran="2026-01-02 11:00:00"), job("a.z", ran=None)]
    assert job_faults(jobs, {}, "2026-01-02 11:30:00") == [
        "not run in this time: a.y (2026-01-02 11:00:00), a.z (never)"
    ]


def log(status: str, at: str = "2026-01-02 12:00:00", details: str = "") -> dict[str, Any]:
    return {"status": status, "creation": at, "details": details}


@pytest.mark.parametrize(
    ("rows", "start", "fault"),
    [
        ([], "", "m has no log"),
        ([log("Scheduled")], "", "m has not ended a run"),
        ([log("Complete")], "", ""),
        ([log("Scheduled"), log("Complete")], "", ""),
        ([log("Complete"), log("Failed")], "", ""),
        ([log("Failed"), log("Complete")], "", "m failed at 2026-01-02 12:00:00"),
        ([log("Failed", details="x\nE: gone\n")], "", "m failed at 2026-01-02 12:00:00 (E: gone)"),
        ([log("Complete")], "2026-01-02 12:00:01", "m was last complete at 2026-01-02 12:00:00"),
        ([log("Complete")], "2026-01-02 11:00:00", ""),
    ],
)
def test_runs(rows: list[dict[str, Any]], start: str, fault: str) -> None:
    assert log_fault("m", rows, start) == fault


def test_a_worker_lives() -> None:
    assert alive(SimpleNamespace(pid=os.getpid(), hostname="here"), "here")
    assert alive(SimpleNamespace(pid=os.getpid()), "here")
    assert not alive(SimpleNamespace(pid=None), "here")


def test_a_worker_that_was_killed() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert not alive(SimpleNamespace(pid=done.pid, hostname="here"), "here")
    assert alive(SimpleNamespace(pid=done.pid, hostname="another"), "here")


@pytest.mark.parametrize(
    ("asleep", "held", "faults"),
    [
        (False, {}, ""),
        (True, {}, "the site is dormant"),
        (
            False,
            {"pause_scheduler": 1},
            "pause_scheduler in site_config.json; pause_scheduler in common_site_config.json",
        ),
    ],
)
def test_a_scheduler_that_does_nothing(
    asleep: bool, held: dict[str, int], faults: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_dormant() -> bool:
        return asleep

    @functools.wraps(is_dormant)  # Frappe keeps its answer for an hour
    def cached() -> bool:
        return not asleep

    framework = SimpleNamespace(scheduler=SimpleNamespace(is_dormant=cached))
    monkeypatch.setitem(sys.modules, "frappe", SimpleNamespace(utils=framework))
    monkeypatch.setitem(sys.modules, "frappe.utils", framework)
    monkeypatch.setattr(_checks_jobs, "scheduler_facts", lambda _context, _frappe: {"inactive_because": []})
    monkeypatch.setattr(_checks_jobs, "read_config", lambda _context, _scope: held)
    found = _checks_jobs.scheduler(SimpleNamespace(frappe=None, context=None), {})
    assert found.ok is not bool(faults)
    assert found.seen.startswith(faults or "enabled")
