# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sets there are, and which of them go."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup_keep import (
    close_set,
    open_set,
    prune_sets,
    read_sets,
)
from tests.unit.plugins.module_utils.agent.sets import DAY, write_set
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools


@pytest.fixture
def sets(site: Tools) -> Path:
    """Sets of today and of two days before, and one of a move; their archive."""
    now = time.time()
    for number in range(3):
        write_set(site, f"d{number}", now - number * DAY - 60)
    return write_set(site, "move-x", now - 900 * DAY, purpose="").parent


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_there_is(site: Tools, sets: Path) -> None:
    (sets / "20200101_000000").mkdir()
    (sets / ".hidden").mkdir()
    told = read_sets(site.at(), {})
    assert [one["name"] for one in told["sets"]] == ["d0", "d1", "d2", "move-x"]
    assert (told["newest"]["name"], told["newest_copy"]) == ("d0", {})
    assert 60 <= told["newest"]["age_seconds"] < 120
    assert told["bytes"] == sum(one["bytes"] for one in told["sets"]) > 40_000
    (sets / "d1/notes.json").write_text(json.dumps({"schema": 1, "verified": 5.0, "copies": {"s3": {"proven": 6.0}}}))
    told = read_sets(site.at(), {})
    assert (told["newest_copy"]["name"], told["newest_copy"]["verified"]) == ("d1", 5.0)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda path: path.unlink(), "1-database.sql.gz is missing"),
        (lambda path: path.write_bytes(b"x"), "1-database.sql.gz has 1 bytes instead of"),
        (lambda path: (path.parent / "manifest.json").write_text("{"), "is not valid JSON"),
        (lambda path: (path.parent / "manifest.json").write_text("{}"), "its manifest lacks 'files'"),
    ],
)
def test_a_damaged_set_is_listed_and_is_no_backup(site: Tools, sets: Path, damage: Any, fault: str) -> None:
    damage(sets / "d0/1-database.sql.gz")
    told = read_sets(site.at(), {})
    (bad,) = [one for one in told["sets"] if not one["whole"]]
    assert (bad["name"], fault in bad["fault"]) == ("d0", True)
    assert told["newest"]["name"] == "d1"


def test_a_byte_is_seen_when_it_is_read(site: Tools, sets: Path) -> None:
    path = sets / "d0/1-database.sql.gz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert read_sets(site.at(), {})["newest"]["name"] == "d0"
    told = read_sets(site.at(), {"verify": True})
    assert told["newest"]["name"] == "d1"
    assert "damaged" in told["sets"][0]["fault"]


def test_what_has_no_place_goes(site: Tools, sets: Path) -> None:
    args = {"keep": {"last": 2}}
    previewed = prune_sets(site.at(check=True), args)
    assert (previewed["removed"], len(names(sets))) == (["d2"], 4)
    assert previewed["diff"]["after"] == {"sets": ["d0", "d1", "move-x"]}
    done = prune_sets(site.at(), args)
    assert (done["actions"], names(sets)) == (["removed d2"], ["d0", "d1", "move-x"])
    assert "notes.json" in names(sets / "d0")  # it was read back before
    assert prune_sets(site.at(), args)["changed"] is False


def test_a_set_to_come_takes_a_place(site: Tools, sets: Path) -> None:
    args = {"keep": {"last": 2}, "coming": "d-new"}
    assert prune_sets(site.at(check=True), args)["removed"] == ["d1", "d2"]
    assert prune_sets(site.at(check=True), {**args, "coming": "d0"})["removed"] == ["d2"]


def test_nothing_goes_while_the_newest_cannot_be_read(site: Tools, sets: Path) -> None:
    path = sets / "d0/1-database.sql.gz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    for check in (True, False):
        with pytest.raises(ErpopsError, match="the backup set is damaged"):
            prune_sets(site.at(check=check), {"keep": {"last": 1}})
    assert len(names(sets)) == 4


def test_a_policy_that_cannot_be_followed_removes_nothing(site: Tools, sets: Path) -> None:
    with pytest.raises(ErpopsError, match="is not a retention"):
        prune_sets(site.at(), {"keep": {"last": -1}})
    assert len(names(sets)) == 4


def test_a_plain_set_is_not_decrypted(site: Tools, sets: Path) -> None:
    with pytest.raises(ErpopsError, match="the backup set is not encrypted"):
        open_set(site.at(), {"path": str(sets / "d0"), "identity": "x"})


@pytest.mark.parametrize(
    "path", ["archive/{}/d0", "opened/b.localhost/d0", "opened/{}", "opened/{}/../../archive/{}/d0"]
)
def test_only_decrypted_copies_are_removed(site: Tools, sets: Path, path: str) -> None:
    with pytest.raises(ErpopsError, match="is no decrypted copy"):
        close_set(site.at(), {"path": str(site.path / ".erpops" / path.format(SITE, SITE))})
    assert len(names(sets)) == 4


def test_a_decrypted_copy_is_removed(site: Tools) -> None:
    folder = site.path / ".erpops/opened" / SITE / "d0"
    folder.mkdir(parents=True)
    (folder.parent / ".d0.part").mkdir()
    args = {"path": str(folder)}
    assert close_set(site.at(check=True), args)["changed"] is True
    assert folder.exists()
    assert close_set(site.at(), args)["changed"] is True
    assert names(folder.parent) == []
    assert close_set(site.at(), args)["changed"] is False
