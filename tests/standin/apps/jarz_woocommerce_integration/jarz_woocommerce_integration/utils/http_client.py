# SPDX-License-Identifier: GPL-3.0-or-later
"""The shop's REST API v3, with the standard library only."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import frappe


class WooAPIError(Exception):
    """The shop refused, or was not there (status 0)."""


class WooClient:
    def __init__(self) -> None:
        self.settings = frappe.get_single("WooCommerce Settings")
        self.secret = self.settings.get_password("consumer_secret", raise_exception=False) or ""

    def get(self, path: str, **params: Any) -> tuple[Any, dict[str, str]]:
        """Answer and headers."""
        url = f"{self.settings.base_url}/wp-json/wc/{self.settings.api_version}/{path}"
        request = urllib.request.Request(f"{url}?{urllib.parse.urlencode(params)}")
        token = base64.b64encode(f"{self.settings.consumer_key}:{self.secret}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer), dict(answer.headers)
        except urllib.error.HTTPError as e:
            raise WooAPIError(f"WooCommerce answered {e.code}") from e
        except (OSError, ValueError) as e:
            raise WooAPIError(f"WooCommerce cannot be reached: {e}") from e

    def orders(self, **params: Any) -> tuple[list[dict[str, Any]], int, int]:
        """Orders, how many there are, and on how many pages."""
        found, headers = self.get("orders", **params)
        return found, int(headers.get("X-WP-Total", len(found))), int(headers.get("X-WP-TotalPages", 1))
