# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: tenant_report
type: aggregate
short_description: A table of the tenants at the end of a run, and the same as JSON
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Prints one line for each tenant at the end of a run, with its address, apps, API key, jobs, number of changes and
    the seconds that each phase took. Below it stand the other hosts, the first failure of each host that failed, and
    what the playbook adds.
  - The table is printed if a playbook published tenants with M(ansible.builtin.set_stats). Of more than 40 tenants the
    first ten and those that failed are printed; the total covers all of them.
  - The file is written after every playbook if O(report_path) is set, also if no tenants were published.
  - A fault in here is a warning and never changes the result of the run.
requirements:
  - Enable it with C(callbacks_enabled = erpops.frappe.tenant_report) below C([defaults]) in C(ansible.cfg).
notes:
  - The stat C(erpops_tenants) is a mapping of sites to C(url), C(apps) (a list), C(key) (V(ok), V(none), V(not verified)
    or what is wrong with it), C(jobs) (a mapping of names to C(state) and C(counts)) and C(curl). Nothing else is read
    from it. The stat C(erpops_note) is text, or a list of lines, that is printed below the table.
  - A phase is what stands before C( | ) in the name of a play, in lower case (C(provision) of
    C(Provision | Ensure the tenants)), or else the name of the play's file. Seconds are
    counted for the host that a task ran on, which is the other one if it was delegated.
  - The file holds C(schema) (1), C(started), C(finished) (UTC), C(playbook), C(check_mode), C(limit), C(tenants), C(hosts)
    (their task counts), C(phases) (seconds by host and phase), C(totals) and C(failures).
  - Messages of tasks with C(no_log) are given as C(hidden).
options:
  report_path:
    description:
      - File to write the report to, as JSON. It is replaced in one step and has the mode 0600.
      - Without this there is no file.
    type: path
    ini:
      - section: callback_tenant_report
        key: report_path
    env:
      - name: ERPOPS_REPORT
"""

EXAMPLES = r"""
ansible.cfg: |
  [defaults]
  callbacks_enabled = erpops.frappe.tenant_report

  [callback_tenant_report]
  report_path = .ansible/report.json

play: |
  - name: Verify | Prove that the tenants answer
    hosts: sites
    tasks:
      - name: Publish the tenants
        ansible.builtin.set_stats:
          data:
            erpops_tenants:
              alpha.localhost:
                url: http://alpha.localhost:8000
                apps: [erpnext]
                key: ok
                jobs:
                  orders: {state: done, counts: {created: 57}}
            erpops_note: "make demo-key prints the key of a tenant"
        run_once: true
"""

import contextlib
import functools
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ansible import constants, context
from ansible.plugins.callback import CallbackBase

from ansible_collections.erpops.frappe.plugins.plugin_utils._tenant_report import (
    Record,
    Report,
    as_json,
    failure_message,
    notes_of,
    one_line,
    phase_of,
    tenants_of,
)
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenant_table import WIDTH, lines

COLORS = {"ok": constants.COLOR_OK, "changed": constants.COLOR_CHANGED, "failed": constants.COLOR_ERROR}


def utc() -> datetime:
    """Now."""
    return datetime.now(timezone.utc)


def guarded(method: Callable[..., None]) -> Callable[..., None]:
    """The method with its faults turned into warnings; Display shows the same one only once."""

    @functools.wraps(method)
    def safe(self: CallbackModule, *args: Any, **kwargs: Any) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - a report must not break what it reports on
            self._display.warning(f"tenant_report: {method.__name__}: {type(error).__name__}: {one_line(error)}")

    return safe


def write_json(path: str, data: dict[str, Any]) -> None:
    """Replace ``path`` in one step: readers see the old file or the new one."""
    directory = os.path.dirname(os.path.abspath(path))
    os.makedirs(directory, mode=0o700, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", suffix=".tmp", dir=directory)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:  # mkstemp made it 0600
            json.dump(data, file, indent=1, ensure_ascii=False)
            file.write("\n")
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


class CallbackModule(CallbackBase):
    """Wiring: events into the record; at the end the record, the counts and the custom stats into a report."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "erpops.frappe.tenant_report"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(
        self,
        display: Any = None,
        options: dict[str, Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc,
    ) -> None:
        super().__init__(display=display, options=options)
        self._clock, self._now = clock, now
        self._record = Record()
        self._playbooks: list[str] = []
        self._began, self._started = clock(), now()

    @guarded
    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Several playbooks in one command make one report: Ansible goes on with the same counts as well."""
        self._playbooks.append(str(getattr(playbook, "_file_name", "")))

    @guarded
    def v2_playbook_on_play_start(self, play: Any) -> None:
        """A phase; the path is that of the play's own file, which another one may have imported."""
        path = play.get_path().rpartition(":")[0] or (self._playbooks or [""])[-1]
        self._record.enter(phase_of(str(play.name or ""), path))

    @guarded
    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """Called when a fork is free for the host, so waiting for one is not counted."""
        self._record.begin(host.name, task._uuid, self._clock())

    @guarded
    def v2_runner_on_ok(self, result: Any) -> None:
        """The result itself is not looked at: that would cost a copy of each."""
        self._end(result)

    @guarded
    def v2_runner_on_skipped(self, result: Any) -> None:
        """Skipping takes a fork and its time as well."""
        self._end(result)

    @guarded
    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Whether it is rescued, the counts will say."""
        self._end(result)
        if not ignore_errors:
            self._fail(result)

    @guarded
    def v2_runner_on_unreachable(self, result: Any) -> None:
        """No connection."""
        self._end(result)
        if not result.task.ignore_unreachable:
            self._fail(result)

    @guarded
    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Print, then write; neither depends on the other."""
        report = self._report(stats, stats.custom.get("_run") or {})
        self._print(report)
        self._write(report)

    def _end(self, result: Any) -> None:
        host, ran_on = result.host.name, result.task.delegate_to
        # A loop may delegate each item to another host; then only its template is known here.
        if not isinstance(ran_on, str) or not ran_on or "{" in ran_on:
            ran_on = host
        self._record.end(host, result.task._uuid, str(ran_on), self._clock())

    def _fail(self, result: Any) -> None:
        # As a string it is a template, and what became of it stands in the result.
        hidden = result.task.no_log is True
        message = failure_message(result.result, hidden)
        self._record.fail(result.host.name, one_line(result.task_name), message)

    def _report(self, stats: Any, custom: Any) -> Report:
        hosts = {host: stats.summarize(host) for host in stats.processed}
        finished = self._now()
        return Report(
            tenants=tenants_of(custom.get("erpops_tenants")),
            hosts=hosts,
            phases=self._record.phases,
            seconds=self._record.seconds,
            failures=self._record.failures(hosts),
            notes=notes_of(custom.get("erpops_note")),
            playbook=" ".join(self._playbooks),
            check_mode=bool(context.CLIARGS.get("check")),
            limit=context.CLIARGS.get("subset") or None,
            started=self._started.isoformat(timespec="seconds"),
            finished=finished.isoformat(timespec="seconds"),
            elapsed=self._clock() - self._began,
        )

    @guarded
    def _print(self, report: Report) -> None:
        if report.tenants:
            self._display.banner("TENANTS")
            for line, tone in lines(report, max(WIDTH, self._display.columns)):
                self._display.display(line, color=COLORS.get(tone))
            self._display.display("")

    @guarded
    def _write(self, report: Report) -> None:
        path = self.get_option("report_path")
        if path:
            write_json(path, as_json(report))
