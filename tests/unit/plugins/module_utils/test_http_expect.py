# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subset comparison of JSON, dotted keys, and what is quoted of an answer."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._http_expect import Expect, covers, matched, mismatch

BODY = (
    '{"message": {"user": "Administrator", "roles": ["A", "B"], "n": 1, "api_secret": "s3cr3ts3cr3t"},'
    ' "a.b": 5, "data": [{"name": "x"}], "flag": true, "none": null}'
)


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"message.user": "Administrator"}, ""),
        ({"message": {"user": "Administrator"}}, ""),
        ({"message": {"roles": ["A", "B"]}}, ""),
        ({"a.b": 5}, ""),
        ({"data.0.name": "x"}, ""),
        ({"data.0": {"name": "x"}}, ""),
        ({"none": None}, ""),
        ({"message.user": "Guest"}, 'message.user is "Administrator", expected was "Guest"'),
        ({"message": {"user": "Guest"}}, "message differs from what was expected"),
        ({"message.api_secret": "other"}, "message.api_secret differs from what was expected"),
        ({"message.roles": ["A"]}, "message.roles differs from what was expected"),
        ({"data.1.name": "x"}, "it has no data.1.name"),
        ({"message.user.x": "x"}, "it has no message.user.x"),
        ({"missing": None}, "it has no missing"),
        ({"flag": 1}, "flag is true, expected was 1"),
        ({"message.n": True}, "message.n is 1, expected was true"),
    ],
)
def test_json(wanted: dict[str, Any], problem: str) -> None:
    assert mismatch(Expect(json=wanted), BODY) == problem


def test_a_long_value_is_cut() -> None:
    assert len(mismatch(Expect(json={"a": "b"}), '{"a": "' + "x" * 5000 + '"}')) < 150


@pytest.mark.parametrize(
    ("seen", "wanted", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1, {"a": 1, "b": 2}], [1, {"a": 1}], True),
        ([1], [1, 2], False),
        (1, 1.0, True),
        (1, True, False),
        ("1", 1, False),
        (None, {}, False),
    ],
)
def test_covers(seen: Any, wanted: Any, expected: bool) -> None:
    assert covers(seen, wanted) is expected


def test_only_plain_values_that_were_asked_for_are_returned() -> None:
    expect = Expect(json={"message.user": 1, "message.api_secret": 1, "message.roles": 1, "flag": 1, "missing": 1})
    assert matched(expect, BODY) == {"message.user": "Administrator", "flag": True}
    assert matched(expect, "no json") == {}
    assert matched(Expect(), BODY) == {}
