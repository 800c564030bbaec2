# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the arguments that the modules of backups share.

``doc_fragments/offsite.py`` documents the option ``offsite``.
"""

from __future__ import annotations

from typing import Any

from ._args import check_secrets

RULES = ("last", "hourly", "daily", "weekly", "monthly", "yearly")


def keep_spec() -> dict[str, Any]:
    """A retention, as ``agent/_backup_plan.py`` follows it, and the set that check mode counts to those that there are."""
    return {
        "keep": {"type": "dict", "options": {rule: {"type": "int"} for rule in RULES}},
        "coming": {"type": "str"},
    }


def encryption_spec() -> dict[str, Any]:
    """What a set is encrypted with, and what opens it."""
    options: dict[str, Any] = {
        "tool": {"type": "str", "choices": ["age", "gpg"], "required": True},
        "recipients": {"type": "list", "elements": "str", "default": []},
    }
    return {
        "encryption": {"type": "dict", "options": options},
        "passphrase": {"type": "str", "no_log": True},
        "identity": {"type": "str", "no_log": True},
    }


def offsite_spec() -> dict[str, Any]:
    """Where copies are: a bucket of an S3 server."""
    options: dict[str, Any] = {
        "endpoint": {"type": "str"},
        "region": {"type": "str"},
        "bucket": {"type": "str", "required": True},
        "prefix": {"type": "str"},
        "provider": {"type": "str"},
        "ca_cert": {"type": "path"},
        "access_key": {"type": "str", "required": True, "no_log": True},
        "secret_key": {"type": "str", "required": True, "no_log": True},
    }
    return {"offsite": {"type": "dict", "options": options}}


def offsite_secrets(params: dict[str, Any]) -> list[str]:
    """What of an option ``offsite`` must not be shown. :raises ErpopsError: (400) the secret key is too short to be one."""
    given = params["offsite"]
    return [*check_secrets({"secret_key": given["secret_key"]}, "key"), given["access_key"]] if given else []


def key_secrets(params: dict[str, Any]) -> list[str]:
    """What must not be shown of a passphrase, and of each line of a private key."""
    lines = str(params["identity"] or "").splitlines()
    return [params["passphrase"] or "", *(line.strip() for line in lines if len(line.strip()) > 40)]
