# SPDX-License-Identifier: GPL-3.0-or-later
"""What an event changes."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import frappe
from frappe.utils import now_datetime


def signature_matches(body: bytes, given: str, secret: str) -> bool:
    """The signature of old: hex, of the body alone."""
    return hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), given)


def handle_webhook(webhook_event: str, webhook_payload: dict[str, Any]) -> dict[str, str]:
    """Hand the event to its handler; those that nobody handles are let pass."""
    event = webhook_event.replace(".", "_").lower()
    try:
        if event in ("conversation_created", "conversation_updated", "conversation_status_changed"):
            _conversation(webhook_payload)
        elif event == "contact_created":
            _contact(webhook_payload)
    except Exception:
        frappe.log_error(title=f"Webhook Error: {webhook_event}")
        raise
    return {"status": "success", "event": webhook_event}


def _conversation(payload: dict[str, Any]) -> None:
    settings = frappe.get_single("Chat Integration Settings")
    if not (settings.enabled and settings.enable_sync and settings.sync_conversations):
        return
    given = payload.get("conversation", payload)
    if given.get("id"):
        store(given, settings)
        frappe.db.commit()


def _contact(payload: dict[str, Any]) -> None:
    # Chatwoot writes the attributes at the top level: nothing is ever found here.
    contact = payload.get("contact", {})
    if contact.get("id"):
        frappe.get_doc({"doctype": "Contact", "first_name": contact.get("name")}).insert(ignore_permissions=True)


def store(given: dict[str, Any], settings: Any) -> Any:
    """Create or update the Chat Conversation of what Chatwoot sent."""
    number = str(given["id"])
    found = frappe.db.get_value("Chat Conversation", {"chat_conversation_id": number}, "name")
    doc = frappe.get_doc("Chat Conversation", found) if found else frappe.new_doc("Chat Conversation")
    doc.chat_conversation_id = number
    doc.account_id = given.get("account_id") or settings.default_account_id
    doc.inbox_id = given.get("inbox_id")
    status = str(given.get("status") or "").title()
    doc.status = status if status in ("Pending", "Snoozed", "Resolved", "Closed") else "Open"
    sender = (given.get("meta") or {}).get("sender") or {}
    doc.contact_display = sender.get("name") or sender.get("email")
    doc.last_synced = now_datetime()
    doc.save(ignore_permissions=True)
    return doc
