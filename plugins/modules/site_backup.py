#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_backup
short_description: Verified, encrypted backup sets of a site, and which of them are kept
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Writes database, public and private files and configuration of a site to C(.erpops/archive/<site>/<name>) on its bench,
    and reads all of it back.
  - C(manifest.json) beside them has the SHA-256 of each file, the versions and commits of the apps, the row count of each table
    and a digest of the stored passwords, so that M(erpops.frappe.site_restore) can prove what it restores.
  - With O(encryption) every file of the set is encrypted, that of C(site_config.json) and the manifest too. What stays readable
    is a manifest with the apps' commits, the versions, and the SHA-256 of the files as they are stored and as they were.
  - Before anything is written, the room that the set needs is compared with what is free.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    description: >-
      With O(name) or O(slot), a set of that name that is whole is not taken again. Without them, each run takes another one.
    support: partial
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  state:
    description:
      - V(present) for a set that is taken unless it is there, and encrypted unless it is.
      - V(verified) for a set that must be there and whole. Of an encrypted one the stored files are read.
      - V(pruned) for the sets of the schedule that O(keep) has a place for, and no others. The newest one is read back before
        any is removed, and is never removed itself.
      - V(decrypted) for an encrypted set that is also in C(.erpops/opened/<site>/<name>), as M(erpops.frappe.site_restore)
        takes it, V(absent) for such a copy that is gone.
    type: str
    choices: [present, verified, pruned, decrypted, absent]
    default: present
  name:
    description: Name of the set with O(state=present) or O(state=verified); the time of now when omitted.
    type: str
  slot:
    description:
      - The set is that of this hour, day, week or month (UTC), and of the schedule, which O(state=pruned) is about.
      - Ignored with O(name), but for the latter.
    type: str
    choices: [hour, day, week, month]
  path:
    description: Directory of the set with O(state=verified), O(state=decrypted) or O(state=absent), on the bench's host.
    type: path
  encryption:
    description: With what and for whom a set is encrypted; a set that is encrypted already stays as it is.
    type: dict
    suboptions:
      tool:
        description: The program, which is a package of that name on the bench's host (C(gnupg) for V(gpg)).
        type: str
        choices: [age, gpg]
        required: true
      recipients:
        description:
          - Public keys. With V(age) C(age1...), C(ssh-ed25519 ...) or C(ssh-rsa ...); with V(gpg) armored public keys.
          - The host then holds nothing that opens its backups.
        type: list
        elements: str
        default: []
  passphrase:
    description:
      - With O(state=present), what C(gpg) encrypts with where there are no recipients.
      - With O(state=decrypted), what opens such a set, or the private key in O(identity).
    type: str
  identity:
    description: Private key for O(state=decrypted), as text. One of age or SSH, or an armored OpenPGP key.
    type: str
  keep:
    description:
      - How many sets of the schedule are kept, with O(state=pruned). A set stays when any rule keeps it; without a rule all stay.
      - Days, weeks and so on are counted by the sets that there are, in UTC, and not back from today.
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
    description: In check mode with O(state=pruned), name of a set that an earlier task would have taken.
    type: str
notes:
  - Frappe itself hands the site's database password to C(mariadb-dump) on its command line; nothing that is given to this module
    is ever in a process list.
  - Backups that Frappe encrypts (C(System Settings.encrypt_backup)) cannot be read back, and are refused.
  - C(age) and C(gpg) get keys and passphrases on their standard input; gpg has a key ring of its own in a temporary directory.
seealso:
  - module: erpops.frappe.site_restore
  - module: erpops.frappe.site_backup_copy
  - module: erpops.frappe.site_backup_info
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

- name: Take today's set, encrypted for a key that is not on the host
  erpops.frappe.site_backup:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    slot: day
    encryption:
      tool: age
      recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudg0u5nsc0zp3f]

- name: Keep two weeks of days, and a year of months
  erpops.frappe.site_backup:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    state: pruned
    keep: {daily: 14, monthly: 12}
"""

RETURN = r"""
backup:
  description: The backup set. In check mode only where it would be, and C(space).
  returned: success, but with O(state=pruned)
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
    purpose:
      description: C(scheduled) for a set of the schedule.
      type: str
      sample: scheduled
    encryption:
      description: >-
        C(tool), C(recipients) (public keys; of gpg their fingerprints) and C(passphrase) (whether one opens it); empty without.
      type: dict
      sample: {tool: age, recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudg0u5nsc0zp3f], passphrase: false}
    space:
      description: Bytes that the set needs at most, and that are free.
      returned: in check mode
      type: dict
      sample: {needed: 121634816, free: 53687091200}
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
removed:
  description: Names of the sets that were removed.
  returned: O(state=pruned)
  type: list
  elements: str
  sample: [scheduled-2026-11-07]
kept:
  description: Why each other set is kept.
  returned: O(state=pruned)
  type: dict
  sample: {scheduled-2026-11-21: [the newest, daily 2026-11-21, monthly 2026-11], move-5f0c1e6a9d7b: [not of the schedule]}
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [took backup]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets, site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._backup_args import encryption_spec, keep_spec, key_secrets
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _backup_keep,
        _backup_set,
    )

# state -> operation of the agent
OPERATIONS = {
    "present": "backup.apply",
    "verified": "backup.apply",
    "pruned": "backup_sets.prune",
    "decrypted": "backup_sets.open",
    "absent": "backup_sets.close",
}


def act(module: AnsibleModule) -> dict[str, Any]:
    """Bring the sets into their state through the site agent."""
    params = module.params
    check_secrets({"passphrase": params["passphrase"]}, "passphrase")
    given = ("state", "name", "slot", "path", "encryption", "passphrase", "identity", "keep", "coming")
    args = {key: params[key] for key in given if params[key] is not None}
    args["timeout"] = params["timeout"] - 10
    value = agent_for(module).one(OPERATIONS[params["state"]], params["site"], args, secrets=key_secrets(params))
    return {key: value[key] for key in ("changed", "backup", "removed", "kept", "actions", "diff") if key in value}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=3600),
            **encryption_spec(),
            **keep_spec(),
            "state": {"type": "str", "choices": list(OPERATIONS), "default": "present"},
            "name": {"type": "str"},
            "slot": {"type": "str", "choices": ["hour", "day", "week", "month"]},
            "path": {"type": "path"},
        },
        required_if=[
            ("state", "verified", ("path", "name"), True),
            *(("state", state, ("path",)) for state in ("decrypted", "absent")),
            ("state", "pruned", ("keep",)),
        ],
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
