# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One message in a fixed order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({}, "failed."),
        ({"object": "a.localhost"}, "a.localhost: failed."),
        ({"seen": "x", "needed": "y", "hint": "z"}, "failed. Seen: x. Needed: y. Next: z."),
        ({"object": "o", "hint": "run it again."}, "o: failed. Next: run it again."),
        ({"seen": "", "needed": "y"}, "failed. Needed: y."),
    ],
)
def test_an_error_as_text(parts: dict[str, Any], text: str) -> None:
    assert str(ErpopsError("failed", **parts)) == text


def test_an_error_as_result_keys() -> None:
    error = ErpopsError("failed", object="o", seen="s", needed="n", hint="h", status=409, data={"x": [1]})
    assert json.loads(json.dumps(error.as_dict())) == {
        "type": "ErpopsError",
        "message": "failed",
        "object": "o",
        "seen": "s",
        "needed": "n",
        "hint": "h",
        "status": 409,
        "data": {"x": [1]},
    }


def test_what_is_not_given() -> None:
    found = ErpopsError("failed").as_dict()
    assert (found["status"], found["data"], found["object"]) == (500, {}, "")


def test_the_data_of_one_error_is_not_that_of_another() -> None:
    first = ErpopsError("a")
    first.data["x"] = 1
    assert ErpopsError("b").data == {}
