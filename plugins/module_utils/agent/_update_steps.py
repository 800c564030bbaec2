# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what the steps of a site's update have in common, forward and back, and a restore in place."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .._errors import ErpopsError
from ._context import Context
from ._state import apply_maintenance, maintenance_state
from ._update_journal import Journal, is_over, write_site_journal
from ._update_plan import sentence

# States in which nothing of the site is changed but its maintenance mode.
NOT_BEGUN = ("holding", "held", "saved")


def locked_update(context: Context, purpose: str) -> Any:
    """The lock of the site's updates and restores, which must not meet; the site's own is taken by what works on it within."""
    return context.locked(purpose, name=f"{context.need_site()}.update")


def refuse_other(journal: Journal, args: dict[str, Any], site: str) -> None:
    if not is_over(journal) and journal.get("state") != "quarantined" and journal.get("run") != args["run"]:
        raise ErpopsError(
            "another update of the site is not over",
            object=site,
            seen=f"{journal.get('run')}, at `{journal.get('state')}`",
            hint="finish it with playbooks/update.yml -e resume=true, or undo it with -e abort=true",
            status=409,
        )


def begun(context: Context, journal: Journal) -> Journal:
    """A new journal: the originals are those of now, or those from before a quarantine."""
    state = maintenance_state(context)
    originals = journal["originals"] if journal.get("state") == "quarantined" else {"maintenance": state}
    return {"originals": originals, "begun": time.time(), "outcome": "", "why": ""}


def close_journal(
    context: Context,
    journal: Journal,
    outcome: str,
    why: str = "",
    write: Callable[[Context, Journal], None] = write_site_journal,
) -> None:
    """Maintenance as it was before; the journal is over.

    :param write: keeps the journal.
    """
    apply_maintenance(context, {"state": journal["originals"]["maintenance"]})
    journal.update(state="over", outcome=outcome, ended=time.time())
    if why:
        journal["why"] = why[:400]
    write(context, journal)


def answer(context: Context, changed: bool, before: str, journal: Journal) -> dict[str, Any]:
    """The result of a step: the journal, and where the site stands."""
    shown = {key: value for key, value in journal.items() if key not in ("schema", "apps")}
    after = str(journal.get("state") or "")
    return {
        "changed": changed,
        "journal": shown,
        "told": sentence(context.site, journal),
        "actions": [after] if changed else [],
        "diff": {"before": {"update": before or "none"}, "after": {"update": after or "none"}},
    }
