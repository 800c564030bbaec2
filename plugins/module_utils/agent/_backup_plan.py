# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: names of scheduled backup sets, and which of them retention keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .._errors import ErpopsError

# Sets of other purposes (of a move, a rollback point, a drop) belong to what made them.
SCHEDULED = "scheduled"

_SLOTS = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
SLOTS = tuple(_SLOTS)

# Rule -> what two sets of the same period have in common (GFS: grandfather, father, son).
_PERIODS = {
    "hourly": "%Y-%m-%dT%H",
    "daily": "%Y-%m-%d",
    "weekly": "%G-W%V",
    "monthly": "%Y-%m",
    "yearly": "%Y",
}
RULES = ("last", *_PERIODS)

# Clocks of two machines differ by less.
SKEW = 3600.0


def slot_name(slot: str, now: float) -> str:
    """Name of the set of the hour, day, week or month that ``now`` (seconds since 1970) is in; in UTC.

    :raises ErpopsError: (400) there is no such slot.
    """
    if slot not in _SLOTS:
        raise ErpopsError("is not a slot of the schedule", object=slot, needed=", ".join(_SLOTS), status=400)
    return f"{SCHEDULED}-{_moment(now, _SLOTS[slot])}"


def _moment(seconds: float, form: str) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime(form)


def check_policy(policy: Mapping[str, Any]) -> dict[str, int]:
    """The rules of a policy that keep anything; ``{}``: everything is kept.

    :raises ErpopsError: (400) a rule that there is not, or a count below zero.
    """
    faults = [f"{name} is no rule" for name in policy if name not in RULES]
    counts = {}
    for name, value in policy.items():
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            faults.append(f"{name} is {value!r}")
        elif value:
            counts[name] = value
    if faults:
        raise ErpopsError(
            "is not a retention that can be followed",
            object="keep",
            seen="; ".join(sorted(faults)),
            needed="counts for " + ", ".join(RULES),
            status=400,
        )
    return counts


def retention(sets: Sequence[Mapping[str, Any]], policy: Mapping[str, Any], now: float) -> dict[str, list[str]]:
    """Why each set is kept, by name; an empty list: the policy has no place for it.

    ``last`` keeps the newest N (FIFO). ``daily`` keeps the newest set of each of the newest N days that have one, and so
    on, in UTC. Days are counted by the sets that there are and not back from today: when nothing was backed up for a month,
    or the clock jumped ahead, nothing goes because of it.

    :param sets: each ``{"name", "taken", "purpose", "whole"}``; ``whole``: nothing of it is missing.
    :param policy: ``{rule: count}``; an empty one keeps all.
    """
    counts = check_policy(policy)
    reasons = {one["name"]: _untouched(one, counts, now) for one in sets}
    candidates = [one for one in sets if not reasons[one["name"]]]
    candidates.sort(key=lambda one: (one["taken"], one["name"]), reverse=True)
    for one in candidates[:1]:
        reasons[one["name"]].append("the newest")
    for rule, count in counts.items():
        for one, reason in _chosen(candidates, rule, count):
            reasons[one["name"]].append(reason)
    return reasons


def _untouched(one: Mapping[str, Any], counts: Mapping[str, int], now: float) -> list[str]:
    """Why a set is no matter of the policy; an empty list if it is one."""
    if one["purpose"] != SCHEDULED:
        return ["not of the schedule"]
    if not counts:
        return ["no retention"]
    if not one["whole"]:
        return ["damaged: what is left of it may be needed"]
    return ["from the future: a clock was wrong"] if one["taken"] > now + SKEW else []


def _chosen(candidates: list[Mapping[str, Any]], rule: str, count: int) -> list[tuple[Mapping[str, Any], str]]:
    """Those that a rule keeps, of ``candidates`` from the newest to the oldest."""
    if rule == "last":
        return [(one, f"last {number}") for number, one in enumerate(candidates[:count], 1)]
    chosen: dict[str, Mapping[str, Any]] = {}
    for one in candidates:
        period = _moment(one["taken"], _PERIODS[rule])
        if period not in chosen and len(chosen) < count:
            chosen[period] = one
    return [(one, f"{rule} {period}") for period, one in chosen.items()]


def newest(sets: Iterable[Mapping[str, Any]], now: float) -> Mapping[str, Any] | None:
    """The newest whole set of the schedule; one from the future proves nothing about today."""
    whole = [one for one in sets if one["purpose"] == SCHEDULED and one["whole"] and one["taken"] <= now + SKEW]
    return max(whole, key=lambda one: (one["taken"], one["name"]), default=None)
