# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: webhook deliveries from the options of ``webhook_delivery``. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ._args import check_secrets
from ._errors import ErpopsError
from ._http_client import Request, route
from ._http_expect import Expect
from ._vendor_http import redacted_url
from ._webhook_matrices import MATRICES, REFUSED
from ._webhook_signatures import SCHEMES, Scheme, authentication, correct_values


@dataclass(frozen=True)
class Delivery:
    """One delivery, what its answer must be, and what it must never hold (``secrets``)."""

    name: str
    signature: str
    request: Request
    expect: Expect
    forbid_json: tuple[str, ...]
    forbid_text: tuple[str, ...]
    refusal_text: str
    secrets: frozenset[str]

    @property
    def shown_url(self) -> str:
        """The URL without the values of its query."""
        return redacted_url(self.request.url)

    @property
    def shall_enter(self) -> bool:
        """Whether the endpoint is expected to let it in."""
        return self.signature == "valid" and self.request.method != "GET"


def deliveries_of(params: Mapping[str, Any], now: float) -> list[Delivery]:
    """What the module's options ask to send, at ``now`` seconds since 1970.

    :raises ErpopsError: (400) naming every fault.
    """
    scheme, default_body, rows = _chosen(params)
    secret = str(params["secret"] or "")
    if not secret:
        raise ErpopsError(
            "webhook deliveries cannot be proven without a secret",
            needed="the secret that the endpoint checks",
            hint="set one in the app first: without it such endpoints let everything in",
            status=400,
        )
    check_secrets({"secret": secret})
    way = route(str(params["url"]), connect=str(params["connect"] or ""))
    if urlsplit(way.url).scheme not in ("http", "https"):
        raise ErpopsError("url is not valid", status=400)
    body = default_body if params["body"] is None else params["body"]
    made, faults = [], []
    for row in rows:
        try:
            made.append(_delivery(row, params, scheme, secret, body, now))
        except ErpopsError as error:
            faults.append(f"delivery {row.get('name')}: {error}")
    if faults or not made:
        raise ErpopsError(
            "the deliveries cannot be made",
            seen=" ".join(faults) or "neither matrix nor deliveries",
            needed="each one right",
            status=400,
        )
    return made


def _chosen(params: Mapping[str, Any]) -> tuple[Scheme, dict[str, Any], list[dict[str, Any]]]:
    """The scheme, the body to send by default, and the deliveries: those of the matrix, changed and completed."""
    name = params["scheme"] or (MATRICES[params["matrix"]].scheme if params["matrix"] else "")
    if not name:
        raise ErpopsError("it is not known how deliveries are signed", needed="scheme or matrix", status=400)
    if name == "hmac":
        given = params["hmac"]
        if not given:
            raise ErpopsError("scheme hmac says nothing by itself", needed="hmac: {header: ...}", status=400)
        scheme = Scheme(given["header"], given["encoding"], given["prefix"], given["algorithm"])
    else:
        scheme = SCHEMES[name]
    rows: dict[str, dict[str, Any]] = {}
    if params["matrix"]:
        rows = {row["name"]: dict(row) for row in MATRICES[params["matrix"]].deliveries}
    for option in params["deliveries"] or []:
        row = {key: value for key, value in option.items() if value is not None}
        rows[row["name"]] = {**rows.get(row["name"], {}), **row}
    return scheme, dict(MATRICES[params["matrix"] or name].body), list(rows.values())


def _delivery(
    row: Mapping[str, Any], params: Mapping[str, Any], scheme: Scheme, secret: str, body: Any, now: float
) -> Delivery:
    kind = str(row.get("signature", "valid"))
    method = str(row.get("method", "POST"))
    content = b"" if method == "GET" else _content(row, body)
    signing, query = (
        authentication(scheme, kind, secret, content, now) if method != "GET" else ({}, _token(scheme, secret, kind))
    )
    headers = {
        "Content-Type": str(row.get("content_type") or params["content_type"]),
        **(_woocommerce_headers(str(params["topic"])) if scheme is SCHEMES["woocommerce"] else {}),
        **{str(name): str(value) for name, value in (params["headers"] or {}).items()},
        **signing,
        **{str(name): str(value) for name, value in (row.get("headers") or {}).items()},
    }
    for name, value in headers.items():
        if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()):
            raise ErpopsError(f"header {name!r} has characters that no header may have", status=400)
    url = _with_query(str(params["url"]), {**(row.get("query") or {}), **query})
    default = [200] if kind == "valid" else [*REFUSED]
    return Delivery(
        name=str(row["name"]),
        signature=kind,
        request=Request(url, method, headers, content or None, connect=str(params["connect"] or "")),
        expect=Expect(tuple(row.get("expect_status") or default), dict(row.get("expect_json") or {})),
        forbid_json=tuple(row.get("forbid_json") or ()),
        forbid_text=tuple(row.get("forbid_text") or ()),
        refusal_text=str(row.get("refusal_text") or ""),
        secrets=frozenset(correct_values(scheme, secret, content, headers) if content else {secret}),
    )


def _content(row: Mapping[str, Any], body: Any) -> bytes:
    changed = bool(row.get("omit_id") or row.get("add"))
    own = row.get("body", body)
    if not isinstance(own, dict):
        if changed:
            raise ErpopsError("omit_id and add need a body that is a mapping", seen="text", status=400)
        return str(own).encode()
    kept = {key: value for key, value in own.items() if not (row.get("omit_id") and key == "id")}
    return json.dumps({**kept, **(row.get("add") or {})}).encode()


def _token(scheme: Scheme, secret: str, kind: str) -> dict[str, str]:
    return {scheme.token: secret} if scheme.token and kind == "valid" else {}


def _woocommerce_headers(topic: str) -> dict[str, str]:
    resource, _dot, event = topic.partition(".")
    return {
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-ID": "1",
        "X-WC-Webhook-Delivery-ID": uuid.uuid4().hex,
    }


def _with_query(url: str, more: Mapping[str, Any]) -> str:
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True) + [(str(name), str(value)) for name, value in more.items()]
    return urlunsplit(parts._replace(query=urlencode(pairs)))
