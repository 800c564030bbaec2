#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_config
short_description: Keys of a site's or a bench's configuration file
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Sets and removes keys of C(site_config.json) or C(common_site_config.json) in one atomic write, under the lock that Frappe
    itself takes for this file, so that no reader ever sees half a file and no writer loses another's key.
  - Values keep their types. V(true) stays a JSON boolean, V(900) a number, a mapping a mapping.
  - Keys that are not named stay as they are.
  - The keys on which a site's data depends (C(encryption_key), C(db_name), C(db_password), C(db_type), C(db_user)) are set
    when they are missing and never changed.
extends_documentation_fragment:
  - erpops.frappe.bench
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  action_group:
    description: Use C(group/erpops.frappe.site) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - erpops.frappe.site
options:
  site:
    description: Name of the site. Required with O(scope=site).
    type: str
  scope:
    description: Whose configuration, one site's or the one common to all sites of the bench.
    type: str
    choices: [site, common]
    default: site
  config:
    description: Keys with their typed values.
    type: dict
    default: {}
  secrets:
    description:
      - Keys whose values are secrets of at least 8 characters. They are masked in all output.
    type: dict
    default: {}
  keys:
    description: Keys to remove, with O(state=absent).
    type: list
    elements: str
    default: []
  mode:
    description: The file's mode; left as it is when omitted.
    type: str
    choices: ["0600", "0640"]
  state:
    description: Whether O(config) and O(secrets) are to be there, or O(keys) not to be there.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: erpops.frappe.document
"""

EXAMPLES = r"""
- name: Ensure the integration's keys
  erpops.frappe.site_config:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    config:
      diamondcasa_sync_enabled: true
      diamondcasa_sync_interval: 900
    secrets:
      diamondcasa_api_secret: "{{ vault_diamondcasa_api_secret }}"
    mode: "0600"

- name: Ensure developer mode is nowhere
  erpops.frappe.site_config:
    scope: common
    bench_path: /home/frappe/frappe-bench
    keys: [developer_mode]
    state: absent
"""

RETURN = r"""
site_config:
  description: The configuration file after the run.
  returned: success
  type: dict
  contains:
    path:
      description: The file.
      type: str
      sample: /home/frappe/frappe-bench/sites/acme.example.com/site_config.json
    changed_keys:
      description: Changed keys, each V(added), V(changed) or V(removed).
      type: dict
      sample: {diamondcasa_sync_enabled: added}
    unmanaged_keys:
      description: Names of the keys that are in the file and were not named.
      type: list
      elements: str
      sample: [db_name, db_password]
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [added diamondcasa_sync_enabled]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import bench_spec, check_secrets
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module
from ansible_collections.erpops.frappe.plugins.module_utils._redact_args import masked_strings

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _config  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Apply the configuration through the site agent."""
    params = module.params
    if params["scope"] == "site" and not params["site"]:
        raise ErpopsError("scope site needs a site", needed="site: <name>", status=400)
    absent = params["state"] == "absent"
    if absent != bool(params["keys"]) or (absent and (params["config"] or params["secrets"])):
        raise ErpopsError(
            "state absent takes `keys`, and state present `config` and `secrets`",
            seen=", ".join(name for name in ("config", "secrets", "keys") if params[name]) or "none of them",
            status=400,
        )
    secrets = check_secrets(params["secrets"])
    module.no_log_values.update(secrets, masked_strings(params["config"]))
    args = {
        "scope": params["scope"],
        "set": params["config"],
        "secrets": params["secrets"],
        "absent": params["keys"],
        "mode": params["mode"],
    }
    value = agent_for(module).one("config.apply", params["site"] or "", args, secrets=secrets)
    return {
        "changed": value["changed"],
        "site_config": {key: value[key] for key in ("path", "changed_keys", "unmanaged_keys")},
        "actions": [f"{how} {key}" for key, how in value["changed_keys"].items()],
        "diff": value["diff"],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "site": {"type": "str"},
            **bench_spec(),
            "scope": {"type": "str", "choices": ["site", "common"], "default": "site"},
            "config": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "mode": {"type": "str", "choices": ["0600", "0640"]},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
