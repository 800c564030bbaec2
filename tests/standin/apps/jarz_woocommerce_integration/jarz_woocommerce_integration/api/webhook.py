# SPDX-License-Identifier: GPL-3.0-or-later
"""The former name of the orders' endpoint."""

from __future__ import annotations

from typing import Any

import frappe

from .webhooks import receive


@frappe.whitelist(allow_guest=True, methods=["POST"])
def order_webhook() -> dict[str, Any]:
    return receive("order", oracle=False)
