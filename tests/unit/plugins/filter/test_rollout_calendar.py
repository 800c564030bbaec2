# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter rollout_calendar."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter import rollout_calendar as filters


def test_it_is_found() -> None:
    window = {"from": "22:00", "to": "04:00"}
    found = filters.FilterModule().filters()["rollout_calendar"](window, now=1_795_219_200)
    assert found == {"open": True, "opens": "", "frozen": ""}
    assert filters.rollout_calendar({})["open"] is True


def test_faults_are_told() -> None:
    with pytest.raises(AnsibleFilterError, match="rollout_calendar: the window: from is None"):
        filters.rollout_calendar({"to": "04:00"})
