# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduled jobs (imitates the module of the same name in real Frappe)."""

from __future__ import annotations

import datetime
import json
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime
from frappe.utils.background_jobs import enqueue, is_job_enqueued
from frappe.utils.cron import CronError, next_time

CRON = {
    "Yearly": "0 0 1 1 *",
    "Annual": "0 0 1 1 *",
    "Monthly": "0 0 1 * *",
    "Weekly": "0 0 * * 0",
    "Daily": "0 0 * * *",
    "Hourly": "0 * * * *",
}


class ScheduledJobType(Document):
    def autoname(self) -> None:
        """The last two dotted parts of the method."""
        self.name = ".".join(self.method.split(".")[-2:])

    def validate(self) -> None:
        if self.frequency != "All":
            self.create_log = 1
        if self.frequency == "Cron":
            if not self.cron_format:
                frappe.throw("Cron format is required for job types with Cron frequency.")
            try:
                next_time(self.cron_format, now_datetime())
            except CronError:
                frappe.throw(f"<code>{self.cron_format}</code> is not a valid Cron expression.")

    def enqueue(self, force: bool = False) -> bool:
        if (self.is_event_due() or force) and not is_job_enqueued(self.rq_job_id):
            enqueue(
                "frappe.core.doctype.scheduled_job_type.scheduled_job_type.run_scheduled_job",
                queue=self.get_queue_name(),
                job_type=self.method,
                job_id=self.rq_job_id,
            )
            return True
        return False

    def is_event_due(self, current_time: Any = None) -> bool:
        return self.get_next_execution() <= (current_time or now_datetime())

    def is_job_in_queue(self) -> bool:
        return is_job_enqueued(self.rq_job_id)

    @property
    def rq_job_id(self) -> str:
        return f"scheduled_job::{self.method}"

    @property
    def next_execution(self) -> datetime.datetime:
        return self.get_next_execution()

    def get_next_execution(self) -> datetime.datetime:
        """Next time after the last execution (or creation) that the cron expression names."""
        interval = (frappe.get_conf().scheduler_interval or 240) // 60
        frequency = (self.frequency or "").replace(" Long", "").replace(" Maintenance", "")
        cron = self.cron_format or CRON.get(frequency) or f"*/{interval} * * * *"
        return next_time(cron, get_datetime(self.last_execution or self.creation))

    def execute(self) -> None:
        """Run now; an exception ends in the Scheduled Job Log, never at the caller."""
        self.scheduler_log = None
        try:
            self.log_status("Start")
            frappe.get_attr(self.method)()
            frappe.db.commit()
            self.log_status("Complete")
        except Exception:
            frappe.db.rollback()
            self.log_status("Failed")

    def log_status(self, status: str) -> None:
        """Start sets last_execution; a row of Scheduled Job Log exists only with `create_log`."""
        if not self.create_log:
            self.db_set("last_execution", now_datetime(), update_modified=False)
            frappe.db.commit()
            return
        if not self.scheduler_log:
            log = {"doctype": "Scheduled Job Log", "scheduled_job_type": self.name}
            self.scheduler_log = frappe.get_doc(log).insert(ignore_permissions=True)
        values: dict[str, Any] = {"status": status}
        if status == "Failed":
            values["details"] = frappe.get_traceback(with_context=True)
        self.scheduler_log.db_set(values)
        if status == "Start":
            self.db_set("last_execution", now_datetime(), update_modified=False)
        frappe.db.commit()

    def get_queue_name(self) -> str:
        return "long" if ("Long" in self.frequency or "Maintenance" in self.frequency) else "default"

    def on_trash(self) -> None:
        frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": self.name})


@frappe.whitelist()
def execute_event(doc: str) -> Any:
    frappe.only_for("System Manager")
    values = json.loads(doc)
    frappe.get_doc("Scheduled Job Type", values.get("name")).enqueue(force=True)
    return values


def run_scheduled_job(job_type: str) -> None:
    """What the worker runs; failures are printed, the job itself counts as finished."""
    if frappe.conf.maintenance_mode:
        raise frappe.InReadOnlyMode("Scheduled jobs can't run in maintenance mode.")
    try:
        frappe.get_doc("Scheduled Job Type", {"method": job_type}).execute()
    except Exception:
        print(frappe.get_traceback())


def sync_jobs(hooks: dict[str, Any] | None = None) -> None:
    """Rows for every scheduler_events entry of the installed apps; rows nobody names are deleted."""
    wanted: list[str] = []
    events = hooks or frappe.get_hooks("scheduler_events", {})
    for kind, entries in events.items():
        if isinstance(entries, dict):
            for cron, methods in entries.items():
                wanted += [_insert("Cron", method, cron) for method in methods]
        else:
            frequency = kind.replace("_", " ").title()
            wanted += [_insert(frequency, method) for method in entries]
    for row in frappe.get_all("Scheduled Job Type", fields=["name", "method"]):
        if row.method not in wanted:
            frappe.delete_doc("Scheduled Job Type", row.name)


def _insert(frequency: str, method: str, cron: str = "") -> str:
    """A method that cannot be imported is only warned about (a row it had stays)."""
    try:
        frappe.get_attr(method)
    except Exception as e:
        import click

        click.secho(f"{method} is not a valid method: {e}", fg="yellow")
        return method
    name = frappe.db.exists("Scheduled Job Type", {"method": method})
    if name:
        doc = frappe.get_doc("Scheduled Job Type", name)
        if doc.frequency != frequency or (doc.cron_format or "") != cron:
            doc.cron_format, doc.frequency = cron, frequency
            doc.save()
        return method
    values = {"doctype": "Scheduled Job Type", "method": method, "cron_format": cron, "frequency": frequency}
    try:
        frappe.db.savepoint("scheduled_job_type_creation")
        frappe.get_doc(values).insert()
    except frappe.DuplicateEntryError:
        frappe.db.rollback(save_point="scheduled_job_type_creation")
    return method
