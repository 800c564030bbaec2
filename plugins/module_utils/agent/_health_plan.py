# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: how an integration is, by what it and its jobs wrote."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._log_summary import moment

# From best to worst. `silent`: nothing ran in this time, which proves nothing. `off`: on purpose, all of its jobs are
# stopped. `degraded`: the newest run of some of its kinds failed; `failing`: of all, or it cannot be asked.
STATUSES = ("ok", "off", "silent", "degraded", "failing")
# Frappe's scheduler looks every four minutes by default (scheduler_interval), and each of its looks runs the jobs of
# the frequency All: on a site that is not dormant some job was begun a few minutes ago.
LATE_SECONDS = 900


def failed_kinds(source: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Of a summary (``_log_summary.summary``): kinds whose newest run failed, and all kinds that ran."""
    newest: dict[str, str] = {}
    for failure in source["failures"]:
        newest[failure["kind"]] = max(newest.get(failure["kind"], ""), failure["last"])
    last = source["last_success"]
    # At the same second the failure counts: of two runs one did fail.
    return {kind for kind, at in newest.items() if at >= last.get(kind, "")}, {*newest, *last}


def status_of(sources: Iterable[Mapping[str, Any]], jobs: Mapping[str, Any]) -> str:
    """One of ``STATUSES``.

    :param sources: summaries, the deciding one first: an app may catch what fails, so that its jobs are always complete
        and only its own log tells. A source without a run decides nothing.
    :param jobs: ``count`` and ``stopped`` of its Scheduled Job Types.
    """
    ran = [(bad, kinds) for bad, kinds in map(failed_kinds, sources) if kinds]
    if jobs.get("count") and jobs["stopped"] == jobs["count"]:
        return "off"
    if not ran:
        return "silent"
    bad, kinds = ran[0]
    if bad == kinds:
        return "failing"
    return "degraded" if any(bad for bad, _kinds in ran) else "ok"


def worst(statuses: Iterable[str]) -> str:
    """Of several; ``silent`` of none."""
    return max(statuses, key=STATUSES.index, default="silent")


def scheduler_status(facts: Mapping[str, Any], age: int | None) -> str:
    """``active``; ``inactive`` when something holds it; ``late`` when no job was begun for LATE_SECONDS.

    :param facts: ``_state.scheduler_facts``.
    :param age: seconds since the newest beginning of a job; none ever began without.
    """
    if facts["state"] != "enabled" or facts["inactive_because"]:
        return "inactive"
    return "late" if age is None or age > LATE_SECONDS else "active"


def age_of(at: Any, now: datetime.datetime) -> int | None:
    """Whole seconds since a time of the site; nothing without one. A clock that was set back gives 0, not less."""
    return max(0, int((now - moment(at)).total_seconds())) if at else None


def totals(sources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Over all sources: the newest success, the number of failures, retries by their number, average and longest."""
    last, failures = "", 0
    retries: dict[str, int] = {}
    weighted = count = longest = 0
    for source in sources:
        last = max([last, *source["last_success"].values()])
        failures += sum(failure["count"] for failure in source["failures"])
        for row in source["retries"]:
            retries[str(row["retries"])] = retries.get(str(row["retries"]), 0) + row["count"]
        for row in source["durations"]:
            weighted, count = weighted + row["average_ms"] * row["count"], count + row["count"]
            longest = max(longest, row["max_ms"])
    return {
        "last_success": last,
        "failures": failures,
        "retries": dict(sorted(retries.items(), key=lambda item: int(item[0]))),
        "duration": {
            "count": count,
            "average_ms": round(weighted / count) if count else None,
            "max_ms": longest if count else None,
        },
    }


def integration(
    name: str,
    sources: Sequence[Mapping[str, Any]],
    jobs: Mapping[str, Any],
    now: datetime.datetime,
    *,
    faults: Sequence[str] = (),
    errors: Sequence[Mapping[str, Any]] = (),
    webhooks: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One integration's row of the result, as ``modules/integration_health_info.py`` documents it."""
    figures = totals(sources)
    return {
        "name": name,
        "status": "failing" if faults else status_of(sources, jobs),
        "faults": list(faults),
        **figures,
        "last_success_age_seconds": age_of(figures["last_success"], now),
        "failing_kinds": sorted(kind for source in sources for kind in failed_kinds(source)[0]),
        "jobs": jobs,
        "errors": list(errors),
        "webhooks": webhooks,
        "sources": list(sources),
    }
