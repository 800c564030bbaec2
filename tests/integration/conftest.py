# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet that all integration tests share: previewed, built once, retired at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.integration.fleet import Fleet, Result
from tests.integration.looks import Sampler, processes_of, tree


@dataclass
class Built:
    """How the fleet came to be: what a preview did to the clean host, and the first run, watched."""

    fleet: Fleet
    before: dict[str, str]
    preview: Result
    after: dict[str, str]
    first: Result
    commands: set[str]


@pytest.fixture(scope="session")
def built() -> Iterator[Built]:
    """Preview and first run of the whole job; at the end it is retired, and nothing of it may remain."""
    fleet = Fleet.create()
    try:
        ours = ("runs", "ansible", "report.json")
        before = tree(fleet.root, leave_out=ours)
        preview = fleet.play("site.yml", check=True, diff=True)
        after = tree(fleet.root, leave_out=ours)
        with Sampler() as sampler:
            first = fleet.play("site.yml", verbosity=3)
        assert first.ok, first.stdout[-6000:]
        yield Built(fleet, before, preview, after, first, sampler.seen)
        gone = {
            "retire_confirm": "all",
            "retire_backup": "skip",
            "retire_benches": True,
            "bench_backups_discarded": True,
        }
        retired = fleet.play("retire.yml", extravars=gone)
        assert retired.ok, retired.stdout[-6000:]
        assert not fleet.bench.exists()
        assert processes_of(fleet.root) == []
    finally:
        fleet.remove()


@pytest.fixture(scope="session")
def fleet(built: Built) -> Fleet:
    return built.fleet


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All are slow. On several workers (``-n 2 --dist loadfile``) each has a fleet of its own."""
    for item in items:
        if "/integration/" in str(item.path):
            item.add_marker(pytest.mark.slow)
