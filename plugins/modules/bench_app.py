#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: bench_app
short_description: An app of a bench at an exact commit
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Brings an app's code to a commit, tag or branch, installs it into the bench's environment, imports it, and only then lists
    it in C(sites/apps.txt); one name there that cannot be imported breaks every command of every site.
  - When a step fails, the bench is put back as it was, the former commit included.
  - The app may live in a subdirectory of its repository.
  - Local changes are never lost. A checkout with changed files is refused.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.bench.action_group
  - erpops.frappe.app_source
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
  repo:
    description: Address of its git repository, or a local work tree. Required with O(state=present).
    type: str
  build:
    description: Install the app's Node packages and build its assets after its code has changed.
    type: bool
    default: false
  state:
    description: Whether the app is to be there. An app that a site has installed is not removed.
    type: str
    choices: [present, absent]
    default: present
notes:
  - Running processes go on with the old code until they are restarted.
seealso:
  - module: erpops.frappe.site_app
"""

EXAMPLES = r"""
- name: Ensure ERPNext at a tag
  erpops.frappe.bench_app:
    bench_path: /home/frappe/frappe-bench
    name: erpnext
    repo: https://github.com/frappe/erpnext
    version: v15.109.0

- name: Ensure an app from a subdirectory of a private repository, at a commit
  erpops.frappe.bench_app:
    bench_path: /home/frappe/frappe-bench
    name: chat_bridge
    repo: https://github.com/example/erpnext-custom-apps
    version: a8accff0c0ffee0000000000000000000000beef
    subdirectory: apps/chat_bridge
    token: "{{ vault_git_token }}"
"""

RETURN = r"""
bench_app:
  description: The app after the run.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: erpnext
    path:
      description: Its place on the bench.
      type: str
      sample: /home/frappe/frappe-bench/apps/erpnext
    commit_before:
      description: The commit before the run, empty if the app was not there.
      type: str
      sample: ""
    commit_after:
      description: The commit after the run.
      type: str
      sample: 7fe37e5114988b5ef4c55a762b5ea042d0a5db9a
    version:
      description: The version that the package gives itself.
      type: str
      sample: 15.109.0
    remote:
      description: Address of the repository, without credentials.
      type: str
      sample: https://github.com/frappe/erpnext
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [cloned, installed into the environment, listed in apps.txt]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec, check_secrets
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _apps  # noqa: F401 -- sent to the bench

_PASSED = ("name", "repo", "version", "subdirectory", "token", "ssh_key", "build", "state")
_RETURNED = ("name", "path", "commit_before", "commit_after", "version", "remote")


def act(module: AnsibleModule) -> dict[str, Any]:
    """Bring or remove the app through the site agent."""
    params = module.params
    secrets = check_secrets({key: params[key] for key in ("token", "ssh_key")})
    value = agent_for(module).one("app.apply", args={key: params[key] for key in _PASSED}, secrets=secrets)
    return {
        "changed": value["changed"],
        "bench_app": {key: value[key] for key in _RETURNED},
        "actions": value["actions"],
        "diff": value["diff"],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **bench_spec(timeout=3600),
            "name": {"type": "str", "required": True},
            "repo": {"type": "str"},
            "version": {"type": "str", "default": ""},
            "subdirectory": {"type": "str", "default": ""},
            "token": {"type": "str", "no_log": True},
            "ssh_key": {"type": "str", "no_log": True},
            "build": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("repo",))],
        mutually_exclusive=[("token", "ssh_key")],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
