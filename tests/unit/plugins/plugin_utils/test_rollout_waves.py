# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bench is updated in which wave."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._rollout_waves import wave_of, waves


def bench(name: str, *site_waves: str, wave: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "wave": wave,
        "sites": [{"name": f"{name}{number}.test", "wave": one} for number, one in enumerate(site_waves)],
    }


def fleet(*names: str) -> list[dict[str, Any]]:
    """Benches without a wave."""
    return [bench(name) for name in names]


def found(benches: list[dict[str, Any]], declared: list[Any], *known: str) -> list[tuple[str, list[str]]]:
    answer = waves(benches, declared, known)
    assert answer["faults"] == []
    return [(wave["name"], wave["benches"]) for wave in answer["waves"]]


@pytest.mark.parametrize(
    ("one", "wave"),
    [
        (bench("a"), ""),
        (bench("a", "canary"), "canary"),
        (bench("a", "canary", "canary"), "canary"),
        (bench("a", "", ""), ""),
        (bench("a", "rest", wave="canary"), "canary"),
        (bench("a", "rest", "canary", wave="first"), "first"),
    ],
)
def test_the_wave_of_a_bench(one: dict[str, Any], wave: str) -> None:
    assert wave_of(one) == (wave, "")


@pytest.mark.parametrize(("site_waves", "seen"), [(("rest", "canary"), "canary: a1.test; rest: a0.test"),
                                                  (("canary", ""), "no wave: a1.test; canary: a0.test")])  # fmt: skip
def test_sites_of_several_waves_need_a_declaration(site_waves: tuple[str, ...], seen: str) -> None:
    (fault,) = waves([bench("a", *site_waves)], ["canary", "100%"], ["canary", "rest"])["faults"]
    assert fault.startswith("a: its sites are of several waves")
    assert seen in fault
    assert "bench_wave" in fault


def test_names_come_first_and_in_the_declared_order() -> None:
    benches = [bench("a", "first"), bench("b", "canary"), bench("c"), bench("d", "canary")]
    assert found(benches, ["canary", "first", "100%"], "canary", "first") == [
        ("canary", ["b", "d"]),
        ("first", ["a"]),
        ("100%", ["c"]),
    ]


def test_a_wave_that_is_not_named_is_of_the_rest() -> None:
    benches = [bench("a", "rest"), bench("b", "canary"), bench("c", "other")]
    assert found(benches, ["canary", "100%"], "canary", "rest", "other") == [("canary", ["b"]), ("100%", ["a", "c"])]


@pytest.mark.parametrize(
    ("count", "declared", "sizes"),
    [
        (10, ["50%", "100%"], [5, 5]),
        (5, ["50%", "100%"], [3, 2]),  # rounded up
        (1, ["50%", "100%"], [1]),
        (10, ["10%", "50%", "100%"], [1, 5, 4]),  # of those that are left: 9
        (7, [1, 2, "100%"], [1, 2, 4]),
        (7, ["1", "100%"], [1, 6]),
        (2, [5], [2]),
        (3, ["1%", "1%", "1%"], [1, 1, 1]),
        (3, [1, "100%", "100%"], [1, 2]),
        (0, ["50%", "100%"], []),
    ],
)
def test_numbers_and_percentages(count: int, declared: list[Any], sizes: list[int]) -> None:
    benches = fleet(*(f"b{number}" for number in range(count)))
    answer = found(benches, declared)
    assert [len(own) for _name, own in answer] == sizes
    assert [name for _wave, own in answer for name in own] == [one["name"] for one in benches]


def test_two_waves_of_one_size_are_told_apart() -> None:
    assert [name for name, _benches in found(fleet("a", "b", "c"), ["25%", "25%", "100%"])] == [
        "25%",
        "25% (2)",
        "100%",
    ]


def test_an_empty_wave_of_a_known_name_is_left_out() -> None:
    assert found(fleet("a"), ["canary", "100%"], "canary") == [("100%", ["a"])]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ([], "rollout_waves is not set. Seen: waves canary, rest in the inventory"),
        (["canry", "100%"], "no site and no bench has the wave canry. Seen: canary, rest"),
        (["canary", "canary", "100%"], "rollout_waves has a wave twice. Seen: canary"),
        (["canary", 0, "100%"], "rollout_waves has what is no wave. Seen: 0"),
        (["canary", "0%", "100%"], "no site and no bench has the wave 0%"),
        (["canary", -1, "100%"], "rollout_waves has what is no wave. Seen: -1"),
        (["canary", True, "100%"], "rollout_waves has what is no wave. Seen: True"),
        (["canary", {"x": 1}, "100%"], "rollout_waves has what is no wave"),
        (["canary"], "rollout_waves leaves benches out. Seen: b"),
        (["canary", "50%"], "rollout_waves leaves benches out. Seen: c"),
    ],
)
def test_what_cannot_be_is_told_with_the_remedy(declared: list[Any], told: str) -> None:
    benches = [bench("a", "canary"), *fleet("b", "c")]
    faults = waves(benches, declared, ["canary", "rest", ""])["faults"]
    assert len(faults) == 1
    assert faults[0].startswith(told)
    assert "Next: " in faults[0]


def test_all_faults_are_told_at_once() -> None:
    faults = waves([bench("a", "x", "y")], ["canry", 0], ["canary"])["faults"]
    assert len(faults) == 3
