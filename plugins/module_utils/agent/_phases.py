# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the record of the phase that an integration's roll-out on a site is in, and since when.

It stands on the bench (``.erpops/phases/<site>/<integration>.json``) and not on a controller: whoever runs the next
play must see the same clock.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import Any

from .._errors import ErpopsError
from ._context import Context
from ._files import read_json_or_empty, write_json
from ._phase_plan import Decision, decide, parse_phases, soak, utc

_SHOWN = 20


def record_path(context: Context, integration: str) -> str:
    """Where the record is. :raises ErpopsError: (400) the integration's name is none."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", integration):
        raise ErpopsError(
            "is not the name of an integration",
            object=repr(integration),
            needed="small letters, digits and _, such as chatwoot",
            status=400,
        )
    return os.path.join(context.bench.state, "phases", context.need_site(), f"{integration}.json")


def read_record(context: Context, integration: str) -> dict[str, Any]:
    """The record; ``{}`` if there is none."""
    path = record_path(context, integration)
    return read_json_or_empty(path)


def apply_phase(context: Context, args: dict[str, Any], clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """``name``, ``phases`` (``[{"name", "soak_hours"}]``), ``state: present|suspended|absent``, ``phase``, ``reason``.

    :raises ErpopsError: (404) no such site; (409) the phase may not be entered yet.
    """
    integration, state = str(args["name"]), args.get("state") or "present"
    phases = parse_phases(args["phases"])
    path = record_path(context, integration)
    if state == "present" and not os.path.exists(context.bench.site_path(context.site, "site_config.json")):
        raise ErpopsError(
            "there is no such site on this bench",
            object=context.site,
            seen=", ".join(context.bench.site_names()) or "no site at all",
            hint="run playbooks/provision.yml --limit <site> first",
            status=404,
        )
    wanted = {"present": str(args.get("phase") or ""), "suspended": "suspended", "absent": ""}[state]
    with context.locked("phase.apply"):
        before = read_record(context, integration)
        now = clock()
        decision = decide(before, integration, phases, wanted, now, str(args.get("reason") or ""))
        if decision.action and not context.check:
            context.bench.state_path("phases", context.site, "")
            write_json(path, decision.record)
        lasted, needed = soak(decision.record, phases, now) if state == "present" else (0.0, 0.0)
        return _answer(integration, before, decision, lasted, needed)


def read_phase(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The record of ``name`` as it stands."""
    return read_record(context, str(args["name"]))


def _answer(
    integration: str, before: dict[str, Any], decision: Decision, lasted: float, needed: float
) -> dict[str, Any]:
    record = decision.record
    since = float(record.get("since") or 0)
    return {
        "changed": bool(decision.action),
        "actions": [f"{integration}: {decision.action} {record['phase']}".strip()] if decision.action else [],
        "name": integration,
        "action": decision.action,
        "phase": str(record.get("phase") or ""),
        "before": str(before.get("phase") or ""),
        "suspended": bool(record.get("suspended")),
        "since": since,
        "soaked_hours": round(lasted, 2),
        "soak_hours": needed,
        "soaked": bool(record.get("phase")) and not record.get("suspended") and lasted >= needed,
        "soaked_at": utc(since + needed * 3600) if record.get("phase") and not record.get("suspended") else "",
        "overridden": decision.overridden,
        "history": list(record.get("history") or [])[-_SHOWN:],
        "diff": {"before": _view(before), "after": _view(record)},
    }


def _view(record: dict[str, Any]) -> dict[str, Any]:
    return {"phase": str(record.get("phase") or ""), "suspended": bool(record.get("suspended"))}


OPERATIONS = {"phase.apply": apply_phase, "phase.read": read_phase}
