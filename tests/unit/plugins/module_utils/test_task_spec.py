# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a task."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.erpops.frappe.plugins.module_utils._task_spec import task_spec
from ansible_collections.erpops.frappe.plugins.module_utils.agent._task_plan import check_task


def validate(**args: Any) -> Any:
    return ArgumentSpecValidator(task_spec()).validate(args)


def test_what_is_not_given_has_its_default() -> None:
    found = validate(method="a.b").validated_parameters
    assert found == {
        "method": "a.b",
        "kwargs": {},
        "check_kwargs": {},
        "name": None,
        "mode": "inline",
        "queue": "long",
        "paging": None,
        "counts": {},
        "growth": {},
        "changed_counts": None,
        "fail_when": [],
        "once": False,
    }
    check_task(found)


def test_pages() -> None:
    found = validate(method="a.b", paging={"param": "page", "until": "more == false"}).validated_parameters
    assert found["paging"] == {
        "param": "page",
        "end_param": None,
        "start": 1,
        "step": 1,
        "next": None,
        "until": "more == false",
        "max_pages": 100000,
    }
    check_task(found)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "missing required arguments: method"),
        ({"method": "a", "mode": "later"}, "value of mode must be one of"),
        ({"method": "a", "paging": {"param": "page"}}, "missing required arguments: until"),
        ({"method": "a", "paging": {"param": "p", "until": "x == 1", "max": 3}}, "Supported parameters include"),
        ({"method": "a", "once": "perhaps"}, "once"),
    ],
)
def test_wrong_options(args: dict[str, Any], message: str) -> None:
    assert message in " ".join(validate(**args).error_messages)
