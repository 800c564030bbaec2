# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter rollout_gate."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter import rollout_gate as filters
from tests.unit.plugins.plugin_utils.test_rollout_gate import LIMIT, reading


def test_it_is_found() -> None:
    gate = filters.FilterModule().filters()["rollout_gate"]
    assert gate(reading(hours=1), reading(), LIMIT, bench="b") == []
    (fault,) = gate(reading(queue={"jobs": 900}), reading(), LIMIT, bench="b")
    assert fault.startswith("b: jobs wait")


def test_something_else_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="unknown limits: error"):
        filters.rollout_gate(reading(), reading(), {"error": 1})
    with pytest.raises(AnsibleFilterError, match="sites"):
        filters.rollout_gate({}, {}, {})
