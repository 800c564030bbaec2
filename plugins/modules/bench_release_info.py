#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: bench_release_info
short_description: The releases of a bench
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Tells which releases a bench has, which one is current, and which processes run from which. Changes nothing.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.bench.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  sizes:
    description: Count what each release takes on the disk, about a second for each with assets.
    type: bool
    default: false
seealso:
  - module: erpops.frappe.bench_release
"""

EXAMPLES = r"""
- name: Read the releases
  erpops.frappe.bench_release_info:
    bench_path: /home/frappe/frappe-bench
  register: releases
"""

RETURN = r"""
bench_releases:
  description: The releases.
  returned: success
  type: dict
  contains:
    adopted:
      description: Whether the bench runs from a release.
      type: bool
      sample: true
    current:
      description: The release that C(current) leads to; empty for a plain bench.
      type: str
      sample: 953f2a3f6d99
    previous:
      description: The one before the last switch; empty if there was none.
      type: str
      sample: e81b382ce53b
    older_processes:
      description: Ids of processes of the bench that were started before it was adopted.
      type: list
      elements: int
      sample: []
    releases:
      description: All of them, half-made ones included.
      type: list
      elements: dict
      contains:
        id:
          description: Its name.
          type: str
          sample: 953f2a3f6d99
        path:
          description: Its directory.
          type: str
          sample: /home/frappe/frappe-bench/releases/953f2a3f6d99
        state:
          description: V(ready), or V(building) while it is made and when that was ended.
          type: str
          sample: ready
        apps:
          description: Its apps, each with C(commit), C(repo), C(subdirectory) and C(version).
          type: dict
          sample: {frappe: {commit: 97ec3a4c0ffee0000000000000000000000beef0, repo: "", subdirectory: "", version: 15.105.0}}
        order:
          description: The same apps as C(sites/apps.txt) lists them.
          type: list
          elements: str
          sample: [frappe, erpnext]
        python:
          description: Version of its Python.
          type: str
          sample: 3.11.2
        packages:
          description: SHA-256 of the names and versions in its environment.
          type: str
          sample: 956f2d88034fb3685335a7d3a82432122f46b09d4f07826b071a981cbcd5f126
        inputs:
          description: What besides the commits decides its name.
          type: dict
          sample: {python: "3.11", requirements: [], assets: true, UV_OVERRIDE: "", UV_CONSTRAINT: ""}
        built:
          description: When it was built, in UTC; empty for the one that the bench was adopted with.
          type: str
          sample: "2026-11-21T17:27:22Z"
        adopted:
          description: Whether the bench was adopted with it.
          returned: for that one
          type: bool
          sample: true
        processes:
          description: Ids of the processes that run from it, as far as the task's user may see them.
          type: list
          elements: int
          sample: [4711]
        size:
          description: Bytes on the disk. What it shares with another release counts for both.
          returned: with O(sizes)
          type: int
          sample: 1073741824
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _release  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    read = agent_for(module).one("release.read", args={"sizes": module.params["sizes"]})
    return {"changed": False, "bench_releases": read}


def main() -> None:
    spec = {**bench_spec(), "sizes": {"type": "bool", "default": False}}
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
