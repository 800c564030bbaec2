#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: bench_gate_info
short_description: How the sites of a bench are, for the gate between two waves of a roll-out
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Reads, in one conversation with the bench, what its sites wrote since a moment, and how they are now. That is rows of Error
    Log, failed background jobs, waiting jobs of the queues, the scheduler's age, maintenance mode and the status of integrations.
  - Changes nothing. What cannot be read of a site is told as its C(fault), and the others are told all the same.
  - Titles of errors are grouped without the numbers and digests that name a single record. Values whose names sound secret are
    stars.
extends_documentation_fragment:
  - erpops.frappe.bench
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  sites:
    description: The sites to look at. One that is not on the bench yet is left out.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the site.
        type: str
        required: true
      integrations:
        description: What its integrations write, as O(erpops.frappe.integration_health_info#module:integrations).
        type: list
        elements: dict
        default: []
  since:
    description: Unix time from which on rows and failed jobs count.
    type: float
  hours:
    description: How far back they count, without O(since).
    type: float
    default: 24
seealso:
  - module: erpops.frappe.bench_rollout
  - module: erpops.frappe.integration_health_info
"""

EXAMPLES = r"""
- name: Read how the bench's sites are since the update
  erpops.frappe.bench_gate_info:
    bench_path: /home/frappe/frappe-bench
    sites:
      - name: acme.example.com
    since: 1795219200
  register: acme_gate
"""

RETURN = r"""
bench_gate:
  description: The figures.
  returned: success
  type: dict
  contains:
    taken_at:
      description: When, as Unix time.
      type: int
      sample: 1795250000
    hours:
      description: How far back rows and failed jobs count.
      type: float
      sample: 0.5
    queues:
      description:
        - Waiting jobs and living workers of the bench's queues, in C(by_name); C(fault) says why they could not be
          counted.
      type: dict
      sample: {fault: "", by_name: {default: {jobs: 0, workers: 1}}}
    sites:
      description:
        - By name. C(fault), why the site could not be read; C(maintenance), V(on) or V(off); C(quarantined), whether its bench
          went to new code without it; C(scheduler), as M(erpops.frappe.integration_health_info) returns it; C(failed_jobs) and
          C(errors), each with C(count) and the most frequent C(titles); C(integrations), their statuses by name.
      type: dict
      sample:
        acme.example.com:
          fault: ""
          maintenance: "off"
          quarantined: false
          scheduler: {status: active, inactive_because: [], age_seconds: 61}
          failed_jobs: {count: 0, titles: []}
          errors: {count: 2, titles: [{title: shopsync.pull, count: 2, last: "2026-11-21 05:45:00"}]}
          integrations: {shopsync: ok}
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec
from ansible_collections.erpops.frappe.plugins.module_utils._health_args import checked
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _gates  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    params = module.params
    sites = [
        {"name": one["name"], "integrations": checked(one["integrations"], one["name"])} for one in params["sites"]
    ]
    args = {"sites": sites, "since": params["since"], "hours": params["hours"]}
    return {"changed": False, "bench_gate": agent_for(module).one("gates.read", "", args)}


def main() -> None:
    site = {
        "name": {"type": "str", "required": True},
        "integrations": {"type": "list", "elements": "dict", "default": []},
    }
    spec = {
        **bench_spec(),
        "sites": {"type": "list", "elements": "dict", "required": True, "options": site},
        "since": {"type": "float"},
        "hours": {"type": "float", "default": 24},
    }
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
