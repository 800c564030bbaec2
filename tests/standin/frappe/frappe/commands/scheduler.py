# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about scheduler, workers and maintenance (imitates `frappe/commands/scheduler.py`)."""

from __future__ import annotations

import sys
from typing import Any

import click

import frappe
from frappe.commands import each_site, get_site, pass_context
from frappe.exceptions import SiteNotSpecifiedError


@click.command("trigger-scheduler-event", help="Trigger a scheduler event")
@click.argument("event")
@pass_context
def trigger_scheduler_event(context: Any, event: str) -> None:
    """rc 0 even when the job raises: only Scheduled Job Log tells."""
    exit_code = 0
    for site in context.sites:
        try:
            frappe.init(site=site)
            frappe.connect()
            try:
                frappe.get_doc("Scheduled Job Type", {"method": event}).execute()
            except frappe.DoesNotExistError:
                click.secho(f"Event {event} does not exist!", fg="red")
                exit_code = 1
        finally:
            frappe.destroy()
    if not context.sites:
        raise SiteNotSpecifiedError
    sys.exit(exit_code)


@click.command("enable-scheduler")
@pass_context
def enable_scheduler(context: Any) -> None:
    "Enable scheduler"
    _toggle(context, True, "Enabled")


@click.command("disable-scheduler")
@pass_context
def disable_scheduler(context: Any) -> None:
    "Disable scheduler"
    _toggle(context, False, "Disabled")


def _toggle(context: Any, state: bool, word: str) -> None:
    from frappe.utils.scheduler import toggle_scheduler

    for site in each_site(context):
        toggle_scheduler(state)
        frappe.db.commit()
        print(f"{word} for", site)


@click.command("scheduler")
@click.option("--site", help="site name")
@click.argument("state", type=click.Choice(["pause", "resume", "disable", "enable", "status"]))
@click.option("--format", "-f", "fmt", default="text", type=click.Choice(["json", "text"]), help="Output format")
@click.option("--verbose", "-v", is_flag=True, help="Verbose output")
@pass_context
def scheduler(context: Any, state: str, fmt: str, verbose: bool = False, site: str | None = None) -> None:
    """Control scheduler state."""
    from frappe.utils.scheduler import is_scheduler_inactive, toggle_scheduler

    site = site or get_site(context)
    output = {
        "text": "Scheduler is {status} for site {site}",
        "json": '{{"status": "{status}", "site": "{site}"}}',
    }
    with frappe.init_site(site=site):
        if state == "status":
            frappe.connect()
            status = "disabled" if is_scheduler_inactive(verbose=verbose) else "enabled"
            print(output[fmt].format(status=status, site=site))
            return
        if state in ("pause", "resume"):
            from frappe.installer import update_site_config

            update_site_config("pause_scheduler", state == "pause")
        else:
            frappe.connect()
            toggle_scheduler(state == "enable")
            frappe.db.commit()
        print(output[fmt].format(status=f"{state}d", site=site))


@click.command("set-maintenance-mode")
@click.option("--site", help="site name")
@click.argument("state", type=click.Choice(["on", "off"]))
@pass_context
def set_maintenance_mode(context: Any, state: str, site: str | None = None) -> None:
    """Put the site in maintenance mode for upgrades."""
    from frappe.installer import update_site_config

    with frappe.init_site(site or get_site(context)):
        update_site_config("maintenance_mode", 1 if state == "on" else 0)


@click.command("doctor")
@click.option("--site", help="site name")
@pass_context
def doctor(context: Any, site: str | None = None) -> Any:
    "Get diagnostic info about background workers"
    from frappe.utils.doctor import doctor as _doctor

    return _doctor(site=site or get_site(context, raise_err=False))


@click.command("show-pending-jobs")
@click.option("--site", help="site name")
@pass_context
def show_pending_jobs(context: Any, site: str | None = None) -> None:
    "Get diagnostic info about background jobs"
    from frappe.utils.doctor import pending_jobs

    site = site or get_site(context)
    with frappe.init_site(site):
        pending_jobs(site=site)


@click.command("purge-jobs")
@click.option("--site", help="site name")
@click.option("--queue", default=None)
@click.option("--event", default=None)
def purge_jobs(site: str | None = None, queue: str | None = None, event: str | None = None) -> None:
    "Purge any pending periodic tasks"
    from frappe.utils.doctor import purge_pending_jobs

    frappe.init(site or "")
    print(f"Purged {purge_pending_jobs(event=event, site=site, queue=queue)} jobs")


@click.command("ready-for-migration")
@click.option("--site", help="site name")
@pass_context
def ready_for_migration(context: Any, site: str | None = None) -> None:
    """rc 1 while the site has queued or running jobs (real: asks three times, a second apart)."""
    from frappe.utils.doctor import any_job_pending

    site = site or get_site(context)
    with frappe.init_site(site):
        pending = any_job_pending(site)
    if pending:
        print(f"NOT READY for migration: site {site} has pending background jobs")
        sys.exit(1)
    print(f"READY for migration: site {site} does not have any background jobs")


@click.command("schedule")
def start_scheduler() -> None:
    """Start scheduler process which is responsible for enqueueing the scheduled job types."""
    from frappe.utils.scheduler import start_scheduler as _start

    _start()


@click.command("worker")
@click.option("--queue", type=str, help="Queues to consume from, comma-separated; default all.")
@click.option("--quiet", is_flag=True, default=False, help="Hide Log Outputs")
@click.option("-u", "--rq-username", default=None, help="Redis ACL user")
@click.option("-p", "--rq-password", default=None, help="Redis ACL user password")
@click.option("--burst", is_flag=True, default=False, help="Run Worker in Burst mode.")
@click.option("--strategy", required=False, type=click.Choice(["round_robin", "random"]))
def start_worker(queue: str | None, quiet: bool = False, burst: bool = False, **kwargs: Any) -> None:
    """Start a background worker"""
    from frappe.utils.background_jobs import start_worker as _start

    _start(queue, quiet=quiet, burst=burst)


commands = [
    trigger_scheduler_event,
    enable_scheduler,
    disable_scheduler,
    scheduler,
    set_maintenance_mode,
    doctor,
    show_pending_jobs,
    purge_jobs,
    ready_for_migration,
    start_scheduler,
    start_worker,
]
