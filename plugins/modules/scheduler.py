#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: scheduler
short_description: A site's scheduler and its scheduled jobs
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Enables or disables a site's scheduler, and starts or stops single scheduled jobs.
  - With O(remember=true) the original states are kept on the bench, and V(restored) puts them back.
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
  state:
    description: The scheduler's state; left as it is when omitted. V(restored) is the one that was remembered.
    type: str
    choices: [enabled, disabled, restored]
  jobs:
    description: Methods of scheduled jobs, each V(enabled), V(stopped) or V(restored), its remembered state.
    type: dict
    default: {}
  remember:
    description: Keep the original state of the scheduler and of each named job, if none is kept yet.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Ensure the scheduler runs
  erpops.frappe.scheduler:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    state: enabled

- name: Stop one job
  erpops.frappe.scheduler:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    jobs:
      chat_bridge.api.sync.sync_chat_conversations: stopped
"""

RETURN = r"""
scheduler:
  description: The scheduler after the run.
  returned: success
  type: dict
  contains:
    state:
      description: V(enabled) or V(disabled).
      type: str
      sample: enabled
    before:
      description: The state before the run.
      type: str
      sample: disabled
    inactive_because:
      description: What keeps it from running, if anything.
      type: list
      elements: str
      sample: [maintenance_mode]
    jobs:
      description: Scheduled jobs with method, frequency, whether they are stopped, and their last execution.
      type: list
      elements: dict
      sample: [{method: frappe.email.queue.flush, stopped: false, frequency: All}]
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [scheduler enabled]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _state  # noqa: F401 -- sent to the bench

JOB_STATES = ("enabled", "stopped", "restored")


def act(module: AnsibleModule) -> dict[str, Any]:
    """Set scheduler and jobs through the site agent."""
    params = module.params
    wrong = {job: state for job, state in params["jobs"].items() if state not in JOB_STATES}
    if wrong:
        raise ErpopsError(
            "jobs are enabled, stopped or restored", seen=str(wrong), needed=", ".join(JOB_STATES), status=400
        )
    args = {key: params[key] for key in ("state", "jobs", "remember")}
    value = agent_for(module).one("scheduler.apply", params["site"], args)
    return {
        "changed": value["changed"],
        "scheduler": {key: value[key] for key in ("state", "before", "inactive_because", "jobs")},
        "actions": value["actions"],
        "diff": value["diff"],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(),
            "state": {"type": "str", "choices": ["enabled", "disabled", "restored"]},
            "jobs": {"type": "dict", "default": {}},
            "remember": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
