# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site_config.json becomes, as tables of cases."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._config_plan import (
    IDENTITY_KEYS,
    plan_config,
    same_value,
)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (True, True, True),
        (True, 1, False),
        (0, False, False),
        (1, "1", False),
        (1, 1.0, True),
        (None, 0, False),
        (None, None, True),
        ("", None, False),
        ([1, 2], [1, 2], True),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ([True], [1], False),
        ({"a": {"b": True}}, {"a": {"b": True}}, True),
        ({"a": {"b": True}}, {"a": {"b": 1}}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
    ],
)
def test_values_are_the_same_when_their_json_is(left: Any, right: Any, same: bool) -> None:
    for pair in ((left, right), (right, left)):
        assert same_value(*pair) is same


@pytest.mark.parametrize(
    ("current", "wanted", "absent", "after", "changed"),
    [
        ({}, {"a": 1}, [], {"a": 1}, {"a": "added"}),
        ({"a": 1}, {"a": 1}, [], {"a": 1}, {}),
        ({"a": 1}, {"a": True}, [], {"a": True}, {"a": "changed"}),
        ({"a": 1}, {"a": None}, [], {"a": None}, {"a": "changed"}),
        ({"a": 1, "b": 2}, {}, ["a"], {"b": 2}, {"a": "removed"}),
        ({"b": 2}, {}, ["a"], {"b": 2}, {}),
        ({"db_name": "x"}, {"db_name": "x"}, [], {"db_name": "x"}, {}),
        ({}, {"db_name": "x"}, [], {"db_name": "x"}, {"db_name": "added"}),
        ({"other": [1]}, {"d": {"x": [True, 900]}}, [], {"other": [1], "d": {"x": [True, 900]}}, {"d": "added"}),
    ],
)
def test_a_plan(
    current: dict[str, Any], wanted: dict[str, Any], absent: list[str], after: dict[str, Any], changed: dict[str, str]
) -> None:
    untouched = dict(current)
    plan = plan_config(current, wanted, {}, absent)
    assert plan.after == after
    assert [type(value) for value in plan.after.values()] == [type(value) for value in after.values()]
    assert plan.changed_keys == changed
    assert plan.shown_before.keys() == plan.shown_after.keys() == changed.keys()
    assert current == untouched, "the current configuration is only read"


def test_secrets_are_shown_as_stars_that_differ() -> None:
    plan = plan_config(
        {"shop": "old-secret", "web_token": "old-token"}, {"web_token": "new-token"}, {"shop": "new"}, []
    )
    assert plan.after == {"shop": "new", "web_token": "new-token"}
    views = str(plan.shown_before) + str(plan.shown_after)
    assert "old-" not in views
    assert "new" not in views
    assert plan.shown_before["shop"] != plan.shown_after["shop"]


def test_a_removed_secret_is_not_shown_either() -> None:
    plan = plan_config({"api_token": "old-token"}, {}, {}, ["api_token"])
    assert plan.shown_after == {"api_token": "(absent)"}
    assert "old" not in str(plan.shown_before)


@pytest.mark.parametrize("key", IDENTITY_KEYS)
@pytest.mark.parametrize("how", ["change", "secret", "remove"])
def test_what_the_data_depends_on_is_never_changed(key: str, how: str) -> None:
    with pytest.raises(ErpopsError, match=f"refuses to change {key}") as caught:
        plan_config(
            {key: "right"},
            {key: "wrong-value"} if how == "change" else {},
            {key: "wrong-value"} if how == "secret" else {},
            [key] if how == "remove" else [],
        )
    assert caught.value.status == 409
    assert "wrong-value" not in str(caught.value.as_dict())


@pytest.mark.parametrize(
    ("wanted", "secrets", "absent"),
    [({"a": 1}, {"a": "x"}, []), ({"a": 1}, {}, ["a"]), ({}, {"a": "x"}, ["a"])],
)
def test_a_key_is_named_once(wanted: dict[str, Any], secrets: dict[str, Any], absent: list[str]) -> None:
    with pytest.raises(ErpopsError, match="named twice") as caught:
        plan_config({}, wanted, secrets, absent)
    assert (caught.value.status, caught.value.seen) == (400, "a")
