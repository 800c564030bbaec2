# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a transaction of the site that is always rolled back, and lets nothing out."""

from __future__ import annotations

import contextlib
import re
import socket
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .._errors import ErpopsError
from ._checks_outcome import listed
from ._context import disconnect

_WORD = re.compile(r"^[\s(]*([a-z]+)\s*([a-z]*)", re.IGNORECASE)
# Statements with which MariaDB commits what came before (its manual: "SQL statements that cause an implicit commit").
_SCHEMA = ("create", "alter", "drop", "truncate", "rename", "grant", "revoke", "lock", "analyze", "optimize", "repair")
_COMMITS = ("commit", "begin", "start")


@dataclass
class Held:
    """What the code that was tried wanted to let out, and was not allowed to."""

    commits: int = 0
    schema: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        words = [f"{self.commits} commits"] if self.commits else []
        words += [f"schema changes ({listed(self.schema, 3)})"] if self.schema else []
        words += [f"jobs ({listed(self.jobs, 3)})"] if self.jobs else []
        words += [f"connections to {listed(dict.fromkeys(self.connections), 3)}"] if self.connections else []
        return "held back: " + ", ".join(words) if words else ""


def statement(query: str) -> str:
    """``commit``, ``schema`` or ``""``: what a statement would do to the transaction."""
    found = _WORD.match(query)
    word, second = (found.group(1).lower(), found.group(2).lower()) if found else ("", "")
    if word in _COMMITS:
        return "commit"
    return "schema" if word in _SCHEMA and second != "temporary" else ""


class _Job:
    """What the caller of ``enqueue`` gets instead of a job."""

    id = "held-back"
    exc_info = ""

    def get_status(self, refresh: bool = True) -> str:
        return "canceled"

    def return_value(self, refresh: bool = True) -> None:
        return None


class _Queue:
    """Takes jobs and forgets them, but for their names."""

    count = 0

    def __init__(self, held: Held) -> None:
        self.held = held

    def enqueue_call(self, *_args: Any, **options: Any) -> _Job:
        call = options.get("kwargs") or {}
        self.held.jobs.append(str(call.get("job_name") or call.get("method") or "a job"))
        return _Job()


def own_addresses(conf: Any) -> set[tuple[str, int]]:
    """Host names and addresses, with ports, of the site's own database and Redis, which stay reachable."""
    places = [(str(conf.get("db_host") or "localhost"), int(conf.get("db_port") or 3306))]
    for key in ("redis_cache", "redis_queue", "redis_socketio"):
        parts = urllib.parse.urlsplit(str(conf.get(key) or ""))
        if parts.hostname:
            places.append((parts.hostname, parts.port or 6379))
    found = set(places)
    for host, port in places:
        with contextlib.suppress(OSError):
            found |= {(str(item[4][0]), port) for item in socket.getaddrinfo(host, port)}
    return found


@contextlib.contextmanager
def held_back(frappe: Any, *, network: bool) -> Iterator[Held]:
    """Inside, nothing commits, no job is queued, no mail is sent and no browser is told; afterwards all is rolled back.

    The connection is closed as well, and with it everything that the framework keeps of a request.

    :param network: whether connections to other systems are allowed.
    """
    from frappe import realtime
    from frappe.utils import background_jobs

    held, undo = Held(), contextlib.ExitStack()
    database = frappe.local.db
    run, reach = database.sql, socket.socket.connect
    own = own_addresses(frappe.conf)

    def commit(*_args: Any, **_options: Any) -> None:
        held.commits += 1

    def sql(query: Any, *args: Any, **options: Any) -> Any:
        what = statement(str(query))
        if what == "commit":
            return ()
        if what == "schema":
            held.schema.append(" ".join(str(query).split()[:3]))
            raise ErpopsError("changes the schema, which cannot be rolled back", object=held.schema[-1], status=409)
        return run(query, *args, **options)

    def guard(plain: Callable[..., Any]) -> Callable[..., Any]:
        def connect(this: socket.socket, address: Any) -> Any:
            if this.family == socket.AF_UNIX or tuple(address[:2]) in own:
                return plain(this, address)
            held.connections.append(f"{address[0]}:{address[1]}")
            raise ConnectionRefusedError(f"a connection to {address[0]}:{address[1]} was held back by this check")

        return connect

    _replace(undo, database, "commit", commit)
    _replace(undo, database, "sql", sql)
    _replace(undo, background_jobs, "get_queue", lambda *_args, **_options: _Queue(held))
    _replace(undo, background_jobs, "get_job", lambda *_args, **_options: None)
    _replace(undo, realtime, "emit_via_redis", lambda *_args, **_options: None)
    if not network:
        _replace(undo, socket.socket, "connect", guard(reach))
        _replace(undo, socket.socket, "connect_ex", guard(socket.socket.connect_ex))
    muted = frappe.flags.mute_emails
    frappe.flags.mute_emails = True
    try:
        yield held
    finally:
        undo.close()
        frappe.flags.mute_emails = muted
        try:
            database.rollback()
        finally:
            disconnect()


def _replace(undo: contextlib.ExitStack, owner: Any, name: str, value: Any) -> None:
    """Another attribute until ``undo`` is closed; one that was inherited is inherited again."""
    before = vars(owner).get(name)
    setattr(owner, name, value)
    undo.callback(setattr, owner, name, before) if before is not None else undo.callback(delattr, owner, name)
