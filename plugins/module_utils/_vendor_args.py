# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the options of all modules that speak with a vendor's API.

``doc_fragments/vendor.py`` and ``doc_fragments/http_client.py`` document the same options.
"""

from __future__ import annotations

from typing import Any


def vendor_spec() -> dict[str, Any]:
    """How the vendor is reached."""
    return {
        "connect": {"type": "str"},
        "verify_tls": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 15},
        "attempts": {"type": "int", "default": 4},
    }


def reach(params: dict[str, Any]) -> dict[str, Any]:
    """The same as arguments of ``Vendor``."""
    return {
        "connect": params["connect"] or "",
        "timeout": float(params["timeout"]),
        "attempts": int(params["attempts"]),
    }
