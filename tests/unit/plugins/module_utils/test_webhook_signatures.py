# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures against values made by other means, and each way in which one can be wrong."""

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._webhook_signatures import (
    KINDS,
    SCHEMES,
    Scheme,
    authentication,
    correct_values,
    fitting,
    unfit,
)
from tests.fake import chatwoot, diamondcasa, woocommerce

SECRET = "the-secret-12"
BODY = b'{"data": {"b": 1, "a": "\\u00e9"}}'
NOW = 1_761_100_000.0


def test_woocommerce_is_what_openssl_makes() -> None:
    headers, query = authentication(SCHEMES["woocommerce"], "valid", SECRET, BODY, NOW)
    made = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", SECRET, "-binary"], input=BODY, capture_output=True, check=True
    )
    encoded = subprocess.run(["openssl", "base64"], input=made.stdout, capture_output=True, check=True).stdout.decode()
    assert headers == {"X-WC-Webhook-Signature": encoded.strip()}
    assert query == {}


def test_the_vendors_make_the_same() -> None:
    assert authentication(SCHEMES["woocommerce"], "valid", SECRET, BODY, NOW)[0] == {
        "X-WC-Webhook-Signature": woocommerce.signature(SECRET, BODY)
    }
    assert authentication(SCHEMES["diamondcasa"], "valid", SECRET, BODY, NOW)[0] == {
        "X-DiamondCasa-Signature": diamondcasa.signature(SECRET, {"b": 1, "a": "\u00e9"})
    }
    assert authentication(SCHEMES["chatwoot"], "valid", SECRET, BODY, NOW)[0] == chatwoot.signed_headers(
        SECRET, "1761100000", BODY
    )


def test_data_as_text_is_signed_as_it_is() -> None:
    scheme = SCHEMES["diamondcasa"]
    plain = Scheme("X-DiamondCasa-Signature")
    text = b'{"data": "a  b"}'
    assert authentication(scheme, "valid", SECRET, text, NOW) == authentication(plain, "valid", SECRET, b"a  b", NOW)


@pytest.mark.parametrize("body", [b"[]", b"text", b'{"order": 1}'])
def test_a_body_without_data_cannot_be_signed(body: bytes) -> None:
    with pytest.raises(ErpopsError, match="cannot be signed"):
        authentication(SCHEMES["diamondcasa"], "valid", SECRET, body, NOW)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("woocommerce", {"valid", "missing", "wrong", "hex", "other_body"}),
        ("diamondcasa", {"valid", "missing", "wrong", "base64", "other_body", "raw_body"}),
        ("chatwoot", {"valid", "missing", "wrong", "base64", "unprefixed", "other_body", "raw_body", "stale"}),
        ("chatwoot_token", {"valid", "missing", "wrong"}),
    ],
)
def test_each_scheme_has_its_kinds_and_no_two_are_alike(name: str, kinds: set[str]) -> None:
    scheme = SCHEMES[name]
    assert set(fitting(scheme)) == kinds
    made = [str(authentication(scheme, kind, SECRET, BODY, NOW)) for kind in sorted(kinds)]
    assert len(set(made)) == len(kinds)
    for kind in {*KINDS, "dragon"} - kinds:
        assert unfit(scheme, kind)
        with pytest.raises(ErpopsError, match="does not fit"):
            authentication(scheme, kind, SECRET, BODY, NOW)


def test_a_token_goes_into_the_query() -> None:
    scheme = SCHEMES["chatwoot_token"]
    assert authentication(scheme, "valid", SECRET, BODY, NOW) == ({}, {"token": SECRET})
    assert authentication(scheme, "missing", SECRET, BODY, NOW) == ({}, {})
    wrong = authentication(scheme, "wrong", SECRET, BODY, NOW)[1]["token"]
    assert wrong != SECRET
    assert len(wrong) == len(SECRET), "a door that compares lengths only is found, too"


def test_a_stale_one_is_an_hour_old_and_right_otherwise() -> None:
    headers, _query = authentication(SCHEMES["chatwoot"], "stale", SECRET, BODY, NOW)
    assert headers == chatwoot.signed_headers(SECRET, "1761096400", BODY)


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_right_values_are_known_in_every_spelling(name: str) -> None:
    scheme = SCHEMES[name]
    headers, query = authentication(scheme, "valid", SECRET, BODY, NOW)
    values = correct_values(scheme, SECRET, BODY, headers)
    assert SECRET in values
    assert any(value in str({**headers, **query}) for value in values)
    assert len(values) == (1 if scheme.token else 3)


@pytest.mark.parametrize(("algorithm", "length"), [("sha1", 40), ("sha256", 64), ("sha512", 128)])
def test_other_algorithms(algorithm: str, length: int) -> None:
    headers, _query = authentication(Scheme("X-S", prefix="v=", algorithm=algorithm), "valid", SECRET, BODY, NOW)
    assert len(headers["X-S"]) == length + 2
