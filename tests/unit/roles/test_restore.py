# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles restore and drill: what they refuse, and how they word what was found."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.plugins.answers_restores import DRILL, RESTORE_ANSWERS
from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted


def template(role: str, expression: str, **given: Any) -> Any:
    files = [ROOT / "roles" / role / part / "main.yml" for part in ("defaults", "vars")]
    known = {name: value for path in files for name, value in trusted(read_yaml(path)).items()}
    given = {"ansible_check_mode": False, f"{role}_site": "a.localhost", **given}
    return Templar(loader=DataLoader(), variables={**known, **trusted(given)}).template(
        trust_as_template("{{ " + expression + " }}")
    )


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"restore_from": "one", "restore_confirm": "a.localhost"}, []),
        ({"restore_from": "one", "restore_confirm": "all"}, []),
        ({"restore_from": "one", "ansible_check_mode": True}, []),
        ({"restore_from": "one", "restore_as": "b.localhost"}, []),
        ({"restore_state": "undone", "restore_confirm": "a.localhost"}, []),
        ({"restore_confirm": "a.localhost"}, ["a.localhost: which set?"]),
        ({"restore_from": "one"}, ["a.localhost is not restored without confirmation"]),
        ({"restore_from": "one", "restore_confirm": "b.localhost"}, ["a.localhost is not restored without"]),
        ({"restore_from": "one", "restore_as": "a.localhost"}, ["a.localhost is not the name of a scratch site"]),
        ({"restore_state": "undone"}, ["a.localhost is not restored without confirmation"]),
    ],
)
def test_what_restore_refuses(given: dict[str, Any], faults: list[str]) -> None:
    found = template("restore", "__restore_faults", **given)
    assert len(found) == len(faults)
    assert all(one.strip().startswith(wanted) for one, wanted in zip(found, faults, strict=True))


def test_restore_tells_what_would_be_lost() -> None:
    plan = copy.deepcopy(RESTORE_ANSWERS["restore_site.plan"])
    head = "a.localhost: the set scheduled-2026-11-21, 1.0 h old, with frappe"

    def lines(**given: Any) -> Any:
        return template("restore", "__restore_lines", __restore_plan={"plan": {**plan, **given}})

    assert lines() == [head, "  tabItem: 5 rows now, 3 in the set"]
    assert lines(lost=None) == [head, "  what would be lost is not known before the set is decrypted"]
    assert lines(lost=None, trouble="gone", migrated=["erpnext"], resumed=True) == [
        head,
        "  a restore of it was begun and is finished",
        "  migrated after that: erpnext",
        "  the site cannot be asked: gone",
    ]


def test_a_drill_in_a_line() -> None:
    done = {"drill": copy.deepcopy(DRILL)}
    head = "a.localhost: scheduled-2026-11-21, 1.0 h old (RPO), "
    wanted = head + "restored and answering after 5.3 s (RTO), nothing wrong"
    assert template("drill", "__drill_line", __drill_done=done) == wanted
    done["drill"].update(ok=False, rto_seconds=None, findings=[{"step": "web", "message": "ping: HTTP 500"}])
    assert template("drill", "__drill_line", __drill_done=done) == head + "not restored, 1 findings"
    assert template("drill", "__drill_faults", __drill_done=done) == ["ping: HTTP 500"]


@pytest.mark.parametrize(("hours", "number"), [(0, 0), (1, 0), ("1", 0), (2, 0)])
def test_a_young_set_is_no_fault(hours: Any, number: int) -> None:
    assert len(template("drill", "__drill_faults", __drill_done={"drill": DRILL}, drill_max_age_hours=hours)) == number


def test_an_old_set_is() -> None:
    old = {**DRILL, "rpo_seconds": 7300}
    (fault,) = template("drill", "__drill_faults", __drill_done={"drill": old}, drill_max_age_hours=2)
    assert fault == "it is 2.0 h old, at most 2 are allowed (drill_max_age_hours)"
