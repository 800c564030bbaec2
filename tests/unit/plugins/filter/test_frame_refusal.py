# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter frame_refusal."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter.frame_refusal import FilterModule, frame_refusal


def test_it_is_found() -> None:
    assert FilterModule().filters()["frame_refusal"] is frame_refusal


def test_it_reads_what_the_module_uri_returns() -> None:
    answer = {"status": 200, "redirected": False, "x_frame_options": "DENY"}
    assert frame_refusal(answer, "https://a.example.com", "https://b.example.com") == "X-Frame-Options: DENY"


def test_something_else_than_headers() -> None:
    with pytest.raises(AnsibleFilterError, match="needs headers, not str"):
        frame_refusal("DENY", "https://a.example.com", "https://b.example.com")  # type: ignore[arg-type]
