#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_backup_copy
short_description: Copies of backup sets in an S3 bucket
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Copies a set that M(erpops.frappe.site_backup) took into a bucket, brings it back from there, and removes copies that
    retention has no place for.
  - A copy counts when all of it was read from the bucket again and has the SHA-256 of the set. Its manifest is written last.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
  - erpops.frappe.offsite
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
      - V(present) for a copy of the set O(name) that is there and proven.
      - V(verified) for a copy that is read from the bucket now, and must be whole.
      - V(fetched) for the set O(name) that is on the bench again, read back.
      - V(pruned) for the copies that O(keep) has a place for, and no others. The newest one must be proven before any is removed,
        and is never removed itself.
    type: str
    choices: [present, verified, fetched, pruned]
    default: present
  name:
    description: Name of the set.
    type: str
  plain:
    description: Whether a set that is not encrypted may leave the host.
    type: bool
    default: false
  verify:
    description: With O(state=present), whether a copy that was proven before is read again. Otherwise its sizes are compared.
    type: bool
    default: false
  keep:
    description: How many copies are kept with O(state=pruned), as O(erpops.frappe.site_backup#module:keep).
    type: dict
    suboptions:
      last:
        description: The newest ones (FIFO).
        type: int
      hourly:
        description: The newest one of each of so many hours.
        type: int
      daily:
        description: The newest one of each of so many days.
        type: int
      weekly:
        description: The newest one of each of so many weeks (ISO).
        type: int
      monthly:
        description: The newest one of each of so many months.
        type: int
      yearly:
        description: The newest one of each of so many years.
        type: int
  coming:
    description: In check mode, name of a set that an earlier task would have taken or copied.
    type: str
seealso:
  - module: erpops.frappe.site_backup
  - module: erpops.frappe.site_backup_info
"""

EXAMPLES = r"""
- name: Copy a set off-site
  erpops.frappe.site_backup_copy:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    name: scheduled-2026-11-21
    offsite:
      endpoint: https://s3.example.com
      bucket: acme-backups
      access_key: "{{ vault_s3_access_key }}"
      secret_key: "{{ vault_s3_secret_key }}"

- name: Bring it to another bench
  erpops.frappe.site_backup_copy:
    site: acme.example.com
    bench_path: /home/frappe/rescue-bench
    state: fetched
    name: scheduled-2026-11-21
    offsite:
      endpoint: https://s3.example.com
      bucket: acme-backups
      access_key: "{{ vault_s3_access_key }}"
      secret_key: "{{ vault_s3_secret_key }}"
"""

RETURN = r"""
copy:
  description: The copy. With O(state=fetched) also what M(erpops.frappe.site_backup) tells of a set.
  returned: success, but with O(state=pruned)
  type: dict
  contains:
    name:
      description: Name of the set.
      type: str
      sample: scheduled-2026-11-21
    store:
      description: Endpoint, bucket and prefix.
      type: str
      sample: https://s3.example.com/acme-backups
    bytes:
      description: Size of all its objects.
      returned: when it is there
      type: int
      sample: 6614222
    proven:
      description: When it was last read back, in seconds since 1970.
      returned: with O(state=present) and O(state=verified), when it is there
      type: float
      sample: 1795219260.1
    sent:
      description: Objects that were written.
      returned: when it was copied
      type: list
      elements: str
      sample: [20261121_170000-acme_example_com-database.sql.gz.age, manifest.json]
copies:
  description: The copies that are left, as RV(erpops.frappe.site_backup_info#module:backups.copies).
  returned: O(state=pruned)
  type: list
  elements: dict
  sample: [{name: scheduled-2026-11-21, whole: true}]
removed:
  description: Names of the copies that were removed.
  returned: O(state=pruned)
  type: list
  elements: str
  sample: [scheduled-2026-11-07]
kept:
  description: Why each other copy is kept.
  returned: O(state=pruned)
  type: dict
  sample: {scheduled-2026-11-21: [the newest, daily 2026-11-21]}
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [copied backup]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._backup_args import keep_spec, offsite_secrets, offsite_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _backup_copy,
    )

# state -> operation of the agent
OPERATIONS = {
    "present": "backup_copy.present",
    "verified": "backup_copy.verify",
    "fetched": "backup_copy.fetch",
    "pruned": "backup_copy.prune",
}


def act(module: AnsibleModule) -> dict[str, Any]:
    """Bring the copies into their state through the site agent."""
    params = module.params
    args = {key: params[key] for key in ("name", "plain", "verify", "keep", "coming", "offsite")}
    args["timeout"] = params["timeout"] - 10
    agent = agent_for(module)
    value = agent.one(OPERATIONS[params["state"]], params["site"], args, secrets=offsite_secrets(params))
    told = ("changed", "copy", "copies", "removed", "kept", "actions", "diff")
    return {key: value[key] for key in told if key in value}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=3600),
            **offsite_spec(),
            **keep_spec(),
            "state": {"type": "str", "choices": list(OPERATIONS), "default": "present"},
            "name": {"type": "str"},
            "plain": {"type": "bool", "default": False},
            "verify": {"type": "bool", "default": False},
        },
        required_if=[
            *(("state", state, ("name", "offsite")) for state in ("present", "verified", "fetched")),
            ("state", "pruned", ("keep", "offsite")),
        ],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
