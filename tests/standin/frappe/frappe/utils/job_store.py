# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's Redis: one SQLite file per bench with background jobs, workers and counters."""

from __future__ import annotations

import datetime
import json
import os
import sqlite3
import time
from typing import Any

from frappe.database.server import server_path

SCHEMA = """
create table if not exists job (seq integer primary key autoincrement, id text unique, site text, queue text,
 method text, kwargs text, user text, status text, timeout integer, created_at text, started_at text,
 ended_at text, exc_info text, worker integer);
create table if not exists result (id text primary key, value text);
create table if not exists worker (pid integer primary key, queues text, started_at text);
create table if not exists counter (key text primary key, value real, expires real);
"""
_connections: dict[tuple[int, str], sqlite3.Connection] = {}


def _connect() -> sqlite3.Connection:
    """One connection per process and file: a forked child must not use its parent's."""
    path = os.path.join(server_path(), "queue.db")
    key = (os.getpid(), path)
    if key not in _connections:
        conn = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        conn.row_factory = sqlite3.Row
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=OFF")
        conn.executescript(SCHEMA)
        _connections[key] = conn
    return _connections[key]


def _now() -> str:
    return datetime.datetime.now().strftime("%Y-%m-%d %H:%M:%S.%f")


def put(job_id: str, site: str, queue: str, method: str, kwargs: Any, user: str, timeout: int) -> None:
    """Queue a job; a finished one of the same id is replaced."""
    _connect().execute(
        "insert or replace into job (id, site, queue, method, kwargs, user, status, timeout, created_at)"
        " values (?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
        (job_id, site, queue, method, json.dumps(kwargs, default=str), user, timeout, _now()),
    )


def get(job_id: str) -> dict[str, Any] | None:
    row = _connect().execute("select * from job where id=?", (job_id,)).fetchone()
    return dict(row) if row else None


def result(job_id: str) -> Any:
    """What the job's method returned, None before it ended."""
    row = _connect().execute("select value from result where id=?", (job_id,)).fetchone()
    return json.loads(row["value"]) if row else None


def rows(site: str | None = None, status: tuple[str, ...] = (), queue: str | None = None) -> list[dict[str, Any]]:
    found = [dict(row) for row in _connect().execute("select * from job order by seq")]
    return [
        row
        for row in found
        if (not site or row["site"] == site)
        and (not status or row["status"] in status)
        and (not queue or row["queue"] == queue)
    ]


def delete(job_id: str) -> None:
    _connect().execute("delete from job where id=?", (job_id,))


def take(queues: list[str]) -> dict[str, Any] | None:
    """Oldest queued job of the first queue that has one, marked started by this process."""
    conn = _connect()
    for queue in queues:
        row = conn.execute(
            "update job set status='started', started_at=?, worker=? where seq = (select min(seq) from job"
            " where status='queued' and queue=?) and status='queued' returning *",
            (_now(), os.getpid(), queue),
        ).fetchone()
        if row:
            return dict(row)
    return None


def finish(job_id: str, error: str | None = None, value: Any = None) -> None:
    status = "failed" if error else "finished"
    _connect().execute("insert or replace into result values (?, ?)", (job_id, json.dumps(value, default=str)))
    _connect().execute("update job set status=?, ended_at=?, exc_info=? where id=?", (status, _now(), error, job_id))


def register_worker(queues: list[str]) -> None:
    """Note this worker; jobs of workers that died count as failed (RQ: AbandonedJobError)."""
    conn = _connect()
    conn.execute("insert or replace into worker values (?, ?, ?)", (os.getpid(), ",".join(queues), _now()))
    workers()
    alive = [row["pid"] for row in conn.execute("select pid from worker")]
    marks = ",".join("?" * len(alive))
    conn.execute(
        "update job set status='failed', ended_at=?, exc_info='Work-horse process was terminated unexpectedly'"
        f" where status='started' and worker not in ({marks})",
        (_now(), *alive),
    )


def forget_worker() -> None:
    _connect().execute("delete from worker where pid=?", (os.getpid(),))


def workers() -> list[dict[str, Any]]:
    """Living workers; rows of dead ones are removed."""
    conn = _connect()
    out = []
    for row in conn.execute("select * from worker").fetchall():
        try:
            os.kill(row["pid"], 0)
            out.append(dict(row))
        except ProcessLookupError:
            conn.execute("delete from worker where pid=?", (row["pid"],))
        except PermissionError:
            out.append(dict(row))
    return out


def count_up(key: str, by: float, window: float, now: float | None = None) -> tuple[float, float]:
    """Add to a counter that forgets itself after `window` seconds; returns (value, expiry)."""
    now = time.time() if now is None else now
    conn = _connect()
    conn.execute("delete from counter where expires <= ?", (now,))
    row = conn.execute(
        "insert into counter values (?, ?, ?) on conflict (key) do update set value = value + excluded.value"
        " returning value, expires",
        (key, by, now + window),
    ).fetchone()
    return float(row["value"]), float(row["expires"])
