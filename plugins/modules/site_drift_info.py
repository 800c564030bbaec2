#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_drift_info
short_description: Apps at other commits than declared, local changes in them, and jobs that somebody stopped
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Looks at what M(erpops.frappe.site_plan) does not, since it belongs to the bench or to nobody's declaration. Changes nothing.
  - A version that is a commit or a tag is compared; of a branch only the repository knows the commit, which is not asked.
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
  apps:
    description: Apps of the bench as they are declared; those that the site has not installed are left out.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the app.
        type: str
        required: true
      version:
        description: Commit, tag or branch.
        type: str
      subdirectory:
        description: Directory of the app in its repository.
        type: str
  jobs_stopped:
    description: >-
      Methods of scheduled jobs that are to be stopped. Those that an integration of ours has stopped need not be named.
    type: list
    elements: str
    default: []
seealso:
  - module: erpops.frappe.site_plan
  - module: erpops.frappe.bench_baseline
"""

EXAMPLES = r"""
- name: See what was changed by hand
  erpops.frappe.site_drift_info:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    apps: [{name: shopsync, version: 2f0c9a1b77e4d5a6b8c9d0e1f2a3b4c5d6e7f8a9}]
"""

RETURN = r"""
differences:
  description: What is there (C(before)) and what was declared (C(after)), by part and name.
  returned: success
  type: list
  elements: dict
  sample: [{part: job, name: shopsync.sync.pull_orders, before: stopped, after: enabled}]
apps:
  description: The apps that were looked at, with the declared version, its commit if known, the present one, and changed files.
  returned: success
  type: list
  elements: dict
  sample: [{name: shopsync, declared: v1, wanted: "", commit: 2f0c9a1b77e4d5a6b8c9d0e1f2a3b4c5d6e7f8a9, dirty: []}]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _drift  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    args = {key: module.params[key] for key in ("apps", "jobs_stopped")}
    return {"changed": False, **agent_for(module).one("drift.read", module.params["site"], args)}


def main() -> None:
    text = {"type": "str"}
    app = {"name": {"type": "str", "required": True}, "version": text, "subdirectory": text}
    spec = {
        **site_spec(),
        "apps": {"type": "list", "elements": "dict", "default": [], "options": app},
        "jobs_stopped": {"type": "list", "elements": "str", "default": []},
    }
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
