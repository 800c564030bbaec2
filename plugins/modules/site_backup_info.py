#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_backup_info
short_description: Backup sets of a site, their age, and their copies
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Lists the sets that M(erpops.frappe.site_backup) took, and the copies that M(erpops.frappe.site_backup_copy) made of them, and
    tells how far one is that is being taken. The site itself need not be there.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
  - erpops.frappe.offsite
attributes:
  check_mode:
    support: full
    description: This module does not change anything.
  diff_mode:
    support: N/A
    description: This module does not change anything.
  idempotent:
    support: full
options:
  verify:
    description: Whether the newest set is read back, byte by byte, before it counts. Otherwise the sizes of its files do.
    type: bool
    default: false
seealso:
  - module: erpops.frappe.site_backup
  - module: erpops.frappe.site_backup_copy
"""

EXAMPLES = r"""
- name: Look at the sets
  erpops.frappe.site_backup_info:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
  register: acme_backups

- name: Refuse a backup that is older than a day
  ansible.builtin.assert:
    that: acme_backups.backups.newest.age_seconds | default(1000000) < 86400
"""

RETURN = r"""
backups:
  description: What there is.
  returned: success
  type: dict
  contains:
    site:
      description: The site.
      type: str
      sample: acme.example.com
    taken_at:
      description: When this was looked at, in seconds since 1970.
      type: float
      sample: 1795219300.0
    sets:
      description:
        - All sets, the newest first. C(whole) is false when C(fault) says what is wrong with it. C(purpose) is C(scheduled) for
          those of the schedule. C(verified) says when it was last read back, C(copies) where it was copied to, and when that was
          proven.
      type: list
      elements: dict
      sample: [{name: scheduled-2026-11-21, age_seconds: 3100, whole: true, fault: "", bytes: 6614222}]
    newest:
      description: The newest set of the schedule that is whole; empty without one. One from the future does not count.
      type: dict
      sample: {name: scheduled-2026-11-21, age_seconds: 3100}
    newest_copy:
      description: The newest set of the schedule whose copy was proven, as this bench remembers it; empty without one.
      type: dict
      sample: {name: scheduled-2026-11-21, age_seconds: 3100}
    bytes:
      description: Size of all sets.
      type: int
      sample: 92103221
    under_way:
      description:
        - How far sets are that have no manifest yet, of updates and ways back too. C(bytes) so far; C(expected), those of the
          newest whole set (0 without one); C(idle_seconds), since none of its files grew.
        - One that has been idle for minutes was left behind by an ended run; the next one removes it.
      type: list
      elements: dict
      sample:
        - path: /home/frappe/frappe-bench/.erpops/archive/acme.example.com/scheduled-2026-11-22
          bytes: 734003200
          expected: 2147483648
          idle_seconds: 0
    copies:
      returned: with O(offsite)
      description: >-
        All copies of the site in the bucket, the newest first, with C(name), C(taken), C(purpose), C(id),
        C(bytes), C(encryption), C(frappe), C(whole) and C(fault).
      type: list
      elements: dict
      sample: [{name: scheduled-2026-11-21, taken: 1795219200.5, bytes: 6614222, whole: true, fault: ""}]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._backup_args import offsite_secrets, offsite_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _backup_keep,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    params = module.params
    args = {"verify": params["verify"], "offsite": params["offsite"], "timeout": params["timeout"] - 10}
    agent = agent_for(module)
    backups = agent.one("backup_sets.read", params["site"], args, secrets=offsite_secrets(params))
    return {"changed": False, "backups": backups}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(),
            **offsite_spec(),
            "verify": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
