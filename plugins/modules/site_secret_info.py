#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_secret_info
short_description: When secrets of a site were rotated, and what is in the way of rotating them
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Reads, for each of O(secrets), whether O(request) has something to do, and every fault that M(erpops.frappe.site_secret) would
    refuse with, all at once. Changes nothing and returns no secret.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
  - erpops.frappe.root
  - erpops.frappe.rotation
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  secrets:
    description: Which secrets are looked at.
    type: list
    elements: str
    choices: [api_key, database_password, admin_password, encryption_key]
    required: true
seealso:
  - module: erpops.frappe.site_secret
"""

EXAMPLES = r"""
- name: See what is in the way
  erpops.frappe.site_secret_info:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    secrets: [database_password, encryption_key]
    request: "2026-11"
    url: http://127.0.0.1:8000
"""

RETURN = r"""
site_secrets:
  description: By secret, what is known of its rotation.
  returned: success
  type: dict
  sample:
    database_password: {due: true, open: false, request: 2026-10, rotated: 1793000000.0, faults: []}
faults:
  description: All that is in the way, one sentence for each.
  returned: success
  type: list
  elements: str
  sample: []
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._key_http import site_answers
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module
from ansible_collections.erpops.frappe.plugins.module_utils._rotation_spec import SECRETS, rotation_args, rotation_spec

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _rotation,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent, and ask the web server."""
    params = module.params
    wanted = {secret: rotation_args(params, secret) for secret in params["secrets"]}
    hidden = check_secrets({"db_root_password": params["db_root_password"]}, "password")
    args = {"request": params["request"], "secrets": wanted}
    found = agent_for(module).one("rotation.plan", params["site"], args, secrets=hidden)["secrets"]
    faults = [fault for one in found.values() for fault in one["faults"]]
    if any(one["due"] for one in found.values()) and not any(one["open"] for one in found.values()):
        try:
            site_answers(params["url"], params["site"])
        except ErpopsError as error:
            faults.append(str(error))
    return {"changed": False, "site_secrets": found, "faults": faults}


def main() -> None:
    choices = {"type": "list", "elements": "str", "choices": list(SECRETS), "required": True, "no_log": False}
    spec = {**rotation_spec(), "secrets": choices}
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
