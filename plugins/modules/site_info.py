#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_info
short_description: Facts about a site
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Reads whether a site is whole, its apps and what is missing of them, the types of its configuration values, its scheduler,
    its recent errors and its tasks. Changes nothing, and returns no secret.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
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
    name:
      description: Its name.
      type: str
      sample: acme.example.com
    state:
      description: V(present), V(half_made) or V(absent).
      type: str
      sample: present
    directory:
      description: Whether there is a directory for it.
      type: bool
      sample: true
    database:
      description: Whether its database is V(present), V(absent) or V(unknown).
      type: str
      sample: present
    framework:
      description: Whether the framework is installed in its database.
      type: bool
      sample: true
    db_name:
      description: Name of its database.
      type: str
      sample: _21f4a1c9c0913af7
    installed_apps:
      description: Its apps.
      type: list
      elements: str
      sample: [frappe, erpnext]
    owned:
      description: Whether it was made, or adopted, by this collection.
      type: bool
      sample: true
    recorded:
      description: How far its making came, V(creating), V(created) or V(adopted), as this collection noted it.
      type: str
      sample: created
    problems:
      description: What is missing of it, if it is half made.
      type: list
      elements: str
      sample: []
    missing:
      description: For each app that is not complete, what is missing of it.
      returned: when the site is present
      type: dict
      sample: {}
    config:
      description: Keys of its configuration with the types of their values, if it is present.
      type: dict
      sample: {db_name: str, maintenance_mode: int}
    scheduler:
      description: State, reasons for not running, and jobs of its scheduler.
      returned: when the site is present
      type: dict
      sample: {state: enabled, inactive_because: [], jobs: []}
    maintenance:
      description: V(on) or V(off).
      returned: when the site is present
      type: str
      sample: "off"
    errors:
      description: Rows of Error Log in the last O(since) seconds.
      returned: when the site is present
      type: int
      sample: 0
    tasks:
      description: Its tasks with state, pages, totals and the time of their last change.
      type: dict
      sample: {shopsync.sync.pull_orders: {state: done, pages: 3}}
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _info  # noqa: F401 -- sent to the bench


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
