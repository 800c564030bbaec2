# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what a restored site must have in common with the one that was backed up."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

# Written by requests, workers and the scheduler by themselves, also while nobody works on a site.
VOLATILE = frozenset(
    {
        "tabAccess Log",
        "tabActivity Log",
        "tabError Log",
        "tabScheduled Job Log",
        "tabSessions",
        "tabView Log",
        "__UserSettings",
    }
)

# Passwords that are compared: enough to prove the key, and few enough for a site with a million tokens.
SECRETS_LIMIT = 5000

Fingerprint = dict[str, Any]


def fingerprint(frappe: Any, salt: str) -> Fingerprint:
    """Tables with their row counts, apps, and a digest of the stored passwords, of the connected site.

    :param salt: makes the digest useless outside this backup set.
    """
    tables = {}
    for table in sorted(frappe.db.get_tables(cached=False)):
        if table not in VOLATILE:
            tables[table] = int(frappe.db.sql(f"select count(*) from `{table}`")[0][0])  # noqa: S608
    return {"tables": tables, "apps": list(frappe.get_installed_apps()), "secrets": stored_secrets(frappe, salt)}


def stored_secrets(frappe: Any, salt: str) -> dict[str, Any]:
    """How many passwords are stored, how many the site's encryption key opens, and one digest of those.

    One that could not be decrypted before the backup is not expected to be after it.
    """
    from frappe.utils.password import decrypt

    query = "select doctype, name, fieldname, password from `__Auth` where encrypted=1"
    rows = sorted(tuple(str(part) for part in row) for row in frappe.db.sql(query))
    total, readable = hmac.new(salt.encode(), digestmod=hashlib.sha256), 0
    for *where, stored in rows[:SECRETS_LIMIT]:
        try:
            plain = str(decrypt(stored))
        except Exception:  # noqa: BLE001, S112 -- Frappe's own ValidationError, or the cipher's
            continue
        readable += 1
        total.update("\0".join([*where, plain, ""]).encode())
    return {"stored": len(rows), "readable": readable, "digest": total.hexdigest()}


def differences(wanted: Fingerprint, found: Fingerprint) -> list[str]:
    """What of ``wanted`` the restored site does not have, as sentences; at most 20."""
    problems = []
    lost = sorted(wanted["tables"].keys() - found["tables"].keys())
    surplus = sorted(found["tables"].keys() - wanted["tables"].keys())
    if lost:
        problems.append(f"missing tables: {', '.join(lost)}")
    if surplus:
        problems.append(f"tables that were not there: {', '.join(surplus)}")
    for table in sorted(wanted["tables"].keys() & found["tables"].keys()):
        if wanted["tables"][table] != found["tables"][table]:
            problems.append(f"{table}: {wanted['tables'][table]} rows before, {found['tables'][table]} after")
    if wanted["apps"] != found["apps"]:
        problems.append(f"apps {', '.join(wanted['apps'])} before, {', '.join(found['apps'])} after")
    before, after = wanted["secrets"], found["secrets"]
    if before != after:
        problems.append(
            f"stored passwords: {before['readable']} of {before['stored']} could be decrypted before, "
            f"{after['readable']} of {after['stored']} after"
            + (", and not to the same texts" if before["readable"] == after["readable"] else "")
        )
    return problems[:20]
