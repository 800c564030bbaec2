# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter rollout_measured."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter import rollout_measured as filters


def test_it_is_found() -> None:
    assert filters.FilterModule().filters()["rollout_measured"]({"hours": 1}, []) == {"hours": 1, "http": {}}


def test_something_else_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="needed are figures and probes"):
        filters.rollout_measured({}, [{}])
