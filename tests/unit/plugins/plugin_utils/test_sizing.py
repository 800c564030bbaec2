# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What machines of usual sizes carry, and what holds for every size."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils import _sizing
from ansible_collections.erpops.frappe.plugins.plugin_utils._sizing import SizingError, as_facts, sizing

EVERY_SIZE = list(
    itertools.product((2048, 4096, 8192, 16384, 65536), (1, 2, 4, 16), (1, 2, 3), (True, False), (1, 200))
)


@pytest.mark.parametrize(
    ("machine", "web", "short", "long", "pool"),
    [
        # memory, processors, benches, database, sites
        ((2048, 1, 1, True, 1), 1, 1, 1, 356),
        ((2048, 2, 1, False, 1), 3, 1, 1, 0),
        ((4096, 2, 1, True, 5), 4, 1, 1, 1228),
        ((8192, 4, 1, True, 20), 9, 4, 3, 2457),
        ((8192, 4, 2, True, 20), 4, 2, 1, 2457),
        ((16384, 8, 1, False, 100), 17, 8, 8, 0),
        ((16384, 4, 0, True, 200), 0, 0, 0, 9830),
    ],
)
def test_usual_machines(machine: tuple[int, int, int, bool, int], web: int, short: int, long: int, pool: int) -> None:
    found = sizing(*machine)
    assert (found.web_workers, found.short_workers, found.long_workers, found.buffer_pool_mb) == (
        web,
        short,
        long,
        pool,
    )
    assert found.shortage_mb == 0


@pytest.mark.parametrize("machine", EVERY_SIZE)
def test_all_of_it_fits_into_the_memory(machine: tuple[int, int, int, bool, int]) -> None:
    memory_mb, _cpus, benches, database, _sites = machine
    found = sizing(*machine)
    processes = (
        found.web_workers * _sizing.WEB_WORKER_MB
        + (found.short_workers + found.long_workers) * _sizing.BACKGROUND_WORKER_MB
        + _sizing.SOCKETIO_MB
        + _sizing.SCHEDULER_MB
    )
    each = processes + found.redis_cache_mb + found.redis_queue_mb
    held = benches * each + (int(found.buffer_pool_mb * 1.15) + _sizing.DATABASE_BASE_MB if database else 0)
    # A few MiB are lost to rounding down.
    assert held + _sizing.SYSTEM_MB <= memory_mb + found.shortage_mb + 3 * benches


@pytest.mark.parametrize("machine", EVERY_SIZE)
def test_every_queue_has_a_worker_and_no_machine_more_than_it_can_use(
    machine: tuple[int, int, int, bool, int],
) -> None:
    _memory_mb, cpus, benches, _database, _sites = machine
    found = sizing(*machine)
    assert min(found.web_workers, found.short_workers, found.long_workers) >= 1
    assert found.web_workers <= max(2, -(-(2 * cpus + 1) // benches))
    assert found.worker_memory_mb >= 3 * _sizing.BACKGROUND_WORKER_MB


def test_what_is_missing_is_said() -> None:
    assert sizing(1024, 1).shortage_mb > 300
    assert sizing(1500, 1, database=False).shortage_mb == 0
    missing = sizing(1600, 1).shortage_mb
    assert missing > 0
    assert sizing(1600 + int(missing * 1.1) + 10, 1).shortage_mb == 0


def test_connections_are_enough_for_all_threads_at_once() -> None:
    found = sizing(65536, 32, benches=2)
    threads = 2 * (found.web_workers * found.web_threads + found.short_workers + found.long_workers)
    assert found.max_connections > threads


def test_a_machine_without_database_needs_none_of_it() -> None:
    found = as_facts(sizing(8192, 4, database=False))
    assert (found["buffer_pool_mb"], found["max_connections"]) == (0, 0)


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        ({"memory_mb": 0, "cpus": 1}, "memory_mb is 0, needed is at least 1"),
        ({"memory_mb": 1, "cpus": 0}, "cpus is 0, needed is at least 1"),
        ({"memory_mb": 1, "cpus": 1, "benches": -1}, "benches is -1, needed is at least 0"),
        ({"memory_mb": 1, "cpus": 1, "benches": 0, "database": False}, "neither a bench nor the database"),
    ],
)
def test_what_is_no_machine(machine: dict[str, Any], message: str) -> None:
    with pytest.raises(SizingError, match=message):
        sizing(**machine)
