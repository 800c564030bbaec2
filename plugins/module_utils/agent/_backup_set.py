# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: named backup sets -- taken once, described by a manifest, read back before they are used."""

from __future__ import annotations

import os
import re
import time
import uuid
from typing import Any

from .._errors import ErpopsError
from ._app_install import place
from ._apps import look_app
from ._backup import backup_site, sha256, verify_config
from ._backup_crypt import (
    MANIFEST,
    NOTES,
    discarded,
    encrypt_set,
    remove_tree,
    sweep,
    verify_encrypted,
    working_folder,
)
from ._backup_plan import SCHEDULED, slot_name
from ._backup_tool import have_tool
from ._cipher_plan import check_encryption
from ._config import read_config
from ._context import Context, connect, disconnect
from ._dump_read import newest_dump, read_dump
from ._files import make_private_dir, read_json, read_json_or_empty, write_json
from ._fingerprint import fingerprint
from ._memory import remembered
from ._sizes import database_size, space, tree_size
from ._state import scheduler_facts

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}")


def set_path(context: Context, name: str) -> str:
    """Directory of a set of this site. :raises ErpopsError: (400) this cannot be a set's name."""
    if not _NAME.fullmatch(name):
        raise ErpopsError("is not a name of a backup set", object=name, needed="letters, digits, _ . -", status=400)
    return os.path.join(archive_path(context), name)


def archive_path(context: Context) -> str:
    """Directory of all sets of this site."""
    return os.path.join(context.bench.state, "archive", context.need_site())


def read_set(folder: str, *, unpack: bool = True) -> dict[str, Any]:
    """The manifest of the set in ``folder``, once every file of it has its digest and can be unpacked.

    :param unpack: without, the digests have to do: they are of what was unpacked to its end when the set was taken, and
        again before a site was taken away for it, which is what a large one would wait for.
    :raises ErpopsError: (422) something of it is missing, or is not what was written; names all of it. It is encrypted.
    """
    manifest = read_stored(folder, unpack=unpack)
    if manifest.get("encryption"):
        raise ErpopsError(
            "the backup set is encrypted",
            object=folder,
            seen=str(manifest["encryption"].get("tool")),
            needed="a plain set",
            hint="decrypt it first: erpops.frappe.site_backup with state: decrypted and its key",
            status=422,
        )
    return manifest


def read_stored(folder: str, *, unpack: bool = True) -> dict[str, Any]:
    """The manifest of a set that may be encrypted, once its files are what was written, and are encrypted if it says so."""
    manifest = read_json(os.path.join(folder, "manifest.json"), hint="a set without a manifest was never completed")
    if manifest.get("schema") != 1 or not isinstance(manifest.get("files"), dict):
        raise ErpopsError("is not a manifest that can be read", object=folder, needed="schema 1", status=422)
    problems = []
    for name, digest in manifest["files"].items():
        path = os.path.join(folder, name)
        if os.path.basename(name) != name or not os.path.isfile(path):
            problems.append(f"{name} is missing")
        elif sha256(path) != digest:
            problems.append(f"{name} is not what was written (its SHA-256 differs)")
    if problems:
        raise ErpopsError(
            "the backup set is damaged",
            object=folder,
            seen="; ".join(problems),
            hint="use another set; never restore from this one",
            status=422,
        )
    if manifest.get("encryption"):
        verify_encrypted(folder, manifest)
    else:
        dump = newest_dump(str(manifest["site"]), folder)
        if unpack:
            read_dump(dump)
        verify_config(str(manifest["site"]), folder, manifest)
    return manifest


def read_notes(folder: str) -> dict[str, Any]:
    """What is known of a set since it was taken: ``verified`` (when it was last read back), ``copies``; ``{}``."""
    path = os.path.join(folder, NOTES)
    return read_json_or_empty(path)


def note(context: Context, folder: str, told: dict[str, Any]) -> None:
    """Add to the notes of a set; in check mode nothing."""
    if not context.check:
        write_json(os.path.join(folder, NOTES), {**read_notes(folder), "schema": 1, **told})


def describe_set(folder: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """A set as result keys: where it is and what is in it, without the table counts."""
    counts = (manifest.get("fingerprint") or {}).get("tables") or {}
    return {
        "path": folder,
        "name": os.path.basename(folder.rstrip("/")),
        "id": str(manifest.get("id") or ""),
        "site": str(manifest["site"]),
        "purpose": str(manifest.get("purpose") or ""),
        "taken": float(manifest.get("taken") or 0),
        "encryption": manifest.get("encryption") or {},
        "files": manifest["files"],
        "bytes": sum(os.path.getsize(os.path.join(folder, name)) for name in manifest["files"]),
        "frappe": str(manifest.get("frappe") or ""),
        "apps": manifest.get("apps") or [],
        "tables": int(manifest.get("tables") or len(counts)),
        "rows": int(manifest.get("rows") or sum(counts.values())),
    }


def apply_backup(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """``state: present``: the set is there and whole, encrypted if asked; ``verified``: that in ``path`` is, else an error.

    A set that was named, or is that of the ``slot``, and is whole is not taken again; one that an ended run left
    incomplete is.
    """
    if args.get("state") == "verified":
        folder = os.path.abspath(str(args.get("path") or set_path(context, str(args.get("name")))))
        manifest = read_stored(folder)
        if os.path.dirname(folder) == archive_path(context):
            note(context, folder, {"verified": time.time()})
        return _result(context, [], describe_set(folder, manifest))
    encryption = check_encryption(args.get("encryption") or {}, str(args.get("passphrase") or ""))
    slot, now = str(args.get("slot") or ""), time.time()
    name = str(args.get("name") or "") or (slot_name(slot, now) if slot else "")
    folder = set_path(context, name or time.strftime("%Y%m%d_%H%M%S"))
    with context.locked("backup.apply"):
        if not context.check:
            sweep(archive_path(context))
        there = bool(name) and os.path.exists(os.path.join(folder, MANIFEST))
        manifest = read_stored(folder) if there else {}
        if there and (manifest.get("encryption") or not encryption[0]):
            return _result(context, [], describe_set(folder, manifest))
        actions = ["took backup"] * (not there) + ["encrypted backup"] * bool(encryption[0])
        space = _preflight(context, encryption[0], manifest)
        if context.check:
            about = {"path": folder, "name": os.path.basename(folder), "site": context.site, "space": space}
            return _result(context, actions, about)
        context.bench.state_path("archive", context.site, "")
        purpose = SCHEDULED if slot else ""
        _make(context, folder, there, (*encryption, str(args.get("passphrase") or "")), purpose, args)
        note(context, folder, {"verified": time.time()})
        return _result(context, actions, describe_set(folder, read_json(os.path.join(folder, MANIFEST))))


def take_set(context: Context, folder: str, timeout: float = 3600.0) -> dict[str, Any]:
    """A set of the site in ``folder``, in place of what is there; returns its manifest. The caller holds the site's lock."""
    remove_tree(folder)
    make_private_dir(os.path.dirname(folder))
    backup_site(context, folder, timeout, _about(context, ""))
    return read_json(os.path.join(folder, MANIFEST))


def _make(
    context: Context,
    folder: str,
    there: bool,
    encryption: tuple[str, list[str], str],
    purpose: str,
    args: dict[str, Any],
) -> None:
    """Take the set; with encryption it has its name only once it is encrypted, and the plain one never stays."""
    timeout = float(args.get("timeout") or 3600)
    if not encryption[0]:
        remove_tree(folder)
        backup_site(context, folder, timeout, _about(context, purpose))
        return
    if there:
        encrypt_set(context, folder, folder, *encryption, timeout)
        return
    plain = working_folder(folder, "plain")
    remove_tree(folder)
    with discarded(plain):
        backup_site(context, plain, timeout, _about(context, purpose))
        encrypt_set(context, plain, folder, *encryption, timeout)


def _preflight(context: Context, tool: str, manifest: dict[str, Any]) -> dict[str, int]:
    """Room that the set needs at most, and what there is, in bytes. :raises ErpopsError: what would fail later, all of it."""
    if manifest:  # of a set that is there: what it has once more
        needed = sum((manifest.get("sizes") or {}).values())
    else:
        frappe = connect(context.bench, context.need_site())
        files = tree_size(context.bench, context.site)
        # Packed a dump is smaller than its tables, by how much nobody knows before.
        needed = database_size(frappe) + files * (2 if tool else 1)
        encrypts = bool(int(frappe.db.get_single_value("System Settings", "encrypt_backup") or 0))
        disconnect()
    free = int(space(archive_path(context))["free"])
    faults, status = [], 507
    if free < needed:
        faults.append(f"{needed} bytes are needed for it at most, {free} are free in {archive_path(context)}")
    if tool and not have_tool(tool):
        faults.append(f"{tool} is not installed (apt-get install {'gnupg' if tool == 'gpg' else tool})")
        status = 404
    if not manifest and encrypts:
        faults.append("Frappe encrypts its backups itself (System Settings, encrypt_backup), which cannot be read back")
        status = 409
    if faults:
        raise ErpopsError(
            "cannot be backed up",
            object=context.site,
            seen="; ".join(faults),
            hint="correct this and run again; nothing was written",
            status=status if len(faults) == 1 else 409,
        )
    return {"needed": needed, "free": free}


def _about(context: Context, purpose: str) -> dict[str, Any]:
    """What a restore has to know besides the files, read before they are written."""
    frappe = connect(context.bench, context.site)
    identity = uuid.uuid4().hex
    apps = []
    for name in frappe.get_installed_apps():
        found = look_app(context.bench, place(context.bench, name))
        apps.append({key: found[key] for key in ("commit", "version")} | {"name": name})
    about = {
        "id": identity,
        "taken": time.time(),
        "purpose": purpose,
        "frappe": str(frappe.__version__),
        "db_type": str(frappe.conf.get("db_type") or "mariadb"),
        "apps": apps,
        "scheduler": scheduler_facts(context, frappe)["state"],
        # Only of a site in maintenance can the counts of now be those of the dump.
        "quiet": bool(read_config(context, "site").get("maintenance_mode")),
        "fingerprint": fingerprint(frappe, identity),
        **remembered(context),
    }
    disconnect()
    return about


def _result(context: Context, actions: list[str], found: dict[str, Any]) -> dict[str, Any]:
    before = "" if "took backup" in actions else found["path"]
    shown = (
        {"backup": before, "encrypted": False},
        {"backup": found["path"], "encrypted": "encrypted backup" in actions},
    )
    if not actions:
        shown = ({"backup": before}, {"backup": before})
    return {
        "changed": bool(actions),
        "actions": actions,
        "backup": found,
        "diff": {"before": shown[0], "after": shown[1]},
    }


OPERATIONS = {"backup.apply": apply_backup}
