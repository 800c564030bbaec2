# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduler (imitates `frappe/utils/scheduler.py`).

Differs on purpose: the default tick is one second instead of sixty, and a site whose files did not change
within a minute is not opened again, so that many idle sites cost nothing.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import cint, get_bench_path, get_sites


def cprint(*args: Any) -> None:
    """Only on a terminal."""
    try:
        os.get_terminal_size()
        print(*args)
    except OSError:
        pass


def is_scheduler_inactive(verbose: bool = True) -> bool:
    for key, text in (
        ("maintenance_mode", "Maintenance mode is ON"),
        ("pause_scheduler", "frappe.conf.pause_scheduler is SET"),
    ):
        if frappe.local.conf.get(key):
            if verbose:
                cprint(f"{frappe.local.site}: {text}")
            return True
    return is_scheduler_disabled(verbose=verbose)


def is_scheduler_disabled(verbose: bool = True) -> bool:
    if frappe.conf.disable_scheduler:
        if verbose:
            cprint(f"{frappe.local.site}: frappe.conf.disable_scheduler is SET")
        return True
    disabled = not cint(frappe.db.get_single_value("System Settings", "enable_scheduler"))
    if disabled and verbose:
        cprint(f"{frappe.local.site}: SystemSettings.enable_scheduler is UNSET")
    return disabled


def is_dormant(check_time: Any = None) -> bool:
    """Real Frappe 15 lets sites of its own cloud fall asleep, and no other."""
    return False


def toggle_scheduler(enable: bool) -> None:
    frappe.db.set_single_value("System Settings", "enable_scheduler", int(enable))


def enable_scheduler() -> None:
    toggle_scheduler(True)


def disable_scheduler() -> None:
    toggle_scheduler(False)


@frappe.whitelist()
def activate_scheduler() -> None:
    from frappe.installer import update_site_config

    frappe.only_for("Administrator")
    if frappe.local.conf.maintenance_mode:
        frappe.throw("Scheduler can not be re-enabled when maintenance mode is active.")
    if is_scheduler_disabled():
        enable_scheduler()
    if frappe.conf.pause_scheduler:
        update_site_config("pause_scheduler", 0)


@frappe.whitelist()
def get_scheduler_status() -> dict[str, str]:
    return {"status": "inactive" if is_scheduler_inactive() else "active"}


def get_scheduler_tick() -> int:
    return cint(frappe.get_conf().scheduler_tick_interval) or 1


def _lock_file() -> str:
    return os.path.abspath(os.path.join(get_bench_path(), "config", "scheduler_process"))


def _try_lock() -> Any:
    os.makedirs(os.path.dirname(_lock_file()), exist_ok=True)
    handle = open(_lock_file(), "w")  # noqa: SIM115 - held as long as the process lives
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


def is_schduler_process_running() -> bool:
    """(sic: the name is misspelt in real Frappe.) True while a scheduler holds the bench's lock."""
    handle = _try_lock()
    if handle is None:
        return True
    handle.close()
    return False


def start_scheduler() -> None:
    """Until SIGTERM: enqueue what is due on every site. A second scheduler on a bench leaves at once."""
    from frappe.utils.background_jobs import stop_event

    stop = stop_event()
    handle = _try_lock()
    if handle is None:
        return
    with frappe.init_site():
        tick = get_scheduler_tick()
    seen: dict[str, Any] = {}
    while not stop.is_set():
        enqueue_events_for_all_sites(seen)
        stop.wait(tick)
    handle.close()


def enqueue_events_for_all_sites(seen: dict[str, Any] | None = None, clock: Callable[[], float] = time.time) -> None:
    """`seen` keeps the state of each site at its last visit, to skip quiet ones."""
    for site in get_sites("."):
        state = (_stamp(site), int(clock() // 60))
        if seen is not None and seen.get(site) == state:
            continue
        try:
            enqueue_events_for_site(site)
        except Exception as e:
            print(f"Exception in Enqueue Events for Site {site}: {e}", flush=True)
        if seen is not None:
            seen[site] = (_stamp(site), state[1])


def _stamp(site: str) -> tuple[int, ...]:
    import json

    from frappe.database import database_file

    out = []
    try:
        with open(os.path.join(site, "site_config.json")) as f:
            name = json.load(f).get("db_name", "")
    except (OSError, ValueError):
        name = ""
    for path in (os.path.join(site, "site_config.json"), database_file(name), database_file(name) + "-wal"):
        try:
            out.append(os.stat(path).st_mtime_ns)
        except OSError:
            out.append(0)
    return tuple(out)


def enqueue_events_for_site(site: str) -> None:
    try:
        frappe.init(site=site, force=True)
        frappe.connect()
        if not is_scheduler_inactive(verbose=False):
            enqueue_events(site)
    finally:
        frappe.destroy()


def enqueue_events(site: str) -> list[str]:
    """Queue every due job of the bound site that is not queued already; methods queued."""
    out = []
    for name in frappe.get_all("Scheduled Job Type", filters={"stopped": 0}, pluck="name"):
        job = frappe.get_doc("Scheduled Job Type", name)
        if job.enqueue():
            out.append(job.method)
    return out
