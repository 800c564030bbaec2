# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what one bench can say about a site that is to be moved; reads only."""

from __future__ import annotations

import os
import socket
from typing import Any
from urllib.parse import urlsplit

from .._errors import ErpopsError
from ._bench import Bench
from ._config import read_config
from ._context import Context, connect, frappe_module
from ._files import read_json
from ._restore import bench_apps, restore_note
from ._site_state import look, root_database
from ._state import scheduler_facts


def journal_path(context: Context) -> str:
    """Where this bench keeps how far a move of the site has come."""
    return os.path.join(context.bench.state, "moves", f"{context.need_site()}.json")


def read_journal(context: Context) -> dict[str, Any]:
    """This bench's side of the site's move; ``{}`` without one."""
    path = journal_path(context)
    return read_json(path) if os.path.exists(path) else {}


def move_facts(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Site, journal, apps, sizes, room, and what may be in the way; holds no secret.

    :param args: ``name`` (of the bench), ``root``, ``staging`` (directory), ``url`` (of the web server, or empty),
        ``database`` (whether the database server is asked as root).
    """
    root = args.get("root") or {}
    journal = read_journal(context)
    server = _database_server(root) if args.get("database") else ""
    found = look(context, {} if server else root)  # which would ask that server about a database without a site
    facts: dict[str, Any] = {
        "name": str(args.get("name") or context.bench.path),
        "bench_id": context.bench.identity(create=False),
        "journal": {key: value for key, value in journal.items() if key != "schema"},
        "site": found.as_dict(),
        "frappe": str(frappe_module().__version__),
        "bench_apps": bench_apps(context.bench),
        "apps": [],
        "restored_from_move": bool(restore_note(context)) and restore_note(context) == journal.get("set_id"),
        "maintenance": "off",
        "scheduler": "",
        "encrypted_backup": False,
        "size": {"database": 0, "files": 0},
        "space": {
            "bench": _space(context.bench.path),
            "staging": _space(str(args.get("staging") or "/var/tmp")),  # noqa: S108 -- the default of the module
        },
        "database_server": server,
        "web": _web(str(args.get("url") or "")),
    }
    if found.state == "present":
        frappe = connect(context.bench, context.site)
        versions = facts["bench_apps"]
        facts["apps"] = [
            {"name": app, **versions.get(app, {"version": "", "commit": ""})} for app in found.installed_apps
        ]
        facts["maintenance"] = "on" if read_config(context, "site").get("maintenance_mode") else "off"
        facts["scheduler"] = scheduler_facts(context, frappe)["state"]
        facts["encrypted_backup"] = bool(int(frappe.db.get_single_value("System Settings", "encrypt_backup") or 0))
        facts["size"] = {"database": _database_size(frappe), "files": _tree_size(context.bench, context.site)}
    return facts


def _space(path: str) -> dict[str, Any]:
    """Free bytes for this user in the nearest directory that is there, and which file system it is on."""
    while not os.path.isdir(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    info = os.statvfs(path)
    return {"path": path, "free": info.f_bavail * info.f_frsize, "device": os.stat(path).st_dev}


def _database_server(root: dict[str, Any]) -> str:
    """Why the database server does not let its administrative user in; ``""`` if it does."""
    try:
        with root_database(root) as manager:
            manager.get_database_list()
    except Exception as exc:  # noqa: BLE001 -- whatever the driver raises is what is reported
        return str(exc.seen or exc.message) if isinstance(exc, ErpopsError) else f"{type(exc).__name__}: {exc}"
    return ""


def _web(url: str) -> str:
    """Why nothing listens at ``url``; ``""`` if something does, or none is given."""
    if not url:
        return ""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=5.0).close()
    except OSError as exc:
        return f"{parts.hostname}:{port}: {exc.strerror or exc}"
    return ""


def _database_size(frappe: Any) -> int:
    """Bytes of the site's database (in version 15 MiB as a decimal number: database.py, get_database_size)."""
    try:
        return int(float(frappe.db.get_database_size() or 0) * (1 << 20))
    except Exception:  # noqa: BLE001 -- an estimate: older versions and other databases have none
        return 0


def _tree_size(bench: Bench, site: str) -> int:
    total = 0
    for kind in ("public", "private"):
        for folder, _folders, names in os.walk(bench.site_path(site, kind, "files")):
            for name in names:
                path = os.path.join(folder, name)
                total += os.lstat(path).st_size if os.path.lexists(path) else 0
    return total
