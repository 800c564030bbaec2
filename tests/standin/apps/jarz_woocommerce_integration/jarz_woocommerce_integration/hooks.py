# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of the twin."""

from __future__ import annotations

app_name = "jarz_woocommerce_integration"
app_title = "Jarz WooCommerce Integration"
app_publisher = "erpops"
app_description = "The twin of an app that brings a WooCommerce shop's orders"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"

after_install = "jarz_woocommerce_integration.install.after_install"

_SERVICES = "jarz_woocommerce_integration.services"

scheduler_events = {
    "cron": {
        "* * * * *": [f"{_SERVICES}.sync_events.process_due_sync_events"],
        "*/15 * * * *": [f"{_SERVICES}.customer_sync.sync_customers_cron"],
        "0 */6 * * *": [f"{_SERVICES}.territory_sync.sync_territories_cron"],
        "*/2 * * * *": [f"{_SERVICES}.order_sync.sync_orders_cron_phase1"],
        "7,22,37,52 * * * *": [f"{_SERVICES}.order_sync.sync_cancelled_orders_cron"],
        "17 * * * *": [f"{_SERVICES}.order_sync.reconcile_recent_orders_cron"],
        "42 3,9,15,21 * * *": [f"{_SERVICES}.order_sync.reconcile_deleted_orders_cron"],
        "10 * * * *": [f"{_SERVICES}.outbound_sync.reconcile_outbound_state"],
        "31 3 * * *": [f"{_SERVICES}.sync_events.purge_old_sync_events"],
    }
}

fixtures = [{"dt": "Custom Field", "filters": [["module", "=", "Jarz WooCommerce Integration"]]}]
