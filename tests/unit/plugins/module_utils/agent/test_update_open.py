# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites of an update are served again: each for itself, and none waits for what another does afterwards."""

from __future__ import annotations

import json

from tests.faults.update_bench import BAD, OTHER, SITE, UpdateBench


def test_of_all_sites_each_is_opened_in_its_state(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    bench.migrate_and_switch(SITE, OTHER)
    previewed = bench.one("update_open.apply", check=True)
    assert (previewed["changed"], bench.maintenance(SITE), bench.maintenance(OTHER)) == (True, True, True)
    done = bench.one("update_open.apply")
    assert (done["problems"], done["served"]) == ({}, [SITE, OTHER])
    assert done["told"] == [f"{site} is fully new" for site in (SITE, OTHER)]
    assert (bench.maintenance(SITE), bench.maintenance(OTHER)) == (False, False)
    assert not bench.one("update_open.apply")["changed"]


def test_a_site_that_cannot_be_opened_keeps_none_of_the_others(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    bench.migrate_and_switch(SITE, OTHER)
    broken = bench.bench.sites / SITE / "site_config.json"
    kept = broken.read_text()
    broken.write_text("{half")
    done = bench.one("update_open.apply")
    assert list(done["problems"]) == [SITE]
    assert not bench.maintenance(OTHER)
    broken.write_text(kept)
    assert (bench.one("update_open.apply")["changed"], bench.maintenance(SITE)) == (True, False)


def test_one_that_failed_is_held_when_its_bench_has_the_new_code(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    args = bench.begin(bench.release(BAD), SITE)
    bench.refused("update.forward", SITE, **args)
    assert not bench.maintenance(), "the code is old, and so is the site"
    bench.one("update_open.apply")
    assert not bench.maintenance()
    bench.one("update_bench.mark", run=args["run"], state="switched")
    done = bench.one("update_open.apply")
    assert (done["changed"], done["sites"][SITE]["journal"]["state"], bench.maintenance()) == (
        True,
        "quarantined",
        True,
    )
    journal = json.loads((bench.path / f".erpops/updates/{SITE}.json").read_text())
    assert "no such field" in journal["why"]
    assert not bench.one("update_open.apply")["changed"]
