# SPDX-License-Identifier: GPL-3.0-or-later
"""get_all, get_list, get_value, exists, count."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def orders(frappe: Any) -> Any:
    for i in range(1, 7):
        status = "Completed" if i % 2 else "Pending"
        doc = {"doctype": "Shop Order", "order_id": f"O-{i}", "status": status, "total": i * 10}
        frappe.get_doc({**doc, "customer_name": "Ada" if i < 3 else None}).insert()
    return frappe


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (None, "123456"),
        ({}, "123456"),
        ("O-1", "1"),
        ({"status": "Pending"}, "246"),
        ({"status": ["=", "Pending"]}, "246"),
        ({"status": ["!=", "Pending"]}, "135"),
        ({"total": [">", 40]}, "56"),
        ({"total": [">=", 40]}, "456"),
        ({"total": ["<", 20]}, "1"),
        ({"total": ["<=", 20]}, "12"),
        ({"total": ["between", [20, 30]]}, "23"),
        ({"name": ["in", ["O-1", "O-6"]]}, "16"),
        ({"name": ["in", "O-1, O-6"]}, "16"),
        ({"name": ["O-1", "O-2", "O-3"]}, "123"),
        ({"name": ["in", []]}, ""),
        ({"name": ["not in", ["O-1", "O-6"]]}, "2345"),
        ({"name": ["like", "o-%"]}, "123456"),
        ({"name": ["not like", "%1"]}, "23456"),
        ({"customer_name": ["is", "set"]}, "12"),
        ({"customer_name": ["is", "not set"]}, "3456"),
        ({"customer_name": None}, "3456"),
        ({"customer_name": ["!=", "Ada"]}, "3456"),
        ({"status": "Pending", "total": [">", 20]}, "46"),
        ([["status", "=", "Pending"], ["total", ">", 20]], "46"),
        ([["Shop Order", "status", "=", "Pending"]], "246"),
        (["status", "=", "Pending"], "246"),
        ({"creation": ["between", ["2000-01-01", "2999-01-01"]]}, "123456"),
        ({"status": "PENDING"}, "246"),
    ],
)
def test_filters(orders: Any, filters: Any, found: str) -> None:
    names = orders.get_all("Shop Order", filters=filters, pluck="name", order_by="name")
    assert names == [f"O-{n}" for n in found]
    assert orders.db.count("Shop Order", filters) == len(found)


def test_an_unknown_operator_is_refused(orders: Any) -> None:
    with pytest.raises(orders.ValidationError, match="Operator must be one of"):
        orders.get_all("Shop Order", filters=[["name", "resembles", "x"]])


def test_filter_on_a_child_table(frappe: Any) -> None:
    frappe.get_doc({"doctype": "User", "email": "a@example.com", "first_name": "A"}).insert().add_roles("Sales User")
    filters = [["Has Role", "role", "=", "Sales User"], ["User", "name", "!=", "Administrator"]]
    assert frappe.get_all("User", filters=filters, pluck="name") == ["a@example.com"]


def test_shapes_of_rows(orders: Any) -> None:
    get = orders.get_all
    assert get("Shop Order", filters="O-1") == [{"name": "O-1"}]
    assert get("Shop Order", filters="O-1", fields=["name", "total"])[0].total == 10.0
    assert get("Shop Order", filters="O-1", fields=["name", "total as amount"])[0].amount == 10.0
    assert get("Shop Order", fields=["count(name) as n"], order_by=None) == [{"n": 6}]
    assert get("Shop Order", {"name": "O-1"}, ["total"]) == [{"total": 10.0}]
    assert get("Shop Order", ["total"], {"name": "O-1"}) == [{"total": 10.0}]
    assert len(get("Shop Order", fields=["*"])[0]) > 10
    assert get("Shop Order", fields=["status", "count(*) as n"], group_by="status", order_by="status") == [
        {"status": "Completed", "n": 3},
        {"status": "Pending", "n": 3},
    ]
    assert [list(row) for row in get("Shop Order", filters="O-1", as_list=True)] == [["O-1"]]


def test_pages(orders: Any) -> None:
    def page(**kwargs: Any) -> list[str]:
        return orders.get_all("Shop Order", pluck="name", order_by="name", **kwargs)

    assert page(limit=2) == ["O-1", "O-2"]
    assert page(limit_start=2, limit_page_length=2) == ["O-3", "O-4"]
    assert page(start=4, page_length=9) == ["O-5", "O-6"]
    assert len(page(limit_page_length=0)) == 6
    assert orders.get_all("Shop Order", pluck="name", limit=1) == ["O-6"], "newest first by default"


def test_get_value(orders: Any) -> None:
    get = orders.db.get_value
    assert get("Shop Order", "O-1") == "O-1"
    assert get("Shop Order", "O-1", "total") == 10.0
    assert get("Shop Order", "O-1", ["name", "total"]) == ("O-1", 10.0)
    assert get("Shop Order", {"total": 20}, ["name", "status"], as_dict=True) == {"name": "O-2", "status": "Pending"}
    assert get("Shop Order", "O-99", "total") is None
    assert get("System Settings", None, "enable_scheduler") == "0"
    with pytest.raises(orders.db.ProgrammingError) as caught:
        get("No Such", "x")
    assert orders.db.is_table_missing(caught.value)
    assert caught.value.args[0] == 1146
    with pytest.raises(orders.db.OperationalError) as caught:
        get("Shop Order", "O-1", "no_such_column")
    assert orders.db.is_missing_column(caught.value)


def test_exists(orders: Any) -> None:
    exists = orders.db.exists
    assert exists("Shop Order", "o-1") == "O-1"
    assert exists("Shop Order", {"total": 30}) == "O-3"
    assert exists({"doctype": "Shop Order", "total": 30}) == "O-3"
    assert exists("Shop Order", "O-99") is None
    assert exists("Shop Order", None) is None
    assert exists("No Such", "x") is None
    assert exists("System Settings", "System Settings") == "System Settings"
    assert exists("DocType", "User") == "User"


def test_set_value_and_delete(orders: Any) -> None:
    orders.db.set_value("Shop Order", "O-1", "status", "Cancelled")
    orders.db.set_value("Shop Order", {"status": "Pending"}, {"status": "Processing", "total": 1})
    assert (
        sorted(orders.get_all("Shop Order", pluck="status")) == ["Cancelled"] + ["Completed"] * 2 + ["Processing"] * 3
    )
    orders.db.delete("Shop Order", {"status": "Processing"})
    assert orders.db.count("Shop Order") == 3


def test_globals_and_defaults(frappe: Any) -> None:
    frappe.db.set_global("k", "v")
    assert frappe.db.get_global("k") == "v"
    frappe.db.set_default("k2", "w")
    assert frappe.db.get_default("k2") == "w"
    assert frappe.db.get_default("none") is None
    assert frappe.get_installed_apps() == ["frappe", "erpnext", "shopsync", "ledgerlift"]


def test_dates_come_back_as_dates(frappe: Any) -> None:
    import datetime

    doc = frappe.get_doc({"doctype": "ToDo", "description": "x", "date": "2024-02-03"}).insert()
    row = frappe.db.get_value("ToDo", doc.name, ["date", "creation"])
    assert row[0] == datetime.date(2024, 2, 3)
    assert isinstance(row[1], datetime.datetime)
