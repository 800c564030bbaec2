# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of an update: what it asks of the bench and of which sites, and what follows from how that went."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from tests.unit.plugins.modules.player import Player

SITES = ["a.localhost", "b.localhost"]
APP = {"name": "shop", "repo": "/srv/shop", "version": "v2", "token": "token-of-the-shop"}

_NO_GO = {"go": False, "migrated": [], "failed": {"b.localhost": "short"}, "changed": False, "told": []}


def ops(play: Player) -> list[str]:
    return [call.op for call in play.calls]


def sites(play: Player, op: str) -> list[str]:
    return sorted(call.site for call in play.calls if call.op == op)


def test_a_plan(play: Player) -> None:
    done = play.succeed(state="planned", sites=SITES, apps=[APP], retry=True)
    assert (done.call.op, done.call.site) == ("update_bench.plan", "")
    assert done.call.args["sites"] == SITES
    assert done.call.args["retry"] is True
    assert (done.answer["changed"], done.answer["diff"]["after"]) == (
        False,
        "a.localhost: shop: patch shop.patches.one\n",
    )
    assert done.call.secrets == ["token-of-the-shop"]
    assert "token-of-the-shop" not in done.output


def test_sites_are_migrated_by_the_new_code_and_the_bench_gets_it(play: Player) -> None:
    options: dict[str, Any] = {
        "commits": {"shop": "1" * 40},
        "release": {"from": "old", "to": "new"},
        "python": "/srv/new/python",
    }
    done = play.succeed(state="switched", sites=SITES, apps=[APP], **options, skip_patches=["shop.patches.one"])
    assert ops(play) == ["update_bench.begin", "update.forward", "update.forward", "update_bench.settle"]
    assert sites(play, "update.forward") == SITES
    begun, forward, verdict = play.calls[0].args, play.calls[1].args, play.calls[-1].args
    assert (begun["commits"], begun["release"], begun["resume"]) == (options["commits"], options["release"], False)
    assert (forward["run"], forward["point"], forward["python"]) == ("one", "one", "/srv/new/python")
    assert (forward["skip_patches"], forward["timeout"]) == (["shop.patches.one"], 3590)
    assert verdict == {"run": "one", "allowed": 0}
    assert (done.answer["changed"], done.answer["bench_update"]["verdict"]["migrated"]) == (True, ["a.localhost"])


def test_too_many_failures_take_everything_back(play: Player) -> None:
    play.answers["update.forward"] = ErpopsError("the migration failed", object="x", seen="no such field", status=500)
    play.answers["update_bench.settle"] = dict(_NO_GO)
    told = play.fail(state="switched", sites=SITES, apps=[APP])
    assert "1 of 2 sites could not be updated, and everything is as before" in told
    assert "no such field" in told
    assert [op for op in ops(play) if op.startswith(("update.", "update_back."))][2:] == [
        *["update_back.leave"] * 2,
        *["update_back.return"] * 2,
    ]
    assert [call.args for call in play.calls if call.op == "update_open.apply"] == [{"sites": SITES}]
    assert all(call.args["only_begun"] for call in play.calls if call.op == "update_back.leave")
    assert play.calls[-1].args == {"run": "one", "state": "over", "outcome": "undone"}


def test_what_cannot_be_taken_back_is_told_with_the_command(play: Player) -> None:
    play.answers["update_bench.settle"] = dict(_NO_GO)
    play.answers["update_back.return"] = ErpopsError("the dump could not be loaded", object="a.localhost")
    told = play.fail(state="switched", sites=SITES)
    assert "not everything could be taken back" in told
    assert "-e abort=true" in told
    assert "update_bench.mark" not in ops(play), "the run is not over"


def test_nothing_to_resume(play: Player) -> None:
    play.answers["update_bench.begin"] = {"changed": False, "journal": {}}
    done = play.succeed(state="switched", sites=SITES, resume=True)
    assert (done.answer["changed"], ops(play)) == (False, ["update_bench.begin"])


def test_opened(play: Player) -> None:
    done = play.succeed(state="opened")
    assert ops(play) == ["update_open.apply"], "in one process, for all sites wait"
    assert (done.answer["changed"], done.answer["bench_update"]["served"]) == (True, ["a.localhost"])
    assert done.answer["warnings"] == []
    play.answers["update_open.apply"]["unindexed"] = {"a.localhost": "Redis does not answer."}
    (warning,) = play.succeed(state="opened").answer["warnings"]
    assert "a.localhost is served" in warning
    assert "Redis does not answer. Next: bench --site a.localhost build-search-index" in warning
    play.answers["update_open.apply"]["problems"] = {"a.localhost": "a.localhost: no."}
    told = play.fail(state="opened")
    assert "1 of 2 sites could not be opened" in told
    assert "a.localhost: no" in told


@pytest.mark.parametrize(("state", "outcome"), [("switched", "done"), ("back", "undone")])
def test_finished(play: Player, state: str, outcome: str) -> None:
    play.answers["update_bench.read"]["journal"]["state"] = state
    done = play.succeed(state="finished", keep_points=5)
    assert play.calls[1].args == {"run": "one", "state": "over", "outcome": outcome}
    assert play.calls[2].args == {"state": "pruned", "keep": 5}
    assert done.answer["changed"]
    play.answers["update_bench.read"]["journal"]["state"] = "over"
    assert not play.succeed(state="finished").answer["changed"]


@pytest.mark.parametrize(
    ("run", "only_begun", "release"),
    [("one", True, "old"), ("back-one", False, "new")],
)
def test_the_way_back(play: Player, run: str, only_begun: bool, release: str) -> None:
    play.answers["update_bench.begin_back"]["journal"]["run"] = run
    done = play.succeed(state="returned", point="one")
    back = ["update_back.leave"] * 2 + ["update_back.return"] * 2
    assert ops(play) == ["update_bench.begin_back", *back]
    assert play.calls[0].args == {"point": "one", "unfinished_only": False, "again": False}
    left = [call.args for call in play.calls if call.op == "update_back.leave"]
    assert [(args["only_begun"], args["safety"]) for args in left] == [(only_begun, "verified")] * 2
    assert sites(play, "update_back.return") == SITES
    assert (done.answer["changed"], done.answer["bench_update"]["code"]) == (True, False)

    play.answers["update_bench.begin_back"]["code"] = True
    play.succeed(state="returned", point="one")
    assert ops(play)[3] == "release.switch", "the code between what is kept and what is brought back"
    assert play.calls[3].args == {"id": release, "accept_older": True, "proven": not only_begun}


def test_the_way_back_is_previewed(play: Player) -> None:
    play.answers["update_bench.begin_back"]["code"] = True
    done = play.succeed(check=True, state="returned", point="one")
    assert done.answer["changed"]
    assert not {"release.switch", "update_back.return"} & set(ops(play))


def test_no_way_back(play: Player) -> None:
    play.answers["update_bench.begin_back"]["changed"] = False
    done = play.succeed(state="returned", unfinished_only=True)
    assert (done.answer["changed"], ops(play)) == (False, ["update_bench.begin_back"])


def test_a_site_that_cannot_be_prepared_leaves_the_code_as_it_is(play: Player) -> None:
    play.answers["update_bench.begin_back"]["code"] = True
    play.answers["update_back.leave"] = ErpopsError("jobs are left", object="a.localhost")
    assert "2 of 2 sites could not be prepared for the way back" in play.fail(state="returned")
    assert not {"release.switch", "update_back.return"} & set(ops(play))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"state": "planned"}, "state is planned but all of the following are missing: sites"),
        ({"state": "gone"}, "value of state must be one of: planned, switched"),
        ({}, "missing required arguments: state"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
