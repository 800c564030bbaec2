# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what the http_probe module does, apart from wiring.

Options become ``Probe`` objects (all faults at once), each is run with retries, and the results are
summed up. The network, the clock and the sleep are parameters.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ._args import SECRET_MIN_LENGTH, check_secrets
from ._errors import ErpopsError
from ._http_classify import Verdict, classify
from ._http_client import Answer, Request, route
from ._http_expect import Expect, matched
from ._http_remedies import remedy_for
from ._redact_args import secret_strings
from ._retry import TOTAL, retry
from .agent._redact import STARS, looks_secret

SAFE_METHODS = ("GET", "HEAD")
# After these answers the request was surely not worked on, so even a POST may be sent again.
NOT_WORKED_ON = ("connection_refused", "host_not_routed", "rate_limit")
_SECRET_HEADER = re.compile(r"authorization|cookie|signature|api.?key", re.IGNORECASE)

Send = Callable[[Request, float], Answer]


@dataclass(frozen=True)
class Probe:
    """One request, what its answer must be, and how both may be shown."""

    name: str
    request: Request
    expect: Expect
    shown_url: str
    site: str
    max_ms: float | None = None


def probes_of(options: Iterable[Mapping[str, Any]]) -> list[Probe]:
    """The probes that the module's ``requests`` describe.

    :raises ErpopsError: naming every faulty one.
    """
    probes, faults = [], []
    for number, option in enumerate(options, start=1):
        try:
            probes.append(_probe(option))
        except ErpopsError as error:
            faults.append(f"request {option.get('name') or number}: {error}")
    if faults:
        raise ErpopsError("the probes cannot be sent; " + " ".join(faults), status=400)
    return probes


def secret_values(options: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Everything within the free parts of ``requests`` (headers, body, query) that must never be shown."""
    for option in options:
        for name, value in (option.get("headers") or {}).items():
            if _is_secret_header(str(name)):
                yield from _secret_parts(str(value))
        yield from secret_strings(option.get("body_json"))
        for name, value in parse_qsl(_query(str(option.get("url") or ""))):
            if looks_secret(name):
                yield value


def run_all(
    probes: Iterable[Probe],
    send: Send,
    *,
    timeout: float,
    attempts: int,
    concurrency: int,
    check_mode: bool = False,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[dict[str, Any]]:
    """The results of all probes, in their order; in check mode only those that change nothing are sent."""

    def one(probe: Probe) -> dict[str, Any]:
        if check_mode and probe.request.method not in SAFE_METHODS:
            return skipped(probe)
        return run(probe, send, timeout=timeout, attempts=attempts, clock=clock, sleep=sleep)

    with ThreadPoolExecutor(max_workers=concurrency) as pool:
        return list(pool.map(one, probes))


def run(
    probe: Probe,
    send: Send,
    *,
    timeout: float,
    attempts: int,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Send one probe, again while that can help, and tell what came of it."""
    outcome = retry(
        lambda left: send(probe.request, min(timeout, max(left, 0.1))),
        lambda answer: judge(probe, answer),
        attempts=attempts,
        total=max(TOTAL, timeout),
        clock=clock,
        sleep=sleep,
    )
    answer, verdict = outcome.answer, outcome.verdict
    return {
        "name": probe.name,
        "url": probe.shown_url,
        "status": answer.status,
        "ok": verdict.ok,
        "kind": verdict.kind,
        "ms": answer.ms,
        "attempts": outcome.attempts,
        "message": verdict.message,
        "remedy": verdict.remedy,
        "json": matched(probe.expect, answer.body),
    }


def judge(probe: Probe, answer: Answer) -> Verdict:
    """What an answer means for this probe: too late is wrong, too, and a POST is not sent twice lightly."""
    verdict = classify(
        answer.status,
        answer.headers,
        answer.body,
        answer.error,
        probe.expect,
        site=probe.site,
        url=probe.shown_url,
        now=time.time(),
    )
    if verdict.ok and probe.max_ms is not None and answer.ms > probe.max_ms:
        message = f"{verdict.message} in {answer.ms:g} ms, allowed are {probe.max_ms:g} ms"
        return Verdict("timeout", False, message, remedy_for("timeout", probe.site, probe.shown_url))
    repeatable = probe.request.method in SAFE_METHODS or verdict.kind in NOT_WORKED_ON
    return verdict if repeatable else replace(verdict, transient=False)


def skipped(probe: Probe) -> dict[str, Any]:
    """The result of a probe that check mode does not send."""
    return {
        "name": probe.name,
        "url": probe.shown_url,
        "status": None,
        "ok": False,
        "kind": "skipped",
        "ms": 0.0,
        "attempts": 0,
        "message": f"not sent in check mode, since {probe.request.method} may change something",
        "remedy": "",
        "json": {},
    }


def summary_of(results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts and latencies; the latencies are of those that got an answer, by the nearest-rank method."""
    results = list(results)
    sent = [result for result in results if result["kind"] != "skipped"]
    failed = sum(1 for result in sent if not result["ok"])
    times = sorted(result["ms"] for result in sent if result["status"] is not None)
    return {
        "total": len(results),
        "ok": len(sent) - failed,
        "failed": failed,
        "skipped": len(results) - len(sent),
        "p50_ms": percentile(times, 50),
        "p95_ms": percentile(times, 95),
        "max_ms": times[-1] if times else 0.0,
        "error_rate": round(failed / len(sent), 4) if sent else 0.0,
    }


def percentile(ordered: list[float], percent: int) -> float:
    """The smallest value that at least ``percent`` per cent of ``ordered`` do not exceed; 0 if it is empty."""
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1] if ordered else 0.0


def failure_text(results: Iterable[Mapping[str, Any]]) -> str:
    """Every failed probe with its verdict and remedy, one to a line; '' if none failed."""
    results = list(results)
    failed = [result for result in results if not result["ok"] and result["kind"] != "skipped"]
    lines = [
        f"{result['name']} ({result['url']}): {result['kind']}, {result['message']}, "
        f"after {result['attempts']} attempt(s). {result['remedy']}"
        for result in failed
    ]
    return "\n".join([f"{len(failed)} of {len(results)} probes failed:", *lines]) if failed else ""


def _probe(option: Mapping[str, Any]) -> Probe:
    url, method = str(option["url"]), str(option["method"])
    headers = {str(name): str(value) for name, value in (option.get("headers") or {}).items()}
    key, secret = option.get("auth_key"), option.get("auth_secret")
    if bool(key) != bool(secret):
        raise ErpopsError("auth_key and auth_secret belong together", needed="both or none", status=400)
    check_secrets({"auth_secret": secret})
    if key:
        headers["Authorization"] = f"token {key}:{secret}"
    for name, value in headers.items():
        if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()):
            raise ErpopsError(f"header {name!r} has characters that no header may have", status=400)
    body = None
    if option.get("body_json") is not None:
        body = json.dumps(option["body_json"]).encode()
        headers.setdefault("Content-Type", "application/json")
    request = Request(url, method, headers, body, str(option.get("host") or ""), str(option.get("connect") or ""))
    way = route(url, request.host, request.connect)
    shown_url = _shown_url(url)
    return Probe(
        name=str(option.get("name") or f"{method} {shown_url}"),
        request=request,
        expect=Expect(
            tuple(option.get("expect_status") or (200,)),
            dict(option.get("expect_json") or {}),
            str(option.get("expect_text") or ""),
        ),
        shown_url=shown_url,
        site=urlsplit(f"//{way.host}").hostname or "",
        max_ms=option.get("max_ms"),
    )


def _shown_url(url: str) -> str:
    """The URL with stars for every value of its query whose name says that it is secret."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if not any(looks_secret(name) for name, _value in pairs):
        return url
    query = urlencode([(name, STARS if looks_secret(name) else value) for name, value in pairs], safe="*")
    return urlunsplit(parts._replace(query=query))


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


def _is_secret_header(name: str) -> bool:
    return bool(_SECRET_HEADER.search(name)) or looks_secret(name.replace("-", "_"))


def _secret_parts(value: str) -> Iterator[str]:
    """A header's value, and within ``token key:secret``, ``Basic ...`` or ``Bearer ...`` the parts of it."""
    yield value
    scheme, _space, rest = value.partition(" ")
    if rest:
        yield rest
    if scheme.lower() == "basic":
        try:
            rest = base64.b64decode(rest, validate=True).decode()
        except ValueError:
            return
    yield from (part for part in rest.split(":") if len(part) >= SECRET_MIN_LENGTH)
