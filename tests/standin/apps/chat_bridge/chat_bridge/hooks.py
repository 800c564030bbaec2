# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of the twin of chat_bridge."""

from __future__ import annotations

app_name = "chat_bridge"
app_title = "Chat Bridge"
app_publisher = "erpops"
app_description = "Twin of chat_bridge"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"

# As the original has it: without the organisation.
required_apps = ["erpnext"]

scheduler_events = {
    "cron": {
        "*/5 * * * *": ["chat_bridge.customer_support.doctype.chat_conversation.sync.sync_chat_conversations"],
    },
}
