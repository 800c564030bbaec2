# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what one bench can say about a site that is to be moved; reads only."""

from __future__ import annotations

import os
import socket
from typing import Any
from urllib.parse import urlsplit

from .._errors import reason
from ._context import Context, connect, frappe_module
from ._files import read_json_or_empty
from ._restore import bench_apps, restore_note
from ._site_state import look, root_database
from ._sizes import database_size, space, tree_size
from ._state import maintenance_state, scheduler_facts


def journal_path(context: Context) -> str:
    """Where this bench keeps how far a move of the site has come."""
    return os.path.join(context.bench.state, "moves", f"{context.need_site()}.json")


def read_journal(context: Context) -> dict[str, Any]:
    """This bench's side of the site's move; ``{}`` without one."""
    return read_json_or_empty(journal_path(context))


def move_under_way(context: Context) -> str:
    """How far this bench's side of a move that is not over has come; ``""`` without one."""
    state = read_journal(context).get("state")
    return "" if state in ("finished", None) else str(state)


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
            "bench": space(context.bench.path),
            "staging": space(str(args.get("staging") or "/var/tmp")),  # noqa: S108 -- the default of the module
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
        facts["maintenance"] = maintenance_state(context)
        facts["scheduler"] = scheduler_facts(context, frappe)["state"]
        facts["encrypted_backup"] = bool(int(frappe.db.get_single_value("System Settings", "encrypt_backup") or 0))
        facts["size"] = {"database": database_size(frappe), "files": tree_size(context.bench, context.site)}
    return facts


def _database_server(root: dict[str, Any]) -> str:
    """Why the database server does not let its administrative user in; ``""`` if it does."""
    try:
        with root_database(root) as manager:
            manager.get_database_list()
    except Exception as exc:  # noqa: BLE001 -- whatever the driver raises is what is reported
        return reason(exc)
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
