# SPDX-License-Identifier: GPL-3.0-or-later
"""Background jobs (imitates `frappe/utils/background_jobs.py`; the queue is job_store, not Redis)."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import frappe
from frappe.utils import job_store

POLL = 0.25


class JobTimeoutException(Exception):
    """A job ran longer than its timeout (RQ's name)."""


def get_queues_timeout() -> dict[str, int]:
    custom = frappe.get_conf().get("workers", {})
    extra = {name: config.get("timeout", 300) for name, config in custom.items()}
    return {"short": 300, "default": 300, "long": 1500, **extra}


def enqueue(
    method: str | Callable[..., Any],
    queue: str = "default",
    timeout: int | None = None,
    event: str | None = None,
    is_async: bool = True,
    job_name: str | None = None,
    now: bool = False,
    enqueue_after_commit: bool = False,
    *,
    on_success: Any = None,
    on_failure: Any = None,
    at_front: bool = False,
    job_id: str | None = None,
    deduplicate: bool = False,
    **kwargs: Any,
) -> Any:
    """Queue a call for a worker; `now` (or not is_async) calls it here."""
    if now or not is_async:
        return frappe.call(method, **kwargs)
    target = get_queue(queue)
    if deduplicate:
        if not job_id:
            frappe.throw("`job_id` paramater is required for deduplication.")
        if is_job_enqueued(str(job_id)):
            return None
    name = method if isinstance(method, str) else f"{method.__module__}.{method.__qualname__}"
    full_id = create_job_id(job_id)
    site, user = frappe.local.site, frappe.session.user
    timeout = timeout or get_queues_timeout().get(queue) or 300

    call = {"site": site, "user": user, "method": name, "job_name": job_name or name, "kwargs": kwargs}

    def put() -> Any:
        return target.enqueue_call(execute_job, timeout=int(timeout or 300), kwargs=call, job_id=full_id)

    if enqueue_after_commit:
        frappe.db.after_commit.add(put)
        return None
    return put()


class Queue:
    """A queue of the bench (of `rq.Queue`, that part)."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def count(self) -> int:
        return len(job_store.rows(status=("queued",), queue=self.name))

    def enqueue_call(self, func: Any, timeout: int = 300, kwargs: Any = None, job_id: str = "", **more: Any) -> Job:
        job_store.put(job_id, kwargs["site"], self.name, kwargs["method"], kwargs["kwargs"], kwargs["user"], timeout)
        return Job(job_id)


def get_queue(qtype: str, is_async: bool = True) -> Queue:
    validate_queue(qtype)
    return Queue(qtype)


class Job:
    """What a caller sees of the job it queued (of `rq.job.Job`, that part)."""

    def __init__(self, job_id: str) -> None:
        self.id = job_id

    def get_status(self, refresh: bool = True) -> str | None:
        return (job_store.get(self.id) or {}).get("status")

    @property
    def exc_info(self) -> str | None:
        return (job_store.get(self.id) or {}).get("exc_info")

    def return_value(self, refresh: bool = False) -> Any:
        return job_store.result(self.id)


def enqueue_doc(doctype: str, name: str | None = None, method: str | None = None, **kwargs: Any) -> Any:
    return frappe.enqueue_doc(doctype, name, method, **kwargs)


def run_doc_method(doctype: str, name: str, doc_method: str, **kwargs: Any) -> None:
    getattr(frappe.get_doc(doctype, name), doc_method)(**kwargs)


def create_job_id(job_id: str | None = None) -> str:
    return f"{frappe.local.site}::{job_id or uuid4()}"


def get_job(job_id: str) -> Any:
    row = job_store.get(create_job_id(job_id))
    return frappe._dict(row) if row else None


def get_job_status(job_id: str) -> str | None:
    job = get_job(job_id)
    return job.status if job else None


def is_job_enqueued(job_id: str) -> bool:
    return get_job_status(job_id) in ("queued", "started")


def validate_queue(queue: str, default_queue_list: list[str] | None = None) -> None:
    known = default_queue_list or list(get_queues_timeout())
    if queue not in known:
        frappe.throw("Queue should be one of {}".format(", ".join(known)))


def get_queue_list(queue_list: Any = None, build_queue_name: bool = False) -> list[str]:
    known = list(get_queues_timeout())
    queues = [queue_list] if isinstance(queue_list, str) else list(queue_list or known)
    for queue in queues:
        validate_queue(queue, known)
    return queues


def get_workers(queue: Queue | None = None) -> list[Any]:
    """Living workers of the bench, or of one of its queues."""
    found = [
        frappe._dict(name=f"standin.{w['pid']}", pid=w["pid"], queues=w["queues"].split(","))
        for w in job_store.workers()
    ]
    return [w for w in found if queue is None or queue.name in w.queues]


def get_jobs(site: str | None = None, queue: str | None = None, key: str = "method") -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for row in job_store.rows(site=site, status=("queued", "started"), queue=queue):
        out.setdefault(row["site"], []).append(row[key])
    return out


def execute_job(row: dict[str, Any]) -> Any:
    """Run one queued job as its user: commit, or roll back with an Error Log and pass the error on."""
    import json

    frappe.init(site=row["site"], force=True)
    frappe.connect()
    frappe.set_user(row["user"] or "Administrator")
    kwargs = json.loads(row["kwargs"])
    frappe.local.job = frappe._dict(site=row["site"], method=row["method"], kwargs=kwargs, user=row["user"])
    try:
        answer = frappe.get_attr(row["method"])(**kwargs)
        frappe.db.commit()
        return answer
    except Exception:
        frappe.db.rollback()
        frappe.log_error(title=row["method"])
        frappe.db.commit()
        print(frappe.get_traceback())
        raise
    finally:
        frappe.destroy()


def perform(row: dict[str, Any]) -> None:
    """Run one job under its timeout and note how it ended."""

    def too_late(*_args: Any) -> None:
        raise JobTimeoutException(f"Task exceeded maximum timeout value ({row['timeout']} seconds)")

    in_main = threading.current_thread() is threading.main_thread()
    if in_main:
        signal.signal(signal.SIGALRM, too_late)
        signal.alarm(int(row["timeout"] or 300))
    try:
        job_store.finish(row["id"], value=execute_job(row))
    except Exception:
        import traceback

        job_store.finish(row["id"], traceback.format_exc())
    finally:
        if in_main:
            signal.alarm(0)


def start_worker(queue: str | None = None, quiet: bool = False, burst: bool = False, **kwargs: Any) -> None:
    """Poll the queues until SIGTERM/SIGINT; a running job is finished first (RQ's warm shutdown)."""
    stop = stop_event()
    with frappe.init_site():
        queues = get_queue_list([q.strip() for q in queue.split(",")] if queue else None)
    job_store.register_worker(queues)
    if not quiet:
        print(f"Worker standin.{os.getpid()}: listening on {', '.join(queues)}", flush=True)
    try:
        while not stop.is_set():
            row = job_store.take(queues)
            if row is None:
                if burst:
                    break
                stop.wait(POLL)
                continue
            perform(row)
            if not quiet:
                print(f"{row['queue']}: {row['method']} ({row['id']})", flush=True)
    finally:
        job_store.forget_worker()


def stop_event() -> threading.Event:
    """Event set by SIGTERM and SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    return stop
