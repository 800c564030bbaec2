#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_backup
short_description: A verified backup set of a site
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Writes database, public and private files and configuration of a site to C(.erpops/archive/<site>/<name>) on its bench,
    and reads all of it back.
  - C(manifest.json) beside them has the SHA-256 of each file, the versions and commits of the apps, the row count of each table
    and a digest of the stored passwords, so that M(erpops.frappe.site_restore) can prove what it restores.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    description: With O(name), a set of that name that is whole is not taken again. Without it, each run takes another one.
    support: partial
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  state:
    description: V(present) for a set that is taken unless it is there, V(verified) for a set that must be there and whole.
    type: str
    choices: [present, verified]
    default: present
  name:
    description: Name of the set with O(state=present); the time of now when omitted.
    type: str
  path:
    description: Directory of the set with O(state=verified), on the bench's host.
    type: path
notes:
  - Frappe itself hands the site's database password to C(mariadb-dump) on its command line; nothing that is given to this module
    is ever in a process list.
  - Backups that Frappe encrypts (C(System Settings.encrypt_backup)) cannot be read back, and are refused.
seealso:
  - module: erpops.frappe.site_restore
"""

EXAMPLES = r"""
- name: Take a backup set
  erpops.frappe.site_backup:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    name: before-the-audit
  register: acme_backup

- name: Read it back
  erpops.frappe.site_backup:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    state: verified
    path: "{{ acme_backup.backup.path }}"
"""

RETURN = r"""
backup:
  description: The backup set. In check mode only where it would be.
  returned: success
  type: dict
  contains:
    path:
      description: Its directory.
      type: str
      sample: /home/frappe/frappe-bench/.erpops/archive/acme.example.com/before-the-audit
    name:
      description: Its name.
      type: str
      sample: before-the-audit
    id:
      description: Its own random id.
      type: str
      sample: 5f0c1e6a9d7b4c3e8a2f6b1d0e9c8a7b
    site:
      description: The site that was backed up.
      type: str
      sample: acme.example.com
    taken:
      description: When it was begun, in seconds since 1970.
      type: float
      sample: 1795219200.5
    files:
      description: Its files with their SHA-256.
      type: dict
      sample: {20261120_230259-acme_example_com-database.sql.gz: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
    bytes:
      description: Size of all of them.
      type: int
      sample: 310233
    frappe:
      description: Version of the framework.
      type: str
      sample: 15.105.0
    apps:
      description: Apps of the site with version and commit.
      type: list
      elements: dict
      sample: [{name: frappe, version: 15.105.0, commit: 7fe37e5114988b5ef4c55a762b5ea042d0a5db9a}]
    tables:
      description: Number of tables whose rows were counted.
      type: int
      sample: 586
    rows:
      description: Rows in all of them.
      type: int
      sample: 20417
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [took backup]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for, run_module


def act(module: AnsibleModule) -> dict[str, Any]:
    """Take or verify the set through the site agent."""
    params = module.params
    args = {key: params[key] for key in ("state", "name", "path")}
    args["timeout"] = params["timeout"] - 10
    value = agent_for(module).one("backup.apply", params["site"], args)
    return {key: value[key] for key in ("changed", "backup", "actions", "diff")}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=3600),
            "state": {"type": "str", "choices": ["present", "verified"], "default": "present"},
            "name": {"type": "str"},
            "path": {"type": "path"},
        },
        required_if=[("state", "verified", ("path",))],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
