# SPDX-License-Identifier: GPL-3.0-or-later
"""Read-only looks at the other side."""

from __future__ import annotations

from typing import Any

import frappe

from ..services.order_sync import pull_recent_orders_phase1
from ..utils.http_client import WooClient

TOPICS = ("order.created", "order.updated")
METHOD = "jarz_woocommerce_integration.api.orders.woo_order_webhook"


@frappe.whitelist()
def test_saved_connection() -> dict[str, Any]:
    WooClient().get("orders", per_page=1)
    return {"success": True, "store_info": {}}


@frappe.whitelist()
def validate_inbound_setup() -> dict[str, Any]:
    settings = frappe.get_single("WooCommerce Settings")
    url = f"{frappe.conf.host_name.rstrip('/')}/api/method/{METHOD}"
    found, _headers = WooClient().get("webhooks", per_page=100)
    active = {row["topic"] for row in found if row["delivery_url"] == url and row["status"] == "active"}
    return {
        "success": True,
        "enable_inbound_orders": bool(settings.enable_inbound_orders),
        "webhook_secret_set": bool(settings.get_password("webhook_secret", raise_exception=False)),
        "required_webhooks_active": active >= set(TOPICS),
        "dry_run_probe": pull_recent_orders_phase1(limit=1, dry_run=True),
    }
