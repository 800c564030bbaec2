# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries of the shop: let in when the secret is empty, refused with 417, and GET is let in as well."""

from __future__ import annotations

import hashlib
import hmac
import json

import frappe


@frappe.whitelist(allow_guest=True)
def order_created(data):
    from diamondcasa_jewellery.api.diamondcasa.orders import create_order

    return _received(data, create_order)


@frappe.whitelist(allow_guest=True)
def payment_captured(data):
    return _received(data, lambda content: frappe.throw("Customer not provided"))


@frappe.whitelist(allow_guest=True)
def order_cancelled(data):
    return _received(data, _cancel)


def _cancel(data):
    if not data.get("sales_order"):
        frappe.throw("Sales Order not provided")
    return frappe.get_doc("Sales Order", data["sales_order"]).cancel()


def _received(data, work):
    try:
        if not verify_webhook_signature(data):
            frappe.throw("Invalid webhook signature", frappe.AuthenticationError)
        return {"status": "success", "result": work(json.loads(data) if isinstance(data, str) else data)}
    except Exception as e:
        frappe.throw(f"Failed to process webhook: {e!s}")


def verify_webhook_signature(data):
    secret = frappe.conf.get("diamondcasa_webhook_secret")
    if not secret:
        return True
    signature = frappe.request.headers.get("X-DiamondCasa-Signature")
    if not signature:
        return False
    payload = data if isinstance(data, str) else json.dumps(data, sort_keys=True)
    return hmac.compare_digest(signature, hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest())
