# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter rollout_waves."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter import rollout_waves as filters


def test_it_is_found() -> None:
    found = filters.FilterModule().filters()["rollout_waves"]([{"name": "a"}], ["100%"])
    assert found == {"waves": [{"name": "100%", "benches": ["a"]}], "faults": []}


def test_something_else_is_refused() -> None:
    for benches, waves in ((["a"], ["100%"]), ([{"wave": "x", "sites": [{}]}], ["100%"]), ([{"name": "a"}], None)):
        with pytest.raises(AnsibleFilterError, match="needed are benches and waves"):
            filters.rollout_waves(benches, waves)  # type: ignore[arg-type]
