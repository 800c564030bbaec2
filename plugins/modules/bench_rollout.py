#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: bench_rollout
short_description: How far a bench is in a roll-out, and since when
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Keeps, on the bench in C(.erpops/rollout.json), to which commits a roll-out took it, what was measured before, since when it
    soaks, and what its gate said. A run of C(playbooks/rollout.yml) that is started again goes on from there.
  - It changes this record and nothing else. M(erpops.frappe.bench_update) updates.
extends_documentation_fragment:
  - erpops.frappe.bench
attributes:
  check_mode:
    support: full
  diff_mode:
    description: Returns state and commits before and after.
    support: full
  idempotent:
    support: full
options:
  state:
    description:
      - V(read) changes nothing.
      - V(begun) before the update, with O(wave), O(target) and O(baseline).
      - V(soaking) after it. The soak counts from the end of the update, as the bench's own journal has it.
      - V(passed) and V(failed) with what the gate said (O(faults)). V(passed) with faults needs a O(reason), which is kept.
      - V(undone) when the bench was taken back.
    type: str
    choices: [read, begun, soaking, passed, failed, undone]
    default: read
  target:
    description: Commits that are declared, by app.
    type: dict
    default: {}
  pending:
    description: Sites that an update would migrate.
    type: list
    elements: str
    default: []
  code:
    description: Whether an update would change the code.
    type: bool
    default: false
  soak_minutes:
    description: How long the bench has to run the new code before its gate is judged.
    type: float
    default: 0
  wave:
    description: The wave that the bench belongs to.
    type: str
    default: ""
  baseline:
    description: What was measured before the update.
    type: dict
    default: {}
  faults:
    description: What the gate found wrong.
    type: list
    elements: str
    default: []
  reason:
    description: Why the bench goes on although something speaks against it.
    type: str
    default: ""
seealso:
  - module: erpops.frappe.bench_update
  - module: erpops.frappe.bench_gate_info
"""

EXAMPLES = r"""
- name: See how far the bench is
  erpops.frappe.bench_rollout:
    bench_path: /home/frappe/frappe-bench
    target: {erpnext: 9d68ebf57590ed20da628e678d5fb6f1ff4f2df0}
    soak_minutes: 60
  register: acme_rollout
"""

RETURN = r"""
bench_rollout:
  description: The record after the run, and what follows from it.
  returned: success
  type: dict
  contains:
    stage:
      description:
        - V(new), it is to be updated. V(refused), these commits did not pass here before and were taken back. V(updated), its
          update ended and the soak was not noted yet. V(soaking). V(due), its gate is to be judged. V(passed). V(there), it has
          these commits without a roll-out.
      type: str
      sample: soaking
    state:
      description: State of the record, empty without one.
      type: str
      sample: soaking
    wave:
      description: The wave in which it was updated.
      type: str
      sample: canary
    target:
      description: The commits that it was taken to, by app.
      type: dict
      sample: {erpnext: 9d68ebf57590ed20da628e678d5fb6f1ff4f2df0}
    since:
      description: When the soak began, as Unix time; 0 before.
      type: float
      sample: 1795219200.5
    soak_minutes:
      description: How long it lasts.
      type: float
      sample: 60
    left_seconds:
      description: How much of it is left.
      type: int
      sample: 1200
    soaks_until:
      description: When it ends, or ended.
      type: str
      sample: 2026-11-22 05:30 UTC
    point:
      description: The rollback point of the update.
      type: str
      sample: 20260101T020000Z-3f2a
    baseline:
      description: What was measured before the update.
      type: dict
      sample: {hours: 24, sites: {}}
    faults:
      description: What the gate found wrong last.
      type: list
      elements: str
      sample: []
    accepted:
      description: When and why that was accepted.
      type: dict
      sample: {at: 1795219200.5, reason: the shop was down}
    quarantined:
      description: Sites that stayed behind when their bench got its new code.
      type: list
      elements: str
      sample: []
    history:
      description: The last 20 steps.
      type: list
      elements: dict
      sample: [{at: 1795219200.5, state: begun, target: {}, faults: [], reason: ""}]
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [soaking]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _rollout  # noqa: F401 -- sent to the bench

_PASSED = ("target", "pending", "code", "soak_minutes", "wave", "baseline", "faults", "reason")


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read or write the record through the site agent."""
    params = module.params
    args = {key: params[key] for key in _PASSED}
    state = params["state"]
    op, more = ("rollout.read", {}) if state == "read" else ("rollout.apply", {"state": state})
    value = agent_for(module).one(op, "", {**args, **more})
    changed, diff = value.pop("changed"), value.pop("diff")
    return {"changed": changed, "bench_rollout": value, "actions": [state] if changed else [], "diff": diff}


def main() -> None:
    texts = {"type": "list", "elements": "str", "default": []}
    spec = {
        **bench_spec(),
        "state": {
            "type": "str",
            "choices": ["read", "begun", "soaking", "passed", "failed", "undone"],
            "default": "read",
        },
        "target": {"type": "dict", "default": {}},
        "pending": texts,
        "code": {"type": "bool", "default": False},
        "soak_minutes": {"type": "float", "default": 0},
        "wave": {"type": "str", "default": ""},
        "baseline": {"type": "dict", "default": {}},
        "faults": texts,
        "reason": {"type": "str", "default": ""},
    }
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
