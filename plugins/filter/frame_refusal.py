# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: frame_refusal
short_description: Why a browser would not show a page in a frame of another site
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Reads C(X-Frame-Options) and the C(frame-ancestors) of C(Content-Security-Policy) as browsers do.
positional: _input
options:
  _input:
    description: Headers of the page's answer, as M(ansible.builtin.uri) returns them.
    type: dict
    required: true
  page:
    description: Address of the page.
    type: str
    required: true
  around:
    description: Address of the site that is to show it.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse a dashboard that no browser would show
  ansible.builtin.assert:
    that: answer | erpops.frappe.frame_refusal(page='https://chat.example.com', around='https://acme.example.com') == ''
"""

RETURN = r"""
_value:
  description: The header that forbids it, or nothing.
  type: str
  sample: "X-Frame-Options: SAMEORIGIN"
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils._framing import frame_refusal as decide


def frame_refusal(headers: Mapping[str, Any], page: str, around: str) -> str:
    """See the documentation of the filter."""
    if not isinstance(headers, Mapping):
        raise AnsibleFilterError(f"erpops.frappe.frame_refusal: needs headers, not {type(headers).__name__}")
    return decide({str(name): str(value) for name, value in headers.items()}, str(page), str(around))


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        return {"frame_refusal": frame_refusal}
