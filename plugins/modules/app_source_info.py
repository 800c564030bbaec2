#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: app_source_info
short_description: What an app's repository holds at a commit, before it is deployed
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Reads an app's files at a commit without running any of them, and says why the app would not work on this bench. Modules
    without a directory, hooks and imports that lead nowhere, packages that the environment lacks, DocType definitions that
    Frappe does not read, and DocTypes that another app of the bench has already.
  - With O(rules) it also tells what an overlay (M(erpops.frappe.app_overlay)) would make of it, as a patch to be reviewed.
  - Changes nothing.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.bench.action_group
  - erpops.frappe.app_source
  - erpops.frappe.app_source.overlay
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  repo:
    description: Address of its git repository, or a local work tree.
    type: str
    required: true
notes:
  - Hooks and DocTypes that an app computes when it is imported are not seen.
seealso:
  - module: erpops.frappe.app_overlay
"""

EXAMPLES = r"""
- name: Read an app before it is deployed
  erpops.frappe.app_source_info:
    bench_path: /home/frappe/frappe-bench
    name: chat_bridge
    repo: https://github.com/example/erpnext-custom-apps
    version: a8accff0c0ffee0000000000000000000000beef
    subdirectory: apps/chat_bridge
  register: chat_bridge_source
"""

RETURN = r"""
app_source:
  description: The app's commit.
  returned: success
  type: dict
  contains:
    name:
      description: The app's name.
      type: str
      sample: ring_shop
    commit:
      description: Its commit.
      type: str
      sample: 01a6a58acadc4a974fce94cf089a4bb1bdbe2770
    tree:
      description: Git tree of the app's files.
      type: str
      sample: e60793739de203c013ea6c512f0b0d7b8887d147
    doctypes:
      description: Names of its DocTypes, wherever in the package they lie.
      type: list
      elements: str
      sample: [Bag, Bag Item]
    faults:
      description: Why it would not work, each with C(kind), C(where), C(seen) and C(effect).
      type: list
      elements: dict
      sample: [{kind: controller, where: shop/core/doctype/bag/bag.json, seen: has no bag.py, effect: Bag cannot be loaded}]
    problems:
      description: The same for people, one line for each cause.
      type: list
      elements: str
      sample: ["module: modules.txt 'Ring Shop': there is no ring_shop/ring_shop/ (install-app fails)"]
    overlay:
      description: >-
        What O(rules) make of it. C(tree), C(commit), C(files), C(patch), and the C(faults) that they leave; empty without
        O(rules).
      type: dict
      sample: {}
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._app_source import SOURCE_ARGS, grouped, source_spec
from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec, check_secrets
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _overlays,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    params = module.params
    secrets = check_secrets({key: params[key] for key in ("token", "ssh_key")})
    value = agent_for(module).one("overlay.inspect", args={key: params[key] for key in SOURCE_ARGS}, secrets=secrets)
    return {"changed": False, "app_source": {**value, "problems": grouped(value["faults"])}}


def main() -> None:
    spec = {**bench_spec(), **source_spec()}
    spec["repo"] = {"type": "str", "required": True}
    module = AnsibleModule(argument_spec=spec, mutually_exclusive=[("token", "ssh_key")], supports_check_mode=True)
    run_module(module, act)


if __name__ == "__main__":
    main()
