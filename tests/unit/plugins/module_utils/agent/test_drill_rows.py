# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of a restored site compared with those of a site that went on."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._drill_rows import (
    Row,
    compare_rows,
    counting,
    differing,
    faults_of,
    row_of,
)

OLD, SET, NEW = "2026-01-01 00:00:00", "2026-06-01 00:00:00", "2026-07-01 00:00:00"


def row(digest: str = "x", modified: str = OLD, creation: str = OLD) -> Row:
    return Row(creation, modified, digest)


@pytest.mark.parametrize(
    ("restored", "live", "wanted"),
    [
        ({"a": row()}, {"a": row()}, {"same": 1}),
        ({"a": row()}, {"a": row("y")}, {"changed": ["a"]}),
        ({"a": row()}, {"a": row("y", NEW)}, {"since": 1}),
        ({"a": row("y", NEW)}, {"a": row()}, {"older": ["a"]}),
        ({"a": row()}, {}, {"since": 1}),
        ({}, {"a": row()}, {"missing": ["a"]}),
        ({}, {"a": row("y", NEW, NEW)}, {"since": 1}),
        # Nobody knows when it was made.
        ({}, {"a": row(creation="")}, {"since": 1}),
        ({"b": row(), "a": row()}, {"a": row("y"), "b": row("y")}, {"changed": ["a", "b"]}),
    ],
)
def test_compare(restored: dict[str, Row], live: dict[str, Row], wanted: dict[str, Any]) -> None:
    found = compare_rows(restored, live, SET)
    counted = {name: value for name, value in vars(found).items() if value and name != "digest"}
    assert counted == wanted
    sound = not (found.changed or found.missing)
    assert (found.digest["restored"] == found.digest["live"]) is sound


def test_the_digest_does_not_depend_on_the_order() -> None:
    rows = {"a": row("1"), "b": row("2")}
    turned = dict(reversed(rows.items()))
    assert compare_rows(rows, rows, SET).digest == compare_rows(turned, rows, SET).digest


def test_a_row_is_all_that_counts_of_it() -> None:
    stamp = datetime.datetime.fromisoformat(OLD)
    values = {"name": "a", "creation": stamp, "modified": stamp, "title": None, "idx": 1}
    one = row_of(values, {"name", "title", "idx"})
    assert (one.creation, one.modified) == (OLD, OLD)
    assert one.digest == row_of({**values, "extra": 5}, {"idx", "title", "name"}).digest
    for changed in ({"title": ""}, {"title": "None"}, {"idx": 2}):
        assert one.digest != row_of({**values, **changed}, {"name", "title", "idx"}).digest
    assert row_of({"name": "a"}, {"name"}).creation == ""


def test_what_the_framework_writes_unstamped_does_not_count() -> None:
    columns = {"name", "_seen", "last_login", "title"}
    assert counting("User", columns) == {"name", "title"}
    assert counting("Item", columns) == {"name", "last_login", "title"}


def test_columns_that_differ() -> None:
    assert differing({"a": 1, "b": 2, "only": 1}, {"a": 1, "b": 3}) == ["b"]


def test_faults_name_what_differs() -> None:
    found = compare_rows({"a": row(), "c": row("y", NEW)}, {"a": row("y"), "b": row(), "c": row()}, SET)
    assert faults_of("Item", found, {"a": ["price"]}) == [
        "Item: 1 rows of the site were not restored: b",
        "Item: the row a is not the site's in price, and it was not changed since",
        "Item: 1 rows of the site are older than in the set: c",
    ]
    many = {str(number): row() for number in range(7)}
    faults = faults_of("Item", compare_rows(many, {name: row("y") for name in many}, SET), {})
    assert faults[0] == "Item: the row 0 is not the site's, and it was not changed since"
    assert faults[-1] == "Item: 2 rows more are not the site's"
    assert faults_of("Item", compare_rows({}, many, SET), {})[0].endswith("0, 1, 2, 3, 4 ...")
    assert faults_of("Item", compare_rows(many, many, SET), {}) == []
