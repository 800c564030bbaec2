# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords; one that begins with ``!`` was encrypted under another key."""

from __future__ import annotations

import json
from pathlib import Path

import frappe


def get_decrypted_password(doctype: str, name: str, fieldname: str, raise_exception: bool = True) -> str | None:
    value: str | None = frappe.db.data["passwords"].get(f"{doctype}|{name}|{fieldname}")
    if value and value.startswith("!"):
        raise frappe.ValidationError("Encryption key is invalid! Please check site_config.json")
    if value is None and raise_exception:
        raise frappe.AuthenticationError("Password not found")
    return value


def check_password(user: str, password: str, delete_tracker_cache: bool = True) -> None:
    if frappe.db.data["passwords"].get(f"__Auth|{user}|") != password:
        raise frappe.AuthenticationError("Incorrect User or Password")


def get_encryption_key() -> str:
    path = Path(frappe.local.site, "site_config.json")
    config = json.loads(path.read_text())
    config.setdefault("encryption_key", "made-on-first-use")
    path.write_text(json.dumps(config))
    return str(config["encryption_key"])
