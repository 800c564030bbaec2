# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a site goes back to one of its backup sets, where it is, and forth again.

Journal, in ``.erpops/restores/<site>.json``: ``holding`` -> ``held`` -> ``saved`` -> ``loading`` -> ``over``; back:
``leaving`` -> ``undoing`` -> ``over``. What is over has an ``outcome``: ``done``, ``undone``, ``untouched``. Each step may
be run again, so that what was killed is gone on with, or taken back, by the next run.
"""

from __future__ import annotations

import os
import time
import uuid
from typing import Any

from .._errors import ErpopsError, reason
from ._backup_crypt import MANIFEST
from ._backup_set import read_set, set_path, take_set
from ._context import Context, disconnect
from ._drain import drain, drain_or_give_up, refuse_left
from ._files import read_json
from ._restore import migrate_restored, refuse_unfit
from ._restore_facts import Journal, find_set, plan_restore, read_restore, restore_faults, unfinished, write_restore
from ._restore_place import restore_in_place
from ._state import apply_maintenance, maintenance_state
from ._update_journal import is_over
from ._update_steps import NOT_BEGUN, close_journal, locked_update


def apply_restore_site(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The site is what the set says; what it was is kept as a set. When that fails, it is brought back and served.

    :param args: ``set``; ``again`` (although it was the last one restored); ``safety``; ``pending``, ``drain_timeout``,
        ``timeout``.
    :raises ErpopsError: (409) something is in the way, nothing was changed; (500) it failed; says what the site is now.
    """
    with locked_update(context, "restore_site.apply"):
        folder = find_set(context, str(args["set"]))
        identity = str(read_json(os.path.join(folder, MANIFEST)).get("id") or "")
        journal = read_restore(context)
        before = str(journal.get("state") or "")
        same = bool(identity) and journal.get("set_id") == identity
        if same and journal.get("outcome") == "done" and not args.get("again"):
            return answer(context, False, before, journal)
        manifest = read_set(folder)
        _refuse(context, folder, manifest, journal, args)
        if is_over(journal):
            journal = _begun(context, manifest, args)
        if context.check:
            return answer(context, True, before, {**journal, "state": "over", "outcome": "done"})
        write_restore(context, journal)
        journal.update(set=folder)
        try:
            _hold(context, journal, args)
            _save(context, journal, args)
        except Exception as exc:
            _open(context, journal, "untouched", str(exc))
            raise
        _load(context, journal, manifest, args)
        _open(context, journal, "done")
        return answer(context, True, before, journal)


def _refuse(context: Context, folder: str, manifest: dict[str, Any], journal: Journal, args: dict[str, Any]) -> None:
    if not is_over(journal):
        if journal.get("set_id") == manifest.get("id") and journal["state"] not in ("leaving", "undoing"):
            refuse_unfit(context, manifest, folder)
            return
        raise ErpopsError(
            "another restore of the site is not over",
            object=context.site,
            seen=f"{journal['name']}, at `{journal['state']}`",
            hint=f"finish it with -e restore_from={journal['name']}, or undo it with -e restore_state=undone",
            status=409,
        )
    faults = restore_faults(context, folder, manifest, args)
    if faults:
        raise ErpopsError(
            "cannot be restored, and nothing was changed", object=context.site, seen="; ".join(faults), status=409
        )


def _begun(context: Context, manifest: dict[str, Any], args: dict[str, Any]) -> Journal:
    state = maintenance_state(context)
    run = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{uuid.uuid4().hex[:4]}"
    return {
        "run": run,
        "set_id": str(manifest.get("id") or ""),
        "name": os.path.basename(find_set(context, str(args["set"]))),
        "state": "holding",
        "originals": {"maintenance": state},
        "kept": "",
        "outcome": "",
        "why": "",
        "begun": time.time(),
    }


def _hold(context: Context, journal: Journal, args: dict[str, Any]) -> None:
    if journal["state"] != "holding":
        return
    apply_maintenance(context, {"state": "on"})
    left = drain_or_give_up(context, args)
    remedies = "raise restore_drain_timeout, or give up those jobs with restore_jobs=abandoned"
    refuse_left(context, left, args, remedies, restored=True)
    journal.update(state="held")
    write_restore(context, journal)


def _save(context: Context, journal: Journal, args: dict[str, Any]) -> None:
    if journal["state"] != "held":
        return
    if args.get("safety") != "skip":
        journal["kept"] = _keep(context, f"before-restore-{journal['run']}", args)
    journal.update(state="saved")
    write_restore(context, journal)


def _keep(context: Context, name: str, args: dict[str, Any]) -> str:
    """What the site is now as a set of this name, which is taken once."""
    folder = set_path(context, name)
    if not os.path.exists(os.path.join(folder, MANIFEST)):
        with context.locked("restore_site.keep"):
            take_set(context, folder, float(args.get("timeout") or 3600))
    return folder


def _load(context: Context, journal: Journal, manifest: dict[str, Any], args: dict[str, Any]) -> None:
    journal.update(state="loading")
    write_restore(context, journal)
    try:
        with context.locked("restore_site.load"):
            journal["restored"] = restore_in_place(context, str(journal["set"]), manifest)
            journal["migrated"] = migrate_restored(context, manifest, {"timeout": args.get("timeout")})
    except Exception as exc:
        disconnect()
        why = reason(exc)
        if not journal["kept"]:
            raise ErpopsError(
                "the restore failed, and the site stays in maintenance: there is no set of what it was",
                object=context.site,
                seen=why,
                hint="correct the cause and run the same again, or restore another set",
            ) from exc
        journal.update(state="undoing", why=why[:400])
        write_restore(context, journal)
        _bring_back(context, journal)
        _open(context, journal, "undone", why)
        raise ErpopsError(
            "the restore failed, and the site is again what it was before, served as before",
            object=context.site,
            seen=why,
            hint="use another set (site_backup_info lists them), or correct the cause and run again",
        ) from exc


def _bring_back(context: Context, journal: Journal) -> None:
    with context.locked("restore_site.back"):
        restore_in_place(context, str(journal["kept"]), read_set(str(journal["kept"]), unpack=False))


def _open(context: Context, journal: Journal, outcome: str, why: str = "") -> None:
    close_journal(context, journal, outcome, why, write_restore)


def undo_restore_site(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The site is what it was before the last restore; what was written since is kept as a set, if it was served."""
    with locked_update(context, "restore_site.undo"):
        journal = read_restore(context)
        before = str(journal.get("state") or "")
        if not journal or (before == "over" and journal["outcome"] != "done"):
            return answer(context, False, before, journal)
        if before not in NOT_BEGUN and not journal["kept"]:
            raise ErpopsError(
                "cannot be undone: no set was taken of what the site was before",
                object=context.site,
                seen="restore_safety=skip",
                hint="restore another set",
                status=409,
            )
        if context.check:
            return answer(context, True, before, {**journal, "state": "over", "outcome": "undone"})
        if before in NOT_BEGUN:
            _open(context, journal, "untouched")
            return answer(context, True, before, journal)
        if before == "over":
            begun = unfinished(context)
            if begun:
                raise ErpopsError("cannot be undone now", object=context.site, seen="; ".join(begun), status=409)
            state = maintenance_state(context)
            journal.update(state="leaving", outcome="", originals={"maintenance": state})
            write_restore(context, journal)
        if journal["state"] == "leaving":
            apply_maintenance(context, {"state": "on"})
            drain(context, args)
            journal["left"] = _keep(context, f"before-undo-{journal['run']}", args)
        journal.update(state="undoing")
        write_restore(context, journal)
        _bring_back(context, journal)
        _open(context, journal, "undone")
        return answer(context, True, before, journal)


def sentence(site: str, journal: Journal) -> str:
    """Where the site stands, for people."""
    state, outcome = str(journal.get("state") or ""), str(journal.get("outcome") or "")
    if not state:
        return f"{site} was never restored in place"
    if state == "over":
        kept = f"; what it was before is in {journal['kept']}" if journal.get("kept") and outcome == "done" else ""
        return {
            "done": f"{site} is what its set {journal['name']} says{kept}",
            "undone": f"{site} is what it was before the restore of {journal['name']}",
        }.get(outcome, f"{site} was not changed")
    return (
        f"{site} is in maintenance, at `{state}`: finish it with -e restore_from={journal['name']}, or undo it with"
        " -e restore_state=undone"
    )


def answer(context: Context, changed: bool, before: str, journal: Journal) -> dict[str, Any]:
    """The result of a step: the journal, and where the site stands."""
    after = str(journal.get("outcome") or journal.get("state") or "")
    return {
        "changed": changed,
        "journal": {key: value for key, value in journal.items() if key != "schema"},
        "told": sentence(context.site, journal),
        "actions": [after] if changed else [],
        "diff": {"before": {"restore": before or "none"}, "after": {"restore": after or "none"}} if changed else {},
    }


OPERATIONS = {
    "restore_site.plan": plan_restore,
    "restore_site.apply": apply_restore_site,
    "restore_site.undo": undo_restore_site,
}
