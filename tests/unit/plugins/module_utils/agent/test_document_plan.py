# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a record becomes, as tables of cases."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._document_plan import (
    RecordPlan,
    check_record,
    identity_filters,
    plan_record,
)
from ansible_collections.erpops.frappe.plugins.module_utils.agent._field_values import Meta


def of(fieldtype: str, options: str = "", reqd: int = 0) -> dict[str, Any]:
    return {"fieldtype": fieldtype, "options": options, "reqd": reqd}


CHILD: Meta = {"role": of("Link", "Role", 1), "note": of("Data"), "days": of("Int"), "api_token": of("Data")}
META: Meta = {
    "title": of("Data"),
    "public": of("Check"),
    "count": of("Int"),
    "rate": of("Float"),
    "due": of("Datetime"),
    "extra": of("JSON"),
    "secret": of("Password"),
    "web_token": of("Data"),
    "roles": of("Table", "Has Role"),
    "break": of("Section Break"),
}


def plan(
    current: dict[str, Any] | None,
    *,
    stored: str = "",
    child_meta: Meta | None = None,
    **record: Any,
) -> RecordPlan:
    return plan_record(
        {"doctype": "Thing", **record},
        META,
        {"roles": child_meta or CHILD},
        current,
        lambda _field, wanted: wanted == stored,
    )


@pytest.mark.parametrize(
    ("record", "autoname", "expected"),
    [
        ({"doctype": "Thing", "match": {"a": 1}, "values": {"b": 2}}, "field:b", {"a": 1}),
        ({"doctype": "Thing", "values": {"b": 2}}, "field:b", {"b": 2}),
        ({"doctype": "Warehouse", "values": {"warehouse_name": "W", "company": "C", "x": 1}}, "", None),
        ({"doctype": "Custom Field", "values": {"dt": "User", "fieldname": "f"}}, "", {"dt": "User", "fieldname": "f"}),
    ],
)
def test_a_record_without_a_name_is_found_by(
    record: dict[str, Any], autoname: str, expected: dict[str, Any] | None
) -> None:
    assert identity_filters(record, autoname) == (expected or {"warehouse_name": "W", "company": "C"})


@pytest.mark.parametrize(
    ("record", "autoname", "needed"),
    [
        ({"doctype": "Thing", "values": {"b": 2}}, "hash", "name, match"),
        ({"doctype": "Thing", "values": {"b": ""}}, "field:b", "values for b"),
        ({"doctype": "Warehouse", "values": {"warehouse_name": "W"}}, "", "values for warehouse_name, company"),
    ],
)
def test_a_record_that_nothing_identifies_is_refused(record: dict[str, Any], autoname: str, needed: str) -> None:
    with pytest.raises(ErpopsError, match="nothing identifies") as caught:
        identity_filters(record, autoname)
    assert needed in caught.value.needed
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("values", "secrets", "message", "status"),
    [
        ({"titel": "x"}, {}, "has no field 'titel'", 404),
        ({}, {"secert": "x"}, "has no field 'secert'", 404),
        ({"break": 1}, {}, "holds no value", 400),
        ({"secret": "x"}, {}, "is a Password: give it under `secrets`", 400),
        ({"roles": "Shop"}, {}, "is a table", 400),
        ({"roles": ["Shop"]}, {}, "is a table", 400),
        ({"title": ["x"]}, {}, "is a Data", 400),
        ({"title": {"x": 1}}, {}, "is a Data", 400),
        ({"count": "many"}, {}, "cannot hold this value", 400),
        ({"extra": "{broken"}, {}, "cannot hold this value", 400),
        ({}, {"secret": ""}, "is empty", 400),
        ({}, {"secret": None}, "is empty", 400),
        ({}, {"roles": [{"role": "A"}]}, "is a table: give it under `values`", 400),
    ],
)
def test_a_wrong_record_is_refused(values: dict[str, Any], secrets: dict[str, Any], message: str, status: int) -> None:
    with pytest.raises(ErpopsError) as caught:
        check_record({"doctype": "Thing", "values": values, "secrets": secrets}, META)
    assert message in caught.value.message
    assert caught.value.status == status
    assert caught.value.object == "Thing"


@pytest.mark.parametrize("name", ["title", "extra"])
def test_what_may_hold_a_mapping_does(name: str) -> None:
    value = {"a": 1} if name == "extra" else "text"
    check_record({"doctype": "Thing", "values": {name: value}}, META)


@pytest.mark.parametrize(
    ("current", "state", "action"),
    [
        (None, "absent", "unchanged"),
        ({"name": "x"}, "absent", "deleted"),
        (None, "present", "created"),
        ({"name": "x"}, "present", "unchanged"),
    ],
)
def test_presence(current: dict[str, Any] | None, state: str, action: str) -> None:
    assert plan(current, state=state).action == action


def test_only_what_differs_is_set() -> None:
    current = {"title": "old", "public": 1, "count": 3, "due": None}
    found = plan(current, values={"title": "new", "public": True, "count": "3", "due": ""})
    assert (found.action, found.values) == ("updated", {"title": "new"})
    assert (found.before, found.after) == ({"title": "old"}, {"title": "new"})


def test_a_new_record_gets_every_value_and_has_no_before() -> None:
    found = plan(None, values={"title": "x", "public": 0}, secrets={"secret": "new-secret"})
    assert (found.action, found.values, found.secrets) == (
        "created",
        {"title": "x", "public": 0},
        {"secret": "new-secret"},
    )
    assert found.before == {}
    assert "new-secret" not in str(found.after)


def test_fields_that_sound_secret_are_shown_as_stars() -> None:
    found = plan({"web_token": "old-value"}, values={"web_token": "new-value"})
    assert found.values == {"web_token": "new-value"}
    assert "-value" not in str(found.before) + str(found.after)


@pytest.mark.parametrize(("stored", "action"), [("the-secret", "unchanged"), ("another", "updated"), ("", "updated")])
def test_a_secret_is_compared_where_it_is(stored: str, action: str) -> None:
    found = plan({"name": "x"}, stored=stored, secrets={"secret": "the-secret"})
    assert found.action == action
    assert found.secrets == ({} if action == "unchanged" else {"secret": "the-secret"})
    assert "the-secret" not in str(found.before) + str(found.after)


@pytest.mark.parametrize(("now", "action"), [("the-secret", "unchanged"), ("another", "updated"), (None, "updated")])
def test_a_secret_in_a_plain_field_is_compared_and_hidden_too(now: str | None, action: str) -> None:
    found = plan({"title": now}, secrets={"title": "the-secret"})
    assert found.action == action
    assert "the-secret" not in str(found.before) + str(found.after)


def test_a_check_is_handed_on_as_a_number() -> None:
    """Frappe takes the text "yes" for 0."""
    assert plan(None, values={"public": "yes"}).values == {"public": 1}
    meta = {"role": of("Link", reqd=1), "default": of("Check")}
    found = plan({"roles": []}, child_meta=meta, values={"roles": [{"role": "A", "default": True}]})
    assert found.tables["roles"][0].values == {"role": "A", "default": 1}


# Rows now, rows wanted, mode -> (index of the present row or None, changed values) for each row afterwards.
ROWS: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]], str, list[tuple[int | None, dict[str, Any]]] | None]]
ROWS = [
    ("as wanted", [{"role": "A"}, {"role": "B"}], [{"role": "A"}, {"role": "B"}], "exact", None),
    ("none", [], [], "exact", None),
    ("other fields do not count", [{"role": "A", "note": "kept"}], [{"role": "A"}], "exact", None),
    ("a field differs", [{"role": "A", "days": 1}], [{"role": "A", "days": 2}], "exact", [(0, {"days": 2})]),
    ("a new row", [{"role": "A"}], [{"role": "A"}, {"role": "B"}], "exact", [(0, {}), (None, {"role": "B"})]),
    ("a row too many", [{"role": "A"}, {"role": "B"}], [{"role": "B"}], "exact", [(1, {})]),
    ("emptied", [{"role": "A"}], [], "exact", []),
    ("another order", [{"role": "A"}, {"role": "B"}], [{"role": "B"}, {"role": "A"}], "exact", [(1, {}), (0, {})]),
    ("merge keeps the others", [{"role": "A"}, {"role": "B"}], [{"role": "B"}], "merge", None),
    ("merge does not mind the order", [{"role": "A"}, {"role": "B"}], [{"role": "B"}, {"role": "A"}], "merge", None),
    (
        "merge appends",
        [{"role": "A"}, {"role": "B"}],
        [{"role": "C"}, {"role": "B", "days": 1}],
        "merge",
        [(0, {}), (1, {"days": 1}), (None, {"role": "C"})],
    ),
]


@pytest.mark.parametrize(("now", "wanted", "mode", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_rows_of_a_table(
    now: list[dict[str, Any]],
    wanted: list[dict[str, Any]],
    mode: str,
    expected: list[tuple[int | None, dict[str, Any]]] | None,
) -> None:
    found = plan({"name": "x", "roles": now}, values={"roles": wanted}, child_mode=mode)
    if expected is None:
        assert (found.action, found.tables) == ("unchanged", {})
    else:
        assert found.action == "updated"
        assert [(row.index, row.values) for row in found.tables["roles"]] == expected
        names = {name for row in wanted for name in row}
        assert all(row.keys() == names for row in found.before["roles"] + found.after["roles"])


def test_rows_without_a_key_are_compared_by_position() -> None:
    meta = {"note": of("Data"), "days": of("Int")}
    now = [{"note": "a", "days": 1}, {"note": "b", "days": 1}]
    found = plan(
        {"roles": now}, child_meta=meta, values={"roles": [{"note": "c", "days": 1}, {"note": "b", "days": 2}]}
    )
    assert [(row.index, row.values) for row in found.tables["roles"]] == [(0, {"note": "c"}), (1, {"days": 2})]


def test_rows_with_the_same_required_field_are_compared_by_position() -> None:
    now = [{"role": "A", "days": 1}, {"role": "A", "days": 2}]
    found = plan({"roles": now}, values={"roles": [{"role": "A", "days": 1}, {"role": "A", "days": 3}]})
    assert [(row.index, row.values) for row in found.tables["roles"]] == [(0, {}), (1, {"days": 3})]


def test_the_user_names_the_key_of_the_rows() -> None:
    now = [{"role": "A", "days": 1}, {"role": "A", "days": 2}]
    found = plan(
        {"roles": now},
        values={"roles": [{"role": "A", "days": 2, "note": "x"}, {"role": "A", "days": 1}]},
        child_keys={"roles": ["role", "days"]},
        child_mode="merge",
    )
    assert [(row.index, row.values) for row in found.tables["roles"]] == [(0, {}), (1, {"note": "x"})]


def test_a_misspelt_field_of_a_row_is_named_with_its_table() -> None:
    with pytest.raises(ErpopsError) as caught:
        plan({"roles": []}, values={"roles": [{"rol": "A"}]})
    assert (caught.value.object, caught.value.needed) == ("Thing.roles", "role")


def test_secret_fields_of_rows_are_stars() -> None:
    found = plan(
        {"roles": [{"role": "A", "api_token": "old-value"}]},
        values={"roles": [{"role": "A", "api_token": "new-value"}]},
    )
    assert found.tables["roles"][0].values == {"api_token": "new-value"}
    assert "-value" not in str(found.before) + str(found.after)
