# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a roll-out, on the bench."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._protocol import find_operation
from ansible_collections.erpops.frappe.plugins.module_utils.agent._rollout import apply_rollout, read_rollout
from tests.unit.plugins.answers import ANSWERS
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

NOW = 1_795_219_200.0
TARGET = {"shop": "b" * 40}
RECORD = ".erpops/rollout.json"


def step(tools: Tools, state: str, minutes: float = 0, check: bool = False, **args: Any) -> dict[str, Any]:
    given = {"state": state, "target": TARGET, "wave": "canary", "soak_minutes": 30, **args}
    return apply_rollout(tools.at(check=check), given, clock=lambda: NOW + minutes * 60)


def look(tools: Tools, minutes: float = 0, **args: Any) -> dict[str, Any]:
    return read_rollout(tools.at(), {"target": TARGET, "soak_minutes": 30, **args}, clock=lambda: NOW + minutes * 60)


def test_the_answers_have_the_documented_form(tools: Tools) -> None:
    tools.site()
    assert look(tools).keys() == ANSWERS["rollout.read"].keys()
    assert step(tools, "begun").keys() == ANSWERS["rollout.apply"].keys()
    assert find_operation("rollout.apply") is apply_rollout


def test_a_soak_goes_on_whoever_asks(tools: Tools) -> None:
    tools.site()
    assert look(tools, code=True)["stage"] == "new"
    begun = step(tools, "begun", baseline={"hours": 24})
    assert (begun["changed"], begun["stage"], begun["diff"]["after"]["state"]) == (True, "updated", "begun")
    tools.write(
        ".erpops/update.json",
        {"state": "over", "outcome": "done", "purpose": "update", "ended": NOW + 60, "point": "p", "to": TARGET},
    )
    soaking = step(tools, "soaking", 5)
    assert (soaking["since"], soaking["left_seconds"], soaking["soaks_until"]) == (
        NOW + 60,
        26 * 60,
        "2026-11-21 00:31 UTC",
    )
    written = (tools.path / RECORD).read_text()
    assert step(tools, "soaking", 6)["changed"] is False
    assert (tools.path / RECORD).read_text() == written
    assert (look(tools, 20)["stage"], look(tools, 31)["stage"]) == ("soaking", "due")
    assert step(tools, "passed", 31)["stage"] == "passed"
    assert look(tools, 99)["baseline"] == {"hours": 24}
    assert tools.read(RECORD)["schema"] == 1


def test_check_mode_writes_nothing(tools: Tools) -> None:
    tools.site()
    assert step(tools, "begun", check=True)["changed"] is True
    assert not (tools.path / RECORD).exists()


@pytest.mark.parametrize(
    ("pending", "code", "stage"), [([SITE], False, "there"), ([SITE, "b.localhost"], False, "new"), ([], True, "new")]
)
def test_a_tenant_in_quarantine_makes_no_update_needed(
    tools: Tools, pending: list[str], code: bool, stage: str
) -> None:
    tools.site()
    tools.write(f".erpops/updates/{SITE}.json", {"state": "quarantined"})
    found = look(tools, pending=pending, code=code)
    assert (found["quarantined"], found["stage"]) == ([SITE], stage)
