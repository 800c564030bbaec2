# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: whether a browser shows one site's page in a frame of another. Pure.

Sources: Content Security Policy Level 3, 6.4.2 (frame-ancestors, which makes browsers ignore X-Frame-Options) and 6.7.2
(matching of sources); HTML, 7.6 (X-Frame-Options, where words that nobody knows allow).
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}
_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9.-]+)(?::(?P<port>\d+|\*))?(?:/.*)?"
)


def frame_refusal(headers: dict[str, str], page: str, around: str) -> str:
    """Why a browser would not show ``page`` inside ``around`` (both are addresses); ``""`` if it would.

    :param headers: those of the answer, by names in small letters, with ``-`` or ``_``.
    """
    known = {name.lower().replace("_", "-"): str(value) for name, value in headers.items()}
    framed, framing = urlsplit(page.lower()), urlsplit(around.lower())
    if framing.scheme == "https" and framed.scheme == "http":
        return "a page of https shows no frame of http"
    policies = [found for text in known.get("content-security-policy", "").split(",") if (found := _ancestors(text))]
    for words in policies:
        if not any(_matches(word, framed, framing) for word in words[1:]):
            return f"Content-Security-Policy: {' '.join(words)}"
    if policies:
        return ""
    options = {word.strip().upper() for word in known.get("x-frame-options", "").split(",")}
    if "DENY" in options or ("SAMEORIGIN" in options and _origin(framed) != _origin(framing)):
        return f"X-Frame-Options: {known['x-frame-options']}"
    return ""


def _ancestors(policy: str) -> list[str]:
    """The words of the first directive frame-ancestors; the others of its name do not count."""
    for directive in policy.split(";"):
        words = directive.split()
        if words and words[0].lower() == "frame-ancestors":
            return words
    return []


def _origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    return address.scheme, address.hostname, address.port or _PORTS.get(address.scheme)


def _matches(word: str, framed: SplitResult, framing: SplitResult) -> bool:
    word = word.lower()
    if word == "'self'":
        return _origin(framed) == _origin(framing)
    if word.endswith(":") and "/" not in word:
        return _scheme_fits(word[:-1], framing.scheme)
    found = _SOURCE.fullmatch(word)
    if found is None:
        return False  # 'none', and what no browser reads
    host, name = found["host"], framing.hostname or ""
    if host == "*" and not found["scheme"] and not found["port"]:
        return framing.scheme in _PORTS
    if not _scheme_fits(found["scheme"] or framed.scheme, framing.scheme):
        return False
    if host.startswith("*."):
        if not name.endswith(host[1:]):
            return False
    elif host not in ("*", name):
        return False
    port, given = found["port"], _origin(framing)[2]
    if port:
        return port == "*" or int(port) == given
    return given == _PORTS.get(framing.scheme)


def _scheme_fits(wanted: str, given: str) -> bool:
    """A source of http stands for https too."""
    return wanted == given or (wanted, given) == ("http", "https")
