# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: how values are shown. Secrets become stars and a salted digest."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from typing import Any

# A fresh salt for each process: two digests of one answer can be compared ("changed or not"), but a
# digest in an old log can be neither looked up nor guessed offline.
_SALT = secrets.token_bytes(16)

STARS = "********"
ABSENT = "(absent)"

_SECRET_NAME = re.compile(
    r"(password|passwd|passphrase|secret|token|api_key|apikey|private_key|encryption_key|access_key|consumer_key|"
    r"credential|_pwd$|^pwd$)",
    re.IGNORECASE,
)


def digest(value: Any) -> str:
    """Eight hex digits that tell two values of one run apart (HMAC-SHA256 under a per-process salt)."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hmac.new(_SALT, text.encode(), hashlib.sha256).hexdigest()[:8]


def stars(value: Any) -> str:
    """A secret as it may be shown: ``******** (3fa1b2c4)``; an empty one as ``(empty)``."""
    if value is None or value == "":
        return "(empty)"
    return f"{STARS} ({digest(value)})"


def looks_secret(name: str) -> bool:
    """Whether a key's *name* says that its value is a secret (``db_password``, ``webhook_secret`` ...)."""
    return bool(_SECRET_NAME.search(name))


def shown(name: str, value: Any, secret: bool = False) -> Any:
    """``value`` as it may appear in a diff or a result; nested dicts are walked by their key names."""
    if secret or looks_secret(name):
        return stars(value)
    if isinstance(value, dict):
        return {key: shown(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown("", item) for item in value]
    return value


# `?consumer_secret=cs_..`, `"api_key": "..."`, `password='...'`; and what stands in an Authorization header.
_ASSIGNED = re.compile(
    r"""([\w-]*(?:password|passwd|passphrase|secret|token|api_?key|private_key|access_key|consumer_key|credential)[\w-]*)"""
    r"""(=|["']?\s*:\s*["']|=["'])([^\s&"',;)}]+)""",
    re.IGNORECASE,
)
_AUTHORIZATION = re.compile(r"\b(bearer|basic)(\s+)(\S{8,})|\b(token)(\s+)(\w{8,}:\w{8,})", re.IGNORECASE)


def masked(text: str) -> str:
    """``text`` with stars in place of values whose names sound secret: for what others wrote, whose secrets nobody
    told us. A request library's error quotes the whole address, and with it a key of its query."""
    text = _ASSIGNED.sub(rf"\1\2{STARS}", text)
    return _AUTHORIZATION.sub(lambda found: f"{found[1] or found[4]}{found[2] or found[5]}{STARS}", text)


def scrub(text: str, secret_values: list[str]) -> str:
    """``text`` without any of ``secret_values`` (longest first, so that no tail of one survives)."""
    for value in sorted({item for item in secret_values if item}, key=len, reverse=True):
        text = text.replace(value, STARS)
    return text
