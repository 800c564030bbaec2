# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Integrations that came within a free dict."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._health_args import checked


def test_defaults_are_filled_in() -> None:
    (one,) = checked([{"name": "shop", "webhooks": {"titles": ["x"]}}], "a.localhost")
    assert (one["app"], one["logs"], one["errors"]) == ("", [], None)
    assert one["webhooks"]["fields"]["time"] == "creation"


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ([{"app": "x"}], "missing required arguments: name"),
        ([{"name": "x", "logs": [{}]}], "missing required arguments: doctype"),
        ([{"name": "x", "logs": [{"doctype": "L", "fields": {"when": "x"}}]}], "unknown keys of fields"),
    ],
)
def test_faults_are_told(declared: list[dict[str, object]], told: str) -> None:
    with pytest.raises(ErpopsError, match=told):
        checked(declared, "a.localhost")
