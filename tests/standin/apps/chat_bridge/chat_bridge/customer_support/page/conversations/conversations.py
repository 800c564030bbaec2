# SPDX-License-Identifier: GPL-3.0-or-later
"""The page /app/conversations: its methods look at no flag and no permission."""

from __future__ import annotations

from typing import Any

import frappe


@frappe.whitelist()
def get_conversations() -> list[Any]:
    """All of them, for whoever is logged in."""
    return frappe.get_all("Chat Conversation", fields=["name", "status"], limit=50)
