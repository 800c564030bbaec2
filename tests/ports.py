# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports for servers of the tests that end and come again, such as a bench's web server.

A port that the kernel gave out is nobody's while such a server restarts, and may be given to the next one that asks for
any: a server of another test then answers in its place. These are from below the kernel's own range, and each worker of
a run has a part of its own.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket

_FIRST, _END = 16000, 32768
_WORKERS = 8
_given: set[int] = set()


def own_range(worker: str, kernel_from: int) -> range:
    """What a worker (``gw0``; empty without workers) may take, when the kernel gives out those from ``kernel_from`` on."""
    end = kernel_from if _FIRST + _WORKERS * 100 < kernel_from < _END else _END
    size = (end - _FIRST) // _WORKERS
    number = int(worker.removeprefix("gw") or 0) % _WORKERS
    return range(_FIRST + number * size, _FIRST + (number + 1) * size)


def _kernel_from() -> int:
    """The first port that the kernel gives out itself (Linux's default where it does not say)."""
    with contextlib.suppress(OSError, ValueError), open("/proc/sys/net/ipv4/ip_local_port_range") as handle:
        return int(handle.read().split()[0])
    return _END


def free_ports(count: int = 1) -> int:
    """The first of ``count`` ports in a row that nobody listens on, and that this process was not given before."""
    mine = own_range(os.environ.get("PYTEST_XDIST_WORKER", ""), _kernel_from())
    for _attempt in range(200):
        # Another run on this machine shall begin elsewhere.
        port = random.SystemRandom().randrange(mine.start, mine.stop - count)
        wanted = set(range(port, port + count))
        if wanted & _given:
            continue
        with contextlib.ExitStack() as stack:
            try:
                for number in wanted:
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", number))
            except OSError:
                continue
        _given.update(wanted)
        return port
    raise AssertionError(f"no {count} free ports in a row between {mine.start} and {mine.stop}")
