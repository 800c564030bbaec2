#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print the TCP ports of an address that take connections, of all there are, as a JSON list.

    python port_scan.py ADDRESS [ports, such as 1-65535]

A port that a packet filter ignores answers nothing, so many are asked at once, and none is waited for longer than a
second: hosts of a scenario are on this very machine.
"""

from __future__ import annotations

import errno
import json
import resource
import select
import socket
import sys
import time
from collections.abc import Iterable

AT_ONCE = 4000
PATIENCE = 1.0


def scan(address: str, ports: Iterable[int]) -> list[int]:
    """Ports that accepted, ascending."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    waiting = list(ports)
    size = min(AT_ONCE, (hard if hard > 0 else AT_ONCE) - 50)
    accepted: list[int] = []
    for start in range(0, len(waiting), size):
        accepted += _round(address, waiting[start : start + size])
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return sorted(accepted)


def _round(address: str, ports: list[int]) -> list[int]:
    accepted = []
    asked: dict[int, tuple[socket.socket, int]] = {}
    poll = select.poll()
    for port in ports:
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.setblocking(False)
        if client.connect_ex((address, port)) in (0, errno.EINPROGRESS):
            asked[client.fileno()] = (client, port)
            poll.register(client, select.POLLOUT)
        else:
            client.close()
    end = time.monotonic() + PATIENCE
    while asked and (left := end - time.monotonic()) > 0:
        for descriptor, _event in poll.poll(left * 1000):
            client, port = asked.pop(descriptor)
            poll.unregister(descriptor)
            if client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                accepted.append(port)
            client.close()
    for client, _ in asked.values():
        client.close()
    return accepted


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    first, _, last = (arguments[1] if len(arguments) > 1 else "1-65535").partition("-")
    print(json.dumps(scan(arguments[0], range(int(first), int(last or first) + 1))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
