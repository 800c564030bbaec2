#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: integration_log
short_description: Old rows of an integration's own log are gone
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Deletes rows that are older than a number of days, in chunks of 1,000, each its own transaction.
  - For logs that Frappe's Log Settings refuse, because their DocType does not say how it is cleared.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
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
    default: 1800
  doctype:
    description: The log's DocType.
    type: str
    default: Integration Log
  days:
    description: Rows older than this are deleted. At least 1.
    type: int
    required: true
  time_field:
    description: The field that tells how old a row is.
    type: str
    default: creation
  status_field:
    description: The field that O(keep) is compared with.
    type: str
    default: status
  keep:
    description: Statuses whose rows stay, however old they are.
    type: list
    elements: str
    default: []
seealso:
  - module: erpops.frappe.integration_log_info
"""

EXAMPLES = r"""
- name: Ensure the log holds three months
  erpops.frappe.integration_log:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    days: 90
    time_field: sync_timestamp
"""

RETURN = r"""
integration_log:
  description: What became of the log.
  returned: success
  type: dict
  contains:
    deleted:
      description: Rows that were deleted.
      type: int
      sample: 412
    kept:
      description: Rows that are left.
      type: int
      sample: 8640
    before:
      description: The site's time before which rows were deleted.
      type: str
      sample: "2026-08-23 06:00:00"
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _integration_log,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Prune through the site agent."""
    params = module.params
    if params["days"] < 1:
        raise ErpopsError("days must be at least 1", seen=str(params["days"]), status=400)
    args = {key: params[key] for key in ("doctype", "days", "time_field", "status_field", "keep")}
    value = agent_for(module).one("log.prune", params["site"], args)
    found = {key: value[key] for key in ("deleted", "kept", "before")}
    rows = {"rows": found["deleted"] + found["kept"]}
    return {
        "changed": value["changed"],
        "integration_log": found,
        "diff": {"before": rows, "after": {"rows": found["kept"]}},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=1800),
            "doctype": {"type": "str", "default": "Integration Log"},
            "days": {"type": "int", "required": True},
            "time_field": {"type": "str", "default": "creation"},
            "status_field": {"type": "str", "default": "status"},
            "keep": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
