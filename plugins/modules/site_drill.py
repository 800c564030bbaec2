#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_drill
short_description: A backup set is tried in a scratch site
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Makes a scratch site of a backup set on the same bench, compares it with the set and with the site, logs in and reads over
    HTTP, and removes it. The site itself is only read.
  - What is wrong with the set is a finding in RV(drill), and no failure of the module.
  - The scratch site is named C(drill-<digest>.invalid). Its scheduler is disabled, its mails are muted. One that an ended run
    left is removed by the next; a site that no drill has recorded as its own is never removed.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
  - erpops.frappe.root
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: The scratch site is gone in the end. Only a stale one that was removed is a change.
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  state:
    description:
      - V(present) for a drill.
      - V(read) for the last one's result, and the set that the next one would try.
      - V(swept) for scratch sites of ended drills that are gone.
    type: str
    choices: [present, read, swept]
    default: present
  set:
    description: Name or directory of the set, which must not be encrypted, or V(newest) for the newest whole one of the schedule.
    type: str
    default: newest
  doctypes:
    description: DocTypes whose rows are compared with the site's. Not Singles, which have no table.
    type: list
    elements: str
    default: [User]
  rows:
    description: Of each DocType the newest rows, so many at most, are compared; all are counted.
    type: int
    default: 20000
  url:
    description: Where the bench's web server listens, as V(http://127.0.0.1:8000). Needed with O(state=present).
    type: str
  user:
    description: User whose API key must work in the scratch site as it came out of the set.
    type: str
  config:
    description: Keys of the scratch site's configuration besides, such as those that switch an app's calls to others off.
    type: dict
    default: {}
  db_user_host:
    description: From which hosts the scratch site's database user may connect, as in M(erpops.frappe.site_restore).
    type: str
seealso:
  - module: erpops.frappe.site_backup
  - module: erpops.frappe.site_restore
"""

EXAMPLES = r"""
- name: Try the newest backup
  erpops.frappe.site_drill:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    url: http://127.0.0.1:8000
    doctypes: [User, Sales Invoice]
    db_root_password: "{{ vault_db_root_password }}"
  register: acme_drill

- name: Refuse a backup that is none
  ansible.builtin.assert:
    that: acme_drill.drill.ok
    fail_msg: "{{ acme_drill.drill.findings | map(attribute='message') | join('; ') }}"
"""

RETURN = r"""
drill:
  description: >-
    The result, which is kept on the bench too; in check mode the set only. With O(state=read) under C(last), beside C(set),
    C(trouble) (why there is none), C(scratch) and C(scratches).
  returned: success
  type: dict
  sample:
    site: acme.example.com
    scratch: drill-322ad7cdd9.invalid
    ok: true
    findings: []
    doctypes: {User: {rows: {set: 3, restored: 3, site: 3}, same: 3, since: 0}}
    seconds: {database: 3.9, files: 0.2}
    rpo_seconds: 3600
    rto_seconds: 5.3
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: []
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets, root_args, root_spec, site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _drill  # noqa: F401 -- sent to the bench

_OPERATIONS = {"present": "drill.run", "read": "drill.read", "swept": "drill.sweep"}


def act(module: AnsibleModule) -> dict[str, Any]:
    """Drill through the site agent."""
    params = module.params
    secrets = check_secrets({"db_root_password": params["db_root_password"]}, "password")
    args = {key: params[key] for key in ("set", "doctypes", "rows", "url", "user", "config", "db_user_host")}
    args.update(root=root_args(params), timeout=params["timeout"] - 10)
    value = agent_for(module).one(_OPERATIONS[params["state"]], params["site"], args, secrets=secrets)
    if params["state"] == "read":
        return {"changed": False, "drill": value, "actions": []}
    return {"changed": value["changed"], "drill": value["drill"], "actions": value["actions"]}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=3600),
            **root_spec(),
            "state": {"type": "str", "choices": list(_OPERATIONS), "default": "present"},
            "set": {"type": "str", "default": "newest"},
            "doctypes": {"type": "list", "elements": "str", "default": ["User"]},
            "rows": {"type": "int", "default": 20000},
            "url": {"type": "str"},
            "user": {"type": "str"},
            "config": {"type": "dict", "default": {}},
            "db_user_host": {"type": "str"},
        },
        required_if=[("state", "present", ("url",))],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
