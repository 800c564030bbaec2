# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the options that ``site_secret`` and ``site_secret_info`` share, and what the agent is told."""

from __future__ import annotations

from typing import Any

from ._args import root_args, root_spec, site_spec

SECRETS = API_KEY, DATABASE_PASSWORD, ADMIN_PASSWORD, ENCRYPTION_KEY = (
    "api_key",
    "database_password",
    "admin_password",
    "encryption_key",
)


def rotation_spec() -> dict[str, Any]:
    """Options of both modules; documented in ``doc_fragments/rotation.py``."""
    return {
        **site_spec(timeout=3600),
        **root_spec(),
        "request": {"type": "str", "required": True},
        "user": {"type": "str"},
        "standby_user": {"type": "str"},
        "active_user": {"type": "str"},
        "grace": {"type": "int", "default": 86400},
        "database_gap": {"type": "bool", "default": False},
        "confirm": {"type": "str"},
        "encrypted_elsewhere": {"type": "bool", "default": False},
        "backup": {"type": "str"},
        "drain_timeout": {"type": "int", "default": 300},
        "url": {"type": "str", "required": True},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
    }


def rotation_args(params: dict[str, Any], secret: str) -> dict[str, Any]:
    """The agent's arguments for one secret (``agent/_rotation.py``)."""
    of: dict[str, dict[str, Any]] = {
        API_KEY: {
            "user": params["user"],
            "standby": params["standby_user"],
            "active": params["active_user"],
            "grace": params["grace"],
        },
        DATABASE_PASSWORD: {"root": root_args(params), "gap": params["database_gap"]},
        ADMIN_PASSWORD: {"new": params.get("new_password")},
        ENCRYPTION_KEY: {
            "confirm": params["confirm"],
            "elsewhere": params["encrypted_elsewhere"],
            "backup": params["backup"],
            "drain_timeout": params["drain_timeout"],
        },
    }
    return of[secret]
