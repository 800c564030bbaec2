#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_restore
short_description: A backup set becomes a site
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Makes a site of a set that M(erpops.frappe.site_backup) wrote. The set is read back first, the database is loaded, and what
    C(bench restore) forgets comes back as well, namely the files, all keys of C(site_config.json) but those of the database
    (among them C(encryption_key), without which every stored password is lost), and how far the site's tasks had come.
  - The site is then compared with the set. Tables, row counts, apps and stored passwords must be the same. When the bench has
    other commits of the apps, C(migrate) is run after that.
  - A site that is there is never overwritten. One that an ended run of the same restore left half made is removed and made anew.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
  - erpops.frappe.root
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
      - V(present) for a site that is there.
      - V(absent) for a scratch site that is gone. A site that was not made with O(scratch) is refused.
    type: str
    choices: [present, absent]
    default: present
  path:
    description: Directory of the backup set, on the bench's host. Needed with O(state=present).
    type: path
  scratch:
    description:
      - Make a site that is only looked at. Its scheduler is disabled, its mails are muted (C(mute_emails), C(pause_scheduler)),
        it has no C(host_name) and no C(domains), and what the bench remembers of the other site's tasks is not its own.
      - It never has the name of the site that was backed up.
    type: bool
    default: false
  config:
    description: With O(scratch), keys of its configuration besides, such as those that switch an app's calls to others off.
    type: dict
    default: {}
  db_user_host:
    description:
      - From which hosts the site's database user may connect. V(%) for a database on another host or in a container;
        the server's own idea of this host when omitted.
    type: str
  migrate:
    description: Whether C(migrate) is run. V(auto) when a commit of an app is not the one that the set was taken with.
    type: str
    choices: [auto, always, never]
    default: auto
  scheduler:
    description: State of the scheduler. V(restored) is the one that the set was taken with.
    type: str
    choices: [restored, enabled, disabled]
    default: restored
notes:
  - Frappe itself hands the site's database password to the C(mariadb) client on its command line while it loads the dump; the
    passwords given to this module are never in a process list.
  - Keys C(maintenance_mode) and C(pause_scheduler) of the configuration do not come back.
seealso:
  - module: erpops.frappe.site_backup
  - module: erpops.frappe.site_restore_in_place
"""

EXAMPLES = r"""
- name: Ensure the site is there again
  erpops.frappe.site_restore:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    path: /home/frappe/frappe-bench/.erpops/archive/acme.example.com/before-the-audit
    db_root_password: "{{ vault_db_root_password }}"
"""

RETURN = r"""
site:
  description: The site as it was found after the run; what M(erpops.frappe.site) returns under this key.
  returned: success
  type: dict
  sample: {name: acme.example.com, state: present, recorded: created, installed_apps: [frappe, erpnext]}
restore:
  description: What was restored; empty when nothing was done.
  returned: with O(state=present)
  type: dict
  contains:
    id:
      description: Id of the set.
      type: str
      sample: 5f0c1e6a9d7b4c3e8a2f6b1d0e9c8a7b
    from:
      description: The site that was backed up.
      type: str
      sample: acme.example.com
    files:
      description: Number of uploaded files.
      type: int
      sample: 118
    migrated:
      description: Apps for whose other commits C(migrate) was run.
      type: list
      elements: str
      sample: []
    compared:
      description: Whether the set has counts to compare with; one that was taken before a site was dropped has none.
      type: bool
      sample: true
    seconds:
      description: How long loading the database, the files, the comparison and the migration took.
      type: dict
      sample: {database: 3.9, files: 0.2, comparison: 0.6, migration: 0.0}
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [restored site]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets, root_args, root_spec, site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _restore,
        _scratch,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Restore through the site agent."""
    params = module.params
    secrets = check_secrets({"db_root_password": params["db_root_password"]}, "password")
    args = {key: params[key] for key in ("path", "db_user_host", "migrate", "scheduler", "scratch", "config")}
    args.update(root=root_args(params), timeout=params["timeout"] - 10)
    operation = "scratch.absent" if params["state"] == "absent" else "restore.apply"
    value = agent_for(module).one(operation, params["site"], args, secrets=secrets)
    return {
        "changed": value["changed"],
        "site": value["after"],
        **({"restore": value["restore"]} if params["state"] == "present" else {}),
        "actions": value["actions"],
        "diff": value["diff"],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=3600),
            **root_spec(),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "path": {"type": "path"},
            "scratch": {"type": "bool", "default": False},
            "config": {"type": "dict", "default": {}},
            "db_user_host": {"type": "str"},
            "migrate": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
            "scheduler": {"type": "str", "choices": ["restored", "enabled", "disabled"], "default": "restored"},
        },
        required_if=[("state", "present", ("path",))],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
