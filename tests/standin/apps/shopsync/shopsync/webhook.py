# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed order notifications."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import frappe


@frappe.whitelist(allow_guest=True, methods=["POST"])
def receive() -> dict[str, Any]:
    """Store the order of the body. 401 without a valid `X-Shop-Signature` (hex HMAC-SHA256 of the body)."""
    from .sync import _store

    body = frappe.request.get_data()
    settings = frappe.get_single("Shop Settings")
    secret = settings.get_password("webhook_secret", raise_exception=False) or ""
    given = frappe.get_request_header("X-Shop-Signature") or ""
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(given, wanted):
        frappe.throw("Signature does not match", frappe.AuthenticationError)
    outcome = _store(json.loads(body))
    frappe.db.commit()
    return {"outcome": outcome}
