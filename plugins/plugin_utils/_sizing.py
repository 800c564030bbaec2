# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: how many processes a machine carries, and how much memory its services get.

Pure. All memory is in MiB. docs/sizing.md shows the formula with its sources and what was measured.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError

# Resident memory of one process of Frappe 15 with ERPNext after work, rounded up; docs/sizing.md says how measured.
WEB_WORKER_MB = 220
BACKGROUND_WORKER_MB = 200
SOCKETIO_MB = 80
SCHEDULER_MB = 120
# What the kernel, sshd, nginx, exporters and an apt run need, and a share for the page cache.
SYSTEM_MB, SYSTEM_SHARE = 400, 0.05
# press gives a database machine's buffer pool 60 % (playbooks/roles/mariadb/templates/mariadb.cnf). Beside a bench
# it gets half of that. What MariaDB needs besides its pool was seen to be about a seventh of it and a base.
POOL_ALONE, POOL_SHARED, POOL_MIN_MB = 0.60, 0.30, 128
DATABASE_BASE_MB, DATABASE_OVERHEAD = 150, 0.15
# bench gives the cache max(50 MB, 5 % of the memory).
CACHE_SHARE, CACHE_MIN_MB, QUEUE_MIN_MB = 0.05, 50, 64
# frappe_docker's default.
THREADS = 4


class SizingError(ErpopsError):
    """What was asked is no machine."""


@dataclass(frozen=True)
class Sizing:
    """Counts and MiB, the same for each bench of the machine. 0 where the machine has no such service."""

    web_workers: int
    web_threads: int
    short_workers: int
    long_workers: int
    web_memory_mb: int
    worker_memory_mb: int
    redis_cache_mb: int
    redis_queue_mb: int
    buffer_pool_mb: int
    max_connections: int
    # How much memory is missing for the smallest set of processes; 0 when it suffices.
    shortage_mb: int


def sizing(memory_mb: int, cpus: int, benches: int = 1, database: bool = True, sites: int = 1) -> Sizing:
    """What a machine of this size carries.

    :param memory_mb: of the machine, in MiB.
    :param cpus: processors the system sees.
    :param benches: on this machine; 0 for one that is only a database server.
    :param database: whether the database server is on it.
    :param sites: of all its benches.
    :raises SizingError: for a machine without memory, processor or purpose.
    """
    for what, number, least in (("memory_mb", memory_mb, 1), ("cpus", cpus, 1), ("benches", benches, 0)):
        if number < least:
            raise SizingError(f"{what} is {number}, needed is at least {least}")
    if not benches and not database:
        raise SizingError("a machine with neither a bench nor the database has nothing to size")
    system = SYSTEM_MB + int(memory_mb * SYSTEM_SHARE)
    pool = max(POOL_MIN_MB, int(memory_mb * (POOL_SHARED if benches else POOL_ALONE))) if database else 0
    if not benches:
        return _database_only(memory_mb, system + _held(pool), pool)

    cache = max(CACHE_MIN_MB, int(memory_mb * CACHE_SHARE / benches))
    queue = max(QUEUE_MIN_MB, cache // 2)
    smallest = SOCKETIO_MB + SCHEDULER_MB + WEB_WORKER_MB + 2 * BACKGROUND_WORKER_MB
    for_benches = benches * (cache + queue + smallest)
    if database:
        # On a small machine the pool gives way: a slow database serves, a bench without workers does not.
        room = int((memory_mb - system - for_benches - DATABASE_BASE_MB) / (1 + DATABASE_OVERHEAD))
        pool = max(POOL_MIN_MB, min(pool, room))
    held_by_database = _held(pool) if database else 0
    share = (memory_mb - system - held_by_database) // benches - cache - queue
    for_workers = share - SOCKETIO_MB - SCHEDULER_MB
    background = _background(for_workers, cpus, benches, sites)
    # bench's own formula is the upper limit: more only wait for a processor.
    most = max(2, ceil((2 * cpus + 1) / benches))
    web = max(1, min(most, (for_workers - background * BACKGROUND_WORKER_MB) // WEB_WORKER_MB))
    return Sizing(
        web_workers=web,
        web_threads=THREADS,
        short_workers=ceil(background / 2),
        long_workers=background // 2,
        # Limits are where the kernel ends a process that grows: well above what is normal.
        web_memory_mb=max(web * WEB_WORKER_MB * 2, 1024),
        worker_memory_mb=max(BACKGROUND_WORKER_MB * 3, min(4096, share // 2)),
        redis_cache_mb=cache,
        redis_queue_mb=queue,
        buffer_pool_mb=pool,
        max_connections=_connections(benches * (web * THREADS + background)) if database else 0,
        shortage_mb=max(0, system + held_by_database + for_benches - memory_mb),
    )


def as_facts(found: Sizing) -> dict[str, int]:
    """Plain data, as a playbook uses it."""
    return asdict(found)


def _held(pool: int) -> int:
    """What MariaDB holds with a buffer pool of this size."""
    return int(pool * (1 + DATABASE_OVERHEAD)) + DATABASE_BASE_MB


def _background(for_workers: int, cpus: int, benches: int, sites: int) -> int:
    """At least one for each queue, at most two for each processor; one more pair for every fifty sites in between."""
    wanted = max(2 * ceil(sites / benches / 50), 2 * cpus // benches)
    affordable = int(for_workers * 0.4) // BACKGROUND_WORKER_MB
    return max(2, min(wanted, affordable))


def _connections(processes: int) -> int:
    """A connection for each thread that can work at once, half as many again for people, backups and migrations."""
    return max(100, ceil(processes * 1.5) + 20)


def _database_only(memory_mb: int, held: int, pool: int) -> Sizing:
    # Each connection may hold some MiB besides the pool.
    connections = max(200, min(1000, memory_mb // 16))
    return Sizing(0, 0, 0, 0, 0, 0, 0, 0, pool, connections, max(0, held - memory_mb))
