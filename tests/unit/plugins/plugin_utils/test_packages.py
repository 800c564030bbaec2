# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages nothing that stays names."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._packages import unnamed

# What others brought: bash names libc6 and, as an alternative, gawk.
OTHERS = ["bash#libc6 (>= 2.36), mawk | gawk:any", "libc6#", "mawk#libc6"]


@pytest.mark.parametrize(
    ("kept", "relations", "left"),
    [
        pytest.param(["nginx"], ["nginx#libc6"], ["nginx"], id="nobody names it"),
        pytest.param(["gawk"], ["gawk#libsigsegv2"], [], id="an alternative is a name"),
        pytest.param(["gawk", "libsigsegv2"], ["gawk#libsigsegv2", "libsigsegv2#"], [], id="kept by one that is kept"),
        pytest.param(["nginx", "fonts"], ["nginx#fonts", "fonts#"], ["nginx", "fonts"], id="named by one that goes"),
        pytest.param(["a1", "b1"], ["a1#b1", "b1#a1"], ["a1", "b1"], id="only by each other"),
        pytest.param(["gawk", "a1", "b1", "c1"], ["gawk#a1", "a1#b1", "b1#c1"], [], id="a chain"),
        pytest.param(["awk"], ["awk#"], ["awk"], id="a part of a name is no name"),
        pytest.param(["x1", "x1"], [], ["x1"], id="named once"),
        pytest.param([], [], [], id="nothing"),
    ],
)
def test_what_nothing_names(kept: list[str], relations: list[str], left: list[str]) -> None:
    brought = [*kept, *(line.split("#")[0] for line in relations)]
    assert unnamed(kept, OTHERS + relations, brought) == left


def test_a_package_that_is_no_candidate_keeps_nothing() -> None:
    """Of ours, and about to go: what it names does not stay for its sake."""
    assert unnamed(["fonts"], ["nginx#fonts", "fonts#"], ["nginx", "fonts"]) == ["fonts"]


def test_without_relations_nothing_is_known_to_stay() -> None:
    assert unnamed(["a1"], [], ["a1"]) == ["a1"]
