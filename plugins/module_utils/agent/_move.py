# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a site changes its bench. Each side keeps a journal, ``.erpops/moves/<site>.json``.

At the source: ``holding`` (maintenance is being switched on) -> ``held`` -> ``moved`` -> ``finished``. At the target:
``receiving`` -> ``received`` -> ``live`` -> ``finished``. An undone move leaves no journal. Every step may be run
again, and does only what is left of it.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Callable
from typing import Any

from .._errors import ErpopsError
from ._backup import backup_site
from ._backup_set import set_path
from ._context import Context, connect, disconnect
from ._drain import Clock, drain, refuse_left
from ._files import write_json
from ._keys import stored_key
from ._move_facts import journal_path, move_facts, read_journal
from ._move_plan import HELD, faults, is_over
from ._restore import discard_set, restore_note
from ._site_state import look
from ._sites import remove_pieces
from ._state import apply_maintenance, apply_scheduler, maintenance_state, scheduler_facts


def write_journal(context: Context, journal: dict[str, Any]) -> None:
    """Replace this bench's journal of the site's move."""
    context.bench.state_path("moves", "")
    write_json(journal_path(context), {"schema": 1, "site": context.site, **journal, "changed": time.time()})


def forget_journal(context: Context) -> None:
    """The move is undone: nothing of it is to be known here."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(journal_path(context))


def locked_move(context: Context, purpose: str) -> Any:
    """The lock of the site's move; the site's own is taken by the operations within."""
    return context.locked(purpose, name=f"{context.need_site()}.move")


def answer(changed: bool, before: str, after: str, journal: dict[str, Any], **extra: Any) -> dict[str, Any]:
    """The result of a step: the journal's state before and after, and the journal."""
    shown = {key: value for key, value in journal.items() if key != "schema"}
    diff = {"before": {"move": before or "none"}, "after": {"move": after or "none"}}
    return {
        "changed": changed,
        "journal": shown,
        "diff": diff,
        "actions": [after or "undone"] if changed else [],
        **extra,
    }


def plan(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Facts of the target, and with the source's (``args["peer"]``) every fault that is in the way."""
    facts = move_facts(context, args)
    source = args["peer"]
    return {"facts": facts, "faults": faults(context.need_site(), source, facts), "over": is_over(source)}


def hold(
    context: Context, args: dict[str, Any], clock: Clock = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """The source site is in maintenance, its scheduler is off, and no job of it waits or runs.

    :param args: ``to`` (the target's name), ``pending`` (``drained`` or ``abandoned``), ``drain_timeout`` (seconds).
    :raises ErpopsError: (409) jobs are left when the time is over; the site is then as it was before.
    """
    frappe = connect(context.bench, context.need_site())
    with locked_move(context, "move.hold"):
        journal = read_journal(context)
        before = str(journal.get("state") or "")
        if before in (*HELD, "moved"):
            _same_target(context, journal, args)
        if before in ("held", "moved"):
            return answer(False, before, before, journal)
        if before != "holding":
            state = maintenance_state(context)
            originals = {"maintenance": state, "scheduler": scheduler_facts(context, frappe)["state"]}
            identity = uuid.uuid4().hex
            journal = {"id": identity, "set": f"move-{identity[:12]}", "originals": originals, "begun": time.time()}
        journal.update(state="holding", to=str(args["to"]))
        if context.check:
            return answer(True, before, "held", journal)
        write_journal(context, journal)
        apply_scheduler(context, {"state": "disabled"})
        apply_maintenance(context, {"state": "on"})
        left = drain(context, args, clock, sleep)
        remedies = "raise move_drain_timeout, or give up those jobs with move_jobs=abandoned"
        try:
            refuse_left(context, left, args, remedies, restored=True)
        except ErpopsError:
            _put_back(context, journal)
            forget_journal(context)
            raise
        journal.update(state="held", held=time.time(), abandoned=left)
        write_journal(context, journal)
        return answer(True, before, "held", journal)


def _same_target(context: Context, journal: dict[str, Any], args: dict[str, Any]) -> None:
    """:raises ErpopsError: (409) the move that is under way has another target than ``args["to"]``."""
    if journal.get("to") != args.get("to"):
        raise ErpopsError(
            "is being moved to another bench",
            object=context.site,
            seen=str(journal.get("to")),
            needed=str(args.get("to")),
            hint=f"finish that move, or undo it with move_to={journal.get('to')}",
            status=409,
        )


def _put_back(context: Context, journal: dict[str, Any]) -> None:
    """Scheduler and maintenance mode as they were before the move."""
    apply_scheduler(context, {"state": journal["originals"]["scheduler"]})
    apply_maintenance(context, {"state": journal["originals"]["maintenance"]})


def live(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The copy on the target is the site from now on: its scheduler is as it was at the source."""
    with locked_move(context, "move.live"):
        journal = read_journal(context)
        before = str(journal.get("state") or "")
        if before in ("live", "finished"):
            return answer(False, before, before, journal)
        if not context.check:
            apply_scheduler(context, {"state": str(args["scheduler"])})
            journal.update(state="live", live=time.time())
            write_journal(context, journal)
        return answer(True, before, "live", journal)


def moved(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The source knows that its site lives elsewhere; it stays in maintenance.

    :param args: ``forward``: base address of the target's machine, for whatever forwards requests to it.
    """
    with locked_move(context, "move.moved"):
        journal = read_journal(context)
        before = str(journal.get("state") or "")
        if before in ("moved", "finished"):
            return answer(False, before, before, journal)
        if not context.check:
            journal.update(state="moved", moved=time.time(), forward=str(args.get("forward") or ""))
            write_journal(context, journal)
        return answer(True, before, "moved", journal)


def release(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The move is undone at the source: scheduler and maintenance as they were, its backup set removed.

    :param args: ``to``: the target's name, which must be that of the move.
    """
    with locked_move(context, "move.release"):
        journal = read_journal(context)
        before = str(journal.get("state") or "")
        if before not in (*HELD, "moved"):
            return answer(False, before, before, journal)
        _same_target(context, journal, args)
        if not context.check:
            _put_back(context, journal)
            discard_set(context, set_path(context, journal["set"]))
            forget_journal(context)
        return answer(True, before, "", journal)


def drop_copy(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The move is undone at the target: the copy that it made is gone, and nothing else.

    :param args: ``from`` (the source's name), ``confirm``, ``root``, ``timeout``.
    :raises ErpopsError: (409) the copy is live already, and ``confirm`` does not say the site's name.
    """
    with locked_move(context, "move.drop_copy"):
        journal = read_journal(context)
        before = str(journal.get("state") or "")
        if before in ("", "finished") or journal.get("from") != args.get("from"):
            return answer(False, before, before, journal)
        root = args.get("root") or {}
        found = look(context, root)
        mine = restore_note(context) == journal.get("set_id") and found.state != "absent"
        if mine and before == "live" and args.get("confirm") != context.site:
            raise ErpopsError(
                "has been live on this bench, and what was written to it since is lost by an undo",
                object=context.site,
                needed=f"move_confirm={context.site}; a verified backup of it is kept all the same",
                status=409,
            )
        saved: dict[str, Any] = {}
        if not context.check:
            if mine:
                if before == "live" and found.state == "present":
                    saved = backup_site(context, set_path(context, f"undone-{time.strftime('%Y%m%d_%H%M%S')}"))
                disconnect()
                remove_pieces(context, found, root)
            discard_set(context, set_path(context, journal["set"]))
            forget_journal(context)
        return answer(True, before, "", journal, backup=saved)


def finish(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Nothing is to be done for the move any more on this bench; the target's copy of the backup set is removed."""
    with locked_move(context, "move.finish"):
        journal = read_journal(context)
        before = str(journal.get("state") or "")
        if before not in ("moved", "live"):
            return answer(False, before, before, journal)
        if not context.check:
            if before == "live":
                discard_set(context, set_path(context, journal["set"]))
            journal.update(state="finished", finished=time.time())
            write_journal(context, journal)
        return answer(True, before, "finished", journal)


def read_key(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The API key of ``args["user"]``, to try it over HTTP; empty for a user without one."""
    if not args.get("user"):
        return {"api_key": "", "api_secret": ""}
    key, secret = stored_key(connect(context.bench, context.need_site()), str(args["user"]))
    return {"api_key": key, "api_secret": secret}


OPERATIONS = {
    "move.read": move_facts,
    "move.plan": plan,
    "move.hold": hold,
    "move.live": live,
    "move.moved": moved,
    "move.release": release,
    "move.drop_copy": drop_copy,
    "move.finish": finish,
    "move.key": read_key,
}
