#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site
short_description: A Frappe site exists, or is gone
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Makes a site with C(new-site), and then proves that its directory, its database and the framework in it are there.
  - A site of which only a part is there (a run was ended, or C(new-site) failed) is recognised and reported. If our own record
    says that we were making it, O(repair=true) removes the pieces and makes it anew.
  - A site that this collection did not make is never overwritten, forced or dropped.
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
    default: 1200
  state:
    description: Whether the site is to be there.
    type: str
    choices: [present, absent]
    default: present
  admin_password:
    description: Password of C(Administrator), used when the site is made. Required with O(state=present).
    type: str
  db_type:
    description: The kind of database.
    type: str
    choices: [mariadb, postgres]
    default: mariadb
  db_user_host:
    description:
      - From which hosts the site's database user may connect. V(%) for a database on another host or in a container;
        the server's own idea of this host when omitted.
    type: str
  repair:
    description:
      - Remove the pieces of a site that an earlier run of ours left half made, and make it anew.
      - When that run was begun more than a day ago, O(confirm) is needed as well.
    type: bool
    default: false
  adopt:
    description: Take a whole site that somebody else made into our care, so that O(state=absent) may drop it.
    type: bool
    default: false
  confirm:
    description: The site's name once more, to allow O(state=absent), or O(repair) of a creation that was begun long ago.
    type: str
  backup:
    description:
      - With O(state=absent), what is done before the site is dropped. V(verified) writes database, files and configuration to
        C(.erpops/archive) on the bench, and reads them back.
    type: str
    choices: [verified, skip]
    default: verified
notes:
  - Frappe itself hands the new site's database password to the C(mariadb) client on its command line while it loads the
    initial tables; the passwords given to this module are never in a process list.
seealso:
  - module: erpops.frappe.site_app
  - module: erpops.frappe.site_plan
"""

EXAMPLES = r"""
- name: Ensure the site exists
  erpops.frappe.site:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    admin_password: "{{ vault_admin_password }}"
    db_root_password: "{{ vault_db_root_password }}"
    repair: true
  become: true
  become_user: frappe

- name: Ensure the site is gone, after a verified backup
  erpops.frappe.site:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    state: absent
    confirm: acme.example.com
    db_root_password: "{{ vault_db_root_password }}"
"""

RETURN = r"""
site:
  description: The site as it was found after the run.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: acme.example.com
    state:
      description: V(present), V(half_made) or V(absent).
      type: str
      sample: present
    directory:
      description: Whether there is a directory for it.
      type: bool
      sample: true
    config:
      description: Whether its C(site_config.json) is V(ok), V(malformed) or V(absent).
      type: str
      sample: ok
    database:
      description: Whether its database is V(present), V(absent) or, for want of O(db_root_password), V(unknown).
      type: str
      sample: present
    framework:
      description: Whether the framework is installed in its database.
      type: bool
      sample: true
    db_name:
      description: Name of its database.
      type: str
      sample: _21f4a1c9c0913af7
    installed_apps:
      description: Its apps.
      type: list
      elements: str
      sample: [frappe]
    owned:
      description: Whether it was made, or adopted, by this collection.
      type: bool
      sample: true
    recorded:
      description: How far its making came, V(creating), V(created) or V(adopted), as this collection noted it.
      type: str
      sample: created
    problems:
      description: What is missing of it, if it is half made.
      type: list
      elements: str
      sample: []
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [created site]
backup:
  description: Path, files with SHA-256, and size of the backup that was taken before the site was dropped.
  returned: when a site was dropped
  type: dict
  sample: {path: /home/frappe/frappe-bench/.erpops/archive/acme.example.com/20261120_230259/, bytes: 310233}
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets, root_args, root_spec, site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _sites  # noqa: F401 -- sent to the bench

_PASSED = ("state", "admin_password", "db_type", "db_user_host", "repair", "adopt", "confirm", "backup")


def act(module: AnsibleModule) -> dict[str, Any]:
    """Make, keep or drop the site through the site agent."""
    params = module.params
    secrets = check_secrets({key: params[key] for key in ("admin_password", "db_root_password")}, "password")
    args = {key: params[key] for key in _PASSED}
    args.update(root=root_args(params), timeout=params["timeout"] - 10)
    value = agent_for(module).one("site.apply", params["site"], args, secrets=secrets)
    result = {
        "changed": value["changed"],
        "site": value["after"],
        "actions": value["actions"],
        "diff": value["diff"],
    }
    if "backup" in value:
        result["backup"] = value["backup"]
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=1200),
            **root_spec(),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "admin_password": {"type": "str", "no_log": True},
            "db_type": {"type": "str", "choices": ["mariadb", "postgres"], "default": "mariadb"},
            "db_user_host": {"type": "str"},
            "repair": {"type": "bool", "default": False},
            "adopt": {"type": "bool", "default": False},
            "confirm": {"type": "str"},
            "backup": {"type": "str", "choices": ["verified", "skip"], "default": "verified"},
        },
        required_if=[("state", "present", ("admin_password",))],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
