# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DocTypes, fields and indexes."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_schema import (
    count_faults,
    doctype_faults,
    has_column,
    serves,
)

ROWS: dict[str, dict[str, Any]] = {
    "Job Card": {"issingle": 0, "istable": 0, "module": "Manufacturing"},
    "Shop": {"issingle": 1, "istable": 0, "module": "Shop"},
}


@pytest.mark.parametrize(
    ("names", "args", "faults"),
    [
        (["Job Card", "Shop"], {}, []),
        (["Job Card", "Bag", "Tier"], {}, ["Bag, Tier missing"]),
        (["Job Card", "Shop"], {"module": "Manufacturing"}, ["Shop is of module Shop"]),
        (["Job Card", "Shop"], {"issingle": True}, ["issingle of Job Card is 0"]),
        (["Job Card", "Shop"], {"issingle": False}, ["issingle of Shop is 1"]),
        (["Job Card", "Shop"], {"istable": False}, []),
        (["Job Card", "Shop"], {"exists": False}, ["Job Card, Shop exist"]),
    ],
)
def test_doctypes(names: list[str], args: dict[str, Any], faults: list[str]) -> None:
    found = {name: ROWS[name] for name in names if name in ROWS}
    assert doctype_faults(names, found, args) == faults


def test_none_of_them_is_there() -> None:
    assert doctype_faults(["Bag"], {}, {"exists": False}) == []


@pytest.mark.parametrize(
    ("defined", "found", "faults"),
    [
        ({"a"}, {"a"}, []),
        ({"a", "b"}, {"a"}, ["1 DocTypes", "not on the site: b"]),
        ({"a", "b"}, {"a", "c"}, ["not on the site: b", "not in the app's files: c"]),
    ],
)
def test_as_many_as_the_files_define(defined: set[str], found: set[str], faults: list[str]) -> None:
    assert count_faults(defined, found) == faults


@pytest.mark.parametrize(
    ("kind", "column"), [("Data", True), ("Section Break", False), ("Table", False), ("Table MultiSelect", False)]
)
def test_fields_with_a_column(kind: str, column: bool) -> None:
    assert has_column(kind) is column


@pytest.mark.parametrize(
    ("columns", "unique", "args", "fits"),
    [
        (["a", "b"], False, {"columns": ["a"]}, True),
        (["a"], True, {"columns": ["a"], "unique": True}, True),
        (["a"], False, {"columns": ["a"], "unique": True}, False),
        (["a", "b"], True, {"columns": ["a"], "unique": True}, False),
    ],
)
def test_an_index_serves(columns: list[str], unique: bool, args: dict[str, Any], fits: bool) -> None:
    assert serves(columns, unique, args) is fits
