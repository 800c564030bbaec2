# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the report at the end of a run, without Ansible, a clock or a file.

Events fill a ``Record``; at the end one ``Report`` is made of it, for people (``_tenant_table``) and as JSON. Of what
playbooks publish only the documented keys are read, so that nothing else of it can reach a terminal or a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

SCHEMA = 1
MESSAGE_LENGTH = 300
MESSAGES_PER_HOST = 100  # a play of many rescued failures must not fill the memory

# Values of ``key`` that are no fault. A preview asks nobody and so verifies nothing.
FAULTLESS_KEYS = ("", "ok", "none", "not verified")
COUNTED = ("ok", "changed", "failures", "unreachable", "skipped", "rescued", "ignored")

Counts = Mapping[str, int]


def one_line(value: Any) -> str:
    """A value as text without line breaks, terminal escapes and the like."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())


def shortened(text: str, width: int) -> str:
    """At most ``width`` characters of a text, the last one an ellipsis if it had more."""
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"


def phase_of(play_name: str, path: str) -> str:
    """``provision`` of the play ``Provision | Ensure the tenants``; else the stem of the playbook's file."""
    before, divider, _rest = play_name.partition(" | ")
    return one_line(before).lower() if divider and before.strip() else PurePath(path).stem or "play"


def failure_message(result: Mapping[str, Any], hidden: bool) -> str:
    """Why a task failed, in one line; of a loop, its first failed item. ``hidden`` is the task's ``no_log``."""
    items = result.get("results")
    items = [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    failed = [item for item in items if item.get("failed") or item.get("unreachable")]
    source: Mapping[str, Any] = failed[0] if failed else result
    if hidden or any(part.get("_ansible_no_log") or "censored" in part for part in (result, source)):
        return "hidden"
    return shortened(one_line(source.get("msg") or result.get("msg") or "no message"), MESSAGE_LENGTH)


def tenants_of(published: Any) -> dict[str, dict[str, Any]]:
    """The documented keys of the custom stat ``erpops_tenants``; what has another shape is left out."""
    return {one_line(site): _tenant(value) for site, value in _mapping(published).items()}


def notes_of(published: Any) -> list[str]:
    """The lines of the custom stat ``erpops_note``; spaces stay, since it may be commands to copy."""
    entries = published if isinstance(published, (list, tuple)) else [published or ""]
    lines = [line.expandtabs(4) for entry in entries for line in str(entry).splitlines()]
    return ["".join(c for c in line if c.isprintable()).rstrip() for line in lines]


def _tenant(value: Any) -> dict[str, Any]:
    given = _mapping(value)
    apps = given.get("apps")
    tenant: dict[str, Any] = {
        "url": one_line(given.get("url") or ""),
        "apps": [one_line(app) for app in apps] if isinstance(apps, (list, tuple)) else [],
        "key": one_line(given.get("key") or "none"),
        "jobs": {one_line(name): _job(job) for name, job in _mapping(given.get("jobs")).items()},
    }
    if given.get("curl"):
        tenant["curl"] = one_line(given["curl"])
    return tenant


def _job(value: Any) -> dict[str, Any]:
    given = _mapping(value)
    counts = {
        one_line(name): count
        for name, count in _mapping(given.get("counts")).items()
        if isinstance(count, (int, float)) and not isinstance(count, bool)
    }
    return {"state": one_line(given.get("state") or ""), "counts": counts}


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


class Record:
    """What the events of a run tell: seconds by host and phase, and failures. One dictionary entry for each."""

    def __init__(self) -> None:
        self.phases: list[str] = []  # as they came
        self.seconds: dict[str, dict[str, float]] = {}
        self._phase = ""
        self._running: dict[tuple[str, str], tuple[str, float]] = {}
        self._failures: dict[str, list[tuple[str, str]]] = {}

    def enter(self, phase: str) -> None:
        """A play begins; tasks that begin from now on are counted for ``phase``."""
        self._phase = phase
        if phase not in self.phases:
            self.phases.append(phase)

    def begin(self, host: str, task: str, now: float) -> None:
        """A task (its id) begins for a host."""
        self._running[host, task] = (self._phase, now)

    def end(self, host: str, task: str, ran_on: str, now: float) -> None:
        """It came to an end; ``ran_on`` is another host if it was delegated."""
        begun = self._running.pop((host, task), None)
        if begun is not None:
            phase, since = begun
            spent = self.seconds.setdefault(ran_on, {})
            spent[phase] = spent.get(phase, 0.0) + max(now - since, 0.0)

    def fail(self, host: str, task: str, message: str) -> None:
        """A task (its name) failed for a host, perhaps to be rescued."""
        failures = self._failures.setdefault(host, [])
        if len(failures) < MESSAGES_PER_HOST:
            failures.append((task, message))

    def failures(self, hosts: Mapping[str, Counts]) -> list[dict[str, str]]:
        """The first failure of each failed host that was not rescued.

        No event says whether a failure will be rescued, but the counts at the end do. The rescued ones come
        first: after another one, a host runs nothing but ``always``.
        """
        found = []
        for host, counts in hosts.items():
            if has_failed(counts):
                known = self._failures.get(host) or [("", "no message")]
                task, message = known[min(counts.get("rescued", 0), len(known) - 1)]
                found.append({"host": host, "task": task, "message": message})
        return found


def has_failed(counts: Counts) -> bool:
    """Whether a host failed or could not be reached."""
    return bool(counts.get("failures") or counts.get("unreachable"))


@dataclass(frozen=True)
class Report:
    """All that is known at the end. Times are UTC in ISO form, ``seconds`` is host -> phase -> seconds."""

    tenants: Mapping[str, dict[str, Any]]
    hosts: Mapping[str, Counts]
    phases: Iterable[str] = ()
    seconds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    failures: Iterable[dict[str, str]] = ()
    notes: Iterable[str] = ()
    playbook: str = ""
    check_mode: bool = False
    limit: str | None = None
    started: str = ""
    finished: str = ""
    elapsed: float = 0.0

    def failed(self, site: str) -> bool:
        """Whether a tenant's tasks, key or jobs failed."""
        tenant = self.tenants[site]
        return (
            has_failed(self.hosts.get(site, {}))
            or tenant["key"] not in FAULTLESS_KEYS
            or any(job["state"] == "failed" for job in tenant["jobs"].values())
        )

    def changed(self, hosts: Iterable[str]) -> int:
        """Changes on some hosts."""
        return sum(self.hosts.get(host, {}).get("changed", 0) for host in hosts)

    def spent(self, hosts: Iterable[str]) -> dict[str, float]:
        """Seconds by phase on some hosts together, without the phases that they had no part in."""
        sums: dict[str, float] = {}
        for host in hosts:
            for phase, seconds in self.seconds.get(host, {}).items():
                sums[phase] = sums.get(phase, 0.0) + seconds
        return {phase: sums[phase] for phase in self.phases if phase in sums}


def as_json(report: Report) -> dict[str, Any]:
    """The report for machines."""
    hosts = {host: {name: counts.get(name, 0) for name in COUNTED} for host, counts in report.hosts.items()}
    return {
        "schema": SCHEMA,
        "started": report.started,
        "finished": report.finished,
        "playbook": report.playbook,
        "check_mode": report.check_mode,
        "limit": report.limit,
        "tenants": dict(report.tenants),
        "hosts": hosts,
        "phases": {
            host: {phase: round(seconds, 3) for phase, seconds in spent.items()}
            for host, spent in report.seconds.items()
        },
        "totals": {
            "tenants": len(report.tenants),
            "tenants_failed": sum(map(report.failed, report.tenants)),
            "hosts": len(hosts),
            "hosts_failed": sum(map(has_failed, hosts.values())),
            **{name: sum(counts[name] for counts in hosts.values()) for name in COUNTED},
            "phases": {phase: round(seconds, 3) for phase, seconds in report.spent(report.seconds).items()},
            "seconds": round(report.elapsed, 3),
        },
        "failures": list(report.failures),
    }
