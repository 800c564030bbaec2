# SPDX-License-Identifier: GPL-3.0-or-later
"""What a logged-in user may call; nobody's roles are looked at."""

from __future__ import annotations

from typing import Any

import frappe

from ..services.order_sync import _run_full_historical_migration, get_migration_progress
from .webhooks import receive


@frappe.whitelist(allow_guest=True)
def woo_order_webhook() -> dict[str, Any]:
    return receive("order", oracle=False)


@frappe.whitelist()
def start_historical_migration(batch_size: int = 50, statuses: str = "any") -> dict[str, Any]:
    """Refused for as long as the progress says that one is running, whether or not anything runs."""
    if get_migration_progress().get("running"):
        return {"success": False, "error": "migration_already_running"}
    frappe.enqueue(_run_full_historical_migration, queue="long", batch_size=int(batch_size), statuses=statuses)
    return {"success": True}


@frappe.whitelist()
def migration_status() -> dict[str, Any]:
    return {"success": True, "data": get_migration_progress()}
