# SPDX-License-Identifier: GPL-3.0-or-later
"""Background jobs, the scheduler, cron expressions."""

from __future__ import annotations

import signal
import subprocess
from datetime import datetime
from typing import Any

import pytest

from tests.standin.quick_bench import QuickBench


@pytest.fixture
def jobs(frappe: Any) -> Any:
    """The queue of the shared bench, emptied."""
    from frappe.utils import job_store

    for row in job_store.rows():
        job_store.delete(row["id"])
    return job_store


def work(queue: str = "default,long,short") -> None:
    from frappe.utils.background_jobs import get_queue_list, perform
    from frappe.utils.job_store import take

    while row := take(queue.split(",")):
        perform(row)
    assert get_queue_list()


@pytest.mark.parametrize(
    ("cron", "after", "due"),
    [
        ("*/15 * * * *", "2024-01-01 10:07", "2024-01-01 10:15"),
        ("*/15 * * * *", "2024-01-01 10:15", "2024-01-01 10:30"),
        ("0/15 * * * *", "2024-01-01 10:46", "2024-01-01 11:00"),
        ("0 * * * *", "2024-01-01 23:30", "2024-01-02 00:00"),
        ("0 0 * * *", "2024-02-28 12:00", "2024-02-29 00:00"),
        ("0 0 * * 0", "2024-01-01 00:00", "2024-01-07 00:00"),
        ("0 0 * * sun", "2024-01-01 00:00", "2024-01-07 00:00"),
        ("0 0 * * 7", "2024-01-01 00:00", "2024-01-07 00:00"),
        ("0 0 1 * *", "2024-01-31 00:00", "2024-02-01 00:00"),
        ("0 0 1 1 *", "2024-01-01 00:00", "2025-01-01 00:00"),
        ("30 6 1,15 * *", "2024-01-02 00:00", "2024-01-15 06:30"),
        ("5-10/5 8-9 * jan-feb 1-5", "2024-03-01 00:00", "2025-01-01 08:05"),
        ("0 0 13 * 5", "2024-01-01 00:00", "2024-01-05 00:00"),
        ("@hourly", "2024-01-01 10:07", "2024-01-01 11:00"),
    ],
)
def test_next_time(on_bench: Any, cron: str, after: str, due: str) -> None:
    from frappe.utils.cron import next_time

    assert next_time(cron, datetime.fromisoformat(after)) == datetime.fromisoformat(due)


@pytest.mark.parametrize("cron", ["", "* * * *", "61 * * * *", "* * 0 * *", "x * * * *", "*/0 * * * *", "5-1 * * * *"])
def test_what_is_no_cron_expression(on_bench: Any, cron: str) -> None:
    from frappe.utils.cron import CronError, next_time

    with pytest.raises(CronError):
        next_time(cron, datetime.fromisoformat("2024-01-01"))


def test_a_job_waits_runs_and_is_seen(frappe: Any, jobs: Any, site: str) -> None:
    job = frappe.enqueue("ledgerlift.migration.run", queue="long", start=0, limit=5, job_id="lift")
    assert job.id == f"{site}::lift"
    rows = frappe.get_all("RQ Job", filters={"status": "queued", "queue": "long"}, fields=["*"])
    assert [(row.job_id, row.job_name, row.status) for row in rows] == [(job.id, "ledgerlift.migration.run", "queued")]
    from frappe.utils.background_jobs import is_job_enqueued

    assert is_job_enqueued("lift")
    assert frappe.enqueue("frappe.ping", job_id="lift", deduplicate=True) is None
    work("default")
    assert is_job_enqueued("lift")
    work()
    frappe.init(site)
    frappe.connect()
    assert not is_job_enqueued("lift")
    assert frappe.db.count("Ledger Entry") == 5
    assert frappe.get_doc("RQ Job", job.id).status == "finished"


def test_a_failing_job_leaves_an_error_log_and_rolls_back(frappe: Any, jobs: Any, site: str) -> None:
    frappe.enqueue("frappe.get_doc", doctype="ToDo", name="nothing")
    frappe.enqueue("no.such.method")
    frappe.enqueue("shopsync.sync.pull_orders", page=1)
    work()
    frappe.init(site)
    frappe.connect()
    rows = frappe.get_all("RQ Job", filters={"status": "failed"}, fields=["job_name", "exc_info"])
    assert {row.job_name for row in rows} >= {"no.such.method", "shopsync.sync.pull_orders"}
    assert any("base_url is not set" in row.exc_info for row in rows)
    logs = frappe.get_all("Error Log", fields=["method", "error"])
    assert "base_url is not set" in {row.method: row.error for row in logs}["shopsync.sync.pull_orders"]


def test_now_runs_here(frappe: Any, jobs: Any) -> None:
    assert frappe.enqueue("frappe.ping", now=True) == "pong"
    assert frappe.get_all("RQ Job") == []
    with pytest.raises(frappe.ValidationError, match="Queue should be one of short, default, long"):
        frappe.enqueue("frappe.ping", queue="slow")


def test_after_commit(frappe: Any, jobs: Any) -> None:
    frappe.enqueue("frappe.ping", enqueue_after_commit=True)
    assert frappe.get_all("RQ Job") == []
    frappe.db.commit()
    assert len(frappe.get_all("RQ Job")) == 1


def test_a_job_of_a_dead_worker_fails(frappe: Any, jobs: Any) -> None:
    frappe.enqueue("frappe.ping")
    row = jobs.take(["default"])
    jobs._connect().execute("update job set worker=? where id=?", (2**22 + 1, row["id"]))
    jobs.register_worker(["default"])
    assert jobs.get(row["id"])["status"] == "failed"
    assert [worker["queues"] for worker in jobs.workers()] == ["default"]
    jobs.forget_worker()
    assert jobs.workers() == []


def test_a_job_that_takes_too_long(frappe: Any, jobs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from frappe.utils import background_jobs

    frappe.enqueue("frappe.ping")
    monkeypatch.setattr(background_jobs, "execute_job", lambda row: signal.raise_signal(signal.SIGALRM))
    row = {**jobs.take(["default"]), "timeout": 7}
    background_jobs.perform(row)
    assert "Task exceeded maximum timeout value (7 seconds)" in jobs.get(row["id"])["exc_info"]


def test_scheduled_jobs_are_due_by_their_last_execution(frappe: Any, jobs: Any, site: str) -> None:
    from frappe.utils.scheduler import enqueue_events, enqueue_events_for_site

    # Made long ago when this machine is slow: the first time of each is counted from then on.
    frappe.db.set_value("Scheduled Job Type", {"name": ["is", "set"]}, "creation", "2999-01-01 00:00:00")
    assert enqueue_events(site) == [], "just created: nothing is due"
    frappe.db.set_value("Scheduled Job Type", {"name": ["is", "set"]}, "last_execution", "2020-01-01 00:00:00")
    frappe.db.set_value("Scheduled Job Type", "sync.prune_logs", "stopped", 1)
    frappe.db.commit()
    enqueue_events_for_site(site)
    assert jobs.rows() == [], "the scheduler of a new site is disabled"
    frappe.init(site)
    frappe.connect()
    frappe.utils.scheduler.enable_scheduler()
    frappe.db.commit()
    methods = enqueue_events(site)
    assert "shopsync.sync.pull_all" in methods
    assert "shopsync.sync.prune_logs" not in methods
    assert enqueue_events(site) == [], "already queued"
    assert {row["queue"] for row in jobs.rows()} == {"default", "long"}
    work()
    frappe.init(site)
    frappe.connect()
    logs = frappe.get_all("Scheduled Job Log", fields=["scheduled_job_type", "status"])
    assert {"scheduled_job_type": "sync.pull_all", "status": "Complete"} in logs
    assert frappe.db.get_value("Scheduled Job Type", "sync.pull_all", "last_execution").year > 2020


def test_quiet_sites_are_not_opened_again(frappe: Any, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from frappe.utils import scheduler

    visited: list[str] = []
    monkeypatch.setattr(scheduler, "enqueue_events_for_site", visited.append)
    monkeypatch.setattr(scheduler, "get_sites", lambda path: [site])
    seen: dict[str, Any] = {}
    for moment in (0.0, 1.0, 59.0, 60.0):
        scheduler.enqueue_events_for_all_sites(seen, clock=lambda now=moment: now)
    assert visited == [site, site]
    frappe.db.set_global("k", "v")
    frappe.db.commit()
    scheduler.enqueue_events_for_all_sites(seen, clock=lambda: 61.0)
    assert len(visited) == 3


@pytest.mark.parametrize("key", ["maintenance_mode", "pause_scheduler", "disable_scheduler"])
def test_what_stops_the_scheduler(frappe: Any, key: str) -> None:
    from frappe.utils.scheduler import enable_scheduler, is_scheduler_disabled, is_scheduler_inactive

    enable_scheduler()
    assert not is_scheduler_inactive()
    frappe.local.conf[key] = 1
    assert is_scheduler_inactive()
    assert is_scheduler_disabled() is (key == "disable_scheduler")


def test_a_scheduled_job_type_checks_its_cron_format(frappe: Any) -> None:
    job = {"doctype": "Scheduled Job Type", "method": "a.b.c", "frequency": "Cron"}
    with pytest.raises(frappe.ValidationError, match="Cron format is required"):
        frappe.get_doc(job).insert()
    with pytest.raises(frappe.ValidationError, match="is not a valid Cron expression"):
        frappe.get_doc({**job, "cron_format": "often"}).insert()
    doc = frappe.get_doc({**job, "cron_format": "0 3 * * *"}).insert()
    assert (doc.name, doc.create_log, doc.next_execution.hour) == ("b.c", 1, 3)


@pytest.mark.parametrize(("command", "first_line"), [(["worker"], "Worker standin."), (["schedule"], "")])
def test_long_running_processes_stop_at_sigterm(shared: QuickBench, command: list[str], first_line: str) -> None:
    process = subprocess.Popen(
        [str(shared.python), "-m", "frappe.utils.bench_helper", "frappe", *command],
        cwd=shared.sites,
        env=shared.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    if first_line:
        assert process.stdout.readline().startswith(first_line)
    process.terminate()
    process.stdout.close()
    assert process.wait(timeout=5) in (0, -signal.SIGTERM)


def test_a_burst_worker_empties_the_queue(frappe: Any, jobs: Any, shared: QuickBench, site: str) -> None:
    frappe.enqueue("ledgerlift.migration.run", limit=3)
    done = shared.run("worker", "--burst")
    assert done.returncode == 0, done.stderr
    assert "default: ledgerlift.migration.run" in done.stdout
    assert frappe.db.count("Ledger Entry") == 3
