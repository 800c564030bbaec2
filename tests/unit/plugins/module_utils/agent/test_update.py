# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site's part of an update on the stand-in, forward and back. What goes wrong with it is in tests/faults."""

from __future__ import annotations

import json
import os

from tests.faults.update_bench import BAD, OTHER, SITE, UpdateBench, same


def test_forward_and_open(updated_bench: UpdateBench) -> None:
    args = updated_bench.begin(updated_bench.release())
    planned = updated_bench.one("update.forward", SITE, check=True, **args)
    assert planned["changed"]
    assert planned["diff"] == {"before": {"update": "none"}, "after": {"update": "migrated"}}
    assert not updated_bench.maintenance()
    done = updated_bench.one("update.forward", SITE, **args)
    assert (done["changed"], done["journal"]["state"]) == (True, "migrated")
    assert updated_bench.maintenance(), "its processes have the old code still"
    assert "resume=true" in done["told"]
    assert not updated_bench.one("update.forward", SITE, **args)["changed"]
    verdict = updated_bench.one("update_bench.settle", run=args["run"], allowed=0)
    assert (verdict["go"], verdict["migrated"], verdict["failed"]) == (True, [SITE], {})
    opened = updated_bench.one("update_open.apply", sites=[SITE])["sites"][SITE]
    assert (opened["changed"], opened["told"]) == (True, f"{SITE} is fully new")
    assert not updated_bench.maintenance()
    assert not updated_bench.one("update_open.apply")["changed"]
    assert not updated_bench.one("update.forward", SITE, **args)["changed"]
    assert any("extra" in row for row in updated_bench.state()["tabDocField"])
    history = json.loads((updated_bench.path / f".erpops/migrations/{SITE}.json").read_text())["migrations"]
    assert history[-1]["commits"]["shopsync"] == args["apps"][0]["version"]
    point = updated_bench.one("point.read", verify=True)["points"][0]
    assert (point["whole"], point["sites"], point["problem"]) == (True, [SITE], "")


def test_a_migration_that_fails_is_taken_back(updated_bench: UpdateBench) -> None:
    before = updated_bench.state()
    args = updated_bench.begin(updated_bench.release(BAD))
    error = updated_bench.refused("update.forward", SITE, **args)
    assert "no such field" in error.seen
    assert "fully old again" in error.message
    assert same(before, updated_bench.state()) == []
    assert not updated_bench.maintenance()
    assert (updated_bench.journal()["state"], updated_bench.journal()["outcome"]) == ("over", "undone")
    verdict = updated_bench.one("update_bench.settle", run=args["run"], allowed=0)
    assert (verdict["go"], list(verdict["failed"])) == (False, [SITE])
    facts = updated_bench.one("update_bench.plan", check=True, sites=[SITE, OTHER], apps=args["apps"])
    assert [fault for fault in facts["faults"] if "failed before" in fault]
    assert not [
        fault
        for fault in updated_bench.one(
            "update_bench.plan", check=True, sites=[SITE, OTHER], apps=args["apps"], retry=True
        )["faults"]
        if "failed before" in fault
    ]


def test_what_was_in_maintenance_stays_so(updated_bench: UpdateBench) -> None:
    updated_bench.one("maintenance.apply", SITE, state="on")
    args = updated_bench.begin(updated_bench.release(BAD))
    updated_bench.refused("update.forward", SITE, **args)
    assert updated_bench.maintenance()


def test_a_patch_is_left_out_by_its_exact_line_only(updated_bench: UpdateBench) -> None:
    args = updated_bench.begin(updated_bench.release(BAD))
    updated_bench.refused("update.forward", SITE, **args, skip_patches=["execute:"])
    done = updated_bench.one("update.forward", SITE, **args, skip_patches=[f"execute:{BAD}"])
    assert done["journal"]["state"] == "migrated"
    assert "tabLeft Behind" not in updated_bench.state()


def test_a_rollback_restores_code_and_data(updated_bench: UpdateBench) -> None:
    before = updated_bench.state()
    updated_bench.updated()
    back = updated_bench.one("update_bench.begin_back", sites=[SITE])
    run = {"run": back["journal"]["run"], "point": back["journal"]["point"]}
    assert (back["changed"], back["code"]) == (True, False)
    left = updated_bench.one("update_back.leave", SITE, **run)
    assert left["journal"]["state"] == "left"
    assert os.path.exists(os.path.join(left["journal"]["kept"], "manifest.json"))
    assert updated_bench.maintenance()
    assert updated_bench.one("update_back.return", SITE, **run)["journal"]["state"] == "undone"
    assert updated_bench.maintenance()
    assert updated_bench.open_site() == f"{SITE} is fully old: what was changed was taken back"
    updated_bench.one("update_bench.mark", run=run["run"], state="over", outcome="undone")
    assert same(before, updated_bench.state()) == []
    again = updated_bench.one("update_bench.begin_back", sites=[SITE])
    assert not again["changed"]
    assert not updated_bench.one("update_back.leave", SITE, **run)["changed"]


def test_what_cannot_be_backed_up_goes_back_when_it_is_given_up(updated_bench: UpdateBench) -> None:
    bench, before = updated_bench, updated_bench.state()
    bench.updated()
    back = bench.one("update_bench.begin_back", sites=[SITE])["journal"]
    run = {"run": back["run"], "point": back["point"]}
    bench.fault("dump")
    error = bench.refused("update_back.leave", SITE, **run)
    assert "backup failed" in error.message
    assert (bench.journal()["state"], bench.maintenance()) == ("leaving", True)
    bench.fault("dump")
    left = bench.one("update_back.leave", SITE, **run, safety="skip")
    assert ("kept" in left["journal"], left["journal"]["state"]) == (False, "left")
    (bench.path / "fault.json").unlink()
    bench.one("update_back.return", SITE, **run)
    assert bench.open_site() == f"{SITE} is fully old: what was changed was taken back"
    assert same(before, bench.state()) == []


def test_two_updates_at_once(updated_bench: UpdateBench) -> None:
    target = updated_bench.release()
    updated_bench.begin(target)
    error = updated_bench.refused("update_bench.begin", sites=[SITE], commits={})
    assert "an update of this bench is not over" in error.message
    assert updated_bench.begin(target, resume=True)
    error = updated_bench.refused("update_bench.begin", sites=[SITE], commits={"shopsync": "f" * 40}, resume=True)
    assert "other commits" in error.message


def test_sites_that_are_left_out_are_a_fault(updated_bench: UpdateBench) -> None:
    found = updated_bench.one("update_bench.plan", check=True, sites=[SITE], apps=[])
    assert not found["needed"]
    assert [fault for fault in found["faults"] if OTHER in fault]
    assert updated_bench.one("update_bench.plan", check=True, sites=[SITE, OTHER], apps=[])["faults"] == []
