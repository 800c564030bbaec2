#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: integration_log_info
short_description: What an integration's own log says of the last hours
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Reads the log DocType that an integration app writes, and sums it up. Failures by their error, how often was retried,
    average and longest duration of what succeeded, and when each kind last succeeded.
  - Changes nothing.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  doctype:
    description: The log's DocType.
    type: str
    default: Integration Log
  hours:
    description: How far back.
    type: int
    default: 24
  fields:
    description:
      - Which fields the log has. C(time) and C(status) are needed. C(kind) tells what was done, C(error) why it failed,
        C(retries) is a number, C(duration) milliseconds, in whose place C(started) and C(ended) may name two times; an
        empty text where the log has no such field.
      - C(success) and C(failure) are the words of its status, each one or a list of several.
    type: dict
    default: {}
seealso:
  - module: erpops.frappe.integration_log
"""

EXAMPLES = r"""
- name: Read what failed since yesterday
  erpops.frappe.integration_log_info:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    hours: 24
    fields: {time: sync_timestamp, status: status, kind: integration_type, error: error_message}
  register: sync_health
"""

RETURN = r"""
integration_log:
  description: The summary.
  returned: success
  type: dict
  contains:
    doctype:
      description: The log's DocType.
      type: str
      sample: Integration Log
    since:
      description: The site's time from which rows were read.
      type: str
      sample: "2026-11-20 06:00:00"
    cut:
      description: Whether there were more rows than were read (200,000).
      type: bool
      sample: false
    total:
      description: Number of rows.
      type: int
      sample: 96
    statuses:
      description: Rows of each status.
      type: dict
      sample: {Success: 90, Failed: 6}
    failures:
      description: Failures by kind and error, most frequent first, with their number and the newest time.
      type: list
      elements: dict
      sample: [{kind: Price Sync, error: "HTTP 503", count: 6, last: "2026-11-21 05:45:00"}]
    retries:
      description: How many rows of each kind were retried how often.
      type: list
      elements: dict
      sample: [{kind: Price Sync, retries: 2, count: 3}]
    durations:
      description: Average and longest duration in milliseconds of the successes of each kind.
      type: list
      elements: dict
      sample: [{kind: Product Sync, count: 90, average_ms: 240, max_ms: 1210}]
    last_success:
      description: Newest success of each kind.
      type: dict
      sample: {Product Sync: "2026-11-21 05:45:02"}
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._log_fields import log_fields
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _integration_log,
    )


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    params = module.params
    args = {"doctype": params["doctype"], "hours": params["hours"], "fields": log_fields(params["fields"])}
    return {"changed": False, "integration_log": agent_for(module).one("log.read", params["site"], args)}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **site_spec(),
            "doctype": {"type": "str", "default": "Integration Log"},
            "hours": {"type": "int", "default": 24},
            "fields": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
