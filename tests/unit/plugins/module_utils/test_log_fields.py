# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which fields a log has."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._log_fields import log_fields


def test_what_is_given_goes_before_the_defaults() -> None:
    assert log_fields({"time": "at", "success": ["Ack", "Queued"]}) == {
        "time": "at",
        "status": "status",
        "success": ["Ack", "Queued"],
        "failure": "Failed",
    }


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ErpopsError, match="unknown keys of fields"):
        log_fields({"reason": "x"})
