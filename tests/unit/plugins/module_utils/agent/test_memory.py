# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench remembers of a site goes with it (with real backup sets: test_restore.py)."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils.agent._memory import remember, remembered
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

TOLD: dict[str, Any] = {
    "tasks": [{"task": "shop.migrate", "state": "done"}],
    "phases": {"chatwoot": {"schema": 1, "phase": "api"}},
    "jobs": {"a.b": "stopped"},
}


def test_nothing_is_remembered_of_a_site_that_we_only_look_at(tools: Tools) -> None:
    tools.site()
    assert remembered(tools.at()) == {"tasks": [], "phases": {}, "jobs": {}}


def test_what_is_told_is_remembered(tools: Tools) -> None:
    tools.site()
    remember(tools.at(), TOLD)
    assert remembered(tools.at()) == TOLD
    assert tools.read(f".erpops/phases/{SITE}/chatwoot.json") == TOLD["phases"]["chatwoot"]


def test_a_set_of_before_tells_less_and_takes_nothing_away(tools: Tools) -> None:
    tools.site()
    path = tools.path / f".erpops/originals/{SITE}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"schema": 1, "maintenance": "off"}))
    remember(tools.at(), {"jobs": {"a.b": "enabled"}})
    remember(tools.at(), {})
    assert tools.read(f".erpops/originals/{SITE}.json") == {
        "schema": 1,
        "maintenance": "off",
        "jobs": {"a.b": "enabled"},
    }
