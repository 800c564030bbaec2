# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports of servers that come again are nobody else's in between."""

from __future__ import annotations

import contextlib
import socket

import pytest

from tests import ports


@pytest.mark.parametrize("kernel_from", [32768, 49152, 1024, 20000])
def test_workers_share_no_port_with_each_other(kernel_from: int) -> None:
    taken: set[int] = set()
    for worker in ("gw0", "gw1", "gw7"):
        mine = set(ports.own_range(worker, kernel_from))
        assert len(mine) >= 100
        assert not mine & taken
        taken |= mine
    assert set(ports.own_range("", kernel_from)) == set(ports.own_range("gw0", kernel_from))


@pytest.mark.parametrize("kernel_from", [32768, 49152, 20000])
def test_none_is_one_that_the_kernel_gives_out(kernel_from: int) -> None:
    assert max(ports.own_range("gw7", kernel_from)) < kernel_from


def test_ports_in_a_row_are_given_once_and_taken_ones_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_given", set())
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        busy = int(server.getsockname()[1])
        monkeypatch.setattr(ports, "own_range", lambda worker, kernel_from: range(busy - 4, busy + 4))
        given = [ports.free_ports(2)]
        with contextlib.suppress(AssertionError):
            while len(given) < 9:
                given.append(ports.free_ports(2))
    assert len(given) < 9, "more pairs than there are"
    pairs = [{port, port + 1} for port in given]
    assert all(busy not in pair for pair in pairs)
    assert len(set().union(*pairs)) == 2 * len(pairs)
