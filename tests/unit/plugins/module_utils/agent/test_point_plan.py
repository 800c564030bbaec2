# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rollback points go, and which may be gone back to."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._point_plan import (
    chosen,
    disposable,
    is_point_id,
    partial,
)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("20260101T020000Z-3f2a", True),
        ("before-the-audit", True),
        ("", False),
        (".hidden", False),
        ("../x", False),
        ("a/b", False),
        ("a..b", False),
        ("x" * 82, False),
    ],
)
def test_ids(text: str, good: bool) -> None:
    assert is_point_id(text) is good


def point(name: str, begun: float, whole: bool = True) -> dict[str, Any]:
    return {"id": name, "begun": begun, "whole": whole}


POINTS = [point("c", 3), point("a", 1), point("half", 2.5, whole=False), point("b", 2)]


@pytest.mark.parametrize(
    ("keep", "protected", "gone"),
    [
        (3, (), ["half"]),
        (2, (), ["a", "half"]),
        (1, (), ["a", "b", "half"]),
        (0, (), ["a", "b", "half", "c"]),
        (1, ("a", "half"), ["b"]),
        (9, (), ["half"]),
    ],
)
def test_disposable(keep: int, protected: tuple[str, ...], gone: list[str]) -> None:
    assert disposable(POINTS, keep, protected) == gone


def test_a_clock_that_jumps_back_keeps_the_last_by_its_own_time() -> None:
    assert disposable([point("old", 100), point("new", 50)], 1, ()) == ["new"]


@pytest.mark.parametrize(
    ("named", "meant"),
    [("", "c"), ("a", "a"), ("r1", "b"), ("r2", "c"), ("half", "half"), ("r3", "r3")],
)
def test_a_point_is_chosen_by_its_name_or_by_the_release_of_then(named: str, meant: str) -> None:
    """What is neither is looked for by that name, and is not found."""
    points = [
        {**one, "release": release}
        for one, release in zip(
            [point("a", 1), point("b", 2), point("half", 2.5, whole=False), point("c", 3)],
            ["r1", "r1", "r3", "r2"],
            strict=True,
        )
    ]
    assert chosen(points, named) == meant
    assert chosen([], named) == named


OLD, NEW = {"frappe": "1" * 40}, {"frappe": "2" * 40}


@pytest.mark.parametrize(
    ("commits", "sites", "wanted", "why"),
    [
        (OLD, ["a", "b"], ["a", "b"], ""),
        (OLD, ["a", "b", "c"], ["a"], ""),
        (NEW, ["a", "b"], ["a", "b"], ""),
        (NEW, ["a", "b"], ["a"], "the code goes back as well, which all sites of the bench share, and b would stay"),
        (
            NEW,
            ["a", "b", "c"],
            ["a", "b"],
            "the code goes back as well, which all sites of the bench share, and c would stay",
        ),
        (NEW, ["a", "c"], ["a", "c"], "the point has no set of c"),
    ],
)
def test_partial(commits: dict[str, str], sites: list[str], wanted: list[str], why: str) -> None:
    assert partial({"commits": OLD, "sites": ["a", "b"]}, commits, sites, wanted) == why
