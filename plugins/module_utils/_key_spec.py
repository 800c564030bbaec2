# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the options of ``api_key`` besides those of every site module."""

from __future__ import annotations

from typing import Any


def key_spec() -> dict[str, Any]:
    """Documented in ``modules/api_key.py``; ``vault_*`` are carried out by the action plugin, on the controller."""
    return {
        "user": {"type": "str", "required": True},
        "rotate": {"type": "bool", "default": False},
        "url": {"type": "str"},
        "verify": {"type": "bool", "default": True},
        "warmup": {"type": "bool", "default": True},
        "web_workers": {"type": "int", "default": 2},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "vault_file": {"type": "str"},
        "vault_key": {"type": "str", "no_log": False},
        "store_document": {
            "type": "dict",
            "options": {
                "site": {"type": "str", "required": True},
                "doctype": {"type": "str", "required": True},
                "name": {"type": "str"},
                "key_field": {"type": "str", "required": True, "no_log": False},
                "secret_field": {"type": "str", "required": True, "no_log": False},
            },
        },
        "return_secret": {"type": "bool", "default": False, "no_log": False},
    }
