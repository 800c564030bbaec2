# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the report at the end of a run as people read it; see ``_tenant_report``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.erpops.frappe.plugins.plugin_utils._tenant_report import Report, shortened

WIDTH = 100
LEAST_WIDTH = 5  # of the columns that give way: apps and jobs
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
    phases = list(report.spent(sites))
    rows = [_row(report, site) + _seconds(report.spent([site]), phases) for site in shown]
    tones = ["failed" if site in failed else "changed" if report.changed([site]) else "ok" for site in shown]
    if len(sites) > 1:
        counts = ((len(failed), "failed"), (len(sites) - len(shown), "not shown"))
        said = ", ".join(f"{count} {what}" for count, what in counts if count)
        total = [f"total of {len(sites)}", said, "", "", "", str(report.changed(sites))]
        rows.append(total + _seconds(report.spent(sites), phases))
        tones.append("failed" if failed else "")
    head = [*HEAD, *phases]
    widths = _widths([head, *rows])
    room = width - sum(widths) - _gaps(widths) - len("seconds ()")
    if phases and room >= 0:  # the numbers stand right below the names: seconds (provision sync)
        head[len(HEAD)] = f"seconds ({phases[0]}"
        head[-1] += ")"
        rows = [[*row[:-1], f"{row[-1]} "] for row in rows]
    widths = _fitted(_widths([head, *rows]), width)
    table = list(zip((_joined(row, widths) for row in [head, *rows]), ["", *tones], strict=True))
    if phases and room < 0:  # where every character counts, it has a line of its own
        table.insert(0, (" " * (sum(widths[: len(HEAD)]) + 2 * len(HEAD)) + "seconds", ""))
    return table


def _row(report: Report, site: str) -> list[str]:
    tenant = report.tenants[site]
    # What failed comes first, so that it is not what gets cut off.
    jobs = sorted(tenant["jobs"].items(), key=lambda named: named[1]["state"] != "failed")
    texts = [
        " ".join([name, job["state"], *(f"{what}={count}" for what, count in job["counts"].items())])
        for name, job in jobs
    ]
    changed = str(report.changed([site])) if site in report.hosts else "-"
    cells = [site, tenant["url"], ", ".join(tenant["apps"]), tenant["key"], ", ".join(texts), changed]
    return [cell or "-" for cell in cells]


def _seconds(spent: Mapping[str, float], phases: Iterable[str]) -> list[str]:
    return [f"{spent[phase]:.1f}" if phase in spent else "-" for phase in phases]


def _widths(rows: Iterable[list[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _gaps(widths: list[int]) -> int:
    """Two spaces between columns, one between phases."""
    phases = len(widths) - len(HEAD)
    return 2 * (len(HEAD) - 1) + (phases + 1 if phases else 0)


def _fitted(widths: list[int], width: int) -> list[int]:
    """The widths of columns with apps and jobs cut so that a line has ``width`` characters, where possible."""
    apps, jobs = widths[APPS], widths[JOBS]
    room = max(width - _gaps(widths) - (sum(widths) - apps - jobs), 2 * LEAST_WIDTH)
    if apps + jobs > room:
        apps, jobs = min(apps, max(room // 2, room - jobs)), min(jobs, max(room - room // 2, room - apps))
    return [apps if place == APPS else jobs if place == JOBS else most for place, most in enumerate(widths)]


def _joined(row: list[str], widths: list[int]) -> str:
    last = HEAD.index("changed")
    cells = [(shortened(cell, most), most) for cell, most in zip(row, widths, strict=True)]
    aligned = [cell.ljust(most) if place < last else cell.rjust(most) for place, (cell, most) in enumerate(cells)]
    return ("  ".join(aligned[: last + 1]) + "  " + " ".join(aligned[last + 1 :])).rstrip()
