#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: bench_baseline
short_description: Files around a bench, and its user's crontab, compared with what was recorded of them
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Records digests of files, and of the crontab of the bench's user, in C(.erpops/baseline.json), and compares them later. A file
    that the bench's user may not read is known by its size and its time.
  - Whoever makes such files on purpose records them afterwards; what differs then was changed by somebody else.
extends_documentation_fragment:
  - erpops.frappe.bench
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description: V(compared) changes nothing; V(recorded) takes what is there for right from now on.
    type: str
    choices: [compared, recorded]
    default: compared
  kinds:
    description:
      - Kinds of files with the patterns of their paths, in which C(**) stands for any number of directories. The kind
        C(crontab) is the crontab of the user, and its patterns are not looked at.
    type: dict
    required: true
seealso:
  - module: erpops.frappe.site_drift_info
"""

EXAMPLES = r"""
- name: Record the units of a bench
  erpops.frappe.bench_baseline:
    bench_path: /home/frappe/frappe-bench
    state: recorded
    kinds: {processes: [/etc/systemd/system/erpops-main*], crontab: []}
"""

RETURN = r"""
differences:
  description: Files that are not as they were recorded.
  returned: success
  type: list
  elements: dict
  sample: [{part: crontab, name: crontab, before: changed, after: as it was recorded}]
unrecorded:
  description: Kinds that were never recorded, and so were not compared.
  returned: success
  type: list
  elements: str
  sample: []
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: []
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _drift  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Compare or record through the site agent."""
    args = {key: module.params[key] for key in ("state", "kinds")}
    value = agent_for(module).one("drift.baseline", "", args)
    return {**value, "actions": ["recorded " + ", ".join(sorted(args["kinds"]))] if value["changed"] else []}


def main() -> None:
    spec = {
        **bench_spec(),
        "state": {"type": "str", "choices": ["compared", "recorded"], "default": "compared"},
        "kinds": {"type": "dict", "required": True},
    }
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
