# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: unnamed_packages
short_description: Which installed packages no staying package names
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Finds, among packages that apt would keep, those that neither a package of others names, nor one that is kept for
    such a reason.
  - apt keeps every package that could serve an alternative, also when another one serves it already.
positional: _input
options:
  _input:
    description: Packages that apt would keep.
    type: list
    elements: str
    required: true
  relations:
    description: A line C(name#relations) for each installed package, as dpkg-query prints them.
    type: list
    elements: str
    required: true
  brought:
    description: All packages that may go. All others stay.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show what nobody names
  ansible.builtin.debug:
    msg: "{{ ['gawk'] | erpops.frappe.unnamed_packages(relations=['base-files#awk', 'mawk#libc6'], brought=['gawk']) }}"
"""

RETURN = r"""
_value:
  description: The packages, in the order they were given.
  type: list
  elements: str
  sample: [gawk]
"""

from typing import Any

from ansible_collections.erpops.frappe.plugins.plugin_utils._packages import unnamed


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"unnamed_packages": unnamed}
