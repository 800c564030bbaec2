# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drill_sample
short_description: Whose backup is tried next
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Chooses the sites whose last drill is longest ago. Each one's turn comes, however often drills are held.
positional: _input, count
options:
  _input:
    description: When each site had its last drill, in seconds since 1970, by its name; 0 for one that had none.
    type: dict
    required: true
  count:
    description: How many are chosen.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: See whose turn it is
  ansible.builtin.debug:
    msg: "{{ {'acme.example.com': 0, 'beta.example.com': 1795219200.5} | erpops.frappe.drill_sample(1) }}"
"""

RETURN = r"""
_value:
  description: Names of the sites, the one whose last drill is longest ago first.
  type: list
  elements: str
  sample: [acme.example.com]
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils._drill_sample import sample


def drill_sample(last: dict[str, float], count: int) -> list[str]:
    """See the documentation of the filter."""
    try:
        return sample({str(site): float(when) for site, when in last.items()}, int(count))
    except (AttributeError, TypeError, ValueError) as error:
        raise AnsibleFilterError(
            f"erpops.frappe.drill_sample: needed are times by site, and a number: {error!r}"
        ) from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"drill_sample": drill_sample}
