#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rollback_point_info
short_description: Rollback points of a bench, listed and read back
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Lists what M(erpops.frappe.rollback_point) and C(playbooks/update.yml) took, oldest first.
  - With O(verify=true) all of it is read back, which takes as long as unpacking its dumps.
extends_documentation_fragment:
  - erpops.frappe.bench
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  id:
    description: Name of the only point to look at; all when omitted.
    type: str
  verify:
    description: Read every file back and compare its digest.
    type: bool
    default: false
seealso:
  - module: erpops.frappe.rollback_point
"""

EXAMPLES = r"""
- name: See what can be gone back to, and whether it is whole
  erpops.frappe.rollback_point_info:
    bench_path: /home/frappe/frappe-bench
    verify: true
  register: acme_points
"""

RETURN = r"""
rollback_points:
  description: What M(erpops.frappe.rollback_point) returns under this key, with C(problem) where they were read back.
  returned: success
  type: list
  elements: dict
  sample: [{id: 20260101T020000Z-3f2a, whole: true, sites: [acme.example.com], problem: ""}]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _points  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    params = module.params
    value = agent_for(module).one("point.read", "", {"id": params["id"], "verify": params["verify"]})
    return {"changed": False, "rollback_points": value["points"]}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **bench_spec(timeout=3600),
            "id": {"type": "str"},
            "verify": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
