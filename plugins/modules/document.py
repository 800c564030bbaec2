#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: document
short_description: DocType records as desired state, many in one call
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Creates, updates and deletes records of any DocType, singles and child tables included, in one conversation and one
    transaction. Only the fields that are named are compared and set.
  - Password fields are given under C(secrets). They are compared inside the site and never read back; one that is not named
    keeps its stored value.
  - A misspelt DocType or field is an error that lists the names near to it.
  - In check mode nothing is written, not even by a schema change that would commit by itself.
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
  documents:
    description: The records, applied in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      doctype:
        description: Name of the DocType.
        type: str
        required: true
      name:
        description: Name of the record. Not needed for singles.
        type: str
      match:
        description:
          - Fields that identify the record when its name is made up by Frappe.
          - Not needed when the DocType is named after a field, nor for Custom Field, Property Setter, Warehouse, Account, Cost
            Center and User Permission, whose identifying fields are known.
        type: dict
      state:
        description: Whether the record is to be there.
        type: str
        choices: [present, absent]
        default: present
      values:
        description: Fields with their values; a child table is a list of mappings.
        type: dict
        default: {}
      secrets:
        description: Password fields with their values, of at least 8 characters.
        type: dict
        default: {}
      child_mode:
        description: Whether rows of a child table that are not named are removed (V(exact)) or kept (V(merge)).
        type: str
        choices: [exact, merge]
        default: exact
      child_keys:
        description:
          - For each table field, the fields by which its rows are told apart. Without it the first required field or the first
            link that all rows have, else the rows' order.
        type: dict
        default: {}
notes:
  - Records whose saving changes the database schema (Custom Field, Property Setter) are committed at once by MariaDB; when a
    later record fails, the error says how many are kept.
"""

EXAMPLES = r"""
- name: Ensure roles, a user and the integration's settings
  erpops.frappe.document:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    documents:
      - doctype: Role
        values: {role_name: Shop Manager, desk_access: 1}
      - doctype: User
        name: sync@acme.example.com
        values:
          email: sync@acme.example.com
          first_name: Sync
          roles:
            - role: Shop Manager
      - doctype: WooCommerce Settings
        values: {base_url: "https://shop.example.com", enable_outbound_orders: 0}
        secrets: {consumer_secret: "{{ vault_woo_consumer_secret }}"}

- name: Ensure a warehouse
  erpops.frappe.document:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    documents:
      - doctype: Warehouse
        values: {warehouse_name: Returns, company: Acme}
"""

RETURN = r"""
documents:
  description: What became of each record.
  returned: success
  type: list
  elements: dict
  contains:
    doctype:
      description: Its DocType.
      type: str
      sample: Role
    name:
      description: Its name.
      type: str
      sample: Shop Manager
    action:
      description: V(created), V(updated), V(deleted) or V(unchanged).
      type: str
      sample: created
counts:
  description: How many records were created, updated, deleted and unchanged.
  returned: success
  type: dict
  sample: {created: 1, updated: 0, deleted: 0, unchanged: 2}
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [created Role Shop Manager]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets, site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._documents import document_diff, document_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module
from ansible_collections.erpops.frappe.plugins.module_utils._redact_args import masked_strings

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _documents,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Apply the records through the site agent."""
    params = module.params
    secrets = [value for record in params["documents"] for value in check_secrets(record["secrets"] or {})]
    module.no_log_values.update(secrets, masked_strings([record["values"] for record in params["documents"]]))
    value = agent_for(module).one("document.apply", params["site"], {"documents": params["documents"]}, secrets=secrets)
    records = value["documents"]
    return {
        "changed": value["changed"],
        "documents": [{key: item[key] for key in ("doctype", "name", "action")} for item in records],
        "counts": value["counts"],
        "actions": [f"{r['action']} {r['doctype']} {r['name']}".strip() for r in records if r["action"] != "unchanged"],
        "diff": document_diff(records),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(),
            "documents": {"type": "list", "elements": "dict", "required": True, "options": document_spec()},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
