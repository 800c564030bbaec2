# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: which fields an integration's own log has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._errors import ErpopsError

DEFAULTS = {"time": "creation", "status": "status", "success": "Success", "failure": "Failed"}
KNOWN = (*DEFAULTS, "kind", "error", "retries", "duration", "started", "ended")


def log_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` over the defaults. :raises ErpopsError: (400) a key is none of those known."""
    unknown = sorted(set(given) - set(KNOWN))
    if unknown:
        raise ErpopsError("unknown keys of fields", seen=", ".join(unknown), needed=", ".join(KNOWN), status=400)
    return {**DEFAULTS, **given}
