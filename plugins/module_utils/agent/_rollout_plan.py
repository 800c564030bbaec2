# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: where a bench stands in a roll-out.

A record is ``{"schema", "state", "wave", "target", "begun", "since", "point", "baseline", "faults", "accepted", "history"}``.
``target`` has the commit of each app; ``begun`` and ``since`` (when the update ended and the soak began) are seconds since
1970. ``{}`` stands for no record. States: ``begun`` -> ``soaking`` -> ``passed`` or ``failed``; ``undone``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import ErpopsError
from ._phase_plan import CLOCK_TOLERANCE, utc

HISTORY_LIMIT = 50
Record = Mapping[str, Any]


def left_seconds(record: Record, soak_minutes: float, now: float) -> int:
    """How long the soak lasts still.

    :raises ErpopsError: (409) the record is from the future: then no duration can be believed.
    """
    since = float(record.get("since") or 0)
    if since - now > CLOCK_TOLERANCE:
        raise ErpopsError(
            "the record of the roll-out is from the future, so that nobody can tell how long it has soaked",
            object=".erpops/rollout.json",
            seen=f"begun {utc(since)}, now {utc(now)}",
            hint="set this machine's clock (timedatectl), then run again",
            status=409,
        )
    return max(0, round(since + soak_minutes * 60 - now))


def stage(record: Record, target: Mapping[str, str], needed: bool, soak_minutes: float, now: float) -> str:
    """What is to be done with the bench next.

    :param target: commits that are declared now, by app; ``needed``: whether an update would do anything.
    :returns: ``new`` (update it), ``refused`` (these commits did not pass here before, and were taken back), ``updated``
        (the run ended before the soak was noted), ``soaking``, ``due`` (to be judged), ``passed``, or ``there`` (it had
        these commits before any roll-out).
    """
    state, same = str(record.get("state") or ""), dict(record.get("target") or {}) == dict(target)
    if needed:
        return "refused" if same and state in ("failed", "undone") else "new"
    if state == "begun" or (same and state == "undone"):
        return "updated"
    if not same or not state:
        return "there"
    if state == "passed":
        return "passed"
    return "soaking" if left_seconds(record, soak_minutes, now) else "due"


def after(record: Record, wanted: str, given: Mapping[str, Any], journal: Record, now: float) -> dict[str, Any]:
    """The record in the state ``wanted``; equal to ``record`` when nothing changes.

    :param given: ``wave``, ``target``, ``baseline``, ``faults``, ``reason``.
    :param journal: of the bench's last update (``_update_journal``).
    :raises ErpopsError: (409) this state does not follow; (400) faults without a reason.
    """
    state, reason = str(record.get("state") or ""), str(given.get("reason") or "").strip()
    if wanted == "begun":
        # A run that was ended before its update: what was measured then is still how it was before.
        if state == "begun" and dict(record["target"]) == dict(given["target"]):
            return dict(record)
        new: dict[str, Any] = {
            "schema": 1,
            "wave": str(given.get("wave") or ""),
            "target": dict(given["target"]),
            "begun": now,
            "since": 0,
            "point": "",
            "baseline": dict(given.get("baseline") or {}),
            "faults": [],
            "accepted": {},
            "history": list(record.get("history") or []),
        }
        return _step(new, wanted, now, reason)
    if state == wanted and wanted in ("soaking", "undone"):
        return dict(record)
    _follows(state, wanted)
    new = dict(record)
    if wanted == "soaking":
        ended = _ended(record, journal)
        reached = dict(journal.get("to") or {}) if ended else {}
        new["target"] = {app: reached.get(app, commit) for app, commit in record["target"].items()}
        new.update(since=ended or now, point=str(journal.get("point") or "") if ended else "", faults=[], accepted={})
        return _step(new, wanted, now, reason)
    if wanted == "undone":
        return _step(new, wanted, now, reason)
    faults = [str(fault) for fault in given.get("faults") or []]
    if wanted == "passed" and faults and not reason:
        raise ErpopsError(
            "did not pass its gate, and nobody said why that is accepted",
            object=".erpops/rollout.json",
            seen="; ".join(faults),
            needed="a reason",
            hint="-e rollout_accept_gate=<bench> -e rollout_accept_reason='...'",
            status=400,
        )
    if state == wanted and list(record["faults"]) == faults:
        return dict(record)
    new.update(faults=faults)
    if wanted == "passed" and faults:
        new["accepted"] = {"at": now, "reason": reason}
    return _step(new, wanted, now, reason if faults else "")


def _ended(record: Record, journal: Record) -> float:
    """When the update ended that this record was begun for; 0 if none did."""
    done = journal.get("state") == "over" and journal.get("outcome") == "done" and journal.get("purpose") != "back"
    ended = float(journal.get("ended") or 0)
    return ended if done and ended >= float(record.get("begun") or 0) else 0.0


def _follows(state: str, wanted: str) -> None:
    before = {
        "soaking": ("begun", "undone"),
        "passed": ("soaking", "failed", "passed"),
        "failed": ("soaking", "failed"),
        "undone": ("soaking", "failed", "passed"),
    }[wanted]
    if state not in before:
        raise ErpopsError(
            f"the roll-out of this bench cannot be {wanted} now",
            object=".erpops/rollout.json",
            seen=state or "no record",
            needed=" or ".join(before),
            hint="run playbooks/rollout.yml, which does one step after another",
            status=409,
        )


def _step(record: dict[str, Any], state: str, now: float, reason: str) -> dict[str, Any]:
    entry = {"at": now, "state": state, "target": record["target"], "faults": record["faults"], "reason": reason}
    return {**record, "state": state, "history": [*record["history"], entry][-HISTORY_LIMIT:]}
