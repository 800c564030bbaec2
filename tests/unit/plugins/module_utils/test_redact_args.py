# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in nested arguments, found by the names of their keys."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._redact_args import masked_strings, secret_strings


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, []),
        ("a-secret", []),
        ({"password": "a-secret"}, ["a-secret"]),
        ({"user": "root", "password": "a-secret"}, ["a-secret"]),
        ({"secrets": {"any_name": "a-secret"}}, ["a-secret"]),
        ({"secrets": {"deep": [{"down": "a-secret"}]}}, ["a-secret"]),
        ([{"api_token": "one-secret"}, ({"api_key": "two-secret"},)], ["one-secret", "two-secret"]),
        ({"password": "abcd"}, ["abcd"]),
        ({"password": "abc"}, []),  # masking so short a text garbles all else
        ({"password": 12345678}, []),
        ({"password": None}, []),
        ({"password": {"note": "a-secret"}}, ["a-secret"]),
        ({1: {"token": "a-secret"}}, ["a-secret"]),
    ],
)
def test_secret_strings(value: Any, expected: list[str]) -> None:
    assert list(secret_strings(value)) == expected


def test_only_long_secrets_are_masked_everywhere() -> None:
    assert masked_strings({"api_token": "a-long-secret", "password": "short", "note": "not-a-secret"}) == {
        "a-long-secret"
    }
