# SPDX-License-Identifier: GPL-3.0-or-later
"""`bench doctor` and pending jobs (imitates `frappe/utils/doctor.py`)."""

from __future__ import annotations

import json
from collections import Counter

import frappe
import frappe.utils
from frappe.utils import job_store
from frappe.utils.background_jobs import get_queue_list
from frappe.utils.scheduler import is_scheduler_disabled, is_scheduler_inactive


def any_job_pending(site: str) -> bool:
    return bool(job_store.rows(site=site, status=("queued", "started")))


def get_pending_jobs(site: str | None = None) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for row in job_store.rows(site=site, status=("queued",)):
        out.setdefault(row["queue"], []).append(f"{row['method']} {json.loads(row['kwargs']) or ''}")
    return out


def pending_jobs(site: str | None = None) -> None:
    print("-----Pending Jobs-----")
    jobs = get_pending_jobs(site)
    for queue in get_queue_list():
        if jobs.get(queue):
            print(f"-----Queue :{queue}-----")
            print("\n".join(jobs[queue]))


def purge_pending_jobs(event: str | None = None, site: str | None = None, queue: str | None = None) -> int:
    rows = job_store.rows(site=site, status=("queued",), queue=queue)
    for row in rows:
        job_store.delete(row["id"])
    return len(rows)


def doctor(site: str | None = None) -> bool:
    """Scheduler state per site, workers online, queued methods."""
    with frappe.init_site(site):
        workers_online = len(job_store.workers())
        queues = get_queue_list()
        sites = [site] if site else frappe.utils.get_sites()
    print("-----Checking scheduler status-----")
    for name in sites:
        frappe.init(name)
        frappe.connect()
        if is_scheduler_disabled():
            print("Scheduler disabled for", name)
        if frappe.local.conf.maintenance_mode:
            print("Maintenance mode on for", name)
        if frappe.local.conf.pause_scheduler:
            print("Scheduler paused for", name)
        if is_scheduler_inactive():
            print("Scheduler inactive for", name)
        frappe.destroy()
    print("Workers online:", workers_online)
    print(f"-----{site} Jobs-----")
    for queue in queues:
        methods = Counter(row["method"] for row in job_store.rows(site=site, status=("queued",), queue=queue))
        if methods:
            print("Queue:", queue)
            print("Number of Jobs: ", sum(methods.values()))
            print("Methods:")
            for method, count in methods.items():
                print(f"{method} : {count}")
            print("------------")
    return True
