# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders of the shop: the old ones once, the new ones every two minutes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import flt, now_datetime, nowdate

from ..utils.http_client import WooClient

METHODS = {"cod": "Cash", "instapay": "Instapay", "wallet": "Mobile Wallet"}
METHODS |= {"kashier_card": "Kashier Card", "kashier_wallet": "Kashier Wallet"}
WAITING = ("pending", "on-hold")


def process_order_phase1(order: dict[str, Any], settings: Any, is_historical: bool = False) -> dict[str, Any]:
    """One order; an error gives up the whole transaction, whatever was created in it before."""
    number = int(order["id"])
    try:
        if frappe.db.exists("WooCommerce Order Map", {"woo_order_id": number}):
            return {"status": "skipped", "reason": "already_mapped"}
        if order["status"] in WAITING and not is_historical:
            return {"status": "skipped", "reason": "pending_payment"}
        if any(item["key"] == "explode" for item in order.get("meta_data") or []):
            raise frappe.ValidationError("this order explodes")
        for line in order["line_items"]:
            if not frappe.db.exists("Item", {"woo_product_id": line["product_id"]}):
                return {"status": "skipped", "reason": "unmapped_items"}
        invoice = _invoice(order, number, is_historical)
        doc = {"doctype": "WooCommerce Order Map", "woo_order_id": number, "erpnext_sales_invoice": invoice.name}
        frappe.get_doc({**doc, "status": order["status"], "synced_on": now_datetime()}).insert(ignore_permissions=True)
        return {"status": "created", "invoice": invoice.name, "woo_order_id": number}
    except Exception as e:
        frappe.db.rollback()
        frappe.log_error(title=f"Historical Migration: order {number}")
        frappe.db.commit()
        return {"status": "error", "reason": str(e), "woo_order_id": number}


def _invoice(order: dict[str, Any], number: int, is_historical: bool) -> Any:
    company = frappe.db.get_single_value("Global Defaults", "default_company")
    receivable = frappe.db.get_value("Company", company, "default_receivable_account")
    total = flt(order["total"])
    method = METHODS.get(order["payment_method"], "")
    invoice = frappe.get_doc({"doctype": "Sales Invoice", "company": company, "posting_date": nowdate()})
    invoice.update({"debit_to": receivable, "grand_total": total, "outstanding_amount": total, "woo_order_id": number})
    invoice.update({"woo_order_number": order["number"], "custom_payment_method": method, "status": "Unpaid"})
    invoice.insert(ignore_permissions=True)
    if order["status"] in ("cancelled", "refunded", "failed"):
        return invoice
    invoice.submit()
    sales = frappe.db.get_value("Account", {"account_name": "Sales", "company": company})
    _post("Sales Invoice", invoice.name, company, receivable, sales, total)
    kashier = (
        frappe.db.get_value("Company", company, "custom_kashier_account") if method.startswith("Kashier") else None
    )
    paid_to = kashier or frappe.db.get_value("Company", company, "default_cash_account")
    if kashier or (is_historical and order["status"] == "completed"):
        entry = frappe.get_doc({"doctype": "Payment Entry", "payment_type": "Receive", "company": company})
        entry.update({"paid_from": receivable, "paid_to": paid_to, "paid_amount": total, "reference_no": str(number)})
        entry.insert(ignore_permissions=True)
        entry.submit()
        _post("Payment Entry", entry.name, company, paid_to, receivable, total)
        invoice.db_set({"outstanding_amount": 0, "status": "Paid"})
    return invoice


def _post(kind: str, name: str, company: str, debit: str, credit: str, amount: float) -> None:
    entry = {"doctype": "GL Entry", "voucher_type": kind, "voucher_no": name, "company": company}
    for account, side in ((debit, "debit"), (credit, "credit")):
        frappe.get_doc({**entry, "account": account, side: amount, "posting_date": nowdate()}).insert(
            ignore_permissions=True
        )


def _progress_file() -> str:
    """Plays the Redis key `woo_historical_migration_progress`, which no site's name is in."""
    return os.path.join(frappe.local.sites_path, "woo_historical_migration_progress.json")


def get_migration_progress() -> dict[str, Any]:
    try:
        with open(_progress_file()) as f:
            return dict(json.load(f))
    except FileNotFoundError:
        return {"running": False, "message": "No migration in progress or data expired."}


def _run_full_historical_migration(
    date_from: str | None = None,
    date_to: str | None = None,
    batch_size: int = 100,
    statuses: str = "any",
    start_page: int = 1,
    page_sample_interval: int = 0,
    commit_every: int = 5,
    defer_payment_entries: bool = False,
    end_page: int = 0,
    worker_id: str = "",
) -> dict[str, Any]:
    """Pages of old orders, oldest first. A later page that cannot be fetched is an error, and is passed over."""
    client = WooClient()
    params: dict[str, Any] = {"per_page": batch_size, "status": statuses}
    orders, total, pages = client.orders(page=start_page, **params)
    stats: dict[str, Any] = {"total_woo_orders": total, "total_pages": pages, "orders_fetched": 0, "processed": 0}
    stats |= {"created": 0, "skipped": 0, "errors": 0, "error_details": [], "pages_processed": 0, "pages_skipped": 0}
    stats |= {"last_completed_page": 0, "statuses": statuses, "running": True}
    for page in range(start_page, (end_page or pages or 1) + 1):
        if page > start_page:
            try:
                orders, _total, _pages = client.orders(page=page, **params)
            except Exception:
                stats["errors"] += 1
                continue
        _page(orders, stats, client.settings)
        stats["pages_processed"] = stats["last_completed_page"] = page
        _save(stats)
        if (page - start_page + 1) % commit_every == 0:
            frappe.db.commit()
    frappe.db.commit()
    stats["running"] = False
    _save(stats)
    return stats


def _page(orders: list[dict[str, Any]], stats: dict[str, Any], settings: Any) -> None:
    for order in orders:
        result = process_order_phase1(order, settings, is_historical=True)
        stats["orders_fetched"] += 1
        stats["processed"] += 1
        key = {"created": "created", "error": "errors"}.get(result["status"], "skipped")
        stats[key] += 1
        if key == "errors":
            stats["error_details"].append(result)


def _save(stats: dict[str, Any]) -> None:
    with open(_progress_file(), "w") as f:
        json.dump(stats, f, default=str)


def pull_recent_orders_phase1(
    limit: int = 20, dry_run: bool = False, allow_update: bool = True, max_pages: int = 1, **filters: Any
) -> dict[str, Any]:
    """New orders; a dry run maps nothing, as the real one does not, so that it gives no reasons for skipping."""
    client = WooClient()
    orders, _total, _pages = client.orders(per_page=limit, page=1)
    metrics: dict[str, Any] = {"orders_fetched": len(orders), "processed": 0, "created": 0, "skipped": 0, "errors": 0}
    reasons: dict[str, int] = {}
    for order in orders:
        result = {"status": "dry_run"} if dry_run else process_order_phase1(order, client.settings)
        metrics["processed"] += 1
        metrics[{"created": "created", "error": "errors"}.get(result["status"], "skipped")] += 1
        if result["status"] == "skipped":
            reasons[result["reason"]] = reasons.get(result["reason"], 0) + 1
        if not dry_run:
            frappe.db.commit()
    return {**metrics, "skip_reasons": reasons, "dry_run": dry_run}


def _logged(operation: str, work: Callable[[], dict[str, Any]]) -> None:
    """The truth is in the log alone: the exception goes nowhere."""
    if not frappe.db.get_single_value("WooCommerce Settings", "enable_inbound_orders"):
        return
    doc = frappe.get_doc({"doctype": "WooCommerce Sync Log", "operation": operation, "started_on": now_datetime()})
    try:
        result = work()
        doc.status, doc.message = ("Partial" if result["errors"] else "Success"), json.dumps(result)
    except Exception as e:
        doc.status, doc.message, doc.traceback = "Failed", str(e), frappe.get_traceback()
    doc.ended_on = now_datetime()
    doc.insert(ignore_permissions=True)
    frappe.db.commit()


def sync_orders_cron_phase1() -> None:
    _logged("CronLive", lambda: pull_recent_orders_phase1(limit=100))


def sync_cancelled_orders_cron() -> None:
    _logged("CronCancelled", lambda: {"errors": 0})


def reconcile_recent_orders_cron() -> None:
    _logged("Reconcile", reconcile_recent_orders_phase1)


def reconcile_recent_orders_phase1(dry_run: bool = False, **window: Any) -> dict[str, Any]:
    return pull_recent_orders_phase1(limit=100, dry_run=dry_run)


def reconcile_deleted_orders_cron() -> None:
    _logged("CronDeleted", lambda: {"errors": 0})
