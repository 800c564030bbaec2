# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose turn it is."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._drill_sample import sample


@pytest.mark.parametrize(
    ("last", "count", "wanted"),
    [
        ({"a": 3.0, "b": 1.0, "c": 2.0}, 1, ["b"]),
        ({"a": 3.0, "b": 1.0, "c": 2.0}, 2, ["b", "c"]),
        ({"a": 3.0, "b": 0}, 1, ["b"]),
        ({"a": 3.0}, 5, ["a"]),
        ({"a": 3.0}, 0, []),
        ({"a": 3.0}, -1, []),
        ({}, 2, []),
    ],
)
def test_those_whose_last_is_longest_ago(last: dict[str, float], count: int, wanted: list[str]) -> None:
    assert sample(last, count) == wanted


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_each_ones_turn_comes(count: int) -> None:
    """Also of those that join meanwhile, and however long it is between two drills."""
    last = dict.fromkeys((f"site{number}" for number in range(7)), 0.0)
    seen: list[str] = []
    for turn in range(1, 9):
        for number, site in enumerate(sample(last, count)):
            last[site] = turn**3 + number / 10
            seen.append(site)
        last.setdefault("joined", 0.0)
    assert set(seen) == set(last)
    others = last.keys() - {"joined"}
    assert max(seen.count(site) for site in others) - min(seen.count(site) for site in others) <= 1


def test_the_order_of_the_inventory_does_not_count() -> None:
    names = [f"site{number}" for number in range(9)]
    assert sample(dict.fromkeys(names, 0.0), 3) == sample(dict.fromkeys(reversed(names), 0.0), 3)
