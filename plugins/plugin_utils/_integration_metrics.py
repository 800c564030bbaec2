# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: the health of integrations as Prometheus metrics, for node_exporter's textfile collector.

Input is what ``modules/integration_health_info.py`` returns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.erpops.frappe.plugins.module_utils.agent._health_plan import STATUSES

from ._prometheus import family, gauge

if TYPE_CHECKING:
    from prometheus_client.core import Metric

# Each error is a time series: of more than so many the rest is counted as one.
MOST_ERRORS, ERROR_LENGTH, OTHER = 10, 120, "(other)"


def families(health: Mapping[str, Any]) -> Iterator[Metric]:
    """The metrics of a site and of its integrations."""
    yield from site_metrics(health)
    yield from integration_metrics(health)


def site_metrics(health: Mapping[str, Any]) -> Iterator[Metric]:
    """What is told once for a site."""
    site, taken, scheduler = health["site"], health["taken_at"], health["scheduler"]
    yield gauge(
        "erpops_integration_health_timestamp_seconds", "When the site's integrations were looked at.", site, taken
    )
    text = "How far back it was looked."
    yield gauge("erpops_integration_health_window_seconds", text, site, health["hours"] * 3600)
    text = "1 while the site's scheduler may begin jobs."
    yield gauge("erpops_site_scheduler_active", text, site, scheduler["status"] != "inactive")
    if scheduler["age_seconds"] is not None:
        text = "When the newest job of the site was begun."
        yield gauge("erpops_site_scheduler_last_job_timestamp_seconds", text, site, taken - scheduler["age_seconds"])
    jobs = family("erpops_site_queue_jobs", "Jobs that wait in a queue of the site's bench.", "queue")
    workers = family("erpops_site_queue_workers", "Living workers of the queue.", "queue")
    for name, queue in health["queues"]["by_name"].items():
        jobs.add_metric([site, name], queue["jobs"])
        workers.add_metric([site, name], queue["workers"])
    yield from (jobs, workers)


def integration_metrics(health: Mapping[str, Any]) -> Iterator[Metric]:
    """What is told of each integration."""
    found = {
        name: family(f"erpops_integration_{name}", text, "integration", *labels)
        for name, text, labels in (
            ("status", "1 for the status that the integration has, 0 for the others.", ["status"]),
            ("last_success_timestamp_seconds", "When it last did something with success.", []),
            ("failures", "Failed runs by kind and error.", ["kind", "error"]),
            ("retries", "Rows of its log by how often they were retried.", ["retries"]),
            ("duration_average_seconds", "Average duration of its successes.", []),
            ("duration_max_seconds", "Longest duration of its successes.", []),
            ("jobs", "Scheduled Job Types.", ["state"]),
            ("errors", "Rows of Error Log by title.", ["title"]),
            ("webhooks", "Deliveries by what became of them.", ["verdict"]),
            ("faults", "Parts of this that could not be read.", []),
        )
    }
    for one in health["integrations"]:
        for name, labels, value in samples(one, health["taken_at"]):
            found[name].add_metric([health["site"], one["name"], *labels], value)
    yield from found.values()


def samples(one: Mapping[str, Any], taken: int) -> Iterator[tuple[str, list[str], float]]:
    """(family, labels besides site and integration, value) of one integration."""
    for status in STATUSES:
        yield "status", [status], one["status"] == status
    if one["last_success_age_seconds"] is not None:
        yield "last_success_timestamp_seconds", [], taken - one["last_success_age_seconds"]
    failures = [
        ([row["kind"], row["error"][:ERROR_LENGTH]], row["count"])
        for source in one["sources"]
        for row in source["failures"]
    ]
    yield from (("failures", labels, count) for labels, count in _most(failures, ["", OTHER]))
    for number, count in one["retries"].items():
        yield "retries", [number], count
    if one["duration"]["count"]:
        yield "duration_average_seconds", [], one["duration"]["average_ms"] / 1000
        yield "duration_max_seconds", [], one["duration"]["max_ms"] / 1000
    yield "jobs", ["stopped"], one["jobs"]["stopped"]
    yield "jobs", ["active"], one["jobs"]["count"] - one["jobs"]["stopped"]
    titles = [([row["title"][:ERROR_LENGTH]], row["count"]) for row in one["errors"]]
    yield from (("errors", labels, count) for labels, count in _most(titles, [OTHER]))
    for verdict, count in ((one["webhooks"] or {}).get("verdicts") or {}).items():
        yield "webhooks", [verdict], count
    yield "faults", [], len(one["faults"])


def _most(rows: list[tuple[list[str], int]], other: list[str]) -> Iterator[tuple[list[str], int]]:
    """Each set of labels once, the most frequent ones; all others as one."""
    counts: dict[tuple[str, ...], int] = {}
    for labels, count in rows:
        counts[tuple(labels)] = counts.get(tuple(labels), 0) + count
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    yield from ((list(labels), count) for labels, count in order[:MOST_ERRORS])
    if rest := sum(count for _labels, count in order[MOST_ERRORS:]):
        yield other, rest
