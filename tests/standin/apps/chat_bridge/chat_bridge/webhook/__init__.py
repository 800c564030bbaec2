# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries of Chatwoot. What is wrong here is wrong in the original."""

from __future__ import annotations

from typing import Any

import frappe

from .handlers import signature_matches


@frappe.whitelist(allow_guest=True, methods=["POST"])
def handle() -> dict[str, str]:
    """Queue the event of the body. Always 200; the body tells."""
    settings = frappe.get_single("Chat Integration Settings")
    if not settings.enabled:
        return {"status": "disabled", "message": "Integration is not enabled"}
    if not settings.enable_sync:
        return {"status": "disabled", "message": "Sync is not enabled"}
    secret = settings.get_password("webhook_secret", raise_exception=False) or ""
    # A JSON body is the whole form dict: a token of the URL is not in it.
    token = frappe.form_dict.get("token")
    if token:
        if secret and token != secret:
            return {"status": "error", "message": "Invalid webhook token"}
    elif secret:
        given = frappe.request.headers.get("X-Chatwoot-Signature", "")
        if given and not signature_matches(frappe.request.get_data(), given, secret):
            return {"status": "error", "message": "Invalid webhook signature"}
    payload: dict[str, Any] = frappe.parse_json(frappe.request.get_data(as_text=True)) or {}
    event = frappe.request.headers.get("X-Chatwoot-Event") or payload.get("event") or ""
    if not event:
        return {"status": "error", "message": "Missing event type in webhook"}
    frappe.enqueue(
        method="chat_bridge.webhook.handlers.handle_webhook",
        webhook_event=event,
        webhook_payload=payload,
        queue="long",
        timeout=300,
    )
    return {"status": "success", "message": "Webhook received and queued"}
