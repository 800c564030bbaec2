#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_plan
short_description: Which parts of a site differ from its declared state
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Compares a whole site with its declared state in one conversation and names the parts that differ. Changes nothing.
  - A converged tenant so costs one process instead of one for each module; what differs is then changed by the module that
    owns it. The same comparison is a fleet's drift detection.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
  - erpops.frappe.root
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  apps:
    description: Apps that are to be installed.
    type: list
    elements: str
    default: []
  config:
    description: Keys of C(site_config.json), as in M(erpops.frappe.site_config).
    type: dict
    default: {}
  secrets:
    description: Secret keys of C(site_config.json).
    type: dict
    default: {}
  config_mode:
    description: The mode of C(site_config.json).
    type: str
  documents:
    description: DocType records, as in M(erpops.frappe.document).
    type: list
    elements: dict
    default: []
    suboptions:
      doctype:
        description: Name of the DocType.
        type: str
        required: true
      name:
        description: Name of the record.
        type: str
      match:
        description: Fields that identify the record.
        type: dict
      state:
        description: Whether the record is to be there.
        type: str
        choices: [present, absent]
        default: present
      values:
        description: Fields with their values.
        type: dict
        default: {}
      secrets:
        description: Password fields with their values.
        type: dict
        default: {}
      child_mode:
        description: Whether rows of a child table that are not named are removed or kept.
        type: str
        choices: [exact, merge]
        default: exact
      child_keys:
        description: For each table field, the fields by which its rows are told apart.
        type: dict
        default: {}
  api_users:
    description: Users that are to have an API key.
    type: list
    elements: str
    default: []
  scheduler:
    description: The scheduler's state.
    type: str
    choices: [enabled, disabled]
  tasks:
    description: Names of tasks (M(erpops.frappe.site_task)) whose state is to be told.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: See whether the tenant is as declared
  erpops.frappe.site_plan:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    apps: [erpnext, chat_bridge]
    config: {mute_emails: true}
    scheduler: enabled
  register: tenant_plan
"""

RETURN = r"""
plan:
  description: The comparison.
  returned: success
  type: dict
  contains:
    differs:
      description: >-
        Parts that differ, of V(site), V(apps), V(config), V(documents), V(keys) and V(scheduler).
      type: list
      elements: str
      sample: [config]
    site:
      description: The site as it was found, as in M(erpops.frappe.site).
      type: dict
      sample: {state: present}
    tasks:
      description: State and counts of each of O(tasks).
      type: dict
      sample: {ledger: {state: done, counts: {created: 230}}}
agent:
  description: Versions of Python and Frappe, and the seconds that the conversation took.
  returned: success
  type: dict
  sample: {python: 3.11.2, frappe: 15.105.0, seconds: 0.4}
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets, root_args, root_spec, site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._documents import document_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module
from ansible_collections.erpops.frappe.plugins.module_utils._redact_args import masked_strings

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _site_plan,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Compare through the site agent."""
    params = module.params
    secrets = check_secrets(params["secrets"])
    for record in params["documents"]:
        secrets += check_secrets(record["secrets"] or {})
    module.no_log_values.update(
        secrets, masked_strings([params["config"], [record["values"] for record in params["documents"]]])
    )
    agent = agent_for(module)
    args = {key: params[key] for key in ("apps", "documents", "scheduler", "tasks")}
    args.update(
        root=root_args(params),
        keys=params["api_users"],
        config={"set": params["config"], "secrets": params["secrets"], "mode": params["config_mode"]},
    )
    value = agent.one("plan.site", params["site"], args, secrets=secrets)
    diff = value.pop("diff")
    return {"changed": False, "plan": value, "diff": diff, "agent": agent.about}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(),
            **root_spec(),
            "apps": {"type": "list", "elements": "str", "default": []},
            "config": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "config_mode": {"type": "str"},
            "documents": {"type": "list", "elements": "dict", "default": [], "options": document_spec()},
            "api_users": {"type": "list", "elements": "str", "default": []},
            "scheduler": {"type": "str", "choices": ["enabled", "disabled"]},
            "tasks": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
