#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: bench_update
short_description: One step of updating a bench and its sites
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - The steps that the role P(erpops.frappe.update#role) is made of. The bench and each of its sites keep how far they came in
    C(.erpops/update.json) and C(.erpops/updates/<site>.json), so that an ended run can be finished or undone.
  - A step works on all sites, some of them side by side. Each site is either brought to the end of the step, or back to what it
    was before the update; the error says which.
  - Use C(playbooks/update.yml) rather than this module.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.app_source.targets
attributes:
  check_mode:
    support: full
  diff_mode:
    description: For O(state=planned), what the migrations would do.
    support: partial
  idempotent:
    support: full
options:
  timeout:
    description: Seconds after which the conversation about one site is ended.
    type: int
    default: 3600
  state:
    description:
      - V(planned) returns what would be done and all that is in the way, and changes nothing.
      - V(switched) puts the sites into maintenance, waits for their jobs, takes the rollback point, migrates them with the new
        code and switches the bench to it. When more than O(failures_allowed) of them fail, all are brought back and served again,
        and the module fails.
      - V(opened) lets the sites be served again. Those that failed stay in maintenance when the bench has the new code.
      - V(finished) ends the run and removes old rollback points.
      - V(returned) puts the sites into maintenance, keeps what they are now, and gives bench and sites the code and the data of
        the run that is not over, or else of O(point). V(opened) and V(finished) are the rest of the way back.
    type: str
    choices: [planned, switched, opened, finished, returned]
    required: true
  sites:
    description: All sites of the bench. One that is not there yet is left out. Needed with V(planned) and V(switched).
    type: list
    elements: str
  commits:
    description: With V(switched), the commit of each app that the run goes to, by name.
    type: dict
    default: {}
  release:
    description: With V(switched), names of the release that the bench has (C(from)) and of the new one (C(to)).
    type: dict
    default: {}
  python:
    description: With V(switched), interpreter of the new release; the bench's own when omitted.
    type: path
  parallel:
    description: How many sites are worked on side by side.
    type: int
    default: 2
  failures_allowed:
    description: How many sites may fail without the others being brought back.
    type: int
    default: 0
  skip_patches:
    description: Lines of C(patches.txt) that are noted as run and not run, each whole and exact.
    type: list
    elements: str
    default: []
  pending:
    description: Whether jobs of the sites must come to an end, or are given up.
    type: str
    choices: [drained, abandoned]
    default: drained
  drain_timeout:
    description: How many seconds a site's jobs are waited for.
    type: int
    default: 300
  resume:
    description: Go on with the run that is not over.
    type: bool
    default: false
  retry:
    description: With V(planned), do not mind that the same change of code failed before.
    type: bool
    default: false
  point:
    description:
      - With V(returned), the rollback point, or the release that the bench had when it was taken.
      - The newest when omitted.
    type: str
  unfinished_only:
    description: With V(returned), leave a run alone that is over.
    type: bool
    default: false
  again:
    description: With V(returned), go back to the point that the bench went back to last, once more.
    type: bool
    default: false
  safety:
    description:
      - With V(returned), whether what the sites are now is kept as a backup set of each, for which they wait as long as for the
        backup.
      - With V(skip) it is given up; for a database that cannot be backed up, or that is so large that nobody can wait.
    type: str
    choices: [verified, skip]
    default: verified
  keep_points:
    description: With V(finished), how many rollback points stay.
    type: int
    default: 3
seealso:
  - module: erpops.frappe.rollback_point
  - module: erpops.frappe.site_migration_info
"""

EXAMPLES = r"""
- name: See what an update of the bench would do, and what is in its way
  erpops.frappe.bench_update:
    bench_path: /home/frappe/frappe-bench
    state: planned
    sites: [acme.example.com]
    apps:
      - {name: erpnext, repo: "https://github.com/frappe/erpnext", version: v15.110.0}
  register: acme_update
"""

RETURN = r"""
bench_update:
  description: The plan, or where the run stands.
  returned: success
  type: dict
  contains:
    needed:
      description: Whether any site needs a migration, or a run is not over.
      returned: with O(state=planned)
      type: bool
      sample: true
    faults:
      description: All that is in the way, one sentence for each.
      returned: with O(state=planned)
      type: list
      elements: str
      sample: []
    under_way:
      description: Whether a run is not over.
      returned: with O(state=planned)
      type: bool
      sample: false
    sites:
      description: What each site has and needs, by name.
      returned: with O(state=planned)
      type: dict
      sample: {acme.example.com: {maintenance: "off", last_backup_hours: 11.5}}
    journal:
      description: The bench's journal of the run; empty where there was none.
      type: dict
      sample: {run: 20260101T020000Z-3f2a, point: 20260101T020000Z-3f2a, state: begun}
    verdict:
      description: The sites that were migrated and those that failed.
      returned: with O(state=switched)
      type: dict
      sample: {go: true, migrated: [acme.example.com], failed: {}}
    told:
      description: Where each site stands, one sentence for each.
      returned: with O(state=planned), O(state=opened) and O(state=finished)
      type: list
      elements: str
      sample: [acme.example.com is fully new]
    served:
      description: Sites that are served, for they were not in maintenance before.
      returned: with O(state=opened)
      type: list
      elements: str
      sample: [acme.example.com]
    code:
      description: Whether the bench's code has to go back as well.
      returned: with O(state=returned)
      type: bool
      sample: true
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [switched]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._app_source import target_secrets, targets_spec
from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec
from ansible_collections.erpops.frappe.plugins.module_utils._bench_update import Update
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _update_bench,
    )

_STEPS = {
    "switched": Update.switch,
    "opened": Update.open,
    "finished": Update.finish,
    "returned": Update.back,
}


def act(module: AnsibleModule) -> dict[str, Any]:
    """Run the step, in one conversation with the site agent for each site."""
    params = module.params
    secrets = target_secrets(params["apps"])
    if params["state"] == "planned":
        args = {"sites": params["sites"], "apps": params["apps"], "retry": params["retry"]}
        plan = agent_for(module).one("update_bench.plan", "", args, secrets=secrets)
        diff = plan.pop("diff")
        return {"changed": False, "bench_update": plan, "actions": [], "diff": diff}

    def call(op: str, site: str, args: dict[str, Any]) -> Any:
        return agent_for(module).one(op, site, args, secrets=secrets)

    options = {**params, "timeout": params["timeout"] - 10, "check": module.check_mode}
    done = _STEPS[params["state"]](Update(call, options))
    changed, warnings = done.pop("changed"), done.pop("warnings", [])
    return {
        "changed": changed,
        "warnings": warnings,
        "bench_update": done,
        "actions": [params["state"]] if changed else [],
    }


def spec() -> dict[str, Any]:
    """The options of the module."""
    no = {"type": "bool", "default": False}
    return {
        **bench_spec(timeout=3600),
        "state": {"type": "str", "choices": ["planned", *_STEPS], "required": True},
        "sites": {"type": "list", "elements": "str"},
        "apps": targets_spec(),
        "commits": {"type": "dict", "default": {}},
        "release": {"type": "dict", "default": {}},
        "python": {"type": "path"},
        "parallel": {"type": "int", "default": 2},
        "failures_allowed": {"type": "int", "default": 0},
        "skip_patches": {"type": "list", "elements": "str", "default": []},
        "pending": {"type": "str", "choices": ["drained", "abandoned"], "default": "drained"},
        "drain_timeout": {"type": "int", "default": 300},
        **dict.fromkeys(("resume", "retry", "unfinished_only", "again"), no),
        "point": {"type": "str"},
        "safety": {"type": "str", "choices": ["verified", "skip"], "default": "verified"},
        "keep_points": {"type": "int", "default": 3},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec=spec(),
        required_if=[("state", "planned", ("sites",)), ("state", "switched", ("sites",))],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
