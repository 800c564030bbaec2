# SPDX-License-Identifier: GPL-3.0-or-later
"""The shop's HTTP API, with the standard library only."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any


class ShopError(Exception):
    """The shop did not answer with orders; `status` is its HTTP status (0: no answer at all)."""

    def __init__(self, status: int, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


def get_page(base_url: str, token: str, page: int, page_size: int, timeout: float = 10) -> dict[str, Any]:
    """`{"orders": [...], "total": n, "pages": n}` of one page, counted from 1."""
    query = urllib.parse.urlencode({"page": page, "page_size": page_size})
    request = urllib.request.Request(f"{base_url.rstrip('/')}/orders?{query}")
    request.add_header("Accept", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            orders = json.load(answer)
            return {
                "orders": orders,
                "total": int(answer.headers.get("X-Total", len(orders))),
                "pages": int(answer.headers.get("X-Total-Pages", page)),
            }
    except urllib.error.HTTPError as e:
        after = e.headers.get("Retry-After", "0") if e.headers else "0"
        raise ShopError(e.code, f"shop answered {e.code}", int(after) if after.isdigit() else 0) from e
    except (urllib.error.URLError, TimeoutError, OSError, ValueError) as e:
        raise ShopError(0, f"shop is not reachable: {e}") from e
