#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: integration_phase
short_description: The phase that an integration's roll-out is in, and how long it has lasted
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Keeps, on the bench, in which phase of its roll-out an integration of a site is and since when, and refuses the next phase
    until the present one has lasted as long as it has to.
  - It changes this record and nothing else. In check mode it says whether a phase may be entered, which a role asks before it
    changes anything; without it, it notes that the phase was entered, which a role does at its end.
  - Phases are entered one after another. Back to an earlier one, off and on again is possible at any time; then the time counts
    from the beginning.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    support: full
  diff_mode:
    description: Returns the phase before and after.
    support: full
  idempotent:
    support: full
options:
  name:
    description: The integration, in small letters, digits and underscores.
    type: str
    required: true
  phases:
    description: The phases in their order.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the phase.
        type: str
        required: true
      soak_hours:
        description: Hours that it has to last before the next one.
        type: float
        default: 0
  state:
    description:
      - V(present) for an integration that is in O(phase).
      - V(suspended) for one that is switched off and keeps its place.
      - V(absent) for one that is gone, so that the next one begins with the first phase. What was logged stays.
    type: str
    choices: [present, suspended, absent]
    default: present
  phase:
    description: The phase to be in. Required with O(state=present).
    type: str
  reason:
    description: Why a phase may be entered too early, or one be left out. It is logged in the record if it was needed.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Ask whether the next phase may begin
  erpops.frappe.integration_phase:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    name: chatwoot
    phases: &phases
      - {name: dashboard, soak_hours: 24}
      - {name: api, soak_hours: 24}
      - {name: sync, soak_hours: 48}
    phase: api
  check_mode: true

- name: Note that it has begun
  erpops.frappe.integration_phase:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    name: chatwoot
    phases: *phases
    phase: api
"""

RETURN = r"""
integration_phase:
  description: The record after the run.
  returned: success
  type: dict
  contains:
    name:
      description: The integration.
      type: str
      sample: chatwoot
    phase:
      description: Its phase, empty before the first.
      type: str
      sample: api
    before:
      description: Its phase before the run.
      type: str
      sample: dashboard
    action:
      description: V(begun), V(promoted), V(demoted), V(resumed), V(suspended) or V(removed); empty when nothing changed.
      type: str
      sample: promoted
    suspended:
      description: Whether it is switched off.
      type: bool
      sample: false
    since:
      description: When the phase began, in seconds since 1970.
      type: float
      sample: 1795219200.5
    soaked_hours:
      description: Hours that the phase has lasted.
      type: float
      sample: 0.0
    soak_hours:
      description: Hours that it has to last.
      type: float
      sample: 24.0
    soaked:
      description: Whether it has.
      type: bool
      sample: false
    soaked_at:
      description: When it will have, or has.
      type: str
      sample: 2026-11-22 05:30 UTC
    overridden:
      description: What spoke against it, when O(reason) was needed in this run.
      type: list
      elements: str
      sample: [dashboard has lasted 2.0 of 24 h]
    history:
      description: The last 20 steps, with the reasons that were given.
      type: list
      elements: dict
      sample:
        - at: 1795219200.5
          action: begun
          from: ""
          to: dashboard
          soaked_hours: 0.0
          soak_hours: 0.0
          against: []
          reason: ""
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: ["chatwoot: promoted api"]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _phases  # noqa: F401 -- sent to the bench

_PASSED = ("name", "phases", "state", "phase", "reason")
_RETURNED = (
    "name",
    "phase",
    "before",
    "action",
    "suspended",
    "since",
    "soaked_hours",
    "soak_hours",
    "soaked",
    "soaked_at",
    "overridden",
    "history",
)


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read or write the record through the site agent."""
    params = module.params
    value = agent_for(module).one("phase.apply", params["site"], {key: params[key] for key in _PASSED})
    return {
        "changed": value["changed"],
        "integration_phase": {key: value[key] for key in _RETURNED},
        "actions": value["actions"],
        "diff": value["diff"],
    }


def main() -> None:
    phase = {"name": {"type": "str", "required": True}, "soak_hours": {"type": "float", "default": 0}}
    module = AnsibleModule(
        argument_spec={
            **site_spec(),
            "name": {"type": "str", "required": True},
            "phases": {"type": "list", "elements": "dict", "required": True, "options": phase},
            "state": {"type": "str", "choices": ["present", "suspended", "absent"], "default": "present"},
            "phase": {"type": "str"},
            "reason": {"type": "str", "default": ""},
        },
        required_if=[("state", "present", ("phase",))],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
