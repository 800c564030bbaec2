# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a declared record, and the diff of many."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.erpops.frappe.plugins.module_utils._documents import document_diff, document_spec


def validate(**record: Any) -> tuple[list[str], dict[str, Any]]:
    spec = {"documents": {"type": "list", "elements": "dict", "options": document_spec()}}
    result = ArgumentSpecValidator(spec).validate({"documents": [record]})
    return result.error_messages, result.validated_parameters["documents"][0]


def test_what_is_not_given_has_its_default() -> None:
    errors, record = validate(doctype="Role")
    assert errors == []
    assert record == {
        "doctype": "Role",
        "name": None,
        "match": None,
        "state": "present",
        "values": {},
        "secrets": {},
        "child_mode": "exact",
        "child_keys": {},
    }


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({}, "missing required arguments: doctype"),
        ({"doctype": "Role", "state": "gone"}, "value of state must be one of: present, absent"),
        ({"doctype": "Role", "child_mode": "add"}, "value of child_mode must be one of: exact, merge"),
        ({"doctype": "Role", "value": {}}, "Supported parameters include"),
        ({"doctype": "Role", "values": [1]}, "unable to convert to dict"),
    ],
)
def test_a_wrong_record(record: dict[str, Any], message: str) -> None:
    errors, _record = validate(**record)
    assert message in " ".join(errors)


def test_secrets_of_a_record_are_masked() -> None:
    assert document_spec()["secrets"]["no_log"] is True


def row(action: str, name: str = "x", label: str = "") -> dict[str, Any]:
    return {
        "doctype": "Note",
        "name": name,
        "label": label,
        "action": action,
        "before": {"old": 1},
        "after": {"new": 1},
    }


@pytest.mark.parametrize(
    ("record", "before", "after"),
    [
        (row("unchanged"), {}, {}),
        (row("created"), {}, {"Note x": {"new": 1}}),
        (row("updated"), {"Note x": {"old": 1}}, {"Note x": {"new": 1}}),
        (row("deleted"), {"Note x": {"old": 1}}, {}),
        (row("created", name="", label="y"), {}, {"Note y": {"new": 1}}),
        (row("created", name=""), {}, {"Note #1": {"new": 1}}),
    ],
)
def test_the_diff_of_a_record(record: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> None:
    assert document_diff([record]) == {"before": before, "after": after}


def test_records_without_a_name_are_told_apart() -> None:
    assert list(document_diff([row("created", name=""), row("created", name="")])["after"]) == ["Note #1", "Note #2"]
