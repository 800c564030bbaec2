# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that change their key, and code that encrypts by itself."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from ansible_collections.erpops.frappe.plugins.module_utils.agent._rotation_encryption_plan import (
    encrypts_itself,
    recrypted,
)

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _number in range(3))


def token(key: str, text: str) -> str:
    return Fernet(key.encode()).encrypt(text.encode()).decode()


def test_rows_of_the_old_key_change_and_no_others() -> None:
    rows: dict[tuple[str, ...], str] = {
        ("a",): token(OLD, "one"),
        ("b",): token(NEW, "two"),
        ("c",): token(OTHER, "three"),
        ("d",): "no token",
    }
    changed, lost = recrypted(rows, [OLD], NEW)
    assert {name: Fernet(NEW.encode()).decrypt(text) for name, text in changed.items()} == {("a",): b"one"}
    assert lost == [("c",), ("d",)]
    back, lost = recrypted({**rows, **changed}, [NEW, OTHER], OLD)
    assert {name: Fernet(OLD.encode()).decrypt(text) for name, text in back.items()} == {
        ("a",): b"one",
        ("b",): b"two",
        ("c",): b"three",
    }
    assert lost == [("d",)]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from frappe.utils.password import encrypt\nx = encrypt('a')", True),
        ("from frappe.utils.password import decrypt, encrypt as lock\nlock('a')", True),
        ("import frappe\nfrappe.utils.password.encrypt('a')", True),
        ("from frappe.utils import password\npassword.encrypt('a')", True),
        ("import frappe.utils.password as pw\npw.encrypt('a')", True),
        ("from frappe.utils.password import encrypt", False),
        ("from frappe.utils.password import decrypt\ndecrypt('a')", False),
        ("from frappe.utils.password import get_decrypted_password\nwriter.encrypt('a')", False),
        ("def encrypt(password):\n    return password\nencrypt('a')", False),
        ("from frappe.utils.password import encrypt(", False),
        ("", False),
    ],
)
def test_code_that_calls_the_frameworks_encrypt(code: str, found: bool) -> None:
    assert encrypts_itself(code) is found
