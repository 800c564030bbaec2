#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_info
short_description: Facts about a site
version_added: 0.1.0
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Reads whether a site is whole, its apps and what is missing of them, the types of its configuration values, its scheduler,
    its recent errors and its tasks. Changes nothing, and returns no secret.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    description: Can run in check mode and return what would change, without changing it.
    support: full
  diff_mode:
    description: Returns what changed, with secrets as stars and a salted digest.
    support: none
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  since:
    description: How many seconds back rows of Error Log are counted.
    type: int
    default: 86400
"""

EXAMPLES = r"""
- name: Read the site
  erpops.frappe.site_info:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
  register: site_facts
"""

RETURN = r"""
site:
  description: The site.
  returned: success
  type: dict
  contains:
    state:
      description: V(present), V(half_made) or V(absent).
      type: str
      sample: present
    installed_apps:
      description: Its apps.
      type: list
      elements: str
      sample: [frappe, erpnext]
    missing:
      description: For each app that is not complete, what is missing of it.
      type: dict
      sample: {}
    config:
      description: Keys of its configuration with the types of their values.
      type: dict
      sample: {db_name: str, maintenance_mode: int}
    scheduler:
      description: State, reasons for not running, and jobs of its scheduler.
      type: dict
      sample: {state: enabled, inactive_because: [], jobs: []}
    maintenance:
      description: V(on) or V(off).
      type: str
      sample: "off"
    errors:
      description: Rows of Error Log in the last O(since) seconds.
      type: int
      sample: 0
    tasks:
      description: Its tasks with state, pages, totals and the time of their last change.
      type: dict
      sample: {shopsync.sync.pull_orders: {state: done, pages: 3}}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for, run_module


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    params = module.params
    value = agent_for(module).one("info.site", params["site"], {"since": params["since"]})
    return {"changed": False, "site": value}


def main() -> None:
    spec = {**site_spec(), "since": {"type": "int", "default": 86400}}
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
