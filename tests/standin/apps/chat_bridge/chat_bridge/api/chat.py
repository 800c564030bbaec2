# SPDX-License-Identifier: GPL-3.0-or-later
"""Chatwoot's API, with the standard library only."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import frappe


class ChatError(Exception):
    """Chatwoot answered something else than what was asked for."""


class ChatApi:
    """One account, as one user."""

    def __init__(self, base: str, token: str, account: int) -> None:
        self.base, self.token, self.account = base.rstrip("/"), token, account

    @classmethod
    def of(cls, user: str) -> ChatApi:
        """With the token of this user's Chat User Token."""
        name = frappe.db.get_value("Chat User Token", {"user": user}, "name")
        if not name:
            frappe.throw(f"No Chatwoot token configured for user {user}")
        record = frappe.get_doc("Chat User Token", name)
        base = frappe.get_single("Chat Integration Settings").chat_base_url
        return cls(str(base), str(record.get_password("api_access_token")), int(record.account_id))

    def get(self, path: str) -> Any:
        """The answer to GET below the account."""
        # As the original writes it; Rails takes a hyphen for an underscore.
        request = urllib.request.Request(f"{self.base}/api/v1/accounts/{self.account}/{path}")
        request.add_header("API-ACCESS-TOKEN", self.token)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            text = "Unauthorized: Invalid API token" if e.code == 401 else f"API error {e.code}"
            raise ChatError(text) from e
        except OSError as e:
            raise ChatError("Connection error: Could not reach Chat server") from e
