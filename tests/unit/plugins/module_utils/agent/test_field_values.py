# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of DocType fields: when two are the same, and names near to a misspelt one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._field_values import near, same


@pytest.mark.parametrize(
    ("fieldtype", "left", "right", "expected"),
    [
        ("Check", 1, True, True),
        ("Check", "yes", 1, True),
        ("Check", None, 0, True),
        ("Check", "0", True, False),
        ("Int", "5", 5, True),
        ("Int", None, 0, True),
        ("Int", 5.0, "5", True),
        ("Int", "five", 5, False),
        ("Float", 0.1 + 0.2, 0.3, True),
        ("Float", "1.50", 1.5, True),
        ("Currency", None, 0, True),
        ("Currency", 1, 1.01, False),
        ("Data", None, "", True),
        ("Data", 5, "5", True),
        ("Data", "a", "A", False),
        ("Datetime", "2026-01-02 03:04:05.678", "2026-01-02 03:04:05", True),
        ("Datetime", "2026-01-02 03:04:05", "2026-01-02 03:04:06", False),
        ("JSON", '{"a": [1]}', {"a": [1]}, True),
        ("JSON", "", None, True),
        ("JSON", "not json", {}, False),
    ],
)
def test_values_are_compared_as_their_field_type_has_them(
    fieldtype: str, left: Any, right: Any, expected: bool
) -> None:
    for pair in ((left, right), (right, left)):
        assert same(fieldtype, *pair) is expected


def test_near_names_are_listed() -> None:
    names = ["title", "roles", "enabled"]
    assert near("titel", names) == "title"
    assert "roles" in near("Role", names)
    assert near("zzzzzz", names) == "no name like it"
