# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders from the shop into `Shop Order`. Safe to repeat: an order is known by its order_id."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe.utils import add_days, cint, flt, now_datetime

from .client import ShopError, get_page

FIELDS = ("status", "total", "customer_name", "source")


def _token(settings: Any) -> str:
    """site_config.json's `shopsync_token`, else the Password field."""
    return str(frappe.conf.get("shopsync_token") or settings.get_password("api_secret", raise_exception=False) or "")


@frappe.whitelist()
def pull_orders(page: int = 1, page_size: int | None = None) -> dict[str, Any]:
    """Fetch one page and write what is new or changed.

    Returns {"page", "fetched", "created", "updated", "skipped", "errors", "has_more", "total"}. A shop that
    cannot be asked raises: 401/403 as PermissionError, everything else as ValidationError.
    """
    frappe.only_for(("System Manager", "Shop Manager"))
    settings = frappe.get_single("Shop Settings")
    if not settings.base_url:
        frappe.throw("Shop Settings: base_url is not set")
    page, size = cint(page) or 1, cint(page_size) or cint(settings.page_size) or 20
    try:
        answer = get_page(settings.base_url, _token(settings), page, size)
    except ShopError as e:
        exc = frappe.PermissionError if e.status in (401, 403) else frappe.ValidationError
        frappe.throw(f"Shop: {e}", exc)
    result = {"page": page, "fetched": len(answer["orders"]), "created": 0, "updated": 0, "skipped": 0, "errors": 0}
    for order in answer["orders"]:
        result[_store(order)] += 1
    result["has_more"] = page < answer["pages"]
    result["total"] = answer["total"]
    frappe.db.commit()
    return result


def _store(order: dict[str, Any]) -> str:
    """Write one order; returns the counter it belongs to. A bad order never stops the page."""
    order_id = str(order.get("order_id") or "")
    values = {
        "status": order.get("status") or "Pending",
        "total": flt(order.get("total")),
        "customer_name": order.get("customer_name"),
        "source": order.get("source") or "shop",
    }
    frappe.db.savepoint("shopsync_order")
    try:
        if not order_id:
            raise frappe.ValidationError("order without order_id")
        name = frappe.db.exists("Shop Order", {"order_id": order_id})
        if not name:
            doc = frappe.get_doc({"doctype": "Shop Order", "order_id": order_id, "raw": json.dumps(order), **values})
            doc.insert(ignore_permissions=True)
            return "created"
        doc = frappe.get_doc("Shop Order", name)
        if all(doc.get(field) == values[field] for field in FIELDS):
            return "skipped"
        doc.update({**values, "raw": json.dumps(order)})
        doc.save(ignore_permissions=True)
        return "updated"
    except Exception:
        frappe.db.rollback(save_point="shopsync_order")
        frappe.log_error(title=f"shopsync: order {order_id or '?'}")
        return "errors"


def pull_all() -> dict[str, int] | None:
    """Scheduled: every page, with a Shop Sync Log of what happened. Does nothing while disabled."""
    settings = frappe.get_single("Shop Settings")
    if not settings.enabled:
        return None
    counts = {"fetched": 0, "created": 0, "updated": 0, "skipped": 0, "errors": 0}
    log = frappe.get_doc({"doctype": "Shop Sync Log", "started": now_datetime(), "status": "Running", "page": 0})
    log.insert(ignore_permissions=True)
    frappe.db.commit()
    page, more = 0, True
    try:
        while more:
            page += 1
            result = pull_orders(page=page)
            more = result["has_more"]
            for key in counts:
                counts[key] += result[key]
        log.status = "Partial" if counts["errors"] else "Success"
    except Exception as e:
        log.status, log.message = "Error", str(e)
        raise
    finally:
        log.update({**counts, "page": page, "finished": now_datetime()})
        log.save(ignore_permissions=True)
        frappe.db.commit()
    return counts


@frappe.whitelist()
def status() -> dict[str, Any]:
    """What the site knows: never empty, so `bench execute` prints it."""
    frappe.only_for(("System Manager", "Shop Manager"))
    settings = frappe.get_single("Shop Settings")
    last = frappe.get_all(
        "Shop Sync Log", fields=["name", "status", "finished", "errors"], order_by="creation desc", limit=1
    )
    return {
        "configured": bool(settings.base_url),
        "enabled": bool(settings.enabled),
        "has_token": bool(_token(settings)),
        "orders": frappe.db.count("Shop Order"),
        "last_run": last[0] if last else None,
    }


def check_health() -> None:
    """Scheduled hourly: an enabled shop without address is an Error Log, not an exception."""
    settings = frappe.get_single("Shop Settings")
    if settings.enabled and not settings.base_url:
        frappe.log_error(title="shopsync: enabled without base_url", message="Set Shop Settings.base_url")


def prune_logs(days: int = 30) -> None:
    """Scheduled daily: logs older than `days` go."""
    limit = add_days(now_datetime(), -days)
    for name in frappe.get_all("Shop Sync Log", filters={"creation": ["<", limit]}, pluck="name"):
        frappe.delete_doc("Shop Sync Log", name, ignore_permissions=True, force=True)
