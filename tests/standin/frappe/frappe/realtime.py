# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages to browsers (imitates `frappe/realtime.py`): nobody listens."""

from __future__ import annotations

from typing import Any


def emit_via_redis(event: str, message: Any, room: str) -> None:
    """There is no Redis."""
