# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents: names, checks, child tables, Singles, conflicts."""

from __future__ import annotations

from typing import Any

import pytest

COMPANY = {"doctype": "Company", "company_name": "Acme", "abbr": "AC", "default_currency": "EUR", "country": "Germany"}


@pytest.mark.parametrize(
    ("doc", "name"),
    [
        (COMPANY, "Acme"),
        ({"doctype": "Role", "role_name": "Tester"}, "Tester"),
        ({"doctype": "User", "email": "Jo@Example.COM", "first_name": "Jo"}, "jo@example.com"),
        ({"doctype": "Warehouse Type", "name": "Cold"}, "Cold"),
        ({"doctype": "Custom Field", "dt": "User", "fieldname": "Nick", "label": "Nick"}, "User-nick"),
        ({"doctype": "Item", "item_code": " I-1 ", "item_group": "Products", "stock_uom": "Nos"}, "I-1"),
        (
            {"doctype": "Property Setter", "doctype_or_field": "DocField", "doc_type": "User", "field_name": "bio"}
            | {"property": "hidden", "value": "1", "property_type": "Check"},
            "User-bio-hidden",
        ),
    ],
)
def test_names(frappe: Any, doc: dict[str, Any], name: str) -> None:
    assert frappe.get_doc(doc).insert().name == name
    assert frappe.db.exists(doc["doctype"], name) == name


def test_hash_names_are_ten_characters(frappe: Any) -> None:
    assert len(frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert().name) == 10


def test_a_series_counts(frappe: Any) -> None:
    frappe.db.set_single_value("Selling Settings", "cust_master_name", "Naming Series")
    names = [frappe.get_doc({"doctype": "Customer", "customer_name": "A"}).insert().name for _number in range(2)]
    assert [name[-5:] for name in names] == ["00001", "00002"]
    assert names[0].startswith("CUST-20")


def test_warehouse_and_customer_names_follow_their_controllers(frappe: Any) -> None:
    frappe.get_doc(COMPANY).insert()
    warehouse = frappe.get_doc({"doctype": "Warehouse", "warehouse_name": "Main", "company": "Acme"}).insert()
    assert warehouse.name == "Main - AC"
    customers = [frappe.get_doc({"doctype": "Customer", "customer_name": "Zoe"}).insert().name for _number in range(2)]
    assert customers == ["Zoe", "Zoe - 1"]


@pytest.mark.parametrize(
    ("doc", "error", "text"),
    [
        ({"doctype": "Role"}, "ValidationError", "is required"),
        ({"doctype": "ToDo"}, "MandatoryError", ": description"),
        ({"doctype": "Warehouse", "warehouse_name": "W", "company": "Nobody"}, "LinkValidationError", "Could not find"),
        ({"doctype": "ToDo", "description": "x", "status": "Lost"}, "ValidationError", 'cannot be "Lost"'),
        ({"doctype": "Role", "role_name": "x" * 141}, "CharacterLengthExceededError", "max characters allowed is 140"),
        ({"doctype": "User", "email": "not an address", "first_name": "X"}, "InvalidEmailAddressError", "not a valid"),
        (
            {"doctype": "Currency", "currency_name": "XXX", "smallest_currency_fraction_value": -1},
            "NonNegativeError",
            "",
        ),
        ({"doctype": "Role", "role_name": "Guest"}, "DuplicateEntryError", "Guest"),
        ({"doctype": "Nothing"}, "DoesNotExistError", "DocType Nothing not found"),
    ],
)
def test_what_is_refused(frappe: Any, doc: dict[str, Any], error: str, text: str) -> None:
    with pytest.raises(getattr(frappe, error)) as caught:
        frappe.get_doc(doc).insert()
    assert text in str(caught.value)


def test_link_error_names_label_and_value(frappe: Any) -> None:
    with pytest.raises(frappe.LinkValidationError, match=r"^Could not find Company: Nobody$"):
        frappe.get_doc({"doctype": "Warehouse", "warehouse_name": "W", "company": "Nobody"}).insert()


def test_links_take_the_case_of_their_target(frappe: Any) -> None:
    doc = frappe.get_doc({"doctype": "ToDo", "description": "x", "role": "system manager"}).insert()
    assert doc.role == "System Manager"


def test_unique_fields(frappe: Any) -> None:
    item = {"doctype": "Item", "item_code": "A", "item_group": "Products", "stock_uom": "Nos"}
    frappe.get_doc({**item, "barcodes": [{"barcode": "123"}]}).insert()
    with pytest.raises(frappe.UniqueValidationError):
        frappe.get_doc({**item, "item_code": "B", "barcodes": [{"barcode": "123"}]}).insert()


def test_defaults_and_coercion(frappe: Any) -> None:
    doc = frappe.get_doc({"doctype": "Item", "item_code": "A", "item_group": "Products", "stock_uom": "Nos"})
    doc.update({"standard_rate": "12.5", "shelf_life_in_days": "7", "disabled": "1"})
    doc.insert()
    row = frappe.db.get_value("Item", "A", ["is_stock_item", "standard_rate", "shelf_life_in_days", "disabled"])
    assert row == (1, 12.5, 7, 1)
    todo = frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert()
    assert (todo.status, todo.priority) == ("Open", "Medium")


def test_json_fields_take_dicts_but_no_lists(frappe: Any) -> None:
    fields = [{"fieldname": "extra", "fieldtype": "JSON", "label": "Extra"}, {"fieldname": "at", "fieldtype": "Time"}]
    frappe.get_doc({"doctype": "DocType", "name": "Kit", "module": "Core", "custom": 1, "fields": fields}).insert()
    doc = frappe.get_doc({"doctype": "Kit", "extra": {"b": [1], "a": None}, "at": "08:30:00"}).insert()
    assert frappe.db.get_value("Kit", doc.name, "extra") == '{"b":[1],"a":null}'
    assert str(frappe.get_doc("Kit", doc.name).as_dict()["at"]) == "8:30:00", "a timedelta, as from MariaDB"
    with pytest.raises(frappe.ValidationError, match="Value for Extra cannot be a list"):
        frappe.get_doc({"doctype": "Kit", "extra": [1]}).insert()


def test_child_rows(frappe: Any) -> None:
    doc = frappe.get_single("Shop Settings")
    doc.set("payment_methods", [{"method": "card", "account": "1"}, {"method": "cash", "account": "2"}])
    doc.save()
    again = frappe.get_single("Shop Settings")
    assert [(row.idx, row.method, row.parentfield) for row in again.payment_methods] == [
        (1, "card", "payment_methods"),
        (2, "cash", "payment_methods"),
    ]
    again.remove(again.payment_methods[0])
    again.append("payment_methods", {"method": "voucher"})
    again.save()
    rows = frappe.get_all("Shop Payment Method", fields=["method", "idx"], order_by="idx")
    assert rows == [{"method": "cash", "idx": 1}, {"method": "voucher", "idx": 2}]
    again.append("payment_methods", {})
    with pytest.raises(frappe.MandatoryError):
        again.save()


def test_singles_live_in_tabsingles(frappe: Any) -> None:
    doc = frappe.get_single("Shop Settings")
    assert (doc.name, doc.enabled, doc.page_size) == ("Shop Settings", 0, 20)
    doc.enabled = 1
    doc.save()
    assert frappe.db.get_singles_dict("Shop Settings")["enabled"] == "1"
    assert frappe.db.get_single_value("Shop Settings", "enabled") == 1
    assert frappe.db.get_value("Shop Settings", None, "enabled") == "1"
    assert not frappe.db.table_exists("Shop Settings")
    with pytest.raises(frappe.ValidationError):
        frappe.db.get_single_value("Shop Settings", "no_such_field")


def test_two_editors_one_loses(frappe: Any) -> None:
    name = frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert().name
    mine, theirs = frappe.get_doc("ToDo", name), frappe.get_doc("ToDo", name)
    theirs.save()
    with pytest.raises(frappe.TimestampMismatchError):
        mine.save()
    mine.reload()
    mine.save()


def test_set_only_once(frappe: Any) -> None:
    company = frappe.get_doc(COMPANY).insert()
    company.abbr = "ZZ"
    with pytest.raises(frappe.CannotChangeConstantError):
        company.save()


def test_db_set_goes_around_validation(frappe: Any) -> None:
    doc = frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert()
    before = doc.modified
    doc.db_set("status", "Nonsense", update_modified=False)
    assert frappe.db.get_value("ToDo", doc.name, ["status", "owner"]) == ("Nonsense", "Administrator")
    assert doc.modified == before


def test_delete_refuses_what_is_linked(frappe: Any) -> None:
    frappe.get_doc(COMPANY).insert()
    frappe.get_doc({"doctype": "Warehouse", "warehouse_name": "Main", "company": "Acme"}).insert()
    with pytest.raises(frappe.LinkExistsError):
        frappe.delete_doc("Company", "Acme")
    frappe.delete_doc("Company", "Acme", force=True)
    assert not frappe.db.exists("Company", "Acme")
    assert frappe.delete_doc("Company", "Acme") is False
    with pytest.raises(frappe.DoesNotExistError):
        frappe.delete_doc("Company", "Acme", ignore_missing=False)


def test_user_roles_make_the_user_type(frappe: Any) -> None:
    user = frappe.get_doc({"doctype": "User", "email": "a@example.com", "first_name": "A"}).insert()
    assert (user.user_type, user.full_name) == ("Website User", "A")
    user.add_roles("System Manager", "System Manager")
    assert user.user_type == "System User"
    assert frappe.get_roles("a@example.com") == ["System Manager", "All", "Guest"]
    frappe.set_user("a@example.com")
    frappe.only_for("System Manager")
    frappe.set_user("Guest")
    with pytest.raises(frappe.PermissionError):
        frappe.only_for("System Manager")


def test_user_names_disabled_roles_and_the_throttle(frappe: Any) -> None:
    def user(n: int) -> Any:
        roles = [{"role": "Gone"}, {"role": "Sales User"}]
        return {"doctype": "User", "email": f"u{n}@example.com", "first_name": "Ada B", "roles": roles}

    frappe.get_doc({"doctype": "Role", "role_name": "Gone", "disabled": 1}).insert()
    first, second = (frappe.get_doc(user(n)).insert() for n in (1, 2))
    assert (first.username, second.username) == ("ada_b", "")
    assert [row.role for row in first.roles] == ["Sales User"]
    frappe.local.conf.throttle_user_limit = 1
    with pytest.raises(frappe.ValidationError, match="Throttled"):
        frappe.get_doc(user(3)).insert()


def test_permissions_of_roles(frappe: Any) -> None:
    user = frappe.get_doc({"doctype": "User", "email": "a@example.com", "first_name": "A"}).insert()
    user.add_roles("Sales User")
    frappe.set_user("a@example.com")
    frappe.get_doc({"doctype": "Customer", "customer_name": "Zoe"}).insert()
    with pytest.raises(frappe.PermissionError):
        frappe.delete_doc("Customer", "Zoe")
    with pytest.raises(frappe.PermissionError):
        frappe.get_list("System Settings")
    assert frappe.get_all("Role", limit=1)


def test_as_dict_reload_and_copy_into_get_doc(frappe: Any) -> None:
    doc = frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert()
    values = doc.as_dict()
    assert list(values)[:2] == ["name", "owner"]
    assert frappe.get_doc("ToDo", {"description": "x"}).name == doc.name
    assert frappe.get_doc(doctype="ToDo", description="y").insert().description == "y"
    assert frappe.as_json({"b": 1, "a": doc.creation}).startswith('{\n "a": "20')


def test_a_custom_doctype_made_as_a_document(frappe: Any) -> None:
    fields = [{"fieldname": "title", "fieldtype": "Data", "label": "Title", "reqd": 1}]
    doctype = {"doctype": "DocType", "name": "Gadget", "module": "Core", "custom": 1, "fields": fields}
    frappe.get_doc({**doctype, "autoname": "format:G-{title}-{##}"}).insert()
    assert frappe.get_doc({"doctype": "Gadget", "title": "x"}).insert().name == "G-x-01"
