# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: framework_needs
short_description: What a version of Frappe needs on its machine
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Tells the Python, Node and MariaDB that a major version of Frappe needs, and what its environment needs besides its
    own requirements.
positional: _input
options:
  _input:
    description: A branch, a tag or a number, such as V(version-15), V(v15.105.0) or V(15).
    type: str
    required: true
  major:
    description: Says the major version for an input that does not, such as a commit.
    type: int
"""

EXAMPLES = r"""
- name: Show which Node a bench needs
  ansible.builtin.debug:
    msg: "{{ ('version-15' | erpops.frappe.framework_needs).node }}"
"""

RETURN = r"""
_value:
  description: Least versions; RV(_value.python_below) is the first Python that is too new.
  type: dict
  sample: {major: 15, python: "3.10", python_below: "3.15", node: 18, mariadb: "10.6", env: ["setuptools<80"]}
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils._framework_needs import UnknownFramework, needs


def framework_needs(version: str, major: int | None = None) -> dict[str, Any]:
    """See the documentation of the filter."""
    try:
        return needs(str(version), int(major) if major else None)
    except (UnknownFramework, ValueError) as error:
        raise AnsibleFilterError(f"erpops.frappe.framework_needs: {error}") from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"framework_needs": framework_needs}
