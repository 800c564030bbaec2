# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: how vendors sign their webhook deliveries, and how a signature can be wrong.

Pure. Sources: WooCommerce ``WC_Webhook::generate_signature``; Chatwoot pull request 13573 (4.11.2); the DiamondCasa app's
``api/diamondcasa/webhooks.py`` (it signs the data as Python writes it, not the raw body).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._errors import ErpopsError

# How a delivery may be signed. Besides valid and missing all of these must be refused.
KINDS = ("valid", "missing", "wrong", "hex", "base64", "unprefixed", "other_body", "raw_body", "stale")
STALE_SECONDS = 3600


@dataclass(frozen=True)
class Scheme:
    """One way to authenticate a delivery.

    :param header: carries the signature; '' authenticates by a token in the query instead.
    :param encoding: hex or base64.
    :param over: what is signed: ``body`` (raw), ``data`` (the value of "data" as JSON with sorted keys) or ``timestamp``
        ("timestamp.body").
    :param timestamp_header: carries the time in seconds since 1970.
    :param token: the query's parameter, if there is no header.
    """

    header: str
    encoding: str = "hex"
    prefix: str = ""
    algorithm: str = "sha256"
    over: str = "body"
    timestamp_header: str = ""
    token: str = ""


SCHEMES: dict[str, Scheme] = {
    "woocommerce": Scheme("X-WC-Webhook-Signature", "base64"),
    "diamondcasa": Scheme("X-DiamondCasa-Signature", over="data"),
    "chatwoot": Scheme(
        "X-Chatwoot-Signature", prefix="sha256=", over="timestamp", timestamp_header="X-Chatwoot-Timestamp"
    ),
    "chatwoot_token": Scheme("", token="token"),  # noqa: S106 -- the parameter's name
}


def authentication(
    scheme: Scheme, kind: str, secret: str, body: bytes, now: float
) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the query parameters that sign ``body`` in this way.

    :raises ErpopsError: (400) the scheme has no such kind of signature, or the body cannot be signed.
    """
    if unfit(scheme, kind):
        raise ErpopsError(
            f"signature {kind!r} does not fit the scheme", needed=f"one of {', '.join(fitting(scheme))}", status=400
        )
    if scheme.token:
        given = {"valid": secret, "wrong": _other(secret)}
        return {}, {scheme.token: given[kind]} if kind in given else {}
    stamp = str(int(now - (STALE_SECONDS if kind == "stale" else 0)))
    headers = {scheme.timestamp_header: stamp} if scheme.timestamp_header and kind != "missing" else {}
    if kind == "missing":
        return {}, {}
    used = _other(secret) if kind == "wrong" else secret
    content = body + b" " if kind == "other_body" and scheme.over != "data" else body
    signed = content if kind == "raw_body" else signed_bytes(scheme, content, stamp)
    if kind == "other_body" and scheme.over == "data":
        signed += b" "
    encoding = kind if kind in ("hex", "base64") else scheme.encoding
    prefix = "" if kind == "unprefixed" else scheme.prefix
    headers[scheme.header] = prefix + digest(scheme, used, signed, encoding)
    return headers, {}


def fitting(scheme: Scheme) -> list[str]:
    """The kinds of signature that a scheme has."""
    return [kind for kind in KINDS if not unfit(scheme, kind)]


def unfit(scheme: Scheme, kind: str) -> bool:
    """Whether a scheme has no such kind of signature (or it would be the valid one)."""
    if kind in ("valid", "missing", "wrong"):
        return False
    if scheme.token or kind not in KINDS:
        return True
    return {
        "hex": scheme.encoding == "hex",
        "base64": scheme.encoding == "base64",
        "unprefixed": not scheme.prefix,
        "raw_body": scheme.over == "body",
        "stale": not scheme.timestamp_header,
    }.get(kind, False)


def correct_values(scheme: Scheme, secret: str, body: bytes, headers: Mapping[str, str]) -> set[str]:
    """What no answer may hold: the secret, and every spelling of the right signature of ``body``."""
    values = {secret}
    if scheme.header:
        stamp = headers.get(scheme.timestamp_header, "")
        signed = signed_bytes(scheme, body, stamp)
        values |= {digest(scheme, secret, signed, encoding) for encoding in ("hex", "base64")}
    return values


def signed_bytes(scheme: Scheme, body: bytes, stamp: str) -> bytes:
    """What the signature is made of.

    :raises ErpopsError: (400) the scheme signs "data", and the body has none.
    """
    if scheme.over == "timestamp":
        return f"{stamp}.".encode() + body
    if scheme.over == "data":
        try:
            data: Any = json.loads(body)["data"]
        except (ValueError, KeyError, TypeError):
            raise ErpopsError(
                "the body cannot be signed",
                seen="no JSON object with the key data",
                needed='{"data": {...}}',
                status=400,
            ) from None
        return (data if isinstance(data, str) else json.dumps(data, sort_keys=True)).encode()
    return body


def digest(scheme: Scheme, secret: str, signed: bytes, encoding: str) -> str:
    """The HMAC in hexadecimal or base64."""
    raw = hmac.new(secret.encode(), signed, getattr(hashlib, scheme.algorithm)).digest()
    return base64.b64encode(raw).decode() if encoding == "base64" else raw.hex()


def _other(secret: str) -> str:
    """Another secret of the same length, the same in every run."""
    return hashlib.sha256(f"not {secret}".encode()).hexdigest()[: max(len(secret), 8)]
