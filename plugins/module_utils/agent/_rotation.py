# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a secret of a site is replaced, in steps that each leave a site that works.

``.erpops/rotations/<site>.json`` (0600) is the journal: ``open`` holds what a rotation that is under way needs to be
finished or undone, the secret itself included; ``done`` says which request rotated a secret last, and when. Whoever
rotates runs ``begin``, proves over HTTP that the new secret is let in, and runs ``finish``; else ``undo``. Each may be
run again and does only what is left of it.
"""

from __future__ import annotations

import importlib
import os
import time
from typing import TYPE_CHECKING, Any

from .._errors import ErpopsError
from ._context import Context, disconnect
from ._files import read_json_or_empty, write_json
from ._rotation_plan import is_due, shown_state

if TYPE_CHECKING:
    from . import _rotation_database, _rotation_encryption, _rotation_keys, _rotation_login  # noqa: F401 -- imported by name, below

# secret -> the file that replaces it; each has faults, begin, finish and undo.
PARTS = {
    "api_key": "_rotation_keys",
    "database_password": "_rotation_database",
    "admin_password": "_rotation_login",
    "encryption_key": "_rotation_encryption",
}


def _part(secret: str) -> Any:
    if secret not in PARTS:
        raise ErpopsError("is no secret that can be rotated", object=secret, needed=", ".join(PARTS), status=400)
    return importlib.import_module(f".{PARTS[secret]}", __package__)


def _path(context: Context) -> str:
    return os.path.join(context.bench.state, "rotations", f"{context.need_site()}.json")


def read_rotations(context: Context) -> dict[str, Any]:
    """The site's journal: ``{"open": {secret: entry}, "done": {secret: {"request", "at"}}}``."""
    path = _path(context)
    found = read_json_or_empty(path)
    return {"open": dict(found.get("open") or {}), "done": dict(found.get("done") or {})}


def _write(context: Context, journal: dict[str, Any]) -> None:
    context.bench.state_path("rotations", "")
    write_json(_path(context), {"schema": 1, "site": context.site, **journal})


class Entry:
    """What the journal holds of one rotation; ``save`` makes it outlive this process."""

    def __init__(self, context: Context, secret: str) -> None:
        self._context, self._secret = context, secret
        self.values: dict[str, Any] = dict(read_rotations(context)["open"].get(secret) or {})

    def save(self, **values: Any) -> None:
        """Note ``values`` beside what is noted already."""
        self.values.update(values)
        journal = read_rotations(self._context)
        journal["open"][self._secret] = self.values
        _write(self._context, journal)

    def close(self, request: str = "") -> None:
        """Forget it, its secrets too; with ``request`` because it came to its end."""
        journal = read_rotations(self._context)
        journal["open"].pop(self._secret, None)
        if request:
            journal["done"][self._secret] = {"request": request, "at": time.time()}
        _write(self._context, journal)
        self.values = {}


def _locked(context: Context, purpose: str) -> Any:
    """The lock of the site's rotations; the site's own is taken by the operations within."""
    return context.locked(purpose, name=f"{context.need_site()}.rotation")


def _answer(context: Context, secret: str, changed: bool, before: str, **extra: Any) -> dict[str, Any]:
    journal = read_rotations(context)
    after = shown_state(secret, journal)
    return {
        "changed": changed,
        "open": secret in journal["open"],
        "request": str((journal["done"].get(secret) or {}).get("request") or ""),
        "diff": {"before": {secret: before}, "after": {secret: after}},
        "waits_until": 0.0,
        "told": {},
        **extra,
    }


def plan(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """For each of ``args["secrets"]`` (name -> arguments): whether it is ``due`` for ``request``, and all that is in the way."""
    journal, request = read_rotations(context), str(args["request"])
    found = {}
    for secret, given in args["secrets"].items():
        part, due = _part(secret), is_due(secret, request, journal)
        last = journal["done"].get(secret) or {}
        found[secret] = {
            "due": due,
            "open": secret in journal["open"],
            "request": str(last.get("request") or ""),
            "rotated": float(last.get("at") or 0),
            "faults": part.faults(context, given or {}, Entry(context, secret)) if due else [],
        }
        disconnect()
    return {"secrets": found}


def begin(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The new secret is in force, unless this ``request`` has rotated it already; a failure is undone.

    ``told`` holds what the verification needs.
    """
    secret, request = str(args["secret"]), str(args["request"])
    part = _part(secret)
    with _locked(context, "rotation.begin"):
        journal = read_rotations(context)
        before = shown_state(secret, journal)
        if not is_due(secret, request, journal):
            return _answer(context, secret, False, before)
        entry = Entry(context, secret)
        faults = part.faults(context, args, entry)
        if faults:
            raise ErpopsError(f"cannot rotate {secret}", object=context.site, seen=" ".join(faults), status=409)
        if context.check:
            diff = {"before": {secret: before}, "after": {secret: "a new one"}}
            return {**_answer(context, secret, True, before), "diff": diff}
        known = dict(entry.values)
        try:
            told = part.begin(context, args, entry)
        except Exception as exc:
            _undo_after(context, part, args, entry, exc)
            raise
        finally:
            disconnect()
        changed = entry.values != known
        return _answer(context, secret, changed, before, told=told)


def _undo_after(context: Context, part: Any, args: dict[str, Any], entry: Entry, exc: Exception) -> None:
    """:raises ErpopsError: the undo failed too; tells both, and that the next run goes on from the journal."""
    disconnect()
    if not entry.values:
        return
    try:
        part.undo(context, args, entry)
        entry.close()
    except Exception as second:  # noqa: BLE001 -- told beside the failure that led here, which must not be lost
        raise ErpopsError(
            "the rotation failed, and so did its undo; what is needed for either is in the journal",
            object=context.site,
            seen=f"{exc} / {second}",
            hint="correct the cause and run the same command again",
        ) from exc
    finally:
        disconnect()


def finish(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The old secret is not let in any more, and the journal forgets both."""
    secret, request = str(args["secret"]), str(args["request"])
    part = _part(secret)
    with _locked(context, "rotation.finish"):
        before = shown_state(secret, read_rotations(context))
        entry = Entry(context, secret)
        if not entry.values or context.check:
            return _answer(context, secret, bool(entry.values), before)
        known = dict(entry.values)
        try:
            told = part.finish(context, args, entry) or {}
        finally:
            disconnect()
        waits = float(told.pop("waits_until", 0))
        changed = not waits or entry.values != known
        if not waits:
            entry.close(request)
        return _answer(context, secret, changed, before, told=told, waits_until=waits)


def undo(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The old secret is in force again, as if there had been no rotation."""
    secret = str(args["secret"])
    part = _part(secret)
    with _locked(context, "rotation.undo"):
        before = shown_state(secret, read_rotations(context))
        entry = Entry(context, secret)
        if not entry.values or context.check:
            return _answer(context, secret, bool(entry.values), before)
        try:
            told = part.undo(context, args, entry) or {}
        finally:
            disconnect()
        entry.close()
        return _answer(context, secret, True, before, told=told)


OPERATIONS = {
    "rotation.plan": plan,
    "rotation.begin": begin,
    "rotation.finish": finish,
    "rotation.undo": undo,
}
