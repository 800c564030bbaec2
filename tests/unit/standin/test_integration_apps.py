# SPDX-License-Identifier: GPL-3.0-or-later
"""shopsync and ledgerlift: what the collection's tasks call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.standin.shop_server import ShopServer


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    with ShopServer(orders=45, token="shop-token") as server:
        yield server


@pytest.fixture
def configured(frappe: Any, shop: ShopServer) -> Any:
    doc = frappe.get_single("Shop Settings")
    doc.update({"base_url": shop.url, "api_secret": "shop-token", "enabled": 1})
    doc.save()
    frappe.db.commit()
    return frappe


@pytest.fixture
def sync(frappe: Any) -> Any:
    return frappe.get_module("shopsync.sync")


@pytest.fixture
def lift(frappe: Any) -> Any:
    return frappe.get_module("ledgerlift.migration")


def test_pages_of_orders(configured: Any, sync: Any) -> None:
    first = sync.pull_orders(page=1, page_size=20)
    assert first == {
        "page": 1,
        "fetched": 20,
        "created": 20,
        "updated": 0,
        "skipped": 0,
        "errors": 0,
        "has_more": True,
        "total": 45,
    }
    assert sync.pull_orders(page=1)["skipped"] == 20
    last = sync.pull_orders(page=3)
    assert (last["fetched"], last["has_more"]) == (5, False)
    assert configured.db.count("Shop Order") == 25
    assert configured.db.get_value("Shop Order", "O-00001", ["customer_name", "status"]) == ("Grace", "Processing")


def test_changed_and_bad_orders(configured: Any, shop: ShopServer, sync: Any) -> None:
    sync.pull_orders(page=1)
    shop.orders[0]["status"] = "Refunded"
    shop.orders[1] = {"status": "Pending"}
    shop.orders[2] = {**shop.orders[2], "status": "No such status"}
    result = sync.pull_orders(page=1)
    assert (result["updated"], result["skipped"], result["errors"]) == (1, 17, 2)
    assert configured.db.get_value("Shop Order", "O-00001", "status") == "Refunded"
    assert configured.db.count("Error Log", {"method": ["like", "shopsync: order%"]}) == 2


def test_the_token_of_the_site_config_wins(configured: Any, shop: ShopServer, sync: Any) -> None:
    configured.local.conf.shopsync_token = "wrong"
    with pytest.raises(configured.PermissionError, match="shop answered 401"):
        sync.pull_orders()
    configured.local.conf.shopsync_token = "shop-token"
    assert sync.pull_orders()["fetched"] == 20
    assert sync.status() == {"configured": True, "enabled": True, "has_token": True, "orders": 20, "last_run": None}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_shop_in_trouble(configured: Any, shop: ShopServer, status: int, sync: Any) -> None:
    shop.failures[1] = status
    with pytest.raises(configured.ValidationError, match=f"shop answered {status}"):
        sync.pull_orders()
    assert sync.pull_orders()["created"] == 20


def test_a_shop_that_is_not_there(configured: Any, shop: ShopServer, sync: Any) -> None:
    configured.db.set_single_value("Shop Settings", "base_url", "http://127.0.0.1:9")
    with pytest.raises(configured.ValidationError, match="not reachable"):
        sync.pull_orders()


def test_the_scheduled_run_writes_a_log(configured: Any, shop: ShopServer, sync: Any) -> None:
    assert sync.pull_all() == {"fetched": 45, "created": 45, "updated": 0, "skipped": 0, "errors": 0}
    assert sync.status()["last_run"].status == "Success"
    shop.failures[shop.count + 2] = 500
    with pytest.raises(configured.ValidationError):
        sync.pull_all()
    log = configured.get_last_doc("Shop Sync Log")
    assert (log.status, log.message, log.page) == ("Error", "Shop: shop answered 500", 2)
    configured.db.set_single_value("Shop Settings", "enabled", 0)
    assert sync.pull_all() is None


def test_health_and_old_logs(frappe: Any, sync: Any) -> None:
    sync.check_health()
    assert frappe.db.count("Error Log") == 0
    frappe.db.set_single_value("Shop Settings", "enabled", 1)
    sync.check_health()
    assert frappe.get_all("Error Log", pluck="error") == ["Set Shop Settings.base_url"]
    for creation in ("2020-01-01 00:00:00", frappe.utils.now()):
        log = frappe.get_doc({"doctype": "Shop Sync Log", "started": creation}).insert()
        log.db_set("creation", creation, update_modified=False)
    sync.prune_logs()
    assert frappe.db.count("Shop Sync Log") == 1


def test_a_migration_page_by_page(frappe: Any, lift: Any) -> None:
    start, pages = 0, 0
    while True:
        result = lift.run(start, 100)
        pages += 1
        assert result["created"] == result["processed"] == result["next_start"] - start
        start = result["next_start"]
        if result["done"]:
            break
    assert (pages, start, result["total"]) == (3, 230, 230)
    assert lift.status() == {"migrated": 230, "total": 230, "done": True}
    again = lift.run(0, 230)
    assert (again["skipped"], again["created"], again["done"]) == (230, 0, True)
    assert frappe.db.count("Ledger Migration") == 4
    assert frappe.db.get_value("Ledger Entry", "LE-00001", ["account", "amount"]) == ("Creditors", 0.0)


@pytest.mark.parametrize("dry_run", [True, "true", "1"])
def test_a_dry_run_counts_and_writes_nothing(frappe: Any, dry_run: Any, lift: Any) -> None:
    result = lift.run(200, 50, dry_run=dry_run)
    assert (result["processed"], result["created"], result["next_start"], result["done"]) == (30, 30, 230, True)
    assert frappe.db.count("Ledger Entry") == frappe.db.count("Ledger Migration") == 0


def test_a_record_that_fails(frappe: Any, lift: Any) -> None:
    frappe.local.conf.ledgerlift_fail_on = "LE-00002"
    assert lift.run(0, 3)["errors"] == 1
    assert lift.run(230, 10)["processed"] == 0
    frappe.set_user("Guest")
    with pytest.raises(frappe.PermissionError):
        lift.run()
