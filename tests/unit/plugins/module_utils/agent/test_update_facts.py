# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is looked at before an update."""

from __future__ import annotations

import json

from tests.faults.update_bench import OTHER, SITE, UpdateBench


def test_facts(updated_bench: UpdateBench) -> None:
    bench = updated_bench
    bench.one("backup.apply", SITE, state="present", name="one")
    facts = bench.one("update_bench.plan", check=True, sites=[SITE, OTHER], apps=[])["sites"]
    one = facts[SITE]
    assert (one["trouble"], one["redis"], one["moving"], one["failed_before"]) == ("", "", "", "")
    assert (one["charset"], one["packet"], one["maintenance"]) == ("utf8mb4", 67108864, "off")
    assert one["secrets"]["stored"] == one["secrets"]["readable"] > 0
    assert 0 <= one["last_backup_hours"] < 1
    assert facts[OTHER]["last_backup_hours"] is None
    assert "digest" not in json.dumps(facts), "of the passwords"


def test_a_site_that_cannot_be_looked_into_is_one_fault_of_many(updated_bench: UpdateBench) -> None:
    config = updated_bench.bench.sites / OTHER / "site_config.json"
    config.write_text(config.read_text()[:-5])
    found = updated_bench.one("update_bench.plan", check=True, sites=[SITE, OTHER], apps=[])
    assert "cannot be looked into" in found["faults"][0]
    assert found["sites"][SITE]["trouble"] == ""
