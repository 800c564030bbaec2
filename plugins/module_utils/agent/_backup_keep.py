# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: which backup sets of a site there are, how old they are, and which of them go."""

from __future__ import annotations

import os
import time
from typing import Any

from .._errors import ErpopsError
from ._backup_copy import list_copies
from ._backup_crypt import MANIFEST, decrypt_set, remove_tree, sweep, working_folder
from ._backup_plan import SCHEDULED, newest, retention
from ._backup_progress import sets_under_way
from ._backup_set import archive_path, describe_set, note, read_notes, read_set, read_stored
from ._context import Context
from ._files import read_json


def list_sets(context: Context) -> list[dict[str, Any]]:
    """All sets of the site, the newest first, as ``describe_set`` tells them and how they are.

    ``whole``: all its files have the sizes that they were written with; their contents are not read again. ``fault`` says
    why it is not. ``verified``: when it was last read back; its manifest is written only after that.
    """
    archive = archive_path(context)
    found = []
    for name in sorted(os.listdir(archive)) if os.path.isdir(archive) else []:
        folder = os.path.join(archive, name)
        if not name.startswith(".") and os.path.isfile(os.path.join(folder, MANIFEST)):
            found.append(_look(folder))
    return sorted(found, key=lambda one: (one["taken"], one["name"]), reverse=True)


def _look(folder: str) -> dict[str, Any]:
    name = os.path.basename(folder)
    empty = {"name": name, "path": folder, "purpose": "", "taken": 0.0, "verified": 0.0, "copies": {}, "whole": False}
    try:
        manifest, notes = read_json(os.path.join(folder, MANIFEST)), read_notes(folder)
        fault = _size_fault(folder, manifest)
        told = {} if fault else describe_set(folder, manifest)
    except (ErpopsError, KeyError, TypeError, AttributeError, ValueError) as exc:
        return {**empty, "fault": exc.message if isinstance(exc, ErpopsError) else f"its manifest lacks {exc}"}
    told = {**empty, "purpose": str(manifest.get("purpose") or ""), "taken": float(manifest.get("taken") or 0), **told}
    told.update(verified=float(notes.get("verified") or told["taken"]), copies=notes.get("copies") or {})
    return {**told, "fault": fault, "whole": not fault}


def _size_fault(folder: str, manifest: dict[str, Any]) -> str:
    sizes = manifest.get("sizes") or {}
    for name in manifest["files"]:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            return f"{name} is missing"
        if name in sizes and os.path.getsize(path) != sizes[name]:
            return f"{name} has {os.path.getsize(path)} bytes instead of {sizes[name]}"
    return ""


def read_sets(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """All sets, the newest of the schedule that counts as a backup, and how far one is that is being taken; changes nothing.

    :param args: ``verify``: read the newest back, byte by byte, before it counts; ``offsite``: list the copies in it too.
    """
    now = time.time()
    sets = list_sets(context)
    if args.get("verify"):
        for one in sets:
            one.update(_verified(context, one) if newest(sets, now) is one else {})
    best = newest(sets, now)
    for one in sets:
        one["age_seconds"] = int(now - one["taken"])
    copied = [one for one in sets if one["purpose"] == SCHEDULED and one["copies"]]
    return {
        "site": context.site,
        "taken_at": now,
        "sets": sets,
        "newest": dict(best) if best else {},
        "newest_copy": dict(copied[0]) if copied else {},
        "bytes": sum(one.get("bytes", 0) for one in sets),
        "under_way": sets_under_way(context, next((one["bytes"] for one in sets if one["whole"]), 0)),
        **({"copies": list_copies(context, args)} if args.get("offsite") else {}),
    }


def _verified(context: Context, one: dict[str, Any]) -> dict[str, Any]:
    """What reading a set back changes in what is told of it."""
    try:
        read_stored(one["path"])
    except ErpopsError as exc:
        return {"whole": False, "fault": f"{exc.message}: {exc.seen}"}
    return {"verified": time.time()}


def prune_sets(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Sets that the policy ``keep`` has no place for are gone, once the newest one was read back.

    :param args: ``keep``; ``coming``: name of a set that this run would have taken, of which check mode counts one more.
    :raises ErpopsError: (422) the newest set is damaged: then nothing is removed.
    """
    with context.locked("backup.prune"):
        if not context.check:
            sweep(archive_path(context))
        sets, now = list_sets(context), time.time()
        coming = str(args.get("coming") or "")
        expected = [{"name": coming, "taken": now, "purpose": SCHEDULED, "whole": True}] if coming else []
        expected = [] if coming in [one["name"] for one in sets] else expected
        reasons = retention([*sets, *expected], args.get("keep") or {}, now)
        going = [one for one in sets if not reasons[one["name"]]]
        best = newest(sets, now)
        if going and best and not expected:
            read_stored(best["path"])
            note(context, best["path"], {"verified": time.time()})
        for one in [] if context.check else going:
            gone = working_folder(one["path"], "gone")
            os.rename(one["path"], gone)
            remove_tree(gone)
        kept = {name: why for name, why in reasons.items() if why}
        before = [one["name"] for one in sets]
        removed = [one["name"] for one in going]
        return {
            "changed": bool(going),
            "actions": [f"removed {name}" for name in removed],
            "removed": removed,
            "kept": kept,
            "bytes": sum(one.get("bytes", 0) for one in going),
            "diff": {"before": {"sets": before}, "after": {"sets": [name for name in before if name not in removed]}},
        }


def opened_path(context: Context, name: str) -> str:
    """Where a set of the site is while it is decrypted: not among the others, which stay encrypted."""
    return os.path.join(context.bench.state, "opened", context.need_site(), name)


def open_set(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The encrypted set in ``path`` is decrypted in ``.erpops/opened/<site>/<name>``, as ``site_restore`` takes it.

    :param args: ``path``, and ``identity`` or ``passphrase``.
    """
    folder = os.path.abspath(str(args["path"]))
    manifest = read_stored(folder)
    if not manifest.get("encryption"):
        raise ErpopsError(
            "the backup set is not encrypted", object=folder, hint="take it as it is (path of site_restore)", status=400
        )
    target = opened_path(context, os.path.basename(folder))
    with context.locked("backup.open"):
        if os.path.exists(os.path.join(target, MANIFEST)) and read_set(target).get("id") == manifest.get("id"):
            return _opened([], describe_set(target, read_set(target)))
        if context.check:
            return _opened(["decrypted backup"], {"path": target, "name": os.path.basename(target)})
        remove_tree(target)
        decrypt_set(context, folder, manifest, target, args)
        return _opened(["decrypted backup"], describe_set(target, read_set(target)))


def close_set(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The decrypted copy of a set is gone. :raises ErpopsError: (400) ``path`` is no such copy of this site."""
    target = os.path.abspath(str(args["path"]))
    if os.path.dirname(target) != os.path.dirname(opened_path(context, "x")):
        raise ErpopsError(
            "is no decrypted copy of a set of this site",
            object=target,
            needed=os.path.join(os.path.dirname(opened_path(context, "x")), "<name>"),
            hint="sets of the archive are removed by retention (state: pruned)",
            status=400,
        )
    with context.locked("backup.close"):
        paths = [path for path in (target, working_folder(target, "part")) if os.path.exists(path)]
        for path in [] if context.check else paths:
            remove_tree(path)
        return _opened(["removed decrypted copy"] if paths else [], {"path": target, "name": os.path.basename(target)})


def _opened(actions: list[str], found: dict[str, Any]) -> dict[str, Any]:
    shown = {"decrypted": found["path"]}, {"decrypted": ""}
    if actions != ["removed decrypted copy"]:
        shown = ({"decrypted": ""} if actions else shown[0]), shown[0]
    diff = {"before": shown[0], "after": shown[1]} if actions else {"before": {}, "after": {}}
    return {"changed": bool(actions), "actions": actions, "backup": found, "diff": diff}


OPERATIONS = {
    "backup_sets.read": read_sets,
    "backup_sets.prune": prune_sets,
    "backup_sets.open": open_set,
    "backup_sets.close": close_set,
}
