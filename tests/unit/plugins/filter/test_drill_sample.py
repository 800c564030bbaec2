# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter drill_sample."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter import drill_sample as filters


def test_it_is_found() -> None:
    assert filters.FilterModule().filters()["drill_sample"]({"a": 0, "b": 5}, 1) == ["a"]


def test_something_else_is_refused() -> None:
    for last, count in ((["a"], 1), ({"a": "x"}, 1), ({"a": 0}, "many")):
        with pytest.raises(AnsibleFilterError, match="times by site"):
            filters.drill_sample(last, count)  # type: ignore[arg-type]
