# SPDX-License-Identifier: GPL-3.0-or-later
"""Metadata of DocTypes, with custom fields and property setters."""

from __future__ import annotations

from typing import Any

import pytest


def test_what_a_meta_tells(frappe: Any) -> None:
    meta = frappe.get_meta("Shop Settings")
    assert (meta.name, meta.module, meta.issingle, meta.istable, meta.is_submittable) == (
        "Shop Settings",
        "Shop Sync",
        1,
        0,
        0,
    )
    passwords = meta.get("fields", {"fieldtype": ["=", "Password"]})
    assert [df.fieldname for df in passwords] == ["api_secret", "webhook_secret"]
    assert [df.options for df in meta.get_table_fields()] == ["Shop Payment Method"]
    assert meta.has_field("base_url")
    assert not meta.has_field("no_such")
    assert meta.get_field("page_size").default == "20"
    assert meta.get_field("no_such") is None
    assert frappe.get_meta("Shop Order").autoname == "field:order_id"
    assert frappe.get_meta("Shop Order").get_label("order_id") == "Order Id"
    assert frappe.get_meta("Shop Payment Method").istable == 1


def test_an_unknown_doctype(frappe: Any) -> None:
    with pytest.raises(frappe.DoesNotExistError, match="DocType Nothing not found"):
        frappe.get_meta("Nothing")


def test_fields_of_fixtures_are_part_of_it(frappe: Any) -> None:
    names = [df.fieldname for df in frappe.get_meta("Warehouse").fields]
    assert names.index("shop_location_id") == names.index("warehouse_name") + 1
    assert frappe.db.has_column("Warehouse", "shop_location_id")


def test_a_custom_field_is_usable_at_once_and_its_column_survives_it(frappe: Any) -> None:
    field = {"doctype": "Custom Field", "dt": "Role", "label": "Colour", "insert_after": "role_name"}
    doc = frappe.get_doc(field).insert()
    assert (doc.name, doc.fieldname) == ("Role-custom_colour", "custom_colour")
    frappe.get_doc({"doctype": "Role", "role_name": "Red", "custom_colour": "red"}).insert()
    assert frappe.db.get_value("Role", "Red", "custom_colour") == "red"
    with pytest.raises(frappe.ValidationError, match="already exists in"):
        frappe.get_doc(field).insert()
    doc.delete()
    assert not frappe.get_meta("Role").has_field("custom_colour")
    assert frappe.db.has_column("Role", "custom_colour")


def test_a_property_setter_changes_a_field(frappe: Any) -> None:
    setter = {"doctype": "Property Setter", "doctype_or_field": "DocField", "doc_type": "ToDo", "field_name": "color"}
    for value in ("1", "0"):
        frappe.get_doc({**setter, "property": "reqd", "value": value, "property_type": "Check"}).insert()
        assert frappe.get_meta("ToDo").get_field("color").reqd == int(value)
    assert frappe.db.count("Property Setter", {"doc_type": "ToDo"}) == 1


def test_the_same_doctypes_are_documents(frappe: Any) -> None:
    doc = frappe.get_doc("DocType", "Shop Order")
    assert doc.module == "Shop Sync"
    assert [df.fieldname for df in doc.fields][:2] == ["order_id", "status"]
    assert "ToDo" in frappe.get_all("DocType", pluck="name")
    assert frappe.get_all("DocField", filters={"parent": "Shop Order", "unique": 1}, pluck="fieldname") == ["order_id"]


@pytest.mark.parametrize(
    ("path", "tail"),
    [(("shopsync",), "shopsync/shopsync"), (("shopsync", "patches.txt"), "shopsync/shopsync/patches.txt")],
)
def test_paths_and_modules_of_apps(frappe: Any, path: tuple[str, ...], tail: str) -> None:
    assert frappe.get_app_path(*path).endswith(tail)
    assert frappe.get_module_list("shopsync") == ["Shop Sync"]
    assert frappe.get_all_apps() == ["frappe", "erpnext", "shopsync", "ledgerlift"]
    assert (frappe.scrub("Shop Sync"), frappe.unscrub("shop_sync")) == ("shop_sync", "Shop Sync")


def test_hooks_are_lists(frappe: Any) -> None:
    assert frappe.get_hooks("app_name") == ["frappe", "erpnext", "shopsync", "ledgerlift"]
    assert frappe.get_hooks("required_apps", app_name="shopsync") == ["frappe/erpnext"]
    assert frappe.get_hooks("nobody_has_this") == []
    assert frappe.get_hooks("nobody_has_this", {}) == {}
    assert frappe.get_hooks(app_name="shopsync").app_title == ["Shop Sync"]
    assert frappe.get_hooks("scheduler_events")["cron"]["*/15 * * * *"] == ["shopsync.sync.pull_all"]


def test_attributes_of_apps_that_are_not_installed(frappe: Any) -> None:
    assert frappe.get_attr("shopsync.sync.status")
    with pytest.raises(frappe.AppNotInstalledError, match="App nobody is not installed"):
        frappe.get_attr("nobody.sync.status")
