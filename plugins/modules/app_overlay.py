#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: app_overlay
short_description: Reviewed repairs of an app that cannot be deployed as it is
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Puts repairs of an app's packaging on top of one of its commits, as a commit of a repository on the bench
    (C(.erpops/overlays/<app>/repo.git)) that M(erpops.frappe.bench_app) then deploys. The app's own repository is only read.
  - Nothing is made that nobody has reviewed. The git tree of the app's files and the tree that the overlay makes of them must
    be a pair of O(reviewed); another commit with the same files is the same tree.
  - C(manifest.json) beside the repository has every file that the overlay adds, changes or removes with its SHA-256 before and
    after, the faults it repairs, and the packages that it brought into the environment.
  - An overlay that leaves a fault which would break the bench is refused.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.bench.action_group
  - erpops.frappe.app_source
  - erpops.frappe.app_source.overlay
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
    default: 1800
  repo:
    description: Address of its git repository, or a local work tree. Required with O(state=present).
    type: str
  reviewed:
    description: >-
      Git tree of the app's files to the tree that the overlay makes of them, both as M(erpops.frappe.app_source_info)
      tells them.
    type: dict
    default: {}
  state:
    description: >-
      Whether the overlay is to be there. V(absent) also uninstalls the packages that it brought and that nothing else
      needs; the app must be off the bench before.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: erpops.frappe.app_source_info
  - module: erpops.frappe.bench_app
"""

EXAMPLES = r"""
- name: Ensure the repaired commit
  erpops.frappe.app_overlay:
    bench_path: /home/frappe/frappe-bench
    name: ring_shop
    repo: https://github.com/example/ring-shop
    version: 01a6a58acadc4a974fce94cf089a4bb1bdbe2770
    subdirectory: ring_shop
    rules:
      doctype_keys: {is_child_table: istable}
      controllers: true
    reviewed:
      e60793739de203c013ea6c512f0b0d7b8887d147: 0b0d7b8887d147e60793739de203c013ea6c512f
  register: ring_shop_overlay

- name: Ensure it is what the bench runs
  erpops.frappe.bench_app:
    bench_path: /home/frappe/frappe-bench
    name: ring_shop
    repo: "{{ ring_shop_overlay.app_overlay.repo }}"
    version: "{{ ring_shop_overlay.app_overlay.result }}"
    subdirectory: ring_shop
"""

RETURN = r"""
app_overlay:
  description: The overlay after the run; empty texts when there is none.
  returned: success
  type: dict
  contains:
    name:
      description: The app's name.
      type: str
      sample: ring_shop
    repo:
      description: The repository that holds the repaired commit.
      type: str
      sample: /home/frappe/frappe-bench/.erpops/overlays/ring_shop/repo.git
    commit:
      description: The app's own commit.
      type: str
      sample: 01a6a58acadc4a974fce94cf089a4bb1bdbe2770
    result:
      description: The repaired commit, to be deployed. The same on every bench.
      type: str
      sample: 7fe37e5114988b5ef4c55a762b5ea042d0a5db9a
    tree:
      description: Git tree of the app's files.
      type: str
      sample: e60793739de203c013ea6c512f0b0d7b8887d147
    result_tree:
      description: Git tree of the repaired files.
      type: str
      sample: 0b0d7b8887d147e60793739de203c013ea6c512f
    files:
      description: Files of the overlay, each V(added), V(changed) or V(removed).
      type: dict
      sample: {ring_shop/api: added}
    repaired:
      description: Faults of the app's commit, which the overlay repairs.
      type: list
      elements: str
      sample: ["modules.txt 'Ring Shop': there is no ring_shop/ring_shop/ (install-app fails, or installs no DocType)"]
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [made an overlay of 64 files]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._app_source import SOURCE_ARGS, source_spec
from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec, check_secrets
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _overlays,
    )

_RETURNED = ("name", "repo", "commit", "result", "tree", "result_tree", "files", "repaired")


def act(module: AnsibleModule) -> dict[str, Any]:
    """Make or remove the overlay through the site agent."""
    params = module.params
    secrets = check_secrets({key: params[key] for key in ("token", "ssh_key")})
    args = {key: params[key] for key in (*SOURCE_ARGS, "reviewed", "state")}
    value = agent_for(module).one("overlay.apply", args=args, secrets=secrets)
    return {
        "changed": value["changed"],
        "app_overlay": {key: value[key] for key in _RETURNED},
        "actions": value["actions"],
        "diff": {"prepared": value["patch"] + "\n" if value["patch"] else ""},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **bench_spec(timeout=1800),
            **source_spec(),
            "reviewed": {"type": "dict", "default": {}},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("repo",))],
        mutually_exclusive=[("token", "ssh_key")],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
