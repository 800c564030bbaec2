#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: bench_restart
short_description: Restart the processes of a bench whose code has changed
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Restarts the processes of a bench, the web server first, when its code has changed since they were started last. Whoever
    changes the code notes that in C(.erpops/restart.json) of the bench; the note goes when the web server listens again.
  - Made for updates, in which sites wait for it. Other processes than the web server may still be starting when the module ends.
  - Use the role P(erpops.frappe.process_manager#role) rather than this module. It runs as whoever may restart the processes, and
    nothing of it runs inside the bench.
attributes:
  check_mode:
    description: Can run in check mode and return what would change, without changing it.
    support: full
  diff_mode:
    description: Says whether the processes have the code that the bench has.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  bench_path:
    description: Directory of the bench.
    type: path
    required: true
  supervisorctl:
    description: Command of the supervisor that holds the processes, with its options. Needs O(group).
    type: list
    elements: str
  group:
    description: The supervisor's group of the bench's processes.
    type: str
  web:
    description: Name of the web server's program in O(group), or of its unit.
    type: str
    required: true
  units:
    description: The bench's units of systemd.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the unit.
        type: str
        required: true
      busy:
        description: Whether it ends its work before it stops, so that its restart is not waited for.
        type: bool
        default: false
  host:
    description: Address that the web server listens on.
    type: str
    default: 127.0.0.1
  port:
    description: Port that the web server listens on.
    type: int
    required: true
  timeout:
    description: Seconds that the web server may take to listen.
    type: int
    default: 60
seealso:
  - module: erpops.frappe.bench_release
  - module: erpops.frappe.bench_update
"""

EXAMPLES = r"""
- name: Let the processes run the code that the bench has now
  erpops.frappe.bench_restart:
    bench_path: /home/frappe/frappe-bench
    supervisorctl: [supervisorctl]
    group: frappe-bench-main
    web: frappe-bench-web
    port: 8000
"""

RETURN = r"""
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [restarted]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._bench_restart import restart
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module


def main() -> None:
    unit = {"name": {"type": "str", "required": True}, "busy": {"type": "bool", "default": False}}
    module = AnsibleModule(
        argument_spec={
            "bench_path": {"type": "path", "required": True},
            "supervisorctl": {"type": "list", "elements": "str"},
            "group": {"type": "str"},
            "web": {"type": "str", "required": True},
            "units": {"type": "list", "elements": "dict", "options": unit},
            "host": {"type": "str", "default": "127.0.0.1"},
            "port": {"type": "int", "required": True},
            "timeout": {"type": "int", "default": 60},
        },
        mutually_exclusive=[("supervisorctl", "units")],
        required_one_of=[("supervisorctl", "units")],
        required_together=[("supervisorctl", "group")],
        supports_check_mode=True,
    )
    run_module(module, lambda given: restart(given.params, given.check_mode))


if __name__ == "__main__":
    main()
