#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_migration_info
short_description: What a migration of a site would do
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Compares a site with the files of its apps, at the commits of now or at others that they are to go to. Tells which
    patches are pending, which DocTypes would be made, changed or removed, and whether there is anything to do at all.
  - Changes nothing. The other commits are fetched beside the apps' checkouts, which stay as they are; what was read of a
    commit is kept in C(.erpops/sources).
  - Reports, pages, fixtures and what hooks do are not compared. A site whose apps go to another commit than that of its
    last migration by this collection needs one for that alone.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
  - erpops.frappe.app_source.targets
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: erpops.frappe.bench_app
  - module: erpops.frappe.site_app
"""

EXAMPLES = r"""
- name: See what the next release would do to the site
  erpops.frappe.site_migration_info:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    apps:
      - {name: erpnext, repo: "https://github.com/frappe/erpnext", version: v15.110.0}
  register: acme_migration

- name: See whether the site was migrated to what its bench has
  erpops.frappe.site_migration_info:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
"""

RETURN = r"""
site_migration:
  description: The plan.
  returned: success
  type: dict
  contains:
    site:
      description: Name of the site.
      type: str
      sample: acme.example.com
    needed:
      description: Whether there is anything to do.
      type: bool
      sample: true
    reasons:
      description: Why.
      type: list
      elements: str
      sample: [erpnext has patches or DocTypes to bring]
    apps:
      description: The site's apps in the order in which they are migrated.
      type: list
      elements: dict
      contains:
        name:
          description: Name of the app.
          type: str
          sample: erpnext
        from:
          description: The commit that the bench has now.
          type: str
          sample: b75fa55b75fa55b75fa55b75fa55b75fa55b75fa
        to:
          description: The commit of the plan.
          type: str
          sample: f709a27f709a27f709a27f709a27f709a27f709a
        patches:
          description: >-
            Lines of C(patches.txt) that were not run, those before the DocTypes (C(pre_model_sync)) and after them
            (C(post_model_sync)). A line without sections belongs to the first.
          type: dict
          sample: {pre_model_sync: [], post_model_sync: ["erpnext.patches.v15_0.one #2024-01-02"]}
        doctypes:
          description: DocTypes that would be C(added), C(changed) and C(removed). A removed one leaves its table behind.
          type: dict
          sample: {added: [], changed: [Item], removed: []}
    size:
      description: Bytes of the site's C(database) and C(files).
      type: dict
      sample: {database: 104857600, files: 1048576}
    space:
      description: >-
        Bytes that a backup of both may take at most (C(needed)), and those that are C(free) where the site is.
      type: dict
      sample: {needed: 105906176, free: 21474836480, path: /home/frappe/frappe-bench/sites/acme.example.com, device: 64769}
    seconds:
      description: Median of the last migrations of this site by this collection; null while there was none.
      type: float
      sample: 4.5
    no_return:
      description: >-
        From what on only a backup takes the site back, since MariaDB commits each change of a table; empty if there is
        nothing to do.
      type: str
      sample: the patch erpnext.patches.v15_0.one of erpnext
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._app_source import target_secrets, targets_spec
from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _migration,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    params = module.params
    secrets = target_secrets(params["apps"])
    plan = agent_for(module).one("migration.plan", params["site"], {"apps": params["apps"]}, secrets=secrets)
    diff = plan.pop("diff")
    return {"changed": False, "site_migration": plan, "diff": diff}


def main() -> None:
    spec = {**site_spec(), "apps": targets_spec()}
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
