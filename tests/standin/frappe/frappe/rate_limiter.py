# SPDX-License-Identifier: GPL-3.0-or-later
"""`rate_limit: {limit, window}` of the site config (imitates `frappe/rate_limiter.py`).

`limit` is processing time in seconds per window of seconds; beyond it 429 with Retry-After.
"""

from __future__ import annotations

import time
from typing import Any

import frappe


def apply() -> None:
    """before_request hook."""
    rate_limit = frappe.conf.rate_limit
    if rate_limit:
        frappe.local.rate_limiter = RateLimiter(rate_limit["limit"], rate_limit["window"])
        frappe.local.rate_limiter.apply()


def update() -> None:
    """After the answer: add what this request took."""
    if limiter := getattr(frappe.local, "rate_limiter", None):
        limiter.update()


def respond() -> Any:
    from werkzeug.wrappers import Response

    response = Response("Too Many Requests", status=429)
    if limiter := getattr(frappe.local, "rate_limiter", None):
        response.headers.extend(limiter.headers())
    return response


class RateLimiter:
    def __init__(self, limit: float, window: int) -> None:
        from frappe.utils.job_store import count_up

        self._count_up = count_up
        self.limit = int(limit * 1_000_000)
        self.window = window
        self.start = time.perf_counter()
        self.spent = int(time.time()) % window
        self.end = int(time.time()) - self.spent + window
        self.key = f"{frappe.local.site}:rate-limit-counter-{self.end}"
        self.counter = int(count_up(self.key, 0, window)[0])
        self.remaining = max(self.limit - self.counter, 0)
        self.reset = window - self.spent
        self.rejected = False
        self.duration = 0

    def apply(self) -> None:
        if self.counter > self.limit:
            self.rejected = True
            raise frappe.TooManyRequestsError

    def update(self) -> None:
        self.record_request_end()
        self._count_up(self.key, self.duration, self.window)

    def record_request_end(self) -> None:
        if not self.duration:
            self.duration = int((time.perf_counter() - self.start) * 1_000_000)

    def headers(self) -> dict[str, str]:
        self.record_request_end()
        out = {
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
        }
        if self.rejected:
            out["Retry-After"] = str(self.reset)
        else:
            out["X-RateLimit-Used"] = str(self.duration)
        return out
