# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of an update that all sites share: who may begin, what is judged, and which way back there is."""

from __future__ import annotations

import pytest

from tests.faults.update_bench import OTHER, SITE, UpdateBench
from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.plugins.module_utils.agent.tools import git


def test_answers_are_those_that_modules_are_played(updated_bench: UpdateBench) -> None:
    bench, seen = updated_bench, {}
    args = bench.begin(bench.release())
    run = {"run": args["run"], "point": args["point"]}
    seen["update_bench.begin"] = bench.one("update_bench.begin", sites=[SITE], commits={}, resume=True)
    seen["update_bench.plan"] = bench.one("update_bench.plan", check=True, sites=[SITE], apps=args["apps"])
    seen["update.forward"] = bench.one("update.forward", SITE, **args)
    seen["update_bench.settle"] = bench.one("update_bench.settle", run=args["run"], allowed=0)
    seen["update_bench.mark"] = bench.one("update_bench.mark", run=args["run"], state="switched")
    seen["update_bench.begin_back"] = bench.one("update_bench.begin_back")
    for op in ("update_back.leave", "update_back.return"):
        seen[op] = bench.one(op, SITE, **run)
    seen["update_open.apply"] = bench.one("update_open.apply")
    seen["update_bench.read"] = bench.one("update_bench.read")
    seen["point.read"] = bench.one("point.read")
    seen["point.apply"] = bench.one("point.apply", check=True, state="pruned", keep=1)
    assert {op: answer.keys() for op, answer in seen.items()} == {op: SET_ANSWERS[op].keys() for op in seen}
    played = {op for op in SET_ANSWERS if op.startswith(("update", "point."))}
    assert seen.keys() == played
    assert seen["point.read"]["points"][0].keys() == SET_ANSWERS["point.read"]["points"][0].keys()
    assert seen["update_bench.read"]["journal"].keys() >= SET_ANSWERS["update_bench.read"]["journal"].keys()


def test_a_declared_site_that_is_not_there_is_left_out(updated_bench: UpdateBench) -> None:
    found = updated_bench.one("update_bench.plan", check=True, sites=[SITE, OTHER, "c.localhost"], apps=[])
    assert (list(found["sites"]), found["faults"], found["under_way"]) == ([SITE, OTHER], [], False)
    journal = updated_bench.one("update_bench.begin", sites=[SITE, OTHER, "c.localhost"], commits={})["journal"]
    assert journal["sites"] == [SITE, OTHER]


def test_check_mode_begins_nothing(updated_bench: UpdateBench) -> None:
    assert updated_bench.one("update_bench.begin", check=True, sites=[SITE], commits={})["changed"]
    assert updated_bench.one("update_bench.read")["journal"] == {}
    assert updated_bench.one("point.read")["points"] == []


def test_nothing_to_resume_begins_nothing(updated_bench: UpdateBench) -> None:
    begun = updated_bench.one("update_bench.begin", sites=[SITE], commits={}, resume=True)
    assert (begun["changed"], begun["journal"]) == (False, {})


def test_a_way_back_is_not_resumed(updated_bench: UpdateBench) -> None:
    updated_bench.one("update_bench.begin", sites=[SITE], commits={})
    updated_bench.one("update_bench.begin_back")
    error = updated_bench.refused("update_bench.begin", sites=[SITE], commits={}, resume=True)
    assert "on its way back" in error.message
    assert "abort=true" in error.hint


def test_only_its_own_run_is_marked(updated_bench: UpdateBench) -> None:
    updated_bench.one("update_bench.begin", sites=[SITE], commits={})
    assert updated_bench.refused("update_bench.mark", run="another", state="over", outcome="done").status == 409


def test_without_a_point_there_is_no_way_back(updated_bench: UpdateBench) -> None:
    assert updated_bench.refused("update_bench.begin_back", sites=[SITE]).status == 404
    assert not updated_bench.one("update_bench.begin_back", unfinished_only=True)["changed"]


def test_code_that_goes_back_is_everybodys(updated_bench: UpdateBench) -> None:
    updated_bench.one("point.apply", id="one", sites=[SITE])
    head = updated_bench.path / "apps/shopsync"
    commit = git(head, "rev-parse", "HEAD")
    git(head, "commit", "--quiet", "--allow-empty", "-m", "another")
    try:
        error = updated_bench.refused("update_bench.begin_back", sites=[SITE])
        assert OTHER in error.seen
        assert "half way" in error.message
    finally:
        git(head, "checkout", "--quiet", "--detach", commit)


@pytest.mark.parametrize(("allowed", "go"), [(0, False), (1, True)])
def test_a_verdict_closes_the_point_only_when_it_goes_on(updated_bench: UpdateBench, allowed: int, go: bool) -> None:
    bench = updated_bench
    args = bench.begin(bench.release(), SITE, OTHER)
    bench.one("update.forward", SITE, **args)
    bench.one("point.read")
    if go:  # the other's set is there although its migration was never begun
        bench.kill_at("saved", {**args}, OTHER)
    verdict = bench.one("update_bench.settle", run=args["run"], allowed=allowed)
    assert (verdict["go"], verdict["migrated"], list(verdict["failed"])) == (go, [SITE], [OTHER])
    assert bench.one("point.read")["points"][0]["whole"] is go


def test_a_switch_that_was_ended_half_way_has_a_way_back_for_the_code(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    args = bench.begin(bench.release(), release={"from": "one", "to": "two"})
    bench.one("update.forward", SITE, **args)
    assert bench.refused("update_bench.settle", run=args["run"], allowed=0).status == 404, "release two is not there"
    assert bench.one("update_bench.read")["journal"]["state"] == "switched"
    back = bench.one("update_bench.begin_back")
    assert (back["changed"], back["code"]) == (True, True)
