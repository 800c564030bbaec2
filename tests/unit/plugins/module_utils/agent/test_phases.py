# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of an integration's phase, on the bench."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._phases import OPERATIONS, apply_phase
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

PHASES = [{"name": "dashboard", "soak_hours": 24}, {"name": "api", "soak_hours": 24}]
RECORD = f".erpops/phases/{SITE}/chatwoot.json"
BEGUN = 1_795_219_200.0


def at(tools: Tools, hours: float, phase: str = "", check: bool = False, **args: Any) -> dict[str, Any]:
    """Ask for a phase ``hours`` after the beginning."""
    wanted = {"name": "chatwoot", "phases": PHASES, "phase": phase, **args}
    return apply_phase(tools.at(check=check), wanted, clock=lambda: BEGUN + hours * 3600)


def test_a_roll_out(tools: Tools) -> None:
    tools.site()
    first = at(tools, 0, "dashboard")
    assert (first["changed"], first["action"], first["before"], first["phase"]) == (True, "begun", "", "dashboard")
    assert first["actions"] == ["chatwoot: begun dashboard"]
    assert first["diff"]["after"] == {"phase": "dashboard", "suspended": False}
    assert (first["soaked"], first["soaked_at"]) == (False, "2026-11-22 00:00 UTC")

    written = (tools.path / RECORD).read_text()
    again = at(tools, 10, "dashboard")
    assert (again["changed"], again["soaked_hours"], again["since"]) == (False, 10.0, BEGUN)
    assert (tools.path / RECORD).read_text() == written

    with pytest.raises(ErpopsError, match="cannot go to phase api yet"):
        at(tools, 10, "api")
    assert (tools.path / RECORD).read_text() == written

    assert at(tools, 24, "dashboard")["soaked"] is True
    second = at(tools, 24, "api")
    assert (second["action"], second["before"], second["soaked_hours"]) == ("promoted", "dashboard", 0.0)
    assert tools.read(RECORD)["schema"] == 1
    assert [step["action"] for step in second["history"]] == ["begun", "promoted"]


def test_a_preview_refuses_as_the_run_does_and_writes_nothing(tools: Tools) -> None:
    tools.site()
    preview = at(tools, 0, "dashboard", check=True)
    assert (preview["changed"], preview["phase"]) == (True, "dashboard")
    assert not (tools.path / ".erpops/phases").exists()
    at(tools, 0, "dashboard")
    with pytest.raises(ErpopsError, match="cannot go to phase api yet"):
        at(tools, 1, "api", check=True)
    assert at(tools, 1, "api", check=True, reason="approved by the board")["overridden"]
    assert tools.read(RECORD)["phase"] == "dashboard"


def test_files_are_the_owners_alone(tools: Tools) -> None:
    tools.site()
    at(tools, 0, "dashboard")
    for path in (RECORD, str(Path(RECORD).parent), ".erpops"):
        assert (tools.path / path).stat().st_mode & 0o077 == 0, path


def test_off_and_gone(tools: Tools) -> None:
    tools.site()
    assert at(tools, 0, state="suspended")["changed"] is False
    at(tools, 0, "dashboard")
    off = at(tools, 5, state="suspended")
    assert (off["phase"], off["suspended"], off["soaked"]) == ("dashboard", True, False)
    gone = at(tools, 6, state="absent")
    assert (gone["changed"], gone["phase"], gone["before"]) == (True, "", "dashboard")
    assert at(tools, 7, state="absent")["changed"] is False
    assert [step["action"] for step in tools.read(RECORD)["history"]] == ["begun", "suspended", "removed"]
    with pytest.raises(ErpopsError, match="cannot go to phase api yet"):
        at(tools, 99, "api")


def test_what_is_gone_needs_no_site(tools: Tools) -> None:
    assert at(tools, 0, state="absent")["changed"] is False


def test_a_site_that_is_not_there_gets_no_record(tools: Tools) -> None:
    with pytest.raises(ErpopsError, match="no such site") as caught:
        at(tools, 0, "dashboard")
    assert caught.value.status == 404
    assert not (tools.path / ".erpops/phases").exists()


@pytest.mark.parametrize("name", ["", "Chat", "../x", "a/b", "a" * 65])
def test_names_that_are_none(tools: Tools, name: str) -> None:
    tools.site()
    with pytest.raises(ErpopsError, match="not the name of an integration"):
        at(tools, 0, "dashboard", name=name)


def test_a_broken_record_is_told_and_not_overwritten(tools: Tools) -> None:
    tools.site()
    tools.write(RECORD, "{")
    with pytest.raises(ErpopsError, match="not valid JSON"):
        at(tools, 0, "dashboard")
    assert (tools.path / RECORD).read_text() == "{"


def test_reading(tools: Tools) -> None:
    tools.site()
    assert OPERATIONS["phase.read"](tools.at(), {"name": "chatwoot"}) == {}
    at(tools, 0, "dashboard")
    assert OPERATIONS["phase.read"](tools.at(), {"name": "chatwoot"})["phase"] == "dashboard"


def test_a_site_that_is_dropped_takes_its_records_along(tools: Tools) -> None:
    tools.site()
    at(tools, 0, "dashboard")
    tools.at().bench.forget(SITE)
    assert not (tools.path / RECORD).exists()
