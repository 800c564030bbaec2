# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the bench's record of a roll-out, ``.erpops/rollout.json``.

It stands on the bench and not on a controller: a run that is started again, by whomever, must see the same clock and what
was measured before the update.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from ._context import Context
from ._files import read_json_or_empty, write_json
from ._phase_plan import utc
from ._rollout_plan import after, left_seconds, stage
from ._update_journal import read_bench_journal, read_site_journal

_SHOWN = 20


def _path(context: Context) -> str:
    return os.path.join(context.bench.state, "rollout.json")


def read_rollout(context: Context, args: dict[str, Any], clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """The record, and what follows from it.

    :param args: ``target``: the declared commits by app, ``pending``: sites that an update would migrate, ``code``: whether
        it would change the code, ``soak_minutes``.
    """
    return _answer(context, args, read_json_or_empty(_path(context)), clock())


def apply_rollout(context: Context, args: dict[str, Any], clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """The record goes on to ``args["state"]``: ``begun``, ``soaking``, ``passed``, ``failed`` or ``undone``.

    :param args: those of :func:`read_rollout`, and of ``_rollout_plan.after``.
    """
    with context.locked("rollout.apply", name="rollout"):
        before, now = read_json_or_empty(_path(context)), clock()
        record = after(before, str(args["state"]), args, read_bench_journal(context.bench), now)
        changed = record != before
        if changed and not context.check:
            write_json(context.bench.state_path("rollout.json"), record)
        answer = _answer(context, args, record, now)
        answer.update(changed=changed, diff={"before": _view(before), "after": _view(record)})
        return answer


def _answer(context: Context, args: dict[str, Any], record: dict[str, Any], now: float) -> dict[str, Any]:
    quarantined = [
        site
        for site in context.bench.site_names()
        if read_site_journal(context.bench, site).get("state") == "quarantined"
    ]
    soak = float(args.get("soak_minutes") or 0)
    target = {str(app): str(commit) for app, commit in (args.get("target") or {}).items()}
    # A tenant in quarantine waits for somebody; the bench has its new code all the same.
    needed = bool(args.get("code")) or bool(set(args.get("pending") or []) - set(quarantined))
    since = float(record.get("since") or 0)
    return {
        "changed": False,
        "stage": stage(record, target, needed, soak, now),
        "state": str(record.get("state") or ""),
        "wave": str(record.get("wave") or ""),
        "target": dict(record.get("target") or {}),
        "since": since,
        "soak_minutes": soak,
        "left_seconds": left_seconds(record, soak, now) if since else 0,
        "soaks_until": utc(since + soak * 60) if since else "",
        "point": str(record.get("point") or ""),
        "baseline": dict(record.get("baseline") or {}),
        "faults": list(record.get("faults") or []),
        "accepted": dict(record.get("accepted") or {}),
        "quarantined": quarantined,
        "history": list(record.get("history") or [])[-_SHOWN:],
        "diff": {"before": _view(record), "after": _view(record)},
    }


def _view(record: dict[str, Any]) -> dict[str, Any]:
    return {"state": str(record.get("state") or ""), "target": dict(record.get("target") or {})}


OPERATIONS = {"rollout.read": read_rollout, "rollout.apply": apply_rollout}
