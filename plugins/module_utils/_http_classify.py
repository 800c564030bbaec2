# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what an HTTP answer of a Frappe site, or the lack of one, means.

Pure. The rules were read in Frappe 15 (``frappe/app.py``, ``auth.py``, ``utils/password.py``,
``exceptions.py``) and apply to 14 and 16: 401 bad key, 417/500 with "Encryption key is invalid" a key
that does not fit the data, werkzeug's plain 404 page a host name without a site, 503 maintenance,
502/503/504 from the proxy in front.
"""

from __future__ import annotations

import email.utils
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._http_expect import Expect, mismatch
from ._http_remedies import remedy_for


@dataclass(frozen=True)
class Verdict:
    """What an answer means.

    ``kind`` is one of ok, wrong_secret, encryption_key_mismatch, permission, host_not_routed,
    maintenance, rate_limit, tls, timeout, connection_refused, dns, upstream_down, app_error, not_found,
    unexpected. ``transient`` says that the same request may soon succeed. ``message`` is what was seen,
    ``remedy`` one sentence with the next command to type; neither quotes a secret or a whole answer.
    """

    kind: str
    transient: bool
    message: str
    remedy: str = ""
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the answer is what was expected."""
        return self.kind == "ok"


ANY_200 = Expect()

_KIND_OF_STATUS = {
    401: "wrong_secret",
    403: "permission",
    417: "app_error",
    429: "rate_limit",
    502: "upstream_down",
    503: "upstream_down",
    504: "upstream_down",
}

# What the transport's errors look like, in the words of httpx, urllib, OpenSSL and the C library. In
# order: a TLS handshake can "time out", a name look-up can end in a "Connection" error.
_TRANSPORT: tuple[tuple[str, bool, re.Pattern[str]], ...] = (
    ("dns", False, re.compile(r"name or service not known|nodename nor servname|no address associated|getaddrinfo")),
    ("dns", True, re.compile(r"temporary failure in name resolution|name resolution")),
    ("tls", False, re.compile(r"\b_?ssl|\btls|certificate")),
    ("timeout", False, re.compile(r"timed out|timeout|deadline")),
    ("connection_refused", True, re.compile(r"connection refused|errno 111\b|errno 61\b|actively refused")),
    (
        "upstream_down",
        True,
        re.compile(
            r"connection (reset|aborted|closed)|reset by peer|peer closed|broken pipe|disconnected|remote end closed|"
            r"incomplete|readerror|writeerror|no route to host|network is unreachable|host is (down|unreachable)"
        ),
    ),
)

_ENCRYPTION_KEY = re.compile(r"encryption key is (invalid|in invalid format)|\bInvalidToken\b", re.IGNORECASE)
# Not the bare word: Apache's page for an unreachable upstream speaks of "maintenance downtime" too.
_MAINTENANCE = re.compile(
    r"\bSessionStopped\b|session stopped|\bInReadOnlyMode\b|the system is being updated|"
    r"under maintenance|maintenance mode",
    re.IGNORECASE,
)
# Nobody serves this host name: Frappe's own answer (a page of werkzeug), or the default of a proxy.
_NO_SITE = re.compile(
    r"IncorrectSitePath|<p>[^<]{1,253} does not exist</p>|requested URL was not found on the server|"
    r"404 page not found|<center>(nginx|openresty)",
    re.IGNORECASE,
)
# Frappe told what went wrong by exception name: then some site did answer.
_ANSWERED = re.compile(r'"exc_type"|"exception"|"errors"|"_server_messages"')


def classify(
    status: int | None,
    headers: Mapping[str, str] | None = None,
    body: str = "",
    error: str | None = None,
    expect: Expect = ANY_200,
    *,
    site: str = "",
    url: str = "",
    now: float | None = None,
) -> Verdict:
    """What the answer ``status``/``headers``/``body``, or the transport's ``error``, means.

    :param error: the transport's message, when there is no answer (``status`` is then None).
    :param expect: which answer would be right.
    :param site: the site's name, and ``url`` the address asked: for the commands in the remedy.
    :param now: seconds since 1970, to read a ``Retry-After`` that is a date; without it the answer's own
        ``Date`` serves.
    """
    lower = {str(name).lower(): str(value) for name, value in (headers or {}).items()}
    if error is not None or status is None:
        kind, transient, message = _of_error(error or "no answer")
    elif status in expect.status:
        wrong = mismatch(expect, body)
        if not wrong:
            return Verdict("ok", False, f"HTTP {status}")
        kind, transient, message = _of_wrong_content(status, body, wrong)
    else:
        kind, transient, message = _of_status(status, body, lower)
    retry_after = parse_retry_after(lower.get("retry-after"), now, lower.get("date"))
    if kind == "rate_limit":
        transient = retry_after is not None
    return Verdict(kind, transient, message, remedy_for(kind, site, url), retry_after)


def parse_retry_after(value: str | None, now: float | None = None, date: str | None = None) -> float | None:
    """Seconds to wait from a ``Retry-After`` of seconds or an HTTP date; None if there is none to be read."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until, base = _epoch(text), now if now is not None else _epoch(date or "")
    if until is None or base is None:
        return None
    return max(until - base, 0.0)


def exception_name(body: str) -> str:
    """The Frappe exception an answer names (``ValidationError``), or ''; versions 1 and 2 of the API."""
    try:
        data: Any = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(data, dict):
        return ""
    name: Any = data.get("exc_type")
    errors = data.get("errors")
    if not name and isinstance(errors, list) and errors and isinstance(errors[0], dict):
        name = errors[0].get("type")
    return name if isinstance(name, str) and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]{0,79}", name) else ""


def _of_error(error: str) -> tuple[str, bool, str]:
    text = " ".join(error.split())[:200]
    for kind, transient, pattern in _TRANSPORT:
        if pattern.search(text.lower()):
            return kind, transient, text
    return "unexpected", False, text


def _of_wrong_content(status: int, body: str, wrong: str) -> tuple[str, bool, str]:
    """The right status with the wrong content: some proxies answer 200 with the maintenance page."""
    if _ENCRYPTION_KEY.search(body):
        return "encryption_key_mismatch", False, f"HTTP {status} that says the encryption key is invalid"
    return "unexpected", False, f"HTTP {status}, but {wrong}"


def _of_status(status: int, body: str, headers: Mapping[str, str]) -> tuple[str, bool, str]:
    name = exception_name(body)
    message = f"HTTP {status} ({name})" if name else f"HTTP {status}"
    if 300 <= status < 400:
        message += f", a redirect to {_address(headers.get('location', ''))}"
    if status >= 400 and _ENCRYPTION_KEY.search(body):
        kind = "encryption_key_mismatch"
    elif status == 403 and name == "AuthenticationError":
        kind = "wrong_secret"  # before frappe#23049
    elif status == 404:
        kind = "host_not_routed" if _NO_SITE.search(body) and not _ANSWERED.search(body) else "not_found"
    elif status == 503 and _MAINTENANCE.search(body):
        kind = "maintenance"
    else:
        kind = _KIND_OF_STATUS.get(status, "app_error" if status >= 500 else "unexpected")
    return kind, kind in ("host_not_routed", "upstream_down", "rate_limit"), message


def _address(location: str) -> str:
    """A redirect's target without its query, which may carry a token."""
    return re.sub(r"[^\x21-\x7e]", "", location.split("?", 1)[0])[:200] or "nowhere"


def _epoch(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
