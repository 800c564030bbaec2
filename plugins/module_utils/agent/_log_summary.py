# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: what the rows of an integration's own log say."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ._redact import masked

ERROR_LENGTH = 200
# What differs from one failure to the next though the cause is the same: digests and UUIDs, the numbers of a series of
# names (SKU-0042), and numbers of more digits than an HTTP status has.
_VARYING = re.compile(r"\b(?=[0-9a-f-]*[0-9])[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b|(?<=[A-Za-z]-)[0-9]+\b|[0-9]{4,}")


def error_pattern(error: str) -> str:
    """One line of an error with ``#`` in place of what names the single record, so that equal causes count as one.

    Secrets that the error quotes are stars.
    """
    return _VARYING.sub("#", masked(" ".join(error.split())))[:ERROR_LENGTH]


def by_title(rows: Iterable[tuple[Any, Any]]) -> list[dict[str, Any]]:
    """Titles (or errors) with their times, as patterns with their count and the newest time, most frequent first."""
    groups: dict[str, list[str]] = {}
    for title, at in rows:
        groups.setdefault(error_pattern(str(title or "")), []).append(str(at or "")[:19])
    found = [{"title": title, "count": len(times), "last": max(times)} for title, times in groups.items()]
    return sorted(found, key=lambda one: (-len(groups[str(one["title"])]), str(one["title"])))


def _words(said: str | Iterable[str]) -> set[str]:
    return {said} if isinstance(said, str) else set(said)


def moment(value: Any) -> datetime.datetime:
    """A time of the site, which a database driver gives as one or as text."""
    return value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(str(value))


def duration_ms(row: Mapping[str, Any], fields: Mapping[str, str]) -> int | None:
    """From its own field, or from those of its beginning and end; nothing when it has neither."""
    if fields.get("duration"):
        value = row.get(fields["duration"])
        return None if value is None else int(value)
    if fields.get("started") and fields.get("ended"):
        started, ended = row.get(fields["started"]), row.get(fields["ended"])
        if started and ended:
            return max(0, round((moment(ended) - moment(started)).total_seconds() * 1000))
    return None


def summary(rows: Iterable[Mapping[str, Any]], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Failures by error, retries, durations of successes, and the newest success of each kind.

    :param fields: which field of the log is its ``time`` and ``status``, and (``""``: it has none) its ``kind``,
        ``error``, ``retries`` and ``duration`` (milliseconds) or ``started`` and ``ended`` (times); ``success`` and
        ``failure`` are the words of its status, each one or several.
    """
    failures: dict[tuple[str, str], list[str]] = {}
    retries: Counter[tuple[str, int]] = Counter()
    durations: dict[str, list[int]] = {}
    by_status: Counter[str] = Counter()
    last: dict[str, str] = {}
    good, bad = _words(fields["success"]), _words(fields["failure"])
    total = 0
    for row in rows:
        total += 1
        kind = str(row.get(fields["kind"]) or "") if fields.get("kind") else ""
        status = str(row.get(fields["status"]) or "")
        at = str(row.get(fields["time"]) or "")[:19]
        by_status[status] += 1
        if status in bad:
            error = str(row.get(fields["error"]) or "") if fields.get("error") else ""
            failures.setdefault((kind, error_pattern(error)), []).append(at)
        elif status in good:
            last[kind] = max(last.get(kind, ""), at)
            if (took := duration_ms(row, fields)) is not None:
                durations.setdefault(kind, []).append(took)
        if fields.get("retries") and row.get(fields["retries"]):
            retries[kind, int(row[fields["retries"]])] += 1
    return {
        "total": total,
        "statuses": dict(sorted(by_status.items())),
        "failures": [
            {"kind": kind, "error": error, "count": len(times), "last": max(times)}
            for (kind, error), times in sorted(failures.items(), key=lambda item: (-len(item[1]), item[0]))
        ],
        "retries": [{"kind": kind, "retries": n, "count": count} for (kind, n), count in sorted(retries.items())],
        "durations": [
            {"kind": kind, "count": len(took), "average_ms": round(sum(took) / len(took)), "max_ms": max(took)}
            for kind, took in sorted(durations.items())
        ],
        "last_success": last,
    }
