# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the deliveries that prove both verdicts of an endpoint. Data only.

Each table is what the endpoint must answer **through a front door that enforces authentication** (POST only, no ``d`` in
the query, and for chatwoot_token the right ``?token=``). What the apps answer without one, and the verdicts they get
wrong, were seen on Frappe 15 (jarz_woocommerce_integration a75df5e, diamondcasa_jewellery 01a6a58, chat_bridge a8accff).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REFUSED = (401, 403)
NO_GET = (401, 403, 405)


@dataclass(frozen=True)
class Matrix:
    """The scheme, a body for those who give none, and the deliveries (keys are the module's)."""

    scheme: str
    body: dict[str, Any]
    deliveries: tuple[dict[str, Any], ...]


# A pending order without lines is skipped by the app's two phases, so that accepting it makes no invoice; the
# delivery is queued and logged all the same.
_ORDER = {"id": 2147483646, "status": "pending", "line_items": []}
_NOT_QUEUED = ["message.queued"]
_ORACLE = ["expected_full"]
_SAYS_SIGNATURE = "Invalid webhook signature"
_SUCCESS = {"message.status": "success"}

MATRICES: dict[str, Matrix] = {
    "woocommerce": Matrix(
        "woocommerce",
        _ORDER,
        (
            {"name": "valid", "signature": "valid", "expect_status": [200], "expect_json": {"message.success": True}},
            {"name": "unsigned", "signature": "missing", "expect_status": [*REFUSED], "forbid_json": _NOT_QUEUED},
            {"name": "wrong", "signature": "wrong", "expect_status": [*REFUSED], "forbid_json": _NOT_QUEUED},
            {"name": "hex", "signature": "hex", "expect_status": [*REFUSED], "forbid_json": _NOT_QUEUED},
            {"name": "other body", "signature": "other_body", "expect_status": [*REFUSED], "forbid_json": _NOT_QUEUED},
            # WooCommerce's own ping is unsigned; the app acknowledges it, a door may refuse it.
            {
                "name": "ping",
                "signature": "missing",
                "omit_id": True,
                "expect_status": [200, *REFUSED],
                "forbid_json": _NOT_QUEUED,
            },
            {"name": "GET", "signature": "missing", "method": "GET", "expect_status": [*NO_GET]},
            {
                "name": "oracle in the query",
                "signature": "missing",
                "query": {"d": "1"},
                "content_type": "text/plain",
                "expect_status": [400, 401, 403, 404],
                "forbid_text": _ORACLE,
            },
            {
                "name": "oracle in the body",
                "signature": "missing",
                "add": {"d": "1"},
                "expect_status": [400, 401, 403, 404],
                "forbid_text": _ORACLE,
            },
        ),
    ),
    "diamondcasa": Matrix(
        "diamondcasa",
        {"data": {"erpops_probe": True}},
        (
            # The app answers 417 to a well-signed delivery that it cannot work on: what counts is that the
            # signature is not the reason.
            {
                "name": "valid",
                "signature": "valid",
                "expect_status": [200, 417],
                "forbid_text": [_SAYS_SIGNATURE],
            },
            *(
                {
                    "name": name,
                    "signature": kind,
                    "expect_status": [*REFUSED, 417],
                    "refusal_text": _SAYS_SIGNATURE,
                }
                for name, kind in (
                    ("unsigned", "missing"),
                    ("wrong", "wrong"),
                    ("base64", "base64"),
                    ("raw body", "raw_body"),
                    ("other body", "other_body"),
                )
            ),
            {"name": "GET", "signature": "missing", "method": "GET", "expect_status": [*NO_GET]},
        ),
    ),
    # An endpoint that checks the signature of Chatwoot >= 4.11.2 itself.
    "chatwoot": Matrix(
        "chatwoot",
        {"event": "message_updated", "erpops_probe": True},
        (
            {"name": "valid", "signature": "valid", "expect_status": [200], "expect_json": _SUCCESS},
            *(
                {"name": name, "signature": kind, "expect_status": [*REFUSED]}
                for name, kind in (
                    ("unsigned", "missing"),
                    ("wrong", "wrong"),
                    ("without sha256=", "unprefixed"),
                    ("without the time", "raw_body"),
                    ("other body", "other_body"),
                    ("an hour old", "stale"),
                )
            ),
            {"name": "GET", "signature": "missing", "method": "GET", "expect_status": [*NO_GET]},
        ),
    ),
    # chat_bridge behind a door that asks for ?token= and takes X-Chatwoot-Signature away.
    "chatwoot_token": Matrix(
        "chatwoot_token",
        {"event": "message_updated", "erpops_probe": True},
        (
            {"name": "right token", "signature": "valid", "expect_status": [200], "expect_json": _SUCCESS},
            {
                "name": "right token, signed by Chatwoot 4.11.2",
                "signature": "valid",
                "headers": {"X-Chatwoot-Signature": f"sha256={'0' * 64}", "X-Chatwoot-Timestamp": "1761100000"},
                "expect_status": [200],
                "expect_json": _SUCCESS,
            },
            {"name": "no token", "signature": "missing", "expect_status": [*REFUSED]},
            {"name": "wrong token", "signature": "wrong", "expect_status": [*REFUSED]},
            {
                "name": "wrong token, text/plain",
                "signature": "wrong",
                "content_type": "text/plain",
                "expect_status": [*REFUSED],
            },
            {
                "name": "wrong token in the body",
                "signature": "missing",
                "add": {"token": "wrong-token-in-the-body"},
                "expect_status": [*REFUSED],
            },
            {
                "name": "signature without token",
                "signature": "missing",
                "headers": {"X-Chatwoot-Signature": f"sha256={'0' * 64}", "X-Chatwoot-Timestamp": "1761100000"},
                "expect_status": [*REFUSED],
            },
            {"name": "GET", "signature": "valid", "method": "GET", "expect_status": [*NO_GET]},
        ),
    ),
    "hmac": Matrix(
        "hmac",
        {"erpops_probe": True},
        (
            {"name": "valid", "signature": "valid", "expect_status": [200, 201, 202, 204]},
            {"name": "unsigned", "signature": "missing", "expect_status": [*REFUSED]},
            {"name": "wrong", "signature": "wrong", "expect_status": [*REFUSED]},
            {"name": "other body", "signature": "other_body", "expect_status": [*REFUSED]},
        ),
    ),
}
