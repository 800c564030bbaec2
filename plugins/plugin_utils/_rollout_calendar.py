# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: when a bench may be changed -- its update window, and freezes of the fleet.

Windows are read on the wall clock of their time zone. A night on which the clock is changed has one that is an hour longer
or shorter; a time that this night does not have is the moment after the gap, and of one that it has twice a window has both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_WINDOW = ("days", "from", "to", "timezone")
_FREEZE = ("from", "to", "reason", "timezone")


def calendar(window: Mapping[str, Any], freezes: Iterable[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """Whether something may be begun now.

    :param window: ``days`` (on which it begins; every day without), ``from``, ``to`` (``HH:MM``), ``timezone`` (UTC without);
        ``{}`` is always open.
    :param freezes: each with ``from``, ``to`` (a date, whose whole day is meant, or a time), ``reason``, ``timezone``.
    :param now: with a zone.
    :returns: ``open``: whether the window is; ``opens``: when it opens next (``""``: it is open); ``frozen``: until when and
        why (``""``: it is not).
    :raises ValueError: naming all that is wrong with the declarations.
    """
    freezes = list(freezes)
    faults = [*_window_faults(window), *(fault for one in freezes for fault in _freeze_faults(one))]
    if faults:
        raise ValueError("; ".join(faults))
    opens = ""
    if window:
        spans = [span for span in _spans(window, now) if now < span[1]]
        if not any(begin <= now for begin, _end in spans):
            opens = _told(min(spans)[0], _zone(window))
    frozen = [_told(_edge(one, "to"), _zone(one), str(one.get("reason") or "")) for one in freezes
              if _edge(one, "from") <= now < _edge(one, "to")]  # fmt: skip
    return {"open": not opens, "opens": opens, "frozen": "; ".join(frozen)}


def _zone(declared: Mapping[str, Any]) -> ZoneInfo:
    return ZoneInfo(str(declared.get("timezone") or "UTC"))


def _told(moment: datetime, zone: ZoneInfo, reason: str = "") -> str:
    local = moment.astimezone(zone)
    text = f"{DAYS[local.weekday()].capitalize()} {local:%Y-%m-%d %H:%M} {zone.key}"
    return f"until {text} ({reason})" if reason else text


def _clock(value: Any) -> time:
    return time.fromisoformat(str(value).zfill(5))  # 9:30 is allowed too


def _spans(window: Mapping[str, Any], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The windows around now: those that began yesterday, and those of the next eight days."""
    zone, begin, end = _zone(window), _clock(window["from"]), _clock(window["to"])
    days = {str(day).lower()[:3] for day in window.get("days") or DAYS}
    today = now.astimezone(zone).date()
    for offset in range(-1, 9):
        day = today + timedelta(days=offset)
        if DAYS[day.weekday()] in days:
            last = day + timedelta(days=end <= begin)
            # Compared in UTC: two times of one zone would be compared by their wall clocks.
            yield (
                datetime.combine(day, begin, zone).astimezone(timezone.utc),
                datetime.combine(last, end, zone).replace(fold=1).astimezone(timezone.utc),
            )


def _edge(freeze: Mapping[str, Any], name: str) -> datetime:
    """Where a freeze begins or ends."""
    value = freeze[name]
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    if not isinstance(value, datetime):
        value = datetime.combine(value + timedelta(days=name == "to"), time())
    return (value if value.tzinfo else value.replace(tzinfo=_zone(freeze))).astimezone(timezone.utc)


def _zone_fault(what: str, declared: Mapping[str, Any]) -> list[str]:
    try:
        _zone(declared)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return [
            f"{what}: {declared.get('timezone')!r} is no time zone that this controller knows (Europe/Berlin is one)"
        ]
    return []


def _unknown(what: str, declared: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    other = sorted(str(key) for key in declared if key not in known)
    return [f"{what}: unknown {', '.join(other)} (known are {', '.join(known)})"] if other else []


def _window_faults(window: Any) -> list[str]:
    what = "the window"
    if not isinstance(window, Mapping):
        return [f"{what} is {window!r}; needed is a mapping of {', '.join(_WINDOW)}"]
    if not window:
        return []
    faults = [*_unknown(what, window, _WINDOW), *_zone_fault(what, window)]
    for key in ("from", "to"):
        if not _CLOCK.fullmatch(str(window.get(key) or "")):
            faults.append(f'{what}: {key} is {window.get(key)!r}; needed is a time such as "22:00", in quotes')
    days = window.get("days")
    if days is not None and (not isinstance(days, list) or not days):
        faults.append(f"{what}: days is {days!r}; needed is a list of {', '.join(DAYS)}")
    elif days:
        wrong = [str(day) for day in days if str(day).lower()[:3] not in DAYS]
        faults += [f"{what}: {', '.join(wrong)} is none of {', '.join(DAYS)}"] if wrong else []
    return faults


def _freeze_faults(freeze: Any) -> list[str]:
    what = "a freeze"
    if not isinstance(freeze, Mapping):
        return [f"{what} is {freeze!r}; needed is a mapping of {', '.join(_FREEZE)}"]
    faults = [*_unknown(what, freeze, _FREEZE), *_zone_fault(what, freeze)]
    if not str(freeze.get("reason") or "").strip():
        faults.append(f"{what} has no reason")
    if faults:
        return faults
    edges = []
    for key in ("from", "to"):
        try:
            edges.append(_edge(freeze, key))
        except (KeyError, TypeError, ValueError):
            faults.append(f"{what}: {key} is {freeze.get(key)!r}; needed is a date such as 2026-12-24, or a time")
    if len(edges) == 2 and edges[1] <= edges[0]:
        faults.append(f"{what} ends before it begins ({freeze['from']} to {freeze['to']})")
    return faults
