# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of arguments."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_types import convert


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ("text", "a", "a"),
        ("texts", "a", ["a"]),
        ("texts", ["a", "b"], ["a", "b"]),
        ("number", "1.5", 1.5),
        ("count", "3", 3),
        ("count", 0, 0),
        ("count", 2.0, 2),
        ("flag", True, True),
        ("flag", "no", False),
        ("flag", 1, True),
        ("mapping", {1: 2}, {"1": 2}),
        ("kwargs", {}, {}),
        ("counts", {"a": "1"}, {"a": 1}),
        ("numbers", {"a": "1.5"}, {"a": 1.5}),
        ("labels", {"a": "b"}, {"a": "b"}),
        ("filters", {}, {}),
        ("filters", [["a", "=", 1]], [["a", "=", 1]]),
        ("any", None, None),
        ("a|b", "b", "b"),
        ("complete", "complete", "complete"),
    ],
)
def test_what_can_be_read(how: str, value: Any, expected: Any) -> None:
    found = convert(how, value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("how", "value", "needed"),
    [
        ("text", " ", "a text"),
        ("text", 384, "a text"),
        ("texts", [], "a list of texts"),
        ("texts", ["a", 1], "a list of texts"),
        ("texts", {"a": 1}, "a list of texts"),
        ("number", True, "a number"),
        ("number", "soon", "a number"),
        ("count", -1, "a whole number, 0 or more"),
        ("count", 1.5, "a whole number, 0 or more"),
        ("flag", "maybe", "true or false"),
        ("flag", 2, "true or false"),
        ("mapping", {}, "a mapping"),
        ("mapping", ["a"], "a mapping"),
        ("kwargs", ["a"], "a mapping"),
        ("labels", {"a": 1}, "a text"),
        ("filters", ["name", "=", "x"], "Frappe filters"),
        ("filters", "name", "Frappe filters"),
        ("a|b", "c", "one of a, b"),
        ("complete", "failed", "complete"),
    ],
)
def test_what_cannot(how: str, value: Any, needed: str) -> None:
    with pytest.raises(ValueError, match=needed):
        convert(how, value)
