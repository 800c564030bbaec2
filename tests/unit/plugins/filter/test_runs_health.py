# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter runs_health."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter.runs_health import FilterModule, runs_health


def test_it_is_found() -> None:
    assert FilterModule().filters()["runs_health"] is runs_health


def test_text_from_a_template_is_a_number() -> None:
    seen = {"runs": [], "schedule": {"enabled": True, "age": None}, "queues": {}}
    assert runs_health(seen, site="a", name="b", hours="6")["hours"] == 6  # type: ignore[arg-type]


def test_something_else_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="this does not tell of runs"):
        runs_health({}, site="a", name="b")
