# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: JSON over HTTP with a vendor (WooCommerce, Chatwoot, Zoho), from the controller.

``http_probe`` explains the answers of Frappe sites; this explains those of others. What an answer means comes from the
same ``_http_classify``; only words and remedies are the vendor's, a function of ``Failure``.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ._args import SECRET_MIN_LENGTH
from ._errors import ErpopsError
from ._http_classify import Verdict, classify
from ._http_client import Answer, Request
from ._http_expect import Expect
from ._http_probe import NOT_WORKED_ON, SAFE_METHODS, Send
from ._retry import TOTAL, retry
from .agent._redact import STARS, scrub

# A page of nginx without a site is worth waiting for at a bench that restarts, not at a vendor.
_WORTH_WAITING = ("rate_limit", "upstream_down", "connection_refused", "dns")


@dataclass(frozen=True)
class Reply:
    """A right answer: status, headers (names in lower case) and JSON (None for an empty body)."""

    status: int
    headers: Mapping[str, str]
    data: Any


@dataclass(frozen=True)
class Failure:
    """A wrong answer, for the vendor's explanation of it.

    ``kind`` is that of ``_http_classify.Verdict`` or ``not_json``, ``data`` the body as JSON ({} if it is none), ``said``
    what the vendor said of it, ``method`` and ``path`` the request.
    """

    kind: str
    status: int | None
    data: Any
    said: str
    method: str
    path: str


@dataclass(frozen=True)
class Explained:
    """What a failure is called, and what to do next."""

    message: str
    hint: str


@dataclass(frozen=True)
class Vendor:
    """How a vendor is spoken to.

    :param name: as it stands in messages.
    :param base: URL in front of every path.
    :param headers: of every request; authorization among them.
    :param explain: the vendor's own words for a failure; None leaves the common ones.
    :param secrets: values that no message may hold.
    """

    name: str
    base: str
    headers: Mapping[str, str]
    explain: Callable[[Failure], Explained | None]
    secrets: tuple[str, ...] = ()
    connect: str = ""
    timeout: float = 15.0
    attempts: int = 4


@dataclass
class VendorApi:
    """Requests to a vendor. A GET is sent again while that can help; a change only if it was surely not worked on."""

    vendor: Vendor
    send: Send
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    requests: int = field(default=0, init=False)

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        *,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        status: tuple[int, ...] = (200, 201),
    ) -> Reply:
        """:raises ErpopsError: there was no right answer; it says why and what to do."""
        request = self._request(method, path, query, body, form)
        expect = Expect(status)

        def judge(answer: Answer) -> Verdict:
            verdict = classify(answer.status, answer.headers, answer.body, answer.error, expect, now=time.time())
            again = verdict.kind in _WORTH_WAITING and (method in SAFE_METHODS or verdict.kind in NOT_WORKED_ON)
            return verdict if again else replace(verdict, transient=False)

        outcome = retry(
            lambda left: self._send(request, min(self.vendor.timeout, max(left, 0.1))),
            judge,
            attempts=self.vendor.attempts,
            total=max(TOTAL, self.vendor.timeout),
            clock=self.clock,
            sleep=self.sleep,
        )
        answer, verdict = outcome.answer, outcome.verdict
        data, is_json = _parsed(answer.body)
        if verdict.ok and answer.status is not None and is_json:
            return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, data)
        kind = "not_json" if verdict.ok else verdict.kind
        seen = _not_json(answer.body) if verdict.ok else verdict.message
        if verdict.retry_after is not None:
            seen += f", which asks to wait {verdict.retry_after:g} s"
        failure = Failure(kind, answer.status, data if is_json else {}, self._said(data), method, path)
        raise self._error(failure, seen, outcome.attempts)

    def _send(self, request: Request, timeout: float) -> Answer:
        self.requests += 1
        return self.send(request, timeout)

    def _request(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: Any, form: Mapping[str, str] | None
    ) -> Request:
        url = self.vendor.base.rstrip("/") + path
        url += f"?{urlencode(query)}" if query else ""
        headers, content = {"Accept": "application/json", **self.vendor.headers}, None
        if form is not None:
            headers["Content-Type"], content = "application/x-www-form-urlencoded", urlencode(form).encode()
        elif body is not None:
            headers["Content-Type"], content = "application/json", json.dumps(body).encode()
        return Request(url, method, headers, content, connect=self.vendor.connect)

    def _said(self, data: Any) -> str:
        """The vendor's own sentence, without our secrets and never long."""
        if not isinstance(data, dict):
            return ""
        parts = [data.get(name) for name in ("code", "error", "message", "error_description", "errors")]
        text = ": ".join(str(part) for part in parts if isinstance(part, (str, int, list)) and part != "")
        return scrub(" ".join(text.split()), list(self.vendor.secrets))[:200]

    def _error(self, failure: Failure, seen: str, attempts: int) -> ErpopsError:
        explained = self.vendor.explain(failure) or common(failure, self.vendor)
        shown = f"{seen} ({failure.said})" if failure.said else seen
        return ErpopsError(
            explained.message,
            object=f"{self.vendor.name} at {self.vendor.base}",
            seen=f"{shown} to {failure.method} {failure.path}, after {attempts} attempt(s)",
            hint=explained.hint,
            status=failure.status or 503,
            data={"kind": failure.kind, "attempts": attempts},
        )


def common(failure: Failure, vendor: Vendor) -> Explained:
    """What every vendor's failures of the transport mean."""
    host = urlsplit(vendor.base).netloc
    port = host if ":" in host else f"{host}:443"
    words = {
        "tls": ("the TLS certificate is not trusted", f"openssl s_client -connect {port} </dev/null"),
        "dns": ("the host name is unknown", f"getent hosts {host.partition(':')[0]}"),
        "connection_refused": ("nothing listens at the address", f"curl -sv {vendor.base}"),
        "timeout": (
            "no answer came in time",
            f"give it more time (timeout), or look why it is slow: curl -sv {vendor.base}",
        ),
        "rate_limit": ("too many requests", "wait as long as it asks, and run this again"),
        "upstream_down": (
            "the server or the way to it is down",
            "run this again later; nothing was changed by this request",
        ),
        "not_json": ("the answer is not JSON", f"look at it: curl -si {vendor.base}{failure.path}"),
    }
    message, hint = words.get(failure.kind, ("the request failed", f"look at the whole answer: curl -si {vendor.base}"))
    if failure.kind == "upstream_down" and failure.method not in SAFE_METHODS:
        hint = "run this again; it looks first whether the change was made after all"
    return Explained(message, hint)


def checked_base(url: str, what: str) -> str:
    """``url`` without a slash at its end.

    :raises ErpopsError: (400) secrets would travel in the clear (only this machine may be spoken to without TLS), or
        the URL holds a query or credentials.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    fault = ""
    if parts.scheme not in ("http", "https") or not host:
        fault = "it is no http(s) address"
    elif parts.scheme == "http" and not is_this_machine(host):
        fault = "without TLS its credentials could be read on the way"
    elif parts.query or parts.fragment or "@" in parts.netloc:
        fault = "it holds a query, a fragment or credentials"
    if fault:
        needed = f"an https address such as https://{host or 'shop.example.com'}"
        raise ErpopsError(f"{what} cannot be used: {fault}", object=redacted_url(url), needed=needed, status=400)
    return url.rstrip("/")


def is_this_machine(host: str) -> bool:
    """Whether a host name or address is the loopback."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def redacted_url(url: str) -> str:
    """The URL with stars for every value of its query, whatever the names there, and without credentials."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "(no valid URL)"
    query = urlencode([(name, STARS) for name, _value in pairs], safe="*")
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query, fragment=""))


def query_values(url: str) -> set[str]:
    """The values in a URL's query that output must not show; short ones cannot be masked, and protect nothing."""
    try:
        return {value for _name, value in parse_qsl(urlsplit(url).query) if len(value) >= SECRET_MIN_LENGTH}
    except ValueError:
        return set()


def secrets_in(values: Iterable[str | None]) -> tuple[str, ...]:
    """Those that are there."""
    return tuple(value for value in values if value)


def _parsed(body: str) -> tuple[Any, bool]:
    if not body.strip():
        return None, True
    try:
        return json.loads(body), True
    except ValueError:
        return None, False


def _not_json(body: str) -> str:
    """Where the JSON went wrong, without quoting what may be a secret."""
    text = body.lstrip()
    if text.startswith(("{", "[")):
        return f"JSON that breaks off or is broken, {len(body)} characters long"
    return "a page of HTML" if text.startswith("<") else "text"
