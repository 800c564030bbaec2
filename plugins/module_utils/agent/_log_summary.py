# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: what the rows of an integration's own log say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

ERROR_LENGTH = 200


def summary(rows: Iterable[Mapping[str, Any]], fields: Mapping[str, str]) -> dict[str, Any]:
    """Failures by error, retries, durations of successes, and the newest success of each kind.

    :param fields: which field of the log is its ``time`` and ``status``, and (``""``: it has none) its ``kind``,
        ``error``, ``retries`` and ``duration`` (milliseconds); ``success`` and ``failure`` are the words of its status.
    """
    failures: dict[tuple[str, str], list[str]] = {}
    retries: Counter[tuple[str, int]] = Counter()
    durations: dict[str, list[int]] = {}
    by_status: Counter[str] = Counter()
    last: dict[str, str] = {}
    total = 0
    for row in rows:
        total += 1
        kind = str(row.get(fields["kind"]) or "") if fields.get("kind") else ""
        status = str(row.get(fields["status"]) or "")
        at = str(row.get(fields["time"]) or "")[:19]
        by_status[status] += 1
        if status == fields["failure"]:
            error = str(row.get(fields["error"]) or "") if fields.get("error") else ""
            failures.setdefault((kind, " ".join(error.split())[:ERROR_LENGTH]), []).append(at)
        elif status == fields["success"]:
            last[kind] = max(last.get(kind, ""), at)
            if fields.get("duration") and row.get(fields["duration"]) is not None:
                durations.setdefault(kind, []).append(int(row[fields["duration"]]))
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
