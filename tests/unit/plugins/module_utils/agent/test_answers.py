# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers that are played to modules have the keys of the agent's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._protocol import find_operation
from tests.unit.plugins.answers import ANSWERS
from tests.unit.plugins.answers_releases import RELEASE_ANSWERS
from tests.unit.plugins.answers_restores import RESTORE_ANSWERS
from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.plugins.module_utils.agent.tools import Tools, git

# Operation -> its arguments, on a bench with the app shop and the site a.localhost.
ARGS: dict[str, dict[str, Any]] = {
    "app.apply": {"name": "other", "repo": "", "version": "main"},
    "check.site": {"checks": [{"check": "config", "types": {"db_name": "str"}}]},
    "config.apply": {"set": {"flag": True}},
    "document.apply": {"documents": [{"doctype": "Note", "name": "n", "values": {"title": "x"}}]},
    "info.bench": {},
    "info.site": {},
    "key.apply": {"user": "Administrator"},
    "key.warm": {"user": "Administrator"},
    "maintenance.apply": {"state": "on", "remember": True},
    "phase.apply": {"name": "shop", "phases": [{"name": "one", "soak_hours": 2}], "phase": "one"},
    "plan.site": {"config": {"set": {"flag": False}}},
    "scheduler.apply": {"state": "disabled"},
    "site.apply": {"adopt": True, "admin_password": "admin-password"},
    "site_app.apply": {"apps": ["shop"]},
    "task.run": {"method": "shop.api.pull"},
}


def shape(value: Any) -> Any:
    """Keys all the way down, but for mappings whose keys are data."""
    if isinstance(value, dict) and "before" in value and "after" in value and len(value) == 2:
        return "a diff"
    return {key: shape(item) for key, item in value.items()} if isinstance(value, dict) else type(value).__name__


DATA = ("config", "common_config", "tasks", "changed_keys", "counts", "missing")


def without_data(value: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {} if key in DATA and isinstance(item, dict) else without_data(item) if isinstance(item, dict) else item
        for key, item in value.items()
    }


@pytest.fixture
def run(site: Tools, tmp_path: Path) -> Callable[[str, bool], dict[str, Any]]:
    site.app("shop", doctypes=("Shop Order",), code="def pull():\n    return None\n")
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "--quiet", "--initial-branch", "main")
    git(origin, "commit", "--quiet", "--allow-empty", "-m", "first")

    def call(name: str, check: bool) -> dict[str, Any]:
        args = {**ARGS[name], **({"repo": str(origin)} if name == "app.apply" else {})}
        answer: dict[str, Any] = find_operation(name)(site.at(check=check), args)
        return answer

    return call


def test_every_played_operation_is_compared() -> None:
    """Those of backup sets and moves, which need two benches, in test_move.py; of releases in tests/contract; of restores and
    drills in test_restore_site.py and test_drill.py; of updates in test_update_bench.py."""
    assert ARGS.keys() == ANSWERS.keys() - SET_ANSWERS.keys() - RELEASE_ANSWERS.keys() - RESTORE_ANSWERS.keys()


@pytest.mark.parametrize("name", [*ARGS])
@pytest.mark.parametrize("check", [True, False])
def test_answers(run: Callable[[str, bool], dict[str, Any]], name: str, check: bool) -> None:
    # Bringing an app needs pip; its check mode answers in the same form (test_apps.py).
    real = run(name, check or name == "app.apply")
    assert shape(without_data(real)) == shape(without_data(ANSWERS[name]))


@pytest.mark.parametrize("name", ["check.site", "document.apply", "site_app.apply"])
def test_rows_of_answers(run: Callable[[str, bool], dict[str, Any]], name: str) -> None:
    rows = {"check.site": "checks", "document.apply": "documents", "site_app.apply": "apps"}[name]
    assert run(name, False)[rows][0].keys() == ANSWERS[name][rows][0].keys()
