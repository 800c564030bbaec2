#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_app
short_description: Apps are installed on a site so that all their parts exist
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Installs apps on a site and then proves that every DocType of the app's modules, its tables, its scheduled jobs and its
    fixtures are there; C(install-app) alone can succeed and install nothing.
  - An app that is called installed but is not complete is repaired, not skipped.
  - Before anything is changed, an app is refused that cannot be imported, whose required apps are missing, or which has a
    DocType of the same name as one that another app owns.
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
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  apps:
    description: Names of the apps, in the order in which they are to be installed.
    type: list
    elements: str
    required: true
  state:
    description: Whether the apps are to be there. V(absent) drops all their DocTypes with their data.
    type: str
    choices: [present, absent]
    default: present
  confirm:
    description: The apps' names once more, to allow O(state=absent).
    type: list
    elements: str
    default: []
  accept_collisions:
    description:
      - DocTypes that another app owns and this one may overwrite all the same. Name one only after both definitions were
        compared. Uninstalling either app would drop its table.
    type: list
    elements: str
    default: []
  backup:
    description: What is done before an app is uninstalled.
    type: str
    choices: [verified, skip]
    default: verified
seealso:
  - module: erpops.frappe.bench_app
"""

EXAMPLES = r"""
- name: Ensure the site's apps
  erpops.frappe.site_app:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    apps: [erpnext, chat_bridge]

- name: Ensure an app is gone from the site
  erpops.frappe.site_app:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    apps: [chat_bridge]
    state: absent
    confirm: [chat_bridge]
"""

RETURN = r"""
site_app:
  description: The site's apps after the run.
  returned: success
  type: dict
  contains:
    installed:
      description: Installed apps, in order.
      type: list
      elements: str
      sample: [frappe, erpnext, chat_bridge]
    apps:
      description: For each app that was asked for, what was done and what of it had been missing.
      type: list
      elements: dict
      sample: [{name: chat_bridge, action: repaired chat_bridge, missing_before: {doctypes: [Chat Message]}}]
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [installed erpnext]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _site_apps,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Install or uninstall through the site agent."""
    params = module.params
    args = {key: params[key] for key in ("apps", "state", "confirm", "backup", "accept_collisions")}
    args["timeout"] = params["timeout"] - 10
    value = agent_for(module).one("site_app.apply", params["site"], args)
    return {
        "changed": value["changed"],
        "site_app": {"installed": value["installed"], "apps": value["apps"]},
        "actions": value["actions"],
        "diff": value["diff"],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=3600),
            "apps": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "confirm": {"type": "list", "elements": "str", "default": []},
            "accept_collisions": {"type": "list", "elements": "str", "default": []},
            "backup": {"type": "str", "choices": ["verified", "skip"], "default": "verified"},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
