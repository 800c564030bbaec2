# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheduled pull."""

from __future__ import annotations

from typing import Any

import frappe

from chat_bridge.api.chat import ChatApi
from chat_bridge.webhook.handlers import store


def sync_chat_conversations(max_conversations: int = 200) -> None:
    """Take over conversations and their contacts. It does not look at enable_sync, nor at sync_contacts."""
    settings = frappe.get_single("Chat Integration Settings")
    if not (settings.enabled and settings.enable_api and settings.sync_conversations):
        return
    user = frappe.db.get_value("Chat User Token", {}, "user")
    if not user:
        return
    answer = ChatApi.of(user).get("conversations?status=all&assignee_type=all&page=1&per_page=50")
    for given in answer["data"]["payload"][:max_conversations]:
        doc = store(given, settings)
        doc.contact = _contact((given.get("meta") or {}).get("sender") or {}, doc.account_id)
        doc.save(ignore_permissions=True)
    frappe.db.commit()


def _contact(sender: dict[str, Any], account: int) -> str | None:
    if not sender.get("id"):
        return None
    known = {"chat_contact_id": sender["id"], "chat_account_id": account}
    found = frappe.db.get_value("Chat Contact Mapping", known, "erpnext_contact")
    if found:
        return str(found)
    first, _space, last = str(sender.get("name") or "Chat Contact").partition(" ")
    contact = frappe.get_doc({"doctype": "Contact", "first_name": first, "last_name": last})
    contact.insert(ignore_permissions=True)
    frappe.get_doc({"doctype": "Chat Contact Mapping", "erpnext_contact": contact.name, **known}).insert()
    return str(contact.name)
