# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role backup: how it words what there is, and what it refuses; and what the wiring hands it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/backup"
WIRING = ROOT / "playbooks/group_vars/sites/backup.yml"
OFFSITE = {"bucket": "backups"}


def template(expression: str, *paths: str, **given: Any) -> Any:
    files = [ROLE / "defaults/main.yml", ROLE / "vars/main.yml", *([WIRING] if "wiring" in paths else [])]
    known = {name: value for path in files for name, value in trusted(read_yaml(path)).items()}
    return Templar(loader=DataLoader(), variables={**known, **trusted(given)}).template(
        trust_as_template("{{ " + expression + " }}")
    )


@pytest.fixture
def backups() -> dict[str, Any]:
    return copy.deepcopy(SET_ANSWERS["backup_sets.read"])


def told(expression: str, backups: dict[str, Any], **given: Any) -> Any:
    return template(expression, **{"backup_site": "a.localhost", "__backup_read": {"backups": backups}, **given})


def test_a_line_says_it(backups: dict[str, Any]) -> None:
    head = "a.localhost: scheduled-2026-11-21, 1.0 h old, 6.6 MB, encrypted (age); "
    assert told("__backup_lines", backups, backup_offsite=OFFSITE) == [
        head + "copied off-site: scheduled-2026-11-21; 1 sets in all, 0.0 MB"
    ]
    backups["newest"]["encryption"] = {}
    assert told("__backup_line", backups).split("; ")[:2] == [
        "a.localhost: scheduled-2026-11-21, 1.0 h old, 6.6 MB, not encrypted",
        "no copy off-site",
    ]
    backups.update(newest={}, newest_copy={})
    assert told("__backup_line", backups, backup_offsite=OFFSITE).split("; ")[:2] == [
        "a.localhost: no whole backup of the schedule",
        "copied off-site: none",
    ]


def test_a_damaged_set_has_a_line(backups: dict[str, Any]) -> None:
    backups["sets"].append({"name": "old", "whole": False, "fault": "x is missing"})
    assert told("__backup_lines", backups)[1] == "  damaged  old: x is missing"


@pytest.mark.parametrize(
    ("changes", "offsite", "faults"),
    [
        ({}, OFFSITE, []),
        ({"newest_copy": {}}, {}, []),
        ({"newest_copy": {}}, OFFSITE, ["no backup was copied off-site"]),
        ({"newest": {}}, {}, ["there is no whole backup of the schedule"]),
        (
            {"newest": {"name": "s", "age_seconds": 26 * 3600 + 1}},
            {},
            ["its newest backup, s, is 26.0 h old"],
        ),
        ({"newest": {"name": "s", "age_seconds": 26 * 3600}}, {}, []),
        (
            {"newest_copy": {"name": "c", "age_seconds": 30 * 3600}},
            OFFSITE,
            ["the newest backup with a proven copy off-site, c, is 30.0 h old"],
        ),
    ],
)
def test_what_is_refused(
    backups: dict[str, Any], changes: dict[str, Any], offsite: dict[str, Any], faults: list[str]
) -> None:
    assert told("__backup_faults", {**backups, **changes}, backup_offsite=offsite) == faults


def test_a_damaged_newest_is_named(backups: dict[str, Any]) -> None:
    backups["newest"] = {}
    backups["sets"][0].update(whole=False, fault="x has 3 bytes instead of 4")
    assert told("__backup_faults", backups) == [
        "there is no whole backup of the schedule (scheduled-2026-11-21: x has 3 bytes instead of 4)"
    ]


@pytest.mark.parametrize(
    ("check", "changed", "name", "coming"),
    [(True, True, "", "new"), (True, False, "", ""), (False, True, "", ""), (True, True, "new", "")],
)
def test_check_mode_counts_the_set_to_come(check: bool, changed: bool, name: str, coming: str) -> None:
    taken = {"changed": changed, "backup": {"name": "new"}}
    given = {"ansible_check_mode": check, "__backup_taken": taken, "backup_name": name}
    assert template("__backup_coming_slot", **given) == coming


def test_the_wiring() -> None:
    site = {"site_name": "a.test", "bench_path": "/srv/bench", "__bench_managed": True}
    assert template("backup_keep", "wiring", **site) == {"daily": 7, "weekly": 5, "monthly": 12}
    assert template("backup_textfile_dir", "wiring", **site) == "/var/lib/prometheus/node-exporter"
    assert template("backup_textfile_root", "wiring", **site) is False
    given = {"site_backup_offsite": {"bucket": "b"}, "site_backup_slot": "hour", "site_backup_max_age_hours": 2}
    assert template("[backup_offsite, backup_slot, backup_max_age_hours]", "wiring", **site, **given) == [
        {"bucket": "b"},
        "hour",
        2,
    ]
