# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a site goes back to the rollback point of an update (``_update_journal``)."""

from __future__ import annotations

import json
import os
from typing import Any

from .._errors import ErpopsError
from ._backup_set import read_set, set_path, take_set
from ._context import Context, connect, disconnect
from ._drain import drain_or_give_up
from ._dump_tables import touched
from ._fingerprint import VOLATILE
from ._migration_history import forget_migrations
from ._points import read_point, site_set, verify_point
from ._restore_place import restore_in_place
from ._sizes import database_size
from ._state import apply_maintenance
from ._update_journal import Journal, is_over, read_site_journal, write_site_journal
from ._update_steps import NOT_BEGUN, answer, begun, locked_update, refuse_other

# Below this the whole dump is loaded in seconds, and nobody has to trust what a migration says of itself.
WHOLE_BELOW = 256 << 20
# Written by a migration that ends, whether well or not (frappe/migrate.py: tearDown).
TOUCHED = "touched_tables.json"


def leave(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """On the way back: maintenance, no jobs, and a set of what the site is now, since that is about to be lost.

    A site that was not opened since its migration has nothing that the point does not have.

    :param args: ``run``, ``point`` (to go back to), ``only_begun`` (a site that the run never came to is left alone),
        ``drain_timeout``, ``timeout``, ``safety``: with ``skip`` what the site is now is given up.
    """
    context.need_site()
    with locked_update(context, "update.leave"):
        journal = read_site_journal(context.bench, context.site)
        before = str(journal.get("state") or "")
        refuse_other(journal, args, context.site)
        own = journal.get("run") == args["run"]
        if _needs_no_way_back(journal, args):
            return answer(context, False, before, journal)
        if context.check:
            return answer(context, True, before, {**journal, "state": "left"})
        if own and before == "quarantined":
            journal.update(state="undone")  # its data is old, and its originals are known
            write_site_journal(context, journal)
            return answer(context, True, before, journal)
        if before in ("", "over", "quarantined"):
            verify_point(context.bench, str(args["point"]), context.site)
            journal = {**begun(context, journal), "run": args["run"], "point": args["point"], "state": "leaving"}
            write_site_journal(context, journal)
        if journal["state"] == "leaving":
            _empty(context, journal, args)
        journal.update(state="left")
        write_site_journal(context, journal)
        return answer(context, True, before, journal)


def _empty(context: Context, journal: Journal, args: dict[str, Any]) -> None:
    """Nobody works on the site any more, and what it is now is a set, unless that is given up."""
    keeps = args.get("safety") != "skip"
    folder = set_path(context, f"before-{journal['run']}")
    with context.bench.prepared(*([""] if keeps else [])):  # for the backup, which the site waits for
        apply_maintenance(context, {"state": "on"})
        drain_or_give_up(context, args)
        if keeps and not os.path.exists(os.path.join(folder, "manifest.json")):
            with context.locked("update.leave"):
                take_set(context, folder, float(args.get("timeout") or 3600))
    if keeps:
        journal["kept"] = folder


def _needs_no_way_back(journal: Journal, args: dict[str, Any]) -> bool:
    """Whether the site is old already, or on its way, or was never a part of the run that is to be undone."""
    state, own = str(journal.get("state") or ""), journal.get("run") == args["run"]
    if is_over(journal):
        return journal.get("outcome") != "done" if own else bool(args.get("only_begun"))
    return state in (*NOT_BEGUN, "left", "undoing", "undone")


def back(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The data of the point is the site's again; it stays in maintenance until the old code runs."""
    context.need_site()
    with locked_update(context, "update.back"):
        journal = read_site_journal(context.bench, context.site)
        before = str(journal.get("state") or "")
        if before not in ("left", "undoing"):
            return answer(context, False, before, journal)
        if context.check:
            return answer(context, True, before, {**journal, "state": "undone"})
        journal.update(state="undoing")
        write_site_journal(context, journal)
        restored = bring_back(context, journal, whole=True)
        forget_migrations(context, float(read_point(context.bench, str(journal["point"]))["begun"]))
        journal.update(state="undone", restored=restored)
        write_site_journal(context, journal)
        return answer(context, True, before, journal)


def bring_back(context: Context, journal: Journal, *, whole: bool) -> dict[str, Any]:
    """The data of the point; only the touched tables where the database is large and what was touched is known."""
    folder = site_set(context.bench, str(journal["point"]), context.site)
    with context.locked("update.back"):
        manifest = read_set(folder, unpack=False)
        tables = None if whole else _touched(context, manifest)
        if tables is not None:
            try:
                return restore_in_place(context, folder, manifest, tables)
            except ErpopsError:
                disconnect()  # it had changed more than it said
        return restore_in_place(context, folder, manifest)


def _touched(context: Context, manifest: dict[str, Any]) -> set[str] | None:
    """Tables that the migration changed; ``None`` where that is not known for sure, or not worth the doubt."""
    frappe = connect(context.bench, context.site)
    if database_size(frappe) < WHOLE_BELOW or not manifest.get("quiet"):
        return None
    try:
        with open(context.bench.site_path(context.site, TOUCHED), encoding="utf-8") as handle:
            told = [str(table) for table in json.load(handle)]
    except (OSError, ValueError):
        return None
    # Of the others it is not known whether the dump has them; what it does not have is not looked for in it.
    return touched(told, {*manifest["fingerprint"]["tables"], *VOLATILE})


OPERATIONS = {"update_back.leave": leave, "update_back.return": back}
