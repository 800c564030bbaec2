# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what the bench remembers of a site and the site itself does not say.

It goes into each backup set and comes back with it: elsewhere a migration that is finished would be run again, a phase of
an integration would begin anew, and a job that was stopped before an integration was switched off would be started.
"""

from __future__ import annotations

import glob
import os
from typing import Any

from ._context import Context
from ._files import read_json, write_json
from ._phases import record_path
from ._state import keep_job_states, kept_job_states
from ._tasks import cursor_path


def remembered(context: Context) -> dict[str, Any]:
    """``tasks`` (their cursors), ``phases`` (records by integration), ``jobs`` (states by method, as they were)."""
    folder = os.path.join(context.bench.state, "{}", context.need_site(), "*.json")
    phases = sorted(glob.glob(folder.format("phases")))
    return {
        "tasks": [read_json(path) for path in sorted(glob.glob(folder.format("tasks")))],
        "phases": {os.path.splitext(os.path.basename(path))[0]: read_json(path) for path in phases},
        "jobs": kept_job_states(context),
    }


def remember(context: Context, told: dict[str, Any]) -> None:
    """Write down what ``remembered`` told elsewhere, or earlier; sets of before tell less."""
    for cursor in told.get("tasks") or []:
        path = cursor_path(context, str(cursor["task"]))
        context.bench.state_path("tasks", context.site, os.path.basename(path))
        write_json(path, cursor)
    for integration, record in (told.get("phases") or {}).items():
        context.bench.state_path("phases", context.site, "")
        write_json(record_path(context, integration), record)
    if told.get("jobs"):
        keep_job_states(context, told["jobs"])
