# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollback points on the stand-in: taken, read back, harmed, pruned."""

from __future__ import annotations

import json

from tests.faults.update_bench import OTHER, SITE, UpdateBench


def test_taken_once_and_read_back(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    planned = bench.one("point.apply", check=True, id="one")
    assert (planned["changed"], bench.one("point.read")["points"]) == (True, [])
    taken = bench.one("point.apply", id="one")
    (point,) = taken["points"]
    assert (taken["changed"], point["whole"], point["sites"], point["purpose"]) == (True, True, [SITE, OTHER], "manual")
    assert point["commits"].keys() == {"frappe", "erpnext", "shopsync"}
    assert point["bytes"] > 10_000
    assert not bench.one("point.apply", id="one")["changed"]
    (read,) = bench.one("point.read", id="one", verify=True)["points"]
    assert read["problem"] == ""
    assert bench.refused("point.read", id="two").seen == "one"


def test_what_was_changed_since_is_told(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    bench.one("point.apply", id="one", sites=[SITE])
    common = bench.path / ".erpops/points/one/common_site_config.json"
    common.write_text(common.read_text() + " ")
    assert "its SHA-256 differs" in bench.one("point.read", verify=True)["points"][0]["problem"]
    assert "damaged" in bench.refused("update_bench.begin_back", sites=[SITE]).message


def test_half_of_a_point_is_not_gone_back_to(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    bench.begin(bench.release())
    assert bench.one("point.read")["points"][0]["whole"] is False
    assert "never completed" in bench.one("point.read", verify=True)["points"][0]["problem"]


def test_names_and_sites_that_there_are_not(updated_bench: UpdateBench) -> None:
    assert updated_bench.refused("point.apply", id="../one").status == 400
    assert updated_bench.refused("point.apply", id="one", sites=["c.localhost"]).status == 404


def test_pruned_but_for_what_an_update_needs(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    run = bench.begin(bench.release(), SITE)["run"]
    for name in ("a", "b"):
        bench.one("point.apply", id=name, sites=[SITE])
    planned = bench.one("point.apply", check=True, state="pruned", keep=1)
    assert planned["actions"] == ["removed a"]
    assert [one["id"] for one in bench.one("point.read")["points"]] == [run, "a", "b"]
    bench.one("point.apply", state="pruned", keep=1)
    assert [one["id"] for one in bench.one("point.read")["points"]] == [run, "b"]
    assert not bench.one("point.apply", state="pruned", keep=1)["changed"]
    assert bench.refused("point.apply", state="absent", id=run).status == 409
    assert bench.one("point.apply", state="absent", id="b")["changed"]
    assert not bench.one("point.apply", state="absent", id="b")["changed"]
    assert not list((bench.path / ".erpops/points").glob("b"))


def test_secrets_are_for_the_owner_only(updated_bench: UpdateBench) -> None:
    updated_bench.one("point.apply", id="one", sites=[SITE])
    folder = updated_bench.path / ".erpops/points/one"
    for path in [folder, *folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    assert "encryption_key" not in json.dumps(updated_bench.one("point.read", verify=True))
