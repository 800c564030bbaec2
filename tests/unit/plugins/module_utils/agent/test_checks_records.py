# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of records, filters and balances."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_records import (
    balance_faults,
    value_faults,
    with_since,
)

TYPES = {"enabled": "Check", "rate": "Float", "note": "Data", "secret": "Password", "rows": "Table"}


@pytest.mark.parametrize(
    ("filters", "start", "expected"),
    [
        (None, "", []),
        ({}, "t", [["D", "creation", ">=", "t"]]),
        ({"a": 1}, "", [["D", "a", "=", 1]]),
        ({"a": ["in", ["x", "y"]]}, "", [["D", "a", "in", ["x", "y"]]]),
        ({"a": ["like", "x%"]}, "", [["D", "a", "like", "x%"]]),
        ([["a", "=", 1]], "t", [["a", "=", 1], ["D", "creation", ">=", "t"]]),
    ],
)
def test_filters(filters: Any, start: str, expected: list[Any]) -> None:
    assert with_since(filters, "D", start) == expected


@pytest.mark.parametrize(
    ("found", "args", "faults"),
    [
        ({"enabled": 1}, {"equal": {"enabled": True}}, []),
        ({"enabled": 0}, {"equal": {"enabled": True}}, ["enabled is 0"]),
        ({"rate": 1.0}, {"equal": {"rate": "1"}}, []),
        ({"note": "a"}, {"equal": {"note": "b"}}, ["note is 'a'"]),
        ({"note": None}, {"equal": {"note": "b"}}, ["note is empty"]),
        ({"note": "x" * 100}, {"equal": {"note": "b"}}, ["note is '" + "x" * 57 + "...'"]),
        ({"note": "", "rows": [], "rate": 0}, {"set": ["note", "rows", "rate"]}, ["note, rows, rate empty"]),
        ({"note": "a", "rows": [1]}, {"set": ["note", "rows"]}, []),
        ({}, {"set": ["nota"]}, ["no field nota (note)"]),
        ({"secret": "s"}, {"equal": {"secret": "s"}}, ["secret is a Password, which only secrets_set looks at"]),
        ({"secret": "s"}, {"set": ["secret"]}, ["secret is a Password, which only secrets_set looks at"]),
    ],
)
def test_values(found: dict[str, Any], args: dict[str, Any], faults: list[str]) -> None:
    assert value_faults(found, TYPES, args) == faults


def test_a_value_that_sounds_secret_is_not_shown() -> None:
    (fault,) = value_faults({"api_token": "open-secret"}, {"api_token": "Data"}, {"equal": {"api_token": "x"}})
    assert "open-secret" not in fault


@pytest.mark.parametrize(
    ("sums", "faults"),
    [
        ({}, []),
        ({"A": (10.004, 10.0)}, []),
        ({"A": (10.01, 10.0), "B": (5.0, 5.0)}, ["1 vouchers do not balance: A (debit 10.01, credit 10.00)"]),
        (
            {"A": (10.0, 0.0), "B": (0.0, 10.0)},
            ["2 vouchers do not balance: A (debit 10.00, credit 0.00), B (debit 0.00, credit 10.00)"],
        ),
    ],
)
def test_balance(sums: dict[str, tuple[float, float]], faults: list[str]) -> None:
    assert balance_faults(sums, 0.005) == faults
