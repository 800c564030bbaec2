# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: copies of backup sets in an S3 bucket, ``<prefix>/<site>/<set>/<file>``.

A copy is there when its manifest is, which is written last, and it is proven when all of it was read from the bucket and
has the SHA-256 of the set. Only one run at a time touches a site's copies; the site itself is not locked meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any

from .._errors import ErpopsError
from ._backup import sha256
from ._backup_crypt import MANIFEST, discarded, remove_tree, sweep, working_folder
from ._backup_plan import SCHEDULED, newest, retention
from ._backup_set import archive_path, describe_set, note, read_notes, read_stored, set_path
from ._context import Context
from ._files import make_private_dir
from ._offsite import Offsite
from ._offsite_plan import copy_faults, store_from


def _offsite(context: Context, args: dict[str, Any]) -> Offsite:
    return Offsite(context, store_from(args.get("offsite") or {}), float(args.get("timeout") or 3600))


@contextlib.contextmanager
def _locked(context: Context, purpose: str) -> Iterator[None]:
    with context.locked(purpose, f"{context.need_site()}.copies"):
        yield


def copy_set(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The copy of the set ``name`` is there and proven.

    :param args: ``name, offsite, timeout``; ``plain``: a set that is not encrypted may leave the machine; ``verify``: read
        a copy back that was proven before; ``coming``: in check mode the set may not be there yet.
    """
    name, offsite = str(args["name"]), _offsite(context, args)
    folder = set_path(context, name)
    if context.check and args.get("coming") and not os.path.isdir(folder):
        offsite.copies()  # a bucket that cannot be asked now will not be in the run either
        return _result(["copied backup"], {"name": name, "store": offsite.store.name})
    with _locked(context, "backup_copy.present"):
        manifest = read_stored(folder)
        if not manifest.get("encryption") and not args.get("plain"):
            raise ErpopsError(
                "the backup set is not encrypted, and is not copied",
                object=folder,
                needed="an encrypted set, or the word that a plain one may leave the machine",
                hint="set backup_encryption (the set is encrypted where it is), or allow it: plain: true",
                status=409,
            )
        digest = sha256(os.path.join(folder, MANIFEST))
        known = (read_notes(folder).get("copies") or {}).get(offsite.store.name) or {}
        wanted = {**manifest["files"], MANIFEST: digest}
        sizes = {file: os.path.getsize(os.path.join(folder, file)) for file in wanted}
        found = offsite.files(name)
        proven = known.get("manifest") == digest and not copy_faults(sizes, found)
        if proven and args.get("verify"):
            proven = not offsite.wrong(name, wanted)
        told = {"name": name, "store": offsite.store.name, "bytes": sum(sizes.values())}
        if proven:
            return _result([], {**told, "proven": known["proven"]})
        if MANIFEST in found and not known:
            _refuse_another(offsite, name, manifest)
        if context.check:
            return _result(["copied backup"], told)
        sent = _send(offsite, name, folder, wanted, list(copy_faults(sizes, found)))
        proof = {"proven": time.time(), "manifest": digest}
        note(context, folder, {"copies": {**(read_notes(folder).get("copies") or {}), offsite.store.name: proof}})
        return _result(["copied backup"], {**told, "proven": proof["proven"], "sent": sent})


def _refuse_another(offsite: Offsite, name: str, manifest: dict[str, Any]) -> None:
    there = offsite.manifest(name)
    if there.get("id") != manifest.get("id"):
        raise ErpopsError(
            "there is a copy of another set of this name",
            object=f"{offsite.store.name}/{offsite.context.site}/{name}",
            seen=f"set {there.get('id')}",
            needed=f"set {manifest.get('id')}",
            hint="give each fleet, or each bench, a prefix of its own (offsite.prefix)",
            status=409,
        )


def _send(offsite: Offsite, name: str, folder: str, wanted: dict[str, str], lacking: list[str]) -> list[str]:
    """Write what lacks, read all back, and write once more what came back otherwise; the manifest last.

    :raises ErpopsError: (422) it came back otherwise again.
    """
    sent: list[str] = []

    def put(files: list[str]) -> None:
        for part in (sorted(set(files) - {MANIFEST}), [MANIFEST] if MANIFEST in files else []):
            if part:
                offsite.put(folder, name, part)
            sent.extend(part)

    put([file for file in wanted if file in lacking])
    wrong = offsite.wrong(name, wanted)
    if wrong:
        put(wrong)
        wrong = offsite.wrong(name, {file: wanted[file] for file in wrong})
    if wrong:
        raise ErpopsError(
            "the copy is not what was sent",
            object=f"{offsite.store.name}/{offsite.context.site}/{name}",
            seen="; ".join(f"{file} has another SHA-256" for file in wrong),
            hint="do not trust this server before it is repaired",
            status=422,
        )
    return sent


def verify_copy(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The copy of the set ``name`` is read from the bucket, and is what its own manifest says; else an error."""
    name, offsite = str(args["name"]), _offsite(context, args)
    manifest = offsite.manifest(name)
    found = offsite.files(name)
    sizes = dict.fromkeys(manifest["files"], -1) | (manifest.get("sizes") or {})
    faults = list(copy_faults(sizes, found).values())
    if not faults:
        faults = [f"{file} has another SHA-256" for file in offsite.wrong(name, manifest["files"])]
    if faults:
        raise ErpopsError(
            "the copy is damaged",
            object=f"{offsite.store.name}/{context.site}/{name}",
            seen="; ".join(faults),
            hint="copy the set again while it is on the bench (state: present with verify), or use another one",
            status=422,
        )
    return _result([], {"name": name, "store": offsite.store.name, "bytes": sum(found.values()), "proven": time.time()})


def fetch_copy(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The set ``name`` is on this bench again, and whole."""
    name, offsite = str(args["name"]), _offsite(context, args)
    folder = set_path(context, name)
    with _locked(context, "backup_copy.fetch"):
        manifest = offsite.manifest(name)
        if os.path.exists(os.path.join(folder, MANIFEST)):
            there = read_stored(folder)
            if there.get("id") == manifest.get("id"):
                return _result([], {**describe_set(folder, there), "store": offsite.store.name})
            raise ErpopsError(
                "there is another set of this name on the bench",
                object=folder,
                seen=f"set {there.get('id')}",
                needed=f"set {manifest.get('id')}",
                hint="move that directory out of the archive, or fetch to another bench",
                status=409,
            )
        if context.check:
            return _result(["fetched backup"], {"name": name, "path": folder, "store": offsite.store.name})
        sweep(archive_path(context), ("fetched",))
        part = working_folder(folder, "fetched")
        with discarded(part):
            make_private_dir(part)
            offsite.get(name, part, [*sorted(manifest["files"]), MANIFEST])
            for file in os.listdir(part):
                os.chmod(os.path.join(part, file), 0o600)
            fetched = read_stored(part)
            remove_tree(folder)
            os.rename(part, folder)
        now = time.time()
        proof = {"proven": now, "manifest": sha256(os.path.join(folder, MANIFEST))}
        note(context, folder, {"verified": now, "copies": {offsite.store.name: proof}})
        return _result(["fetched backup"], {**describe_set(folder, fetched), "store": offsite.store.name})


def list_copies(context: Context, args: dict[str, Any]) -> list[dict[str, Any]]:
    """Copies of the site's sets, the newest first: ``name, taken, purpose, id, bytes, whole, fault, encryption``."""
    offsite = _offsite(context, args)
    found = []
    for name, sizes in offsite.copies().items():
        manifest = offsite.manifest(name)
        wanted = dict.fromkeys(manifest["files"], -1) | (manifest.get("sizes") or {})
        fault = "; ".join(copy_faults(wanted, sizes).values())
        told = {key: manifest.get(key) or "" for key in ("id", "purpose", "frappe")}
        told |= {"taken": float(manifest.get("taken") or 0), "encryption": manifest.get("encryption") or {}}
        found.append({"name": name, **told, "bytes": sum(sizes.values()), "whole": not fault, "fault": fault})
    return sorted(found, key=lambda one: (one["taken"], one["name"]), reverse=True)


def prune_copies(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Copies that the policy ``keep`` has no place for are gone, once the newest one is proven.

    :param args: as ``copy_set``, and ``keep``; ``coming``: name of a set that this run would have copied.
    """
    offsite = _offsite(context, args)
    with _locked(context, "backup_copy.prune"):
        copies, now = list_copies(context, args), time.time()
        coming = str(args.get("coming") or "")
        expected = [{"name": coming, "taken": now, "purpose": SCHEDULED, "whole": True}] if coming else []
        expected = [] if coming in [one["name"] for one in copies] else expected
        reasons = retention([*copies, *expected], args.get("keep") or {}, now)
        going = [str(one["name"]) for one in copies if not reasons[one["name"]]]
        best = newest(copies, now)
        if going and best and not expected and not _proven_here(context, offsite, str(best["name"])):
            verify_copy(context, {**args, "name": best["name"]})
        for name in [] if context.check else going:
            offsite.remove(name)
        before = [str(one["name"]) for one in copies]
        return {
            "changed": bool(going),
            "actions": [f"removed {name}" for name in going],
            "removed": going,
            "kept": {name: why for name, why in reasons.items() if why},
            "copies": [one for one in copies if one["name"] not in going],
            "diff": {"before": {"copies": before}, "after": {"copies": [name for name in before if name not in going]}},
        }


def _proven_here(context: Context, offsite: Offsite, name: str) -> bool:
    """Whether this bench read that copy back within the last day."""
    folder = set_path(context, name)
    known = (read_notes(folder).get("copies") or {}).get(offsite.store.name) or {}
    return time.time() - float(known.get("proven") or 0) < 86400


def _result(actions: list[str], found: dict[str, Any]) -> dict[str, Any]:
    after = {"copy": f"{found['store']}: {found['name']}"} if "copied backup" in actions else {"set": found["name"]}
    diff = {"before": dict.fromkeys(after, ""), "after": after} if actions else {"before": {}, "after": {}}
    return {"changed": bool(actions), "actions": actions, "copy": found, "diff": diff}


OPERATIONS = {
    "backup_copy.present": copy_set,
    "backup_copy.verify": verify_copy,
    "backup_copy.fetch": fetch_copy,
    "backup_copy.prune": prune_copies,
}
