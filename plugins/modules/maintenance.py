#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance
short_description: A site's maintenance mode
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Puts a site into maintenance mode (503 for its users, and no scheduled jobs) or out of it.
  - With O(remember=true) the original state is kept on the bench, and O(state=restored) puts it back, so that a site which was
    in maintenance on purpose stays so.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description: The wanted state. V(restored) is the one that was remembered.
    type: str
    choices: ["on", "off", restored]
    required: true
  remember:
    description: Keep the original state, if none is kept yet.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Ensure the site is in maintenance mode
  erpops.frappe.maintenance:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    state: "on"
    remember: true

- name: Put maintenance mode back as it was
  erpops.frappe.maintenance:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    state: restored
"""

RETURN = r"""
maintenance:
  description: The maintenance mode after the run.
  returned: success
  type: dict
  contains:
    state:
      description: V(on) or V(off).
      type: str
      sample: "on"
    before:
      description: The state before the run.
      type: str
      sample: "off"
    remembered:
      description: The original state that is kept, if any.
      type: str
      sample: "off"
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [maintenance on]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _state  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Set maintenance mode through the site agent."""
    params = module.params
    args = {key: params[key] for key in ("state", "remember")}
    value = agent_for(module).one("maintenance.apply", params["site"], args)
    return {
        "changed": value["changed"],
        "maintenance": {key: value[key] for key in ("state", "before", "remembered")},
        "actions": [f"maintenance {value['state']}"] if value["changed"] else [],
        "diff": value["diff"],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(),
            "state": {"type": "str", "choices": ["on", "off", "restored"], "required": True},
            "remember": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
