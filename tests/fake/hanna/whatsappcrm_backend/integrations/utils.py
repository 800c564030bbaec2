# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import timedelta
from typing import Any

import requests
from django.conf import settings
from django.utils import timezone

from .models import ZohoCredential


class ZohoClient:
    def __init__(self) -> None:
        found = ZohoCredential.get_instance()
        if not found:
            raise ValueError("Zoho credentials not configured. Please add credentials in the admin panel.")
        self.credentials = found
        self.api_base_url = found.api_domain.rstrip("/").removesuffix("/inventory")

    def get_valid_token(self) -> str:
        if not self.credentials.is_expired():
            return str(self.credentials.access_token)
        return self._refresh_token()

    def _refresh_token(self) -> str:
        if not self.credentials.refresh_token:
            raise ValueError("No refresh token available. Please re-authenticate with Zoho.")
        payload = {
            "refresh_token": self.credentials.refresh_token,
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
            "grant_type": "refresh_token",
        }
        response = requests.post(settings.ZOHO_TOKEN_URL, data=payload, timeout=30)
        response.raise_for_status()
        data = response.json()
        if "access_token" not in data:
            raise ValueError(f"Access token not in response: {data}")
        self.credentials.access_token = data["access_token"]
        self.credentials.expires_in = timezone.now() + timedelta(seconds=data.get("expires_in", 3600))
        self.credentials.save(update_fields=["access_token", "expires_in", "updated_at"])
        return str(self.credentials.access_token)

    def fetch_products(self, page: int = 1, per_page: int = 200) -> dict[str, Any]:
        token = self.get_valid_token()
        if not self.credentials.organization_id:
            raise ValueError("Organization ID not set in Zoho credentials")
        response = requests.get(
            f"{self.api_base_url}/inventory/v1/items",
            headers={"Authorization": f"Zoho-oauthtoken {token}"},
            params={"organization_id": self.credentials.organization_id, "page": page, "per_page": min(per_page, 200)},
            timeout=30,
        )
        data = response.json()
        if response.status_code != 200:
            raise Exception(f"Zoho API error ({response.status_code}): {data.get('message')}")
        if data.get("code") != 0:
            raise Exception(f"Zoho API error: {data.get('message')}")
        return {"items": data.get("items", []), "page_context": data.get("page_context", {})}

    def fetch_all_products(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            result = self.fetch_products(page=page)
            found += result["items"]
            if not result["items"] or not result["page_context"].get("has_more_page"):
                return found
            page += 1
