# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journals of an update, and the points that they need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
from ansible_collections.erpops.frappe.plugins.module_utils.agent._update_journal import (
    is_over,
    points_in_use,
    read_bench_journal,
    read_site_journal,
    write_bench_journal,
    write_site_journal,
)


def test_journals(tmp_path: Path) -> None:
    bench = Bench(str(tmp_path))
    assert (read_bench_journal(bench), read_site_journal(bench, "a.localhost"), points_in_use(bench)) == ({}, {}, set())
    write_bench_journal(bench, {"run": "one", "state": "begun", "point": "one"})
    write_site_journal(Context(bench, "a.localhost"), {"run": "two", "state": "saved", "point": "two"})
    write_site_journal(
        Context(bench, "b.localhost"), {"run": "zero", "state": "over", "point": "zero", "outcome": "done"}
    )
    assert read_site_journal(bench, "a.localhost")["site"] == "a.localhost"
    assert points_in_use(bench) == {"one", "two"}


def test_over() -> None:
    journals: list[tuple[dict[str, Any], bool]] = [({}, True), ({"state": "over"}, True), ({"state": "saved"}, False)]
    assert [is_over(one) for one, _wanted in journals] == [wanted for _one, wanted in journals]
