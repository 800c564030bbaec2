#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_task
short_description: Run an app's own method as a task, page by page, with counts
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Calls a method of an app inside a site, once or page by page, or hands it to a background worker and waits for it.
  - How far it has come is kept on the bench after every page, so that a run that was ended goes on with the next page.
  - The numbers in the method's answers are added up, and decide whether the task changed something and whether it failed; a
    method can return normally with errors inside.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    description: Runs the method's own dry run, if O(check_kwargs) makes one of it.
    support: partial
    details: Without a dry run it only sees that the method exists, and a task counts as changed until it was finished once.
  diff_mode:
    support: none
    details: Returns counts instead of a diff.
  idempotent:
    support: partial
    details: As idempotent as the method. A run that had nothing to do is not a change.
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  method:
    description: Dotted name of the method.
    type: str
    required: true
  kwargs:
    description: Its arguments.
    type: dict
    default: {}
  check_kwargs:
    description: Arguments added in check mode that make it a dry run, such as C(dry_run). What it did is rolled back besides.
    type: dict
    default: {}
  name:
    description: Name of the task's cursor; the method when omitted.
    type: str
  mode:
    description: Whether the method runs here or in a background worker.
    type: str
    choices: [inline, enqueued]
    default: inline
  queue:
    description: The worker's queue, with O(mode=enqueued).
    type: str
    default: long
  paging:
    description: How pages are asked for. Without it the method is called once.
    type: dict
    suboptions:
      param:
        description: The argument that carries the page, or the position.
        type: str
        required: true
      end_param:
        description:
          - A second argument that carries the same page, for a method that takes a range of them (from page, to page).
          - So each page is one call, committed and noted before the next one begins.
        type: str
      start:
        description: Its first value.
        type: int
        default: 1
      step:
        description: By how much it grows.
        type: int
        default: 1
      next:
        description: Key of the answer that holds its next value, instead of O(paging.step).
        type: str
      until:
        description: Condition on the answer that ends the task, such as C(has_more == false).
        type: str
        required: true
      max_pages:
        description: More pages than this are a failure.
        type: int
        default: 100000
  counts:
    description: Names of counts, each with the (dotted) key of the answer that holds it.
    type: dict
    default: {}
  growth:
    description:
      - Names of counts that are read from the database, each with C(doctype) and C(filters) of records. A count is by how
        many there are more after a page than before it.
      - They stand beside O(counts) in O(fail_when), so that what a method says of itself is compared with what it left behind,
        such as C(mapped != created).
    type: dict
    default: {}
  changed_counts:
    description: >-
      Counts whose being above zero is a change; by default those of created, updated, deleted, migrated and cancelled that are
      among O(counts).
    type: list
    elements: str
  fail_when:
    description: Conditions on the summed counts that make the task fail, such as C(errors > 0) or C(processed < fetched).
    type: list
    elements: str
    default: []
  once:
    description: A task that was finished before is not run again (a migration).
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Pull the shop's orders
  erpops.frappe.site_task:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    method: shopsync.sync.pull_orders
    paging: {param: page, until: has_more == false}
    counts: {fetched: fetched, created: created, updated: updated, errors: errors}
    fail_when: [errors > 0]

- name: Migrate the ledger once
  erpops.frappe.site_task:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    method: ledgerlift.migration.run
    kwargs: {limit: 100}
    check_kwargs: {dry_run: true}
    paging: {param: start, start: 0, next: next_start, until: done == true}
    counts: {processed: processed, created: created, errors: errors}
    fail_when: [errors > 0]
    once: true

- name: Migrate the shop's old orders, and believe only what is in the database
  erpops.frappe.site_task:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    name: history
    method: jarz_woocommerce_integration.services.order_sync._run_full_historical_migration
    kwargs: {statuses: completed, commit_every: 1}
    paging: {param: start_page, end_param: end_page, until: last_completed_page >= total_pages}
    counts: {created: created, errors: errors}
    growth: {mapped: {doctype: WooCommerce Order Map}}
    fail_when: [errors > 0, mapped != created]
    once: true
"""

RETURN = r"""
site_task:
  description: The task after the run.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: shopsync.sync.pull_orders
    method:
      description: The method that was called.
      type: str
      sample: shopsync.sync.pull_orders
    state:
      description: V(done), or what the cursor said in check mode.
      type: str
      sample: done
    pages:
      description: Pages that were called, those of an interrupted run included.
      type: int
      sample: 3
    counts:
      description: The summed counts.
      type: dict
      sample: {fetched: 57, created: 57, updated: 0, errors: 0}
    resumed:
      description: Whether it went on with an interrupted run.
      type: bool
      sample: false
    skipped:
      description: Why nothing was run, if so.
      type: str
      sample: ""
    seconds:
      description: Seconds since the task was begun.
      type: float
      sample: 0.4
    job_id:
      description: Name of the background job, with O(mode=enqueued).
      type: str
      sample: ""
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module
from ansible_collections.erpops.frappe.plugins.module_utils._redact_args import secret_strings
from ansible_collections.erpops.frappe.plugins.module_utils._task_spec import task_spec

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _tasks  # noqa: F401 -- sent to the bench

_RETURNED = ("name", "method", "state", "pages", "counts", "resumed", "skipped", "seconds", "job_id")


def act(module: AnsibleModule) -> dict[str, Any]:
    """Run the task through the site agent."""
    params = module.params
    module.no_log_values.update(secret_strings([params["kwargs"], params["check_kwargs"]]))
    args = {key: params[key] for key in task_spec()}
    args["timeout"] = params["timeout"] - 5
    value = agent_for(module).one("task.run", params["site"], args)
    return {"changed": value["changed"], "site_task": {key: value[key] for key in _RETURNED}}


def main() -> None:
    module = AnsibleModule(argument_spec={**site_spec(timeout=3600), **task_spec()}, supports_check_mode=True)
    run_module(module, act)


if __name__ == "__main__":
    main()
