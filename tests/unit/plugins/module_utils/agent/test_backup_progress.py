# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far sets are that are being taken."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup_keep import read_sets
from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup_progress import sets_under_way
from tests.unit.plugins.module_utils.agent.sets import write_set
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools


def test_sets_without_a_manifest_are_told_with_what_they_have(site: Tools) -> None:
    sets = write_set(site, "whole", time.time() - 60).parent
    assert sets_under_way(site.at(), 7) == []
    points = sets.parent.parent / "points"
    for folder, size in (
        (sets / "d9", 10),
        (sets / ".d8.plain", 20),
        (sets / ".d7.gone", 5),
        (points / "one" / SITE, 30),
    ):
        folder.mkdir(parents=True)
        (folder / "1-database.sql.gz").write_bytes(b"x" * size)
    (points / "one/other.localhost").mkdir()
    (points / "one/manifest.json").write_text("{}")
    long_ago = time.time() - 600
    for path in (sets / "d9/1-database.sql.gz", sets / "d9"):
        os.utime(path, (long_ago, long_ago))
    told = read_sets(site.at(), {})
    found = {Path(one["path"]).name: one for one in told["under_way"]}
    assert {name: one["bytes"] for name, one in found.items()} == {"d9": 10, ".d8.plain": 20, SITE: 30}
    assert {one["expected"] for one in found.values()} == {told["newest"]["bytes"]}
    assert 600 <= found["d9"]["idle_seconds"] < 660
    assert found[SITE]["idle_seconds"] < 60


def test_nothing_is_expected_of_the_first(site: Tools) -> None:
    (site.path / ".erpops/archive" / SITE / "first").mkdir(parents=True)
    (told,) = read_sets(site.at(), {})["under_way"]
    assert (told["bytes"], told["expected"], told["idle_seconds"]) == (0, 0, 0)
