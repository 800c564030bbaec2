# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes that the reader knows; each wrong one is one fault, and reading goes on."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._reader import APP, Reader, key_object, near


def reader() -> Reader:
    return Reader(lambda item: 7 if item == "key" else None)


@pytest.mark.parametrize(
    ("read", "value", "fault"),
    [
        (lambda r: r.record("x", {"a": 1}, None, ("a", "b")), {"a": 1}, ""),
        (lambda r: r.record("x", None, None, ("a",)), {}, ""),
        (lambda r: r.record("x", {"aple": 1}, None, ("apple",)), {}, "unknown key 'aple' (did you mean 'apple'?)"),
        (lambda r: r.record("x", {"q": 1}, None, ("apple", "b")), {}, "unknown key 'q'; allowed are apple, b"),
        (lambda r: r.record("x", [], None, ("a",)), {}, "this is a list, needed is a mapping"),
        (lambda r: r.mapping("x", {1: 2, "a": 3}, None), {"a": 3}, "key 1 is a number, needed is text"),
        (lambda r: r.mapping("x", "text", None, "vars"), {}, "vars is text, needed is a mapping"),
        (lambda r: r.items("x", [1], None, "apps"), [1], ""),
        (lambda r: r.items("x", None, None, "apps"), [], ""),
        (lambda r: r.items("x", "erpnext", None, "apps"), [], "apps is text, needed is a list"),
        (lambda r: r.text("x", {"key": "v"}, "key"), "v", ""),
        (lambda r: r.text("x", {}, "key"), "", ""),
        (lambda r: r.text("x", {}, "key", required=True), "", "key is missing"),
        (lambda r: r.text("x", {"key": None}, "key", required=True), "", "key is missing"),
        (lambda r: r.text("x", {"key": ""}, "key"), "", "key is empty"),
        (lambda r: r.text("x", {"key": 1}, "key"), "", "key is a number (1), needed is text; quote it"),
        (lambda r: r.text("x", {"key": True}, "key"), "", "key is true or false (True)"),
        (lambda r: r.text("x", {"key": ["a"]}, "key"), "", "key is a list (['a']), needed is text"),
        (lambda r: r.choice("x", {}, "key", ("on", "off")), "on", ""),
        (lambda r: r.choice("x", {"key": "off"}, "key", ("on", "off")), "off", ""),
        (lambda r: r.choice("x", {"key": "of"}, "key", ("on", "off")), "on", "key is 'of' (did you mean 'off'?)"),
        (lambda r: r.name("x", {"key": "wave-1.a_b"}, "key"), "wave-1.a_b", ""),
        (lambda r: r.name("x", {"key": "a b"}, "key"), "", "key 'a b' is not a name"),
        (lambda r: r.names("x", {"key": ["a", "b", "a"]}, "key"), ("a", "b"), ""),
        (lambda r: r.names("x", {"key": ["a", 1]}, "key"), ("a",), "key contains a number (1)"),
        (lambda r: r.names("x", {"key": ["chat-bridge"]}, "key", APP), (), "did you mean 'chat_bridge'?"),
        (lambda r: r.variables("x", {"vars": {"a_b": "{{ c }}"}}), {"a_b": "{{ c }}"}, ""),
        (lambda r: r.variables("x", {"vars": {"site_name": 1}}), {"site_name": 1}, "'site_name' is computed"),
        (lambda r: r.variables("x", {"vars": {"a-b": 1}}), {"a-b": 1}, "'a-b' is not a name for an Ansible variable"),
        (lambda r: r.variables("x", {"vars": {"for": 1}}), {"for": 1}, "'for' is not a name for an Ansible variable"),
        (lambda r: r.config("x", {"config": {"a": [1, {"b": None}]}}), {"a": [1, {"b": None}]}, ""),
        (
            lambda r: sorted(r.config("x", {"config": {"a": [{"b": datetime.date(2024, 1, 2)}]}})),
            ["a"],
            "config: a.0.b is a date, which JSON cannot hold; quote it",
        ),
    ],
)
def test_reading(read: Callable[[Reader], Any], value: Any, fault: str) -> None:
    one = reader()
    assert read(one) == value
    assert [fault in problem.message for problem in one.problems] == ([True] if fault else [])
    assert all(problem.subject == "x" for problem in one.problems)


def test_faults_carry_the_line_of_the_key() -> None:
    one = reader()
    one.text("x", {"key": 1}, "key")
    assert one.problems[0].line == 7


def test_a_key_that_is_missing_has_the_line_of_the_whole_record() -> None:
    one = reader()
    one.text("x", one.record("x", None, "key", ("path",)), "path", required=True)
    assert one.problems[0].line == 7


def test_key_object_is_the_key_as_it_stands_in_the_source() -> None:
    class Tagged(str):
        """As Ansible's own strings, which know where they came from."""

    key = Tagged("path")
    assert key_object({key: 1}, "path") is key
    record = {"a": 1}
    assert key_object(record, "path") is record


def test_near_without_anything_known() -> None:
    assert near("a", ()) == "; allowed are (none)"
