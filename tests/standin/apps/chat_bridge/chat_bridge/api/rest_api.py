# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to Chatwoot for the desk."""

from __future__ import annotations

from typing import Any

import frappe

from .chat import ChatApi


@frappe.whitelist()
def get_inboxes() -> dict[str, Any]:
    """`{"success": bool}`, also when Chatwoot refuses: then with 200 and `error`."""
    if not frappe.has_permission("Chat Integration Settings", "read"):
        frappe.throw("You do not have permission to access this API", frappe.PermissionError)
    settings = frappe.get_single("Chat Integration Settings")
    if not settings.enabled:
        frappe.throw("Chat integration is not enabled")
    if not settings.enable_api:
        frappe.throw("API access is not enabled. Please enable it in Chat Integration Settings.")
    try:
        return {"success": True, "data": ChatApi.of(frappe.session.user).get("inboxes")}
    except Exception as e:
        return {"success": False, "error": str(e)}
