# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets become stars; what is no secret stays as it is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._redact import (
    digest,
    looks_secret,
    masked,
    scrub,
    shown,
    stars,
)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("db_password", True),
        ("encryption_key", True),
        ("webhook_secret", True),
        ("ApiKey", True),
        ("consumer_key", True),
        ("admin_pwd", True),
        ("pwd", True),
        ("pwd_dir", False),
        ("db_name", False),
        ("key", False),
        ("monkey", False),
        ("developer_mode", False),
    ],
)
def test_the_name_of_a_key_tells_whether_it_is_secret(name: str, secret: bool) -> None:
    assert looks_secret(name) is secret


def test_a_digest_tells_two_values_apart_and_nothing_else() -> None:
    assert digest("one") == digest("one")
    assert digest("one") != digest("two")
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert re.fullmatch(r"[0-9a-f]{8}", digest("one"))


def test_stars_show_whether_there_is_a_value() -> None:
    assert stars("") == stars(None) == "(empty)"
    assert stars("one") == f"******** ({digest('one')})"
    assert stars(0).startswith("********"), "zero is a value"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("port", 8000, 8000),
        ("limits", {"emails": 5, "api_token": ""}, {"emails": 5, "api_token": "(empty)"}),
        ("hosts", [{"host": "a", "password": None}], [{"host": "a", "password": "(empty)"}]),
        ("flag", False, False),
    ],
)
def test_values_are_shown_by_the_names_of_their_keys(name: str, value: Any, expected: Any) -> None:
    assert shown(name, value) == expected


def test_what_is_called_a_secret_is_one_whatever_its_name() -> None:
    assert "hunter" not in str(shown("colour", "hunter2hunter2", secret=True))
    assert "hunter" not in str(shown("db_password", {"nested": "hunter2hunter2"}))


@pytest.mark.parametrize(
    ("text", "secrets", "expected"),
    [
        ("abc secret-one def", ["secret-one"], "abc ******** def"),
        ("secret-one-longer", ["secret-one", "secret-one-longer"], "********"),
        ("nothing here", ["", "other"], "nothing here"),
    ],
)
def test_scrubbing(text: str, secrets: list[str], expected: str) -> None:
    assert scrub(text, secrets) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/wc/v3/orders?page=2&consumer_secret=cs_12ab&x=1", "/wc/v3/orders?page=2&consumer_secret=********&x=1"),
        ('{"api_key": "abc", "name": "x"}', '{"api_key": "********", "name": "x"}'),
        ("connect(password='hunter2')", "connect(password='********')"),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer ********"),
        ("token 0123456789ab:cdef01234567 refused", "token ******** refused"),
        ("token expired: ask again", "token expired: ask again"),
        ("invalid api_key", "invalid api_key"),
        ("HTTP 503", "HTTP 503"),
    ],
)
def test_masking_what_others_wrote(text: str, expected: str) -> None:
    assert masked(text) == expected
