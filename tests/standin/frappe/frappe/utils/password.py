# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets: Fernet in `__Auth`, key in site_config.json (imitates `frappe/utils/password.py`).

cryptography is imported inside the functions: most commands touch no secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any

import frappe

ROUNDS = 29000  # passlib's default for pbkdf2_sha256, whose text format is kept


def _auth(doctype: str, name: str, fieldname: str, encrypted: int) -> Any:
    rows = frappe.db.sql(
        "select name, password from `__Auth` where doctype=%s and name=%s and fieldname=%s and encrypted=%s",
        (doctype, name, fieldname, encrypted),
    )
    return rows[0] if rows else None


def _put(doctype: str, name: str, fieldname: str, value: str, encrypted: int) -> None:
    frappe.db.sql(
        "replace into `__Auth` (doctype, name, fieldname, password, encrypted) values (%s, %s, %s, %s, %s)",
        (doctype, name, fieldname, value, encrypted),
    )


def get_decrypted_password(doctype: str, name: str, fieldname: str = "password", raise_exception: bool = True) -> Any:
    """The secret; without one a ValidationError (or None when told not to raise)."""
    row = _auth(doctype, name, fieldname, 1)
    if row and row[1]:
        try:
            return decrypt(row[1], key=f"{doctype}.{name}.{fieldname}")
        except frappe.ValidationError:
            if raise_exception:
                raise
            return None
    if raise_exception:
        frappe.throw(f"Password not found for {doctype} {name} {fieldname}")
    return None


def set_encrypted_password(doctype: str, name: str, pwd: str, fieldname: str = "password") -> None:
    _put(doctype, name, fieldname, encrypt(pwd), 1)


def remove_encrypted_password(doctype: str, name: str, fieldname: str = "password") -> None:
    frappe.db.delete("__Auth", {"doctype": doctype, "name": name, "fieldname": fieldname})


def delete_all_passwords_for(doctype: str, name: str) -> None:
    frappe.db.delete("__Auth", {"doctype": doctype, "name": name})


def hash_password(pwd: str) -> str:
    salt = os.urandom(16)
    digest = hashlib.pbkdf2_hmac("sha256", pwd.encode(), salt, ROUNDS)
    return "$".join(["", "pbkdf2-sha256", str(ROUNDS), _ab64(salt), _ab64(digest)])


def verify_password(pwd: str, stored: str) -> bool:
    try:
        _empty, scheme, rounds, salt, digest = stored.split("$")
    except ValueError:
        return False
    if scheme != "pbkdf2-sha256":
        return False
    again = hashlib.pbkdf2_hmac("sha256", pwd.encode(), _unab64(salt), int(rounds))
    return hmac.compare_digest(_ab64(again), digest)


def _ab64(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=").replace("+", ".")


def _unab64(text: str) -> bytes:
    return base64.b64decode(text.replace(".", "+") + "=" * (-len(text) % 4))


def check_password(
    user: str, pwd: str, doctype: str = "User", fieldname: str = "password", delete_tracker_cache: bool = True
) -> str:
    """Name of the user in its right case; AuthenticationError for a wrong password."""
    row = _auth(doctype, user, fieldname, 0)
    if not row or not verify_password(pwd, row[1]):
        raise frappe.AuthenticationError("Incorrect User or Password")
    return row[0]


def update_password(
    user: str,
    pwd: str,
    doctype: str = "User",
    fieldname: str = "password",
    logout_all_sessions: bool = False,
) -> None:
    _put(doctype, user, fieldname, hash_password(pwd), 0)
    if logout_all_sessions:
        frappe.db.delete("Sessions", {"user": user})


def _cipher(encryption_key: str | None) -> Any:
    from cryptography.fernet import Fernet

    return Fernet(frappe.utils.encode(encryption_key or get_encryption_key()))


def encrypt(txt: str, encryption_key: str | None = None) -> str:
    try:
        cipher = _cipher(encryption_key)
    except Exception:
        frappe.throw("Encryption key is in invalid format!")
    return cipher.encrypt(frappe.utils.encode(txt)).decode()


def decrypt(txt: str, encryption_key: str | None = None, key: str | None = None) -> str:
    """ValidationError "Encryption key is invalid" when the key is not the one that encrypted."""
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(encryption_key).decrypt(frappe.utils.encode(txt)).decode()
    except InvalidToken:
        failed = f"Failed to decrypt key {key}<br><br>" if key else ""
        frappe.throw(
            failed + "Encryption key is invalid! Please check site_config.json<br><br>If you have recently restored "
            "the site you may need to copy the site config contaning original Encryption Key."
        )
        raise


def get_encryption_key() -> str:
    """Key of the site; the FIRST use makes one and writes it into site_config.json."""
    if "encryption_key" not in frappe.local.conf:
        from cryptography.fernet import Fernet

        from frappe.installer import update_site_config

        encryption_key = Fernet.generate_key().decode()
        update_site_config("encryption_key", encryption_key)
        frappe.local.conf.encryption_key = encryption_key
    return str(frappe.local.conf.encryption_key)
