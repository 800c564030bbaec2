#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_restore_in_place
short_description: A site goes back to one of its backup sets, where it is
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Puts the site into maintenance, waits for its jobs, keeps what it is now as another set, loads the set with the site's own
    account, and puts back files, configuration with its C(encryption_key), scheduler, and how far the site's tasks had come. It
    is compared with the set, migrated where the bench has other commits, and served as before.
  - When this fails, the site is brought back to what it was, and served. A run that was ended is finished by the next of the same
    set, or undone with O(state=undone).
  - No password of the database server's root is needed.
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
  state:
    description:
      - V(planned) returns which set it would be, how old it is, what would be lost, and all that is in the way.
      - V(present) for a site that is what the set says. The set that was restored last is not restored again, but with O(again).
      - V(undone) for a site that is what it was before the last restore. What was written since is kept as a set.
    type: str
    choices: [planned, present, undone]
    default: present
  set:
    description: >-
      Name of the set, its directory on the bench's host, or V(newest) for the newest whole one of the schedule. Needed but with
      O(state=undone).
    type: str
  again:
    description: Restore the set although it is the one that was restored last.
    type: bool
    default: false
  safety:
    description: >-
      Whether what the site is now is kept as a set first. With V(skip) there is no way back; for a site that cannot be backed
      up any more.
    type: str
    choices: [verified, skip]
    default: verified
  pending:
    description: Whether jobs of the site must come to an end first, or are given up.
    type: str
    choices: [drained, abandoned]
    default: drained
  drain_timeout:
    description: How many seconds the site's jobs are waited for.
    type: int
    default: 300
seealso:
  - module: erpops.frappe.site_backup
  - module: erpops.frappe.site_restore
"""

EXAMPLES = r"""
- name: See what would be lost
  erpops.frappe.site_restore_in_place:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    set: newest
    state: planned

- name: Take the site back to a set
  erpops.frappe.site_restore_in_place:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    set: before-the-audit
"""

RETURN = r"""
plan:
  description: What would be done.
  returned: with O(state=planned)
  type: dict
  contains:
    set:
      description: The set, with C(name), C(path), C(id), C(taken), C(age_seconds), C(frappe), C(apps) and C(encryption).
      type: dict
      sample: {name: scheduled-2026-11-21, age_seconds: 3600}
    faults:
      description: All that is in the way, one sentence for each.
      type: list
      elements: str
      sample: []
    trouble:
      description: Why the site cannot be asked what it has now; empty if it can.
      type: str
      sample: ""
    resumed:
      description: Whether a restore of this set was begun and is not over.
      type: bool
      sample: false
    migrated:
      description: Apps of which the bench has another commit than the set.
      type: list
      elements: str
      sample: []
    lost:
      description: Tables with another number of rows than the set; none for an encrypted set, whose counts are encrypted too.
      type: list
      elements: str
      sample: ["tabSales Invoice: 1204 rows now, 1198 in the set"]
    journal:
      description: How far the last restore came.
      type: dict
      sample: {}
restore:
  description: Journal of the restore.
  returned: but with O(state=planned)
  type: dict
  sample: {name: scheduled-2026-11-21, state: over, outcome: done}
told:
  description: Where the site stands, for people.
  returned: but with O(state=planned)
  type: str
  sample: acme.example.com is what its set scheduled-2026-11-21 says
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [done]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _restore_site,
    )

_OPERATIONS = {"planned": "restore_site.plan", "present": "restore_site.apply", "undone": "restore_site.undo"}


def act(module: AnsibleModule) -> dict[str, Any]:
    """Plan, restore or undo through the site agent."""
    params = module.params
    args = {key: params[key] for key in ("set", "again", "safety", "pending", "drain_timeout")}
    args["timeout"] = params["timeout"] - 10
    value = agent_for(module).one(_OPERATIONS[params["state"]], params["site"], args)
    if params["state"] == "planned":
        return {"changed": False, "plan": value, "actions": []}
    return {
        "changed": value["changed"],
        "restore": value["journal"],
        "told": value["told"],
        "actions": value["actions"],
        "diff": value["diff"],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=3600),
            "state": {"type": "str", "choices": list(_OPERATIONS), "default": "present"},
            "set": {"type": "str"},
            "again": {"type": "bool", "default": False},
            "safety": {"type": "str", "choices": ["verified", "skip"], "default": "verified"},
            "pending": {"type": "str", "choices": ["drained", "abandoned"], "default": "drained"},
            "drain_timeout": {"type": "int", "default": 300},
        },
        required_if=[("state", "planned", ("set",)), ("state", "present", ("set",))],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
