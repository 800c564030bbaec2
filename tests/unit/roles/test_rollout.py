# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rollout: which waves are left, what keeps a wave from beginning, what a run refuses and tells."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.plugins.answers_sets import ROLLOUT
from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

WAVES = [
    {"name": "canary", "benches": ["a"]},
    {"name": "first", "benches": ["b", "c"]},
    {"name": "100%", "benches": ["d"]},
]
FREEZE = {"from": "2020-01-01", "to": "2099-12-31", "reason": "audit"}


def template(expression: str, **given: Any) -> Any:
    files = [ROOT / "roles/rollout" / part / "main.yml" for part in ("defaults", "vars")]
    known = {name: value for path in files for name, value in trusted(read_yaml(path)).items()}
    base = {"ansible_check_mode": False, "rollout_bench": "a", "rollout_all_waves": {"waves": WAVES, "faults": []}}
    return Templar(loader=DataLoader(), variables={**known, **trusted({**base, **given})}).template(
        trust_as_template("{{ " + expression + " }}")
    )


def seen(**stages: str) -> dict[str, Any]:
    """What a play knows when each bench has that stage."""
    hosts = {
        bench: {
            "rollout_seen": {"bench": bench, "stage": stage, "line": f"{bench}: {stage}", "lines": [], "faults": []}
        }
        for bench, stage in stages.items()
    }
    return {"ansible_play_hosts_all": list(hosts), "hostvars": hosts}


def told(bench: str = "d", **outcomes: str) -> dict[str, Any]:
    """What a wave knows of the outcomes; a bench without one could not be reached."""
    hosts: dict[str, Any] = {name: {} for wave in WAVES for name in wave["benches"]}
    hosts |= {name: {"rollout_outcome": outcome} for name, outcome in outcomes.items()}
    return {"rollout_bench": bench, "rollout_plan": {"waves": WAVES}, "hostvars": hosts}


def test_benches_that_are_finished_are_left_out() -> None:
    found = template("__rollout_plan", **seen(a="passed", b="there", c="soaking", d="new"))
    assert found == {"waves": [{"name": "first", "benches": ["c"]}, {"name": "100%", "benches": ["d"]}]}
    assert template("__rollout_plan", **seen(a="passed", b="there", c="passed", d="there")) == {"waves": []}


@pytest.mark.parametrize(
    ("bench", "outcomes", "held"),
    [
        ("a", {}, []),
        ("b", {"a": "passed"}, []),
        ("b", {"a": "soaking"}, ["a (canary)"]),
        ("b", {"a": "waiting"}, ["a (canary)"]),
        ("b", {"a": "failed"}, ["a (canary)"]),
        ("b", {}, ["a (canary)"]),  # could not be reached
        ("d", {"a": "passed", "b": "passed", "c": "passed"}, []),
        ("d", {"a": "soaking", "b": "held", "c": "held"}, ["a (canary)", "b (first)", "c (first)"]),
        ("d", {"a": "passed", "b": "passed", "c": "failed"}, ["c (first)"]),
    ],
)
def test_what_keeps_a_wave_from_beginning(bench: str, outcomes: dict[str, str], held: list[str]) -> None:
    assert template("__rollout_held", **told(bench, **outcomes)) == held


@pytest.mark.parametrize(
    ("budget", "outcomes", "broken", "held"),
    [
        (50, {"b": "passed", "c": "failed"}, [], []),
        ("50", {"b": "passed", "c": "failed"}, [], []),
        (49, {"b": "passed", "c": "failed"}, ["first"], ["c (first)"]),
        (50, {"b": "failed", "c": "failed"}, ["first"], ["b (first)", "c (first)"]),
        (50, {"b": "soaking", "c": "failed"}, [], ["b (first)"]),
    ],
)
def test_the_failure_budget(budget: Any, outcomes: dict[str, str], broken: list[str], held: list[str]) -> None:
    given = {**told(a="passed", **outcomes), "rollout_max_fail_percentage": budget}
    assert [wave for wave in template("__rollout_broken", **given) if wave != "100%"] == broken
    assert template("__rollout_held", **given) == held


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({}, []),
        ({"rollout_freeze": [FREEZE]}, ["Changes are frozen until Fri 2100-01-01 00:00 UTC (audit). Seen: b to be"]),
        ({"rollout_freeze": [FREEZE], "rollout_freeze_override": "a hole"}, []),
        ({"rollout_freeze": [FREEZE], **seen(a="passed", b="there")}, []),
        ({"rollout_accept_gate": "a"}, ["A gate is accepted without a reason. Seen: rollout_accept_gate=a"]),
        ({"rollout_accept_gate": "a,b", "rollout_accept_reason": "known"}, []),
        (
            {"rollout_accept_gate": ["a", "x"], "rollout_accept_reason": "known"},
            ["rollout_accept_gate names what is no"],
        ),
        ({"rollout_soak_minutes": {"default": 5, "canary": 60, "100%": 1}}, []),
        ({"rollout_soak_minutes": {"canry": 60}}, ["rollout_soak_minutes names what is no wave. Seen: canry"]),
    ],
)
def test_what_a_run_refuses(given: dict[str, Any], faults: list[str]) -> None:
    found = template(
        "__rollout_all_faults", **{**seen(a="passed", b="new"), "rollout_waves": "canary,first,100%", **given}
    )
    assert len(found) == len(faults), found
    assert all(one.strip().startswith(wanted) for one, wanted in zip(found, faults, strict=True))


@pytest.mark.parametrize(
    ("stage", "retry", "faults"),
    [
        ("new", False, ["a: no room"]),
        ("soaking", False, []),
        ("refused", False, ["a: these commits did not pass here before"]),
        ("refused", "true", ["a: no room"]),
        ("refused", "false", ["a: these commits did not pass here before"]),
    ],
)
def test_what_is_in_the_way_of_a_bench(stage: str, retry: Any, faults: list[str]) -> None:
    read = {"bench_rollout": {**ROLLOUT, "stage": stage}}
    given = {"__rollout_read": read, "rollout_faults": ["no room"], "rollout_retry": retry}
    found = template("__rollout_bench_faults", **given)
    assert [one[: len(wanted)] for one, wanted in zip(found, faults, strict=True)] == faults


@pytest.mark.parametrize(("soak", "minutes"), [({}, 30), ({"default": 5}, 5), ({"default": 5, "canary": 0}, 0)])
def test_how_long_a_wave_soaks(soak: dict[str, int], minutes: int) -> None:
    assert template("__rollout_soak", rollout_soak_minutes=soak) == minutes


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"stage": "new"}, "a: to be updated"),
        ({"stage": "soaking"}, "a: soaks until 2023-11-14 22:43 UTC"),
        (
            {"stage": "passed", "accepted": {"at": 1, "reason": "known"}},
            "a: is updated and passed; was accepted: known",
        ),
        ({"stage": "passed", "quarantined": ["x.test"]}, "a: is updated and passed; stayed behind: x.test"),
        ({"stage": "there"}, "a: has these commits already"),
    ],
)
def test_a_bench_s_line(change: dict[str, Any], line: str) -> None:
    assert template("__rollout_bench_line", __rollout_read={"bench_rollout": {**ROLLOUT, **change}}) == line


def test_the_waves_are_told_with_what_would_be_done() -> None:
    given = seen(a="passed", b="new")
    given["hostvars"]["b"]["rollout_seen"]["lines"] = ["shop: 1 -> 2"]
    lines = template("__rollout_wave_lines", **given)
    assert lines == ["wave canary", "  a: passed", "wave first", "  b: new", "    shop: 1 -> 2", "wave 100%"]
    assert template("__rollout_wave_lines", **seen(a="passed"))[-1] == "Nothing is left to roll out."


def test_sites_in_maintenance_are_not_asked() -> None:
    sites = {"x.test": {"maintenance": "off"}, "y.test": {"maintenance": "on"}}
    tenants = [{"site": name, "url": f"http://{name}"} for name in (*sites, "z.test")]
    given = {
        "rollout_tenants": tenants,
        "__rollout_figures": {"bench_gate": {"sites": sites}},
        "rollout_gate_requests": "2",
    }
    found = template("__rollout_requests", **given)
    assert [one["name"] for one in found] == ["x.test ping 1", "x.test ping 2"]
    assert found[0]["url"] == "http://x.test/api/method/ping"
