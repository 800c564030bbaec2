#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: bench_info
short_description: Facts about a bench
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Reads the versions, the apps with their commits, and the sites of a bench. Changes nothing.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.bench.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
"""

EXAMPLES = r"""
- name: Read the bench
  erpops.frappe.bench_info:
    bench_path: /home/frappe/frappe-bench
  register: bench_facts
"""

RETURN = r"""
bench:
  description: The bench.
  returned: success
  type: dict
  contains:
    path:
      description: Its directory.
      type: str
      sample: /home/frappe/frappe-bench
    id:
      description: Its own random id, from which the names of its databases are made; empty before its first site.
      type: str
      sample: 5f0c1e6a9d7b4c3e8a2f6b1d0e9c8a7b
    frappe:
      description: Version of the framework.
      type: str
      sample: 15.105.0
    python:
      description: Version of its Python.
      type: str
      sample: 3.11.2
    apps:
      description: Its apps with commit, version, local changes and whether the environment has them.
      type: list
      elements: dict
      sample: [{name: erpnext, commit: 7fe37e5114988b5ef4c55a762b5ea042d0a5db9a, version: 15.109.0, dirty: []}]
    sites:
      description: Names of its sites.
      type: list
      elements: str
      sample: [acme.example.com]
    common_config:
      description: Keys of the common configuration with the types of their values.
      type: dict
      sample: {db_host: str}
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _info  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    return {"changed": False, "bench": agent_for(module).one("info.bench")}


def main() -> None:
    run_module(AnsibleModule(argument_spec=bench_spec(), supports_check_mode=True), act)


if __name__ == "__main__":
    main()
