# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: named backup sets -- taken once, described by a manifest, read back before they are used."""

from __future__ import annotations

import os
import re
import shutil
import time
import uuid
from typing import Any

from .._errors import ErpopsError
from ._app_install import place
from ._apps import look_app
from ._backup import backup_site, sha256, verify_config, verify_dump
from ._config import read_config
from ._context import Context, connect, disconnect
from ._files import read_json
from ._fingerprint import fingerprint
from ._memory import remembered
from ._state import scheduler_facts

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}")


def set_path(context: Context, name: str) -> str:
    """Directory of a set of this site. :raises ErpopsError: (400) this cannot be a set's name."""
    if not _NAME.fullmatch(name):
        raise ErpopsError("is not a name of a backup set", object=name, needed="letters, digits, _ . -", status=400)
    return os.path.join(context.bench.state, "archive", context.need_site(), name)


def read_set(folder: str) -> dict[str, Any]:
    """The manifest of the set in ``folder``, once every file of it has its digest and can be unpacked.

    :raises ErpopsError: (422) something of it is missing, or is not what was written; names all of it.
    """
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
    verify_dump(str(manifest["site"]), folder, 0)
    verify_config(str(manifest["site"]), folder)
    return manifest


def describe_set(folder: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """A set as result keys: where it is and what is in it, without the table counts."""
    found = manifest.get("fingerprint") or {}
    return {
        "path": folder,
        "name": os.path.basename(folder.rstrip("/")),
        "id": str(manifest.get("id") or ""),
        "site": str(manifest["site"]),
        "taken": float(manifest.get("taken") or 0),
        "files": manifest["files"],
        "bytes": sum(os.path.getsize(os.path.join(folder, name)) for name in manifest["files"]),
        "frappe": str(manifest.get("frappe") or ""),
        "apps": manifest.get("apps") or [],
        "tables": len(found.get("tables") or {}),
        "rows": sum((found.get("tables") or {}).values()),
    }


def apply_backup(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """``state: present``: the set ``name`` is there and whole; ``verified``: that in ``path`` is, else an error.

    A set that was named and is whole is not taken again; one that an ended run left incomplete is.
    """
    if args.get("state") == "verified":
        folder = os.path.abspath(str(args["path"]))
        return _result(context, False, describe_set(folder, read_set(folder)))
    name = str(args.get("name") or "")
    folder = set_path(context, name or time.strftime("%Y%m%d_%H%M%S"))
    if name and os.path.exists(os.path.join(folder, "manifest.json")):
        return _result(context, False, describe_set(folder, read_set(folder)))
    connect(context.bench, context.need_site())
    if context.check:
        return _result(context, True, {"path": folder, "name": os.path.basename(folder), "site": context.site})
    with context.locked("backup.apply"):
        shutil.rmtree(folder, ignore_errors=True)
        context.bench.state_path("archive", context.site, "")
        about = _about(context)
        backup_site(context, folder, float(args.get("timeout") or 3600), about)
    return _result(context, True, describe_set(folder, read_json(os.path.join(folder, "manifest.json"))))


def _about(context: Context) -> dict[str, Any]:
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


def _result(context: Context, changed: bool, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "changed": changed,
        "actions": ["took backup"] if changed else [],
        "backup": found,
        "diff": {
            "before": {"backup": "" if changed else found["path"]},
            "after": {"backup": found["path"]},
        },
    }


OPERATIONS = {"backup.apply": apply_backup}
