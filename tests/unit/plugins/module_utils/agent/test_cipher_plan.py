# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an encrypted file begins with, and whom a set may be encrypted for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._cipher_plan import (
    check_encryption,
    cipher_fault,
    plain_name,
)

HEADER = b"age-encryption.org/v1\n-> X25519 abc\nbody\n--- " + b"A" * 43 + b"\n"
AGE = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudg0u5nsc0zp3f"
PGP = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n-----END PGP PUBLIC KEY BLOCK-----"


def age_size(plain: int) -> int:
    return len(HEADER) + 16 + plain + 16 * max(1, -(-plain // 65536))


@pytest.mark.parametrize("plain", [0, 1, 65535, 65536, 65537, 10_000_000])
def test_an_age_file_has_its_size(plain: int) -> None:
    assert cipher_fault("age", HEADER, age_size(plain), plain) == ""
    for other in (-1, 1):
        assert "hold what was encrypted" in cipher_fault("age", HEADER, age_size(plain) + other, plain)


@pytest.mark.parametrize(
    ("tool", "head", "fault"),
    [
        ("age", b"\x1f\x8b\x08", "does not begin with age-encryption.org/v1"),
        ("age", b"", "does not begin with age-encryption.org/v1"),
        ("age", b"age-encryption.org/v1\n-> X25519 abc\n", "header has no end"),
        ("gpg", b"", "does not begin with an OpenPGP packet"),
        ("gpg", b"\x1f\x8b\x08", "does not begin with an OpenPGP packet"),
        ("gpg", b'{"db_name"', "does not begin with an OpenPGP packet"),
        ("gpg", b"-----BEGIN PGP MESSAGE-----", "does not begin with an OpenPGP packet"),
        ("gpg", b"\x99\x01", "packet 6, which is no encrypted session key"),  # a public key
        ("gpg", b"\xa3\x01", "packet 8, which is no encrypted session key"),  # compressed only
        ("gpg", b"\xcb\x01", "packet 11, which is no encrypted session key"),  # literal data
    ],
)
def test_what_is_not_encrypted(tool: str, head: bytes, fault: str) -> None:
    assert fault in cipher_fault(tool, head, 1000, -1)


@pytest.mark.parametrize("head", [b"\x84", b"\x85\x01", b"\x8c\x0d", b"\xc1\x5e", b"\xc3\x0d"])
def test_an_openpgp_message(head: bytes) -> None:
    assert cipher_fault("gpg", head, 1000, 900) == ""
    assert cipher_fault("gpg", head, 1000, 1001) == "it has 1000 bytes for 1001"


def test_the_way_is_read() -> None:
    assert check_encryption({}, "") == ("", [])
    assert check_encryption({"tool": "age", "recipients": [f" {AGE}\n"]}, "") == ("age", [AGE])
    assert check_encryption({"tool": "age", "recipients": ["ssh-ed25519 AAAAC3Nza ops@x"]}, "")[0] == "age"
    assert check_encryption({"tool": "gpg", "recipients": [PGP]}, "") == ("gpg", [PGP])
    assert check_encryption({"tool": "gpg"}, "a passphrase") == ("gpg", [])


@pytest.mark.parametrize(
    ("wanted", "passphrase", "said"),
    [
        ({"recipients": [AGE]}, "", "no tool"),
        ({}, "a passphrase", "no tool"),
        ({"tool": "zip"}, "", "is no tool"),
        ({"tool": "age"}, "", "nobody to encrypt for"),
        ({"tool": "age"}, "a passphrase", "age takes no passphrase"),
        ({"tool": "gpg"}, "", "nobody to encrypt for"),
        ({"tool": "gpg", "recipients": [PGP]}, "a passphrase", "both recipients and a passphrase"),
        ({"tool": "gpg", "recipients": [AGE]}, "", "recipient 1 is no armored OpenPGP public key"),
        ({"tool": "age", "recipients": [AGE, PGP]}, "", "recipient 2 is no public key of age or SSH"),
        ({"tool": "age", "recipients": [AGE[:-1] + "b"]}, "", "recipient 1 is no public key"),
    ],
)
def test_what_cannot_be_followed(wanted: dict[str, Any], passphrase: str, said: str) -> None:
    with pytest.raises(ErpopsError) as error:
        check_encryption(wanted, passphrase)
    assert error.value.status == 400
    assert said in str(error.value)


@pytest.mark.parametrize("secret", ["AGE-SECRET-KEY-1QQQQ", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAQQQQ"])
def test_a_secret_key_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ErpopsError) as error:
        check_encryption({"tool": "age", "recipients": [secret]}, "")
    assert "is a secret key" in str(error.value)
    assert "QQQQ" not in str(error.value)


def test_names() -> None:
    assert plain_name("age", "x-database.sql.gz.age") == "x-database.sql.gz"
    for name in (".age", "x.gpg", "x"):
        with pytest.raises(ErpopsError, match="no file of an encrypted set"):
            plain_name("age", name)
