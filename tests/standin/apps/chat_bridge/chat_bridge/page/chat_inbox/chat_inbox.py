# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inbox begins with."""

from __future__ import annotations

from typing import Any

import frappe


@frappe.whitelist()
def get_bootstrap() -> dict[str, Any]:
    """Address and flags; 403 without permission or while the dashboard is off."""
    if not frappe.has_permission("Chat Integration Settings", "read"):
        frappe.throw("You do not have permission to access Chatwoot.", frappe.PermissionError)
    settings = frappe.get_single("Chat Integration Settings")
    if not settings.enabled:
        frappe.throw("Chat integration is disabled.", frappe.PermissionError)
    if not settings.enable_dashboard:
        frappe.throw("Chat dashboard is not enabled.", frappe.PermissionError)
    return {
        "base_url": settings.chat_base_url,
        "default_account_id": settings.default_account_id,
        "token_configured": bool(frappe.db.exists("Chat User Token", {"user": frappe.session.user})),
        "enable_api": bool(settings.enable_api),
        "enable_sync": bool(settings.enable_sync),
    }
