# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration files, and secrets in logs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_files import (
    config_faults,
    is_https,
    secrets_in,
    spellings,
)

FOUND = {"on": True, "one": 1, "text": "True", "url": "https://a.example.com/x", "empty": "", "api_key": "open-secret"}


@pytest.mark.parametrize(
    ("args", "faults"),
    [
        ({"types": {"on": "bool", "one": "int", "text": "str"}}, []),
        ({"types": {"one": "bool", "gone": "str"}}, ["one is int", "gone is missing"]),
        ({"equal": {"on": True, "one": 1, "text": "True"}}, []),
        ({"equal": {"one": True, "on": 1, "gone": 1}}, ["one is 1", "on is true", "gone is missing"]),
        ({"equal": {"text": True}}, ['text is "True"']),
        ({"set": ["on", "api_key"]}, []),
        ({"set": ["empty", "gone"]}, ["empty, gone not set"]),
        ({"absent": ["gone"]}, []),
        ({"absent": ["empty"]}, ["empty there"]),
        ({"https": ["url"]}, []),
        ({"https": ["text", "gone"]}, ["text is no https address", "gone is no https address"]),
    ],
)
def test_a_configuration(args: dict[str, Any], faults: list[str]) -> None:
    assert config_faults(FOUND, args) == faults


def test_a_secret_is_not_shown() -> None:
    assert "open-secret" not in str(config_faults(FOUND, {"equal": {"api_key": "x"}}))


@pytest.mark.parametrize(
    ("value", "fits"),
    [("https://a.example.com", True), ("http://a.example.com", False), ("https://", False), ("https://[", False),
     (None, False), (1, False), ("", False)],
)  # fmt: skip
def test_https(value: Any, fits: bool) -> None:
    assert is_https(value) is fits


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("nothing", []),
        ('key a"b/c d.', ["a"]),
        ('{"key": "a\\"b/c d"}', ["a"]),
        ("?key=a%22b%2Fc%20d", ["a"]),
        ("?key=a%22b%2Fc+d", ["a"]),
    ],
)
def test_spellings_of_a_secret(tmp_path: Path, line: str, found: list[str]) -> None:
    (tmp_path / "a.log").write_text(line)
    assert secrets_in(str(tmp_path / "a.log"), {"a": spellings('a"b/c d'), "b": spellings("other")}, 1000) == found


def test_only_the_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"the-secret" + b"x" * 100)
    assert secrets_in(str(path), {"a": spellings("the-secret")}, 110) == ["a"]
    assert secrets_in(str(path), {"a": spellings("the-secret")}, 100) == []
