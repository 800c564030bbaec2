# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restored site must have in common with the one that was backed up."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._fingerprint import differences

SOUND: dict[str, Any] = {
    "tables": {"tabUser": 3, "tabRole": 40},
    "apps": ["frappe", "erpnext"],
    "secrets": {"stored": 4, "readable": 4, "digest": "d1"},
}


def test_the_same_site() -> None:
    assert differences(SOUND, copy.deepcopy(SOUND)) == []


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("tables", {"tabUser": 3}, ["missing tables: tabRole"]),
        ("tables", {**SOUND["tables"], "tabX": 0}, ["tables that were not there: tabX"]),
        ("tables", {**SOUND["tables"], "tabUser": 2}, ["tabUser: 3 rows before, 2 after"]),
        ("apps", ["frappe"], ["apps frappe, erpnext before, frappe after"]),
        (
            "secrets",
            {"stored": 4, "readable": 0, "digest": "d0"},
            ["stored passwords: 4 of 4 could be decrypted before, 0 of 4 after"],
        ),
        (
            "secrets",
            {"stored": 4, "readable": 4, "digest": "d2"},
            ["stored passwords: 4 of 4 could be decrypted before, 4 of 4 after, and not to the same texts"],
        ),
    ],
)
def test_another_site(part: str, value: Any, said: list[str]) -> None:
    assert differences(SOUND, {**SOUND, part: value}) == said


def test_all_is_said_at_once_and_not_without_end() -> None:
    wanted = {**SOUND, "tables": {f"tab{number:03d}": 1 for number in range(50)}}
    found = {**SOUND, "tables": {f"tab{number:03d}": 2 for number in range(50)}, "apps": []}
    assert len(differences(wanted, found)) == 20
