#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rollback_point
short_description: Rollback points of a bench, taken and removed
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - A rollback point is of one moment. It has the commits of the bench's apps, its common configuration, and a verified backup set
    of each site, with database, files, configuration and what the bench remembers of the site. SHA-256 digests cover all of it.
  - Points are in C(.erpops/points) of the bench. C(playbooks/update.yml) takes one by itself, C(playbooks/rollback.yml) goes back
    to one.
extends_documentation_fragment:
  - erpops.frappe.bench
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    description: With O(id), a point of that name that is whole is not taken again. Without it, each run takes another one.
    support: partial
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  state:
    description:
      - V(present) for a point that is taken unless it is there, V(absent) for one that is not there.
      - V(pruned) removes all but the newest O(keep), and those that were never completed. What an update that is not over may go
        back to stays.
    type: str
    choices: [present, absent, pruned]
    default: present
  id:
    description: Name of the point; with O(state=present) the time of now (UTC) when omitted.
    type: str
  sites:
    description: With O(state=present), the sites; all of the bench when omitted.
    type: list
    elements: str
    default: []
  keep:
    description: With O(state=pruned), how many points stay.
    type: int
    default: 3
notes:
  - A site that is not in maintenance mode is written to while its set is taken. What is restored of it later cannot be
    compared by row counts then.
seealso:
  - module: erpops.frappe.rollback_point_info
  - module: erpops.frappe.site_backup
"""

EXAMPLES = r"""
- name: Take a rollback point before the auditors come
  erpops.frappe.rollback_point:
    bench_path: /home/frappe/frappe-bench
    id: before-the-audit

- name: Keep the last two
  erpops.frappe.rollback_point:
    bench_path: /home/frappe/frappe-bench
    state: pruned
    keep: 2
"""

RETURN = r"""
rollback_points:
  description: The point that was taken, or those that are there after the run.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Name of the point.
      type: str
      sample: 20260101T020000Z-3f2a
    purpose:
      description: V(update), or V(manual).
      type: str
      sample: update
    begun:
      description: When it was begun, in seconds since 1970.
      type: float
      sample: 1767232800.5
    whole:
      description: Whether it was completed. Nothing goes back to one that was not.
      type: bool
      sample: true
    release:
      description: Name of the bench's release; empty for a bench without releases.
      type: str
      sample: 5f0c1e6a9d7b
    commits:
      description: Commit of each app by name.
      type: dict
      sample: {frappe: 9712eed9712eed9712eed9712eed9712eed9712e}
    sites:
      description: The sites of which it has a set.
      type: list
      elements: str
      sample: [acme.example.com]
    path:
      description: Its directory.
      type: str
      sample: /home/frappe/frappe-bench/.erpops/points/20260101T020000Z-3f2a
    bytes:
      description: Its size.
      type: int
      sample: 7340032
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [took before-the-audit]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _points  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Take or remove through the site agent."""
    params = module.params
    args = {key: params[key] for key in ("state", "id", "sites", "keep")}
    value = agent_for(module).one("point.apply", "", {**args, "timeout": params["timeout"] - 10})
    return {
        "changed": value["changed"],
        "rollback_points": value["points"],
        "actions": value["actions"],
        "diff": value["diff"],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **bench_spec(timeout=3600),
            "state": {"type": "str", "choices": ["present", "absent", "pruned"], "default": "present"},
            "id": {"type": "str"},
            "sites": {"type": "list", "elements": "str", "default": []},
            "keep": {"type": "int", "default": 3},
        },
        required_if=[("state", "absent", ("id",))],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
