# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the report at the end of a run as people read it; see ``_tenant_report``."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.erpops.frappe.plugins.plugin_utils._tenant_report import Report

WIDTH = 100
LEAST_WIDTH = 12  # of the columns that give way: apps and jobs
MOST_ROWS = 40
FIRST_ROWS = 10

HEAD = ("tenant", "url", "apps", "key", "jobs", "changed")
APPS, JOBS = 2, 4


def lines(report: Report, width: int = WIDTH) -> list[tuple[str, str]]:
    """The report for people: lines and their tone, which is ``ok``, ``changed``, ``failed`` or empty."""
    found = _table(report, width)
    others = sorted({*report.hosts, *report.seconds} - set(report.tenants))
    if others:
        named = ", ".join(others) if len(others) <= 3 else f"{len(others)} other hosts"
        parts = [f"changed {report.changed(others)}"]
        parts += [f"{phase} {seconds:.1f} s" for phase, seconds in report.spent(others).items()]
        found.append((f"also {named}: {', '.join(parts)}", ""))
    for failure in report.failures:
        found.append((f"failed {failure['host']}: {failure['task']}: {failure['message']}", "failed"))
    notes = list(report.notes)
    return found + [(line, "") for line in ([""] if notes else []) + notes]


def _table(report: Report, width: int) -> list[tuple[str, str]]:
    """The tenants; of more than ``MOST_ROWS`` the first ones and those that failed, and one line for all."""
    sites = list(report.tenants)
    failed = {site for site in sites if report.failed(site)}
    first = set(sites if len(sites) <= MOST_ROWS else sites[:FIRST_ROWS])
    shown = [site for site in sites if site in first or site in failed]
    tones = ["failed" if site in failed else "changed" if report.changed([site]) else "ok" for site in shown]
    rows = [_row(report, site) for site in shown]
    phases = list(report.spent(sites))
    times = [[site, *_seconds(report.spent([site]), phases)] for site in shown]
    if len(sites) > 1:
        counts = ((len(failed), "failed"), (len(sites) - len(shown), "not shown"))
        said = ", ".join(f"{count} {what}" for count, what in counts if count)
        rows.append([f"total of {len(sites)}", said, "", "", "", str(report.changed(sites))])
        times.append([f"total of {len(sites)}", *_seconds(report.spent(sites), phases)])
        tones.append("failed" if failed else "")
    found = _laid_out(list(HEAD), rows, tones, width)
    if phases:
        found += [("", ""), *_laid_out(["seconds", *phases], times, [""] * len(times), width)]
    return found


def _row(report: Report, site: str) -> list[str]:
    tenant = report.tenants[site]
    # What failed comes first, and counts of nothing are left out.
    jobs = sorted(tenant["jobs"].items(), key=lambda named: named[1]["state"] != "failed")
    texts = [
        " ".join([name, job["state"], *(f"{what}={count}" for what, count in job["counts"].items() if count)])
        for name, job in jobs
    ]
    changed = str(report.changed([site])) if site in report.hosts else "-"
    cells = [site, tenant["url"], ", ".join(tenant["apps"]), tenant["key"], ", ".join(texts), changed]
    return [cell or "-" for cell in cells]


def _seconds(spent: Mapping[str, float], phases: Iterable[str]) -> list[str]:
    return [f"{spent[phase]:.1f}" if phase in spent else "-" for phase in phases]


def _laid_out(head: list[str], rows: list[list[str]], tones: list[str], width: int) -> list[tuple[str, str]]:
    """A table as lines; long apps and jobs go on in the next line of their row."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    is_tenants = head == list(HEAD)
    if is_tenants:
        apps, jobs = widths[APPS], widths[JOBS]
        room = max(width - 2 * (len(widths) - 1) - (sum(widths) - apps - jobs), 2 * LEAST_WIDTH)
        if apps + jobs > room:
            widths[APPS] = min(apps, max(room // 2, room - jobs))
            widths[JOBS] = min(jobs, max(room - room // 2, room - apps))
    first_number = len(HEAD) - 1 if is_tenants else 1
    found = [(_joined(head, widths, first_number), "")]
    for row, tone in zip(rows, tones, strict=True):
        cells = [textwrap.wrap(cell, most) or [""] for cell, most in zip(row, widths, strict=True)]
        for line in itertools.zip_longest(*cells, fillvalue=""):
            found.append((_joined(line, widths, first_number), tone))
    return found


def _joined(row: Sequence[str], widths: list[int], first_number: int) -> str:
    """Text to the left, numbers to the right."""
    cells = zip(row, widths, strict=True)
    aligned = [
        cell.rjust(most) if place >= first_number else cell.ljust(most) for place, (cell, most) in enumerate(cells)
    ]
    return "  ".join(aligned).rstrip()
