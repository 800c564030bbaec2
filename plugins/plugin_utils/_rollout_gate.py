# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: whether a bench that was updated is as well as it was before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._http_probe import summary_of
from ansible_collections.erpops.frappe.plugins.module_utils.agent._health_plan import STATUSES
from ansible_collections.erpops.frappe.plugins.module_utils.agent._move_plan import wrong

Reading = Mapping[str, Any]
# Of titles and kinds in one sentence.
_SHOWN = 3
LIMITS = (
    "http_errors",
    "p95_ms",
    "p95_growth",
    "failed_jobs",
    "queue_jobs",
    "scheduler_seconds",
    "error_rows",
    "health",
)


def measured(reading: Reading, probes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``reading`` (of bench_gate_info) with ``http``: what the sites answered from outside, by name.

    :param probes: of http_probe, named ``<site> <anything>``.
    """
    by_site: dict[str, list[Mapping[str, Any]]] = {}
    for probe in probes:
        by_site.setdefault(str(probe["name"]).partition(" ")[0], []).append(probe)
    http = {}
    for site, own in by_site.items():
        told = summary_of(own)
        kinds = sorted({f"{one['kind']}, {one['message']}" for one in own if not one["ok"]})
        http[site] = {
            "requests": told["total"],
            "failed": told["failed"],
            "p95_ms": told["p95_ms"],
            "kinds": kinds[:_SHOWN],
        }
    return {**reading, "http": http}


def faults(before: Reading, now: Reading, limits: Mapping[str, Any], bench: str) -> list[str]:
    """All that is worse than it may be, one sentence each.

    What was as bad before the update is not the update's doing: a site that was slow, a job that fails every night, a
    scheduler that is off. Counts are compared with what came in the same time before.

    :param before: what :func:`measured` returned before the update; ``now``: the same, since the update.
    :param limits: of ``LIMITS``; -1 or nothing switches one off.
    :raises ValueError: a limit is unknown or no number.
    """
    given = _limits(limits)
    found: list[str] = []
    for site, one in now["sites"].items():
        if not one["quarantined"]:
            old = before.get("sites", {}).get(site) or {}
            found += _site_faults(site, one, old, _share(before, now), given)
            found += _http_faults(site, now.get("http", {}).get(site), before.get("http", {}).get(site) or {}, given)
    return [*found, *_queue_faults(bench, now["queues"], before.get("queues") or {}, given)]


def _limits(limits: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(limits) - set(LIMITS))
    if unknown:
        raise ValueError(f"unknown limits: {', '.join(unknown)}; known are {', '.join(LIMITS)}")
    found: dict[str, Any] = {}
    for name in LIMITS:
        value = limits.get(name)
        if value is None or str(value) in ("", "-1", "-1.0"):
            found[name] = None
        elif name == "health":
            if value not in STATUSES:
                raise ValueError(f"the limit health is {value!r}; needed is one of {', '.join(STATUSES)}, or -1")
            found[name] = str(value)
        else:
            found[name] = float(value)
            if found[name] < 0:
                raise ValueError(f"the limit {name} is {value}; needed is 0 or more, or -1 for none")
    return found


def _share(before: Reading, now: Reading) -> float:
    """The time since, as a part or a multiple of that which was looked at before."""
    hours = float(before.get("hours") or 0)
    return float(now["hours"]) / hours if hours else 0.0


def _site_faults(site: str, now: Reading, old: Reading, share: float, limits: Mapping[str, Any]) -> Iterator[str]:
    if now["fault"]:
        if not old.get("fault"):
            yield wrong(f"{site} cannot be looked into", now["fault"], "a site that answers", "read the error")
        return
    if now["maintenance"] == "on":
        if old.get("maintenance", "off") == "off":
            remedy = "erpops.frappe.maintenance state: off, if nobody works on it"
            yield wrong(f"{site} is in maintenance and was not before the update", "on", "off", remedy)
        return
    hint = f"its desk, and playbooks/health.yml --limit {site}"
    for key, limit, what in (
        ("failed_jobs", limits["failed_jobs"], "background jobs failed since the update"),
        ("errors", limits["error_rows"], "new rows in Error Log since the update"),
    ):
        usual = math.ceil(share * int((old.get(key) or {}).get("count") or 0))
        if limit is not None and now[key]["count"] > limit + usual:
            shown = "; ".join(
                f"{one['count']} x {one['title'] or 'without a title'}" for one in now[key]["titles"][:_SHOWN]
            )
            allowed = f"at most {limit:g}" + (f" and the usual {usual}" if usual else "")
            yield wrong(f"{site}: {what}", f"{now[key]['count']} ({shown})", allowed, hint)
    yield from _scheduler_faults(site, now["scheduler"], old.get("scheduler") or {}, limits["scheduler_seconds"])
    worst = limits["health"]
    for name, status in now["integrations"].items() if worst else ():
        was = (old.get("integrations") or {}).get(name, "ok")
        if STATUSES.index(status) > max(STATUSES.index(worst), STATUSES.index(was)):
            yield wrong(f"{site}: the integration {name} is {status}", f"{was} before", f"{worst} or better", hint)


def _scheduler_faults(site: str, now: Reading, old: Reading, limit: float | None) -> Iterator[str]:
    if limit is None or old.get("status") == "inactive":
        return
    if now["status"] == "inactive":
        seen = ", ".join(now["inactive_because"]) or "inactive"
        yield wrong(f"{site}: its scheduler is held", seen, "as before", f"playbooks/configure.yml --limit {site}")
        return
    was, age = old.get("age_seconds"), now["age_seconds"]
    if was is None or was > limit:  # it did not run then either
        return
    if age is None or age > limit:
        seen = "no beat" if age is None else f"{age} s ago"
        remedy = "does the bench's scheduler process run? (playbooks/deploy.yml starts it)"
        yield wrong(f"{site}: its scheduler last began a job too long ago", seen, f"at most {limit:g} s", remedy)


def _http_faults(site: str, now: Reading | None, old: Reading, limits: Mapping[str, Any]) -> Iterator[str]:
    if not now or not now["requests"]:
        return
    hint = f"playbooks/verify.yml --limit {site}"
    share = 100 * now["failed"] / now["requests"]
    was = 100 * old["failed"] / old["requests"] if old.get("requests") else 0.0
    allowed = limits["http_errors"]
    if allowed is not None and share > max(allowed, was):
        seen = f"{now['failed']} of {now['requests']} ({'; '.join(now['kinds'])})"
        yield wrong(f"{site}: requests from outside failed", seen, f"at most {max(allowed, was):g} %", hint)
    if limits["p95_ms"] is None:
        return
    most = max(limits["p95_ms"], (limits["p95_growth"] or 0) * float(old.get("p95_ms") or 0))
    if now["p95_ms"] > most:
        before = f", {old['p95_ms']:g} ms before" if old.get("p95_ms") else ""
        yield wrong(f"{site} answers slowly", f"{now['p95_ms']:g} ms at p95{before}", f"at most {most:g} ms", hint)


def _queue_faults(bench: str, now: Reading, old: Reading, limits: Mapping[str, Any]) -> Iterator[str]:
    limit = limits["queue_jobs"]
    if limit is None:
        return
    hint = "are its workers running? (playbooks/deploy.yml starts them)"
    if now["fault"]:
        if not old.get("fault"):
            yield wrong(f"{bench}: its queues could not be counted", now["fault"], "a Redis that answers", hint)
        return
    for name, queue in now["by_name"].items():
        was = (old.get("by_name") or {}).get(name) or {}
        most = max(limit, float(was.get("jobs") or 0))
        if queue["jobs"] > most:
            yield wrong(f"{bench}: jobs wait on the queue {name}", str(queue["jobs"]), f"at most {most:g}", hint)
        elif was.get("workers") and not queue["workers"]:
            yield wrong(
                f"{bench}: no worker takes jobs from the queue {name}", "0", f"{was['workers']} as before", hint
            )
