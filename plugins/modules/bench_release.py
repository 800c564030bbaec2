#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: bench_release
short_description: Releases of a bench, built beside the running one and switched in one step
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - A release is a directory of the bench with code, environment and assets of its own. It is built while another one runs,
    and nothing leads to it before every app was imported by its own interpreter.
  - A switch renames one link. Processes that run go on with the code that they began with until they are restarted.
  - A plain bench is adopted first; its C(apps) and C(env) move into its first release while it runs.
  - A run that was ended is finished, or begun anew, by the next one.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.bench.action_group
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
  state:
    description:
      - With V(adopted) the bench has releases, the first being what it was.
      - With V(present) the release is built. With V(current) the bench is adopted, and the release built and switched to.
      - With V(pruned) only O(keep) releases are left. With V(plain) the bench has C(apps) and C(env) themselves again,
        those of its current release; other releases stay in C(releases) and are used by nothing.
    type: str
    choices: [adopted, present, current, pruned, plain]
    default: present
  id:
    description: Switch to this release, which is there, instead of building one. With O(state=current) only.
    type: str
  apps:
    description: Apps at other commits than now, or new ones. Those that are not named stay as they are.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the app, which is that of its Python package.
        type: str
        required: true
      repo:
        description: Address of its git repository, or a local work tree.
        type: str
        required: true
      version:
        description: A full commit, a tag or a branch; the default branch when omitted.
        type: str
        default: ""
      subdirectory:
        description: Where in the repository the app is, if not at its root.
        type: str
        default: ""
      token:
        description: Access token for a private repository over HTTPS. It is stored nowhere.
        type: str
      ssh_key:
        description: Text of a private key for a private repository over SSH. It lives in a file only while git runs.
        type: str
      build:
        description: Build the app's assets if they, or those of an app before it, have changed.
        type: bool
        default: true
  removed:
    description: Apps that the release is not to have. A release without an app that a site has is not switched to.
    type: list
    elements: str
    default: []
  requirements:
    description: Python packages of the environment that no app asks for, as pip takes them.
    type: list
    elements: str
    default: []
  python:
    description: Interpreter that the environment is made of; that of the present environment when omitted.
    type: path
  build:
    description: Whether the release has assets. When omitted, it has if the bench has.
    type: bool
  accept_older_processes:
    description:
      - Switch although processes run that were started before the bench was adopted. What they import late is code of the
        new release. Only where nothing is served meanwhile.
    type: bool
    default: false
  keep:
    description: Number of complete releases that stay, with O(state=pruned).
    type: int
    default: 3
  protect:
    description: Releases that stay in any case, with O(state=pruned), as the current and the previous one do.
    type: list
    elements: str
    default: []
notes:
  - Processes must be restarted after an adoption and after a switch. The role C(process_manager) sees by a note
    (C(.erpops/restart.json)) that it is due.
  - With C(UV_OVERRIDE) and C(UV_CONSTRAINT) in the environment of the task, another content of these files is another
    release.
seealso:
  - module: erpops.frappe.bench_release_info
  - module: erpops.frappe.bench_app
"""

EXAMPLES = r"""
- name: Build the next release while the present one runs
  erpops.frappe.bench_release:
    bench_path: /home/frappe/frappe-bench
    apps:
      - {name: erpnext, repo: "https://github.com/frappe/erpnext", version: v15.110.0}
  register: next_release

- name: Migrate a site with its code, and switch to it afterwards
  erpops.frappe.bench_release:
    bench_path: /home/frappe/frappe-bench
    state: current
    id: "{{ next_release.bench_release.id }}"

- name: Go back
  erpops.frappe.bench_release:
    bench_path: /home/frappe/frappe-bench
    state: current
    id: "{{ next_release.bench_release.previous }}"

- name: Keep the three newest releases
  erpops.frappe.bench_release:
    bench_path: /home/frappe/frappe-bench
    state: pruned
"""

RETURN = r"""
bench_release:
  description: The release after the run.
  returned: success
  type: dict
  contains:
    id:
      description: Its name, which follows from commits, Python and requirements; empty for a plain bench.
      type: str
      sample: 953f2a3f6d99
    path:
      description: Its directory.
      type: str
      sample: /home/frappe/frappe-bench/releases/953f2a3f6d99
    previous:
      description: The release that ran before, to which a switch goes back.
      type: str
      sample: e81b382ce53b
    apps:
      description: Apps and their commits, where a release was built or looked for.
      type: dict
      sample: {erpnext: 7fe37e5114988b5ef4c55a762b5ea042d0a5db9a}
    assets:
      description: Apps whose assets were built; those of the others were taken over.
      type: list
      elements: str
      sample: [erpnext]
    removed:
      description: Releases that were removed.
      type: list
      elements: str
      sample: []
    busy:
      description: Releases that would have been removed, but that processes run from.
      type: list
      elements: str
      sample: []
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [built, switched]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec, check_secrets
from ansible_collections.erpops.frappe.plugins.module_utils._bench_release import run_release
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

_APP = {
    "name": {"type": "str", "required": True},
    "repo": {"type": "str", "required": True},
    "version": {"type": "str", "default": ""},
    "subdirectory": {"type": "str", "default": ""},
    "token": {"type": "str", "no_log": True},
    "ssh_key": {"type": "str", "no_log": True},
    "build": {"type": "bool", "default": True},
}
_STATES = ["adopted", "present", "current", "pruned", "plain"]


def act(module: AnsibleModule) -> dict[str, Any]:
    """Bring the bench's releases to the state through the site agent."""
    secrets = [
        secret
        for app in module.params["apps"]
        for secret in check_secrets({key: app[key] for key in ("token", "ssh_key")})
    ]
    return run_release(agent_for(module), module.params, module.check_mode, secrets)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **bench_spec(timeout=3600),
            "state": {"type": "str", "choices": _STATES, "default": "present"},
            "id": {"type": "str"},
            "apps": {"type": "list", "elements": "dict", "default": [], "options": _APP},
            "removed": {"type": "list", "elements": "str", "default": []},
            "requirements": {"type": "list", "elements": "str", "default": []},
            "python": {"type": "path"},
            "build": {"type": "bool"},
            "accept_older_processes": {"type": "bool", "default": False},
            "keep": {"type": "int", "default": 3},
            "protect": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
