# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of users."""

from __future__ import annotations

import frappe


def generate_keys(user: str) -> None:
    passwords = frappe.db.data["passwords"]
    frappe.db.rows("User")[user].setdefault("api_key", "key-of-" + user)
    old = passwords.get(f"User|{user}|api_secret", "")
    passwords[f"User|{user}|api_secret"] = "second-secret" if old == "first-secret" else "first-secret"
