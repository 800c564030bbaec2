# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: in which phase of its roll-out an integration may be next. Pure.

A record is ``{"schema", "integration", "phase", "since", "suspended", "history"}``: ``phase`` is ``""`` before the first
one, ``since`` and ``suspended`` are seconds since 1970 (``suspended`` 0: it is not). ``{}`` stands for no record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .._errors import ErpopsError

HISTORY_LIMIT = 200
# A machine whose clock was set back by less than this is not called wrong.
CLOCK_TOLERANCE = 60.0


@dataclass(frozen=True)
class Phase:
    """One step of a roll-out, and how many hours an integration stays in it before the next."""

    name: str
    soak_hours: float


@dataclass(frozen=True)
class Decision:
    """What becomes of a record: ``action`` is ``""`` when nothing does."""

    action: str
    record: dict[str, Any]
    soaked_hours: float
    soak_hours: float
    overridden: list[str] = field(default_factory=list)


def parse_phases(items: list[dict[str, Any]]) -> list[Phase]:
    """The roll-out's phases, in order.

    :raises ErpopsError: (400) there is none, a name stands there twice, or hours are negative.
    """
    phases = [Phase(str(item["name"]), float(item.get("soak_hours") or 0)) for item in items]
    names = [phase.name for phase in phases]
    if not names or len(set(names)) != len(names) or any(phase.soak_hours < 0 for phase in phases):
        raise ErpopsError(
            "these cannot be the phases of a roll-out",
            seen=", ".join(f"{phase.name} ({phase.soak_hours:g} h)" for phase in phases) or "none",
            needed="at least one, each once, with hours of 0 or more",
            status=400,
        )
    return phases


def utc(seconds: float) -> str:
    """A time as people read it, in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def soak(record: dict[str, Any], phases: list[Phase], now: float) -> tuple[float, float]:
    """Hours that the record's phase has lasted, and hours that it has to; no phase, or a suspended one, has lasted 0.

    :raises ErpopsError: (409) the record is from the future: then no duration can be believed.
    """
    name = str(record.get("phase") or "")
    if not name:
        return 0.0, 0.0
    needed = phases[position(record, phases)].soak_hours
    if record.get("suspended"):
        return 0.0, needed
    lasted = now - float(record["since"])
    if lasted < -CLOCK_TOLERANCE:
        raise ErpopsError(
            "the record of the phase is from the future, so that nobody can tell how long it has lasted",
            object=f"{record.get('integration', '')}: {name}",
            seen=f"begun {utc(float(record['since']))}, now {utc(now)}",
            hint="set this machine's clock (timedatectl), then run again",
            status=409,
        )
    return max(lasted, 0.0) / 3600, needed


def position(record: dict[str, Any], phases: list[Phase]) -> int:
    """Which phase the record names; -1 before the first.

    :raises ErpopsError: (422) one that is none of them.
    """
    name = str(record.get("phase") or "")
    if not name:
        return -1
    for number, phase in enumerate(phases):
        if phase.name == name:
            return number
    raise ErpopsError(
        "the record names a phase that this roll-out does not have",
        object=str(record.get("integration") or ""),
        seen=name,
        needed=", ".join(phase.name for phase in phases),
        hint="declare the phases under the names that they had",
        status=422,
    )


def decide(
    record: dict[str, Any], integration: str, phases: list[Phase], wanted: str, now: float, reason: str
) -> Decision:
    """Where ``record`` goes when ``wanted`` is the declared phase (``suspended`` and ``""`` mean what they say).

    Forward only one phase at a time, and only after that phase has lasted; back, off and on again at once. A phase that
    was left or suspended begins anew: what it had to show was not shown without a break.

    :raises ErpopsError: (400) no such phase; (409) too early, or a phase left out, and no ``reason`` why; or a clock that
        runs backwards.
    """
    here = position(record, phases)
    off = wanted in ("", "suspended")
    there = here if off else position({"integration": integration, "phase": wanted}, phases)
    lasted, needed = _told(record, phases, now) if off or there < here else soak(record, phases, now)
    if wanted == "":
        return _step(record, integration, "removed" if here >= 0 else "", "", now, lasted, needed)
    if wanted == "suspended":
        action = "suspended" if here >= 0 and not record.get("suspended") else ""
        return _step(record, integration, action, str(record.get("phase") or ""), now, lasted, needed)
    if there == here:
        action = "resumed" if record.get("suspended") else ""
        return _step(record, integration, action, wanted, now, lasted, needed)
    if there < here:
        return _step(record, integration, "demoted", wanted, now, lasted, needed)
    against = _against(record, phases, here, there, lasted, needed)
    if against and not reason.strip():
        raise ErpopsError(
            f"cannot go to phase {wanted} yet",
            object=integration,
            seen="; ".join(against),
            needed=f"phases one after another: {', '.join(f'{p.name} ({p.soak_hours:g} h)' for p in phases)}",
            hint=_remedy(record, phases, integration, here, needed),
            status=409,
            data={"soaked_hours": round(lasted, 2), "soak_hours": needed},
        )
    action = "begun" if here < 0 else "promoted"
    return _step(record, integration, action, wanted, now, lasted, needed, against, reason.strip())


def _told(record: dict[str, Any], phases: list[Phase], now: float) -> tuple[float, float]:
    """As :func:`soak`, for the way back, which no wrong clock may bar."""
    try:
        return soak(record, phases, now)
    except ErpopsError:
        return 0.0, 0.0


def _against(
    record: dict[str, Any], phases: list[Phase], here: int, there: int, lasted: float, needed: float
) -> list[str]:
    """What speaks against going forward from ``here`` to ``there``."""
    found = []
    if here >= 0 and record.get("suspended"):
        found.append(f"{phases[here].name} is suspended since {utc(float(record['suspended']))}")
    elif lasted < needed:
        found.append(f"{phases[here].name} has lasted {lasted:.1f} of {needed:g} h")
    skipped = [phase.name for phase in phases[here + 1 : there]]
    if skipped:
        found.append(f"never was in {' and '.join(skipped)}" if here < 0 else f"{' and '.join(skipped)} left out")
    return found


def _remedy(record: dict[str, Any], phases: list[Phase], integration: str, here: int, needed: float) -> str:
    if here < 0:
        step = f"begin with phase {phases[0].name}"
    elif record.get("suspended"):
        step = f"take phase {phases[here].name} up again first"
    else:
        ready = float(record["since"]) + needed * 3600
        step = f"go to {phases[here + 1].name}, not before {utc(ready)}"
    return f"{step}; or say why it may be done all the same, which is logged: reason ({integration}_soak_reason)"


def _step(
    record: dict[str, Any],
    integration: str,
    action: str,
    phase: str,
    now: float,
    lasted: float,
    needed: float,
    against: list[str] | None = None,
    reason: str = "",
) -> Decision:
    """The record after ``action``; a reason is kept only where it was needed."""
    if not action:
        return Decision("", record, lasted, needed)
    entry = {
        "at": now,
        "action": action,
        "from": str(record.get("phase") or ""),
        "to": phase,
        "soaked_hours": round(lasted, 2),
        "soak_hours": needed,
        "against": list(against or []),
        "reason": reason if against else "",
    }
    after = {
        "schema": 1,
        "integration": integration,
        "phase": phase,
        "since": float(record.get("since") or 0) if action == "suspended" else now,
        "suspended": now if action == "suspended" else 0,
        "history": [*(record.get("history") or []), entry][-HISTORY_LIMIT:],
    }
    return Decision(action, after, lasted, needed, list(against or []))
