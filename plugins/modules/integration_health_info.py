#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: integration_health_info
short_description: How a site's integrations have been in the last hours, in figures
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Reads what the integrations of a site and their scheduled jobs wrote in the last hours. One result for the site with
    last success, failures by error, retries, durations, what became of webhooks, waiting jobs, and the scheduler's age.
  - Changes nothing. It judges figures only; whether everything is set up as declared is what M(erpops.frappe.site_checks) is
    for.
  - Errors are grouped without the numbers and digests that name a single record. Values whose names sound secret are
    stars.
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
  integrations:
    description: What each integration writes, and where.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the integration.
        type: str
        required: true
      app:
        description: Its Scheduled Job Types are those whose method is below this dotted name. Without it, it has none.
        type: str
        default: ""
      logs:
        description:
          - Logs that the app writes itself. The first one in which something ran decides on the status, since many apps catch
            their errors, so that their jobs are always complete.
        type: list
        elements: dict
        default: []
        suboptions:
          doctype:
            description: The log's DocType.
            type: str
            required: true
          optional: &optional
            description: Whether there may be no such DocType, as before the version of the app that brings it.
            type: bool
            default: false
          filters: &filters
            description: Further conditions, each a list of field, operator and value.
            type: list
            elements: list
            default: []
          fields: &fields
            description:
              - As of M(erpops.frappe.integration_log_info). C(started) and C(ended) stand for C(duration) where the log has two
                times.
            type: dict
            default: {}
      webhooks:
        description:
          - Where the app writes what became of deliveries. The statuses of C(doctype)'s rows are the verdicts, and so are the
            titles of rows of Error Log, for an app that writes failures alone.
        type: dict
        suboptions:
          doctype:
            description: The DocType, if it has one for that.
            type: str
          optional: *optional
          filters: *filters
          fields: *fields
          titles:
            description: Titles of rows of Error Log (SQL LIKE).
            type: list
            elements: str
            default: []
      errors:
        description: Which rows of Error Log are its own, by their titles or texts (SQL LIKE).
        type: dict
        suboptions:
          titles:
            description: Patterns of titles.
            type: list
            elements: str
            default: []
          texts:
            description: Patterns of texts, such as a package's name in a traceback.
            type: list
            elements: str
            default: []
  hours:
    description: How far back.
    type: int
    default: 24
seealso:
  - module: erpops.frappe.integration_log_info
  - module: erpops.frappe.site_checks
"""

EXAMPLES = r"""
- name: Read how the shop's connection was since yesterday
  erpops.frappe.integration_health_info:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    integrations:
      - name: shopsync
        app: shopsync
        logs:
          - doctype: Shop Sync Log
            fields: {time: started, failure: Error, error: message}
        errors: {texts: ["%shopsync%"]}
  register: shop_health
"""

RETURN = r"""
integration_health:
  description: The figures.
  returned: success
  type: dict
  contains:
    site:
      description: Name of the site.
      type: str
      sample: acme.example.com
    taken_at:
      description: When, as Unix time.
      type: int
      sample: 1795250000
    hours:
      description: How far back.
      type: int
      sample: 24
    status:
      description: The worst of its integrations'.
      type: str
      sample: ok
    scheduler:
      description:
        - Whether jobs are begun. C(status) is V(active), V(inactive) when the configuration holds them, or V(late) when none was
          begun for 15 minutes; C(age_seconds) is how long ago the newest one was, null if never.
      type: dict
      sample: {status: active, inactive_because: [], age_seconds: 61}
    queues:
      description:
        - Waiting jobs and living workers of the bench's queues, in C(by_name); C(fault) says why they could not be
          counted.
      type: dict
      sample: {fault: "", by_name: {default: {jobs: 0, workers: 1}}}
    integrations:
      description: One row for each.
      type: list
      elements: dict
      contains:
        name:
          description: Name of the integration.
          type: str
          sample: shopsync
        status:
          description:
            - V(ok), the newest run of each kind was a success. V(degraded), those of some kinds failed. V(failing), those of
              all, or it could not be read. V(silent), nothing ran, which proves nothing. V(off), all its jobs are stopped.
          type: str
          sample: ok
        faults:
          description: What could not be read, such as a DocType that is not there.
          type: list
          elements: str
          sample: []
        failing_kinds:
          description: Kinds whose newest run failed.
          type: list
          elements: str
          sample: []
        last_success:
          description: The newest success in this time, as the site's time; empty if none.
          type: str
          sample: "2026-11-21 05:45:02"
        last_success_age_seconds:
          description: How long ago that was.
          type: int
          sample: 61
        failures:
          description: How many runs failed.
          type: int
          sample: 0
        retries:
          description: How many rows were retried how often.
          type: dict
          sample: {"1": 4, "2": 1}
        duration:
          description: Number of successes with a duration, their average and longest in milliseconds.
          type: dict
          sample: {count: 90, average_ms: 240, max_ms: 1210}
        jobs:
          description: Number of Scheduled Job Types, how many are stopped, and which of the others never ran.
          type: dict
          sample: {count: 5, stopped: 0, never_ran: []}
        errors:
          description: Rows of Error Log by title, most frequent first.
          type: list
          elements: dict
          sample: [{title: shopsync.pull, count: 2, last: "2026-11-21 05:45:00"}]
        webhooks:
          description: Deliveries by verdict, and the failed ones by error; null where nothing is written of them.
          type: dict
          sample: {verdicts: {Queued: 12, InvalidSignature: 1}, failures: []}
        sources:
          description: What each log says for itself, as M(erpops.frappe.integration_log_info) returns it.
          type: list
          elements: dict
          sample: [{source: Scheduled Job Log, total: 96, failures: []}]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._health_args import integration_spec, with_fields
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _health  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Read through the site agent."""
    params = module.params
    args = {"integrations": with_fields(params["integrations"]), "hours": params["hours"]}
    return {"changed": False, "integration_health": agent_for(module).one("health.read", params["site"], args)}


def main() -> None:
    spec = {
        **site_spec(),
        "integrations": {"type": "list", "elements": "dict", "required": True, "options": integration_spec()},
        "hours": {"type": "int", "default": 24},
    }
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
