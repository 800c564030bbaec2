# SPDX-License-Identifier: GPL-3.0-or-later
"""Next time of a cron expression (five fields; `*`, lists, ranges, steps, names of days and months)."""

from __future__ import annotations

import datetime

FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
NAMES = {
    3: {n: i + 1 for i, n in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())},
    4: {n: i for i, n in enumerate("sun mon tue wed thu fri sat".split())},
}
ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class CronError(ValueError):
    """Not a cron expression."""


def parse(expression: str) -> list[set[int]]:
    """Allowed values of minute, hour, day, month, weekday (Sunday is 0)."""
    parts = ALIASES.get(expression.strip().lower(), expression).split()
    if len(parts) != 5:
        raise CronError(f"{expression!r} has not five fields")
    return [_field(i, part.lower()) for i, part in enumerate(parts)]


def _field(index: int, text: str) -> set[int]:
    low, high = FIELDS[index]
    out: set[int] = set()
    for item in text.split(","):
        span, _slash, step_text = item.partition("/")
        try:
            step = int(step_text) if step_text else 1
            if span == "*":
                first, last = low, high
            elif "-" in span:
                first, last = (_number(index, part) for part in span.split("-"))
            else:
                first = _number(index, span)
                last = high if step_text else first
        except ValueError as e:
            raise CronError(f"{item!r} is not a cron field") from e
        if step < 1 or first < low or last > high or first > last:
            raise CronError(f"{item!r} is out of range")
        out |= set(range(first, last + 1, step))
    if index == 4:
        out = {day % 7 for day in out}
    return out


def _number(index: int, text: str) -> int:
    return NAMES.get(index, {}).get(text[:3], None) if text[:1].isalpha() and index in NAMES else int(text)  # type: ignore[return-value]


def next_time(expression: str, after: datetime.datetime) -> datetime.datetime:
    """First matching minute strictly after `after`."""
    minutes, hours, days, months, weekdays = parse(expression)
    raw = ALIASES.get(expression.strip().lower(), expression).split()
    both = raw[2] != "*" and raw[4] != "*"

    def day_ok(t: datetime.datetime) -> bool:
        in_month, in_week = t.day in days, (t.weekday() + 1) % 7 in weekdays
        return (in_month or in_week) if both else (in_month and in_week)

    t = after.replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
    limit = t.year + 5
    while t.year <= limit:
        if t.month not in months or not day_ok(t):
            t = (t + datetime.timedelta(days=1)).replace(hour=0, minute=0)
        elif t.hour not in hours:
            t = (t + datetime.timedelta(hours=1)).replace(minute=0)
        elif t.minute not in minutes:
            t += datetime.timedelta(minutes=1)
        else:
            return t
    raise CronError(f"{expression!r} never comes")
