# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions that Ansible's YAML loader leaves on values, and keys that stand twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.erpops.frappe.plugins.plugin_utils._yaml_marks import line_of, repeated_keys


def test_values_and_keys_know_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("a: 1\nb:\n  - x\n  - y: true\n")
    data = DataLoader().load_from_file(str(path))
    key = next(key for key in data["b"][1] if key == "y")
    assert [line_of(data), line_of(data["a"]), line_of(data["b"][0]), line_of(key)] == [1, 1, 3, 4]


@pytest.mark.parametrize("value", [None, True, "plain", 5, {}])
def test_values_from_elsewhere_have_no_line(value: object) -> None:
    assert line_of(value) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\n", []),
        ("", []),
        ("a: 1\nb: 2\na: 3\n", [("key 'a' stands here a second time (first in line 1)", 3)]),
        ("x:\n  - {a: 1, a: 2}\n", [("key 'a' stands here a second time (first in line 2)", 2)]),
        ("x: {a: 1}\ny: {a: 1}\n", []),
        ("x: &x {a: 1, a: 2}\ny: *x\n", [("key 'a' stands here a second time (first in line 1)", 1)]),
        ("x: !vault |\n  abc\ny: !unsafe z\n", []),
        ("? [a]\n: 1\n? [a]\n: 2\n", []),
    ],
)
def test_repeated_keys(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(problem.message, problem.line) for problem in repeated_keys(text)] == expected
