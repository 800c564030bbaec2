#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_checks
short_description: Many declared checks inside a site, each with what was seen and needed
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Answers every declared check of one site in one conversation. Exit codes prove little in Frappe; a check looks for what a
    step was to leave behind.
  - Changes nothing. Two kinds try something inside a transaction that is always rolled back.
  - All checks are read before anything is asked; what is wrong with them is told at once.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
attributes:
  check_mode:
    support: full
    details: It does the same in check mode.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  checks:
    description:
      - The checks. Each has C(check), its kind; C(title) and C(next) may replace the default title and remedy; the other keys
        are arguments of the kind. Keys that are null are left out.
      - "Lists of texts may be one text. C(filters) are Frappe's, a mapping or a list of lists. C(since) is a Unix time or, below
        100,000,000, so many seconds ago. C(min), C(max) and C(equals) bound a number."
      - "V(imports): C(modules) can be imported by the bench's interpreter, C(attributes) (dotted names) are there, and
        so is C(<app>.hooks) of each of C(apps) (V(all): those of C(apps.txt), which then names each app once and on a
        line of its own). Each name is tried in a process of its own, for C(limit) seconds (30)."
      - "V(apps): installed are at least C(contain), or exactly C(equal), and none of C(absent); nothing of C(whole) is
        missing (DocTypes, tables, jobs, fixtures); all patches of C(patched) were run; C(versions) maps apps to ranges;
        the code of C(app) is at C(commit), imported from C(apps/), and C(clean) (without local changes of tracked
        files)."
      - "V(doctype): C(doctypes) exist (C(exists)), with C(issingle), C(istable) and C(module). C(of_app): as many
        DocTypes of that app are on the site as its files define."
      - "V(field): C(doctype) has C(fields), a mapping of names to field types, with their columns; C(options) maps
        names to options; there are at least C(custom_min) custom fields."
      - "V(index): an index of C(doctype) begins with C(columns); C(unique): these make it unique."
      - "V(records): the number of C(doctype) with C(filters), made C(since), within bounds. Without bounds it only
        counts."
      - "V(values): fields of a Single C(doctype), or of its one record with C(name) or C(filters), are C(equal) to a
        mapping and C(set) (not empty, not 0). C(secrets_set) and C(secrets_unset) name Password fields: a secret in
        plain text, or one that this site's encryption key does not open, is not set."
      - "V(sync_log): the C(newest) (1) records of C(doctype) with C(filters), made C(since), are C(equal) to a mapping,
        and there are at least C(min) (1)."
      - "V(balanced): each submitted C(voucher_type) with C(filters), made C(since), has as much debit as credit in GL
        Entry, to a C(tolerance) (0.005); at least C(min) (1) have entries."
      - "V(config): keys of C(site_config.json) (C(scope) V(common): the common one) have C(types) (bool, int, float,
        str, list, dict), are C(equal) to values of the same type, C(set), C(absent), C(https) addresses; the file has
        C(mode)."
      - "V(jobs): Scheduled Job Types whose method is below C(prefix): how many, one for each of C(methods), C(stopped)
        V(none) (default), V(all) or V(any); C(logs) V(complete): the newest ended run of each was, C(since) a time;
        each was run in the last C(fresh) seconds."
      - "V(scheduler): C(state) V(enabled) (default), held by nothing in either configuration, and not dormant; or
        V(disabled)."
      - "V(workers): a living worker of this bench takes jobs from each of C(queues), in each of which at most
        C(pending_max) wait."
      - "V(errors): at most C(max) (0) rows of Error Log C(since) a time with a title like one of C(titles), or a text
        like one of C(texts) (SQL LIKE)."
      - "V(links): what the fixtures of C(app) link to is on the site, comes with the app, or with those that are
        installed C(after) which it comes. C(path) is its package directory if it is not on the bench; C(accept) names
        DocTypes, or DocType and name, that may be missing. For an app that is not installed yet."
      - "V(collisions): no DocType in the files of C(app) (or C(path)) is another app's on this site, but those of
        C(accept)."
      - "V(savable): a document of C(doctype) with C(values) can be inserted, and with C(submit) submitted. Commits,
        jobs, mails and connections other than to the site's own database and Redis are held back, and it is rolled
        back. An app that commits in spite of that is found out, and what it left is deleted. It cannot catch what runs
        after the commit only, what another process does, files that an app writes, and numbers of auto-increment names,
        which are used up."
      - "V(method): the dotted C(method) with C(kwargs), called as C(user) (Administrator), answers with C(expect),
        C(expect_min) and C(expect_max), mappings of dotted keys (C(answer) for one that is no mapping; a list counts by
        its length). Held back and rolled back as above, but that connections are allowed: name only methods that read."
      - "V(leak): none of C(secrets), or of those in C(names), stands in the last C(megabytes) (16) of a log of the
        bench or the site, or of other C(files) (patterns below the bench). Answers with names of secrets and files
        only."
    type: list
    elements: dict
    required: true
  secrets:
    description: Secrets by name, for checks of kind V(leak).
    type: dict
    default: {}
  fail:
    description: Whether failed checks fail the task, all of them in one message.
    type: bool
    default: true
seealso:
  - module: erpops.frappe.site_info
  - module: erpops.frappe.http_probe
"""

EXAMPLES = r"""
- name: See that the integration is whole
  erpops.frappe.site_checks:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    secrets: {shop_secret: "{{ shop_secret }}"}
    checks:
      - {check: apps, contain: [erpnext, shopsync], whole: [shopsync]}
      - {check: imports, apps: all, modules: [shopsync.client]}
      - {check: doctype, doctypes: [Job Card], module: Manufacturing, title: Job Card is ERPNext's own}
      - {check: values, doctype: Shop Settings, equal: {enabled: 1}, secrets_set: [api_secret]}
      - {check: config, types: {shop_sync_enabled: bool}, https: [shop_url], mode: "0600"}
      - {check: jobs, prefix: shopsync, equals: 3, logs: complete, since: 3600}
      - {check: workers, queues: [default, short, long]}
      - {check: errors, since: 3600, titles: ["%shopsync%"]}
      - {check: savable, doctype: Item, values: {item_code: scratch, item_group: All Item Groups, stock_uom: Nos}}
      - {check: leak, names: shop_secret}
  register: shop_checks

- name: Look at what an app's fixtures need before it is installed
  erpops.frappe.site_checks:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    fail: false
    checks:
      - {check: links, app: shopsync}
      - {check: collisions, app: shopsync}
"""

RETURN = r"""
site_checks:
  description: The answers. When the task fails they are in C(error.data.site_checks).
  returned: success
  type: dict
  contains:
    failed:
      description: How many checks failed.
      type: int
      sample: 0
    passed:
      description: How many did not.
      type: int
      sample: 10
    checks:
      description: One answer for each check, in their order.
      type: list
      elements: dict
      contains:
        title:
          description: What it is about.
          type: str
          sample: scheduled jobs of shopsync
        kind:
          description: The check's kind.
          type: str
          sample: jobs
        ok:
          description: Whether it passed.
          type: bool
          sample: true
        seen:
          description: What was found, all of it that is wrong when it failed.
          type: str
          sample: 3 jobs
        needed:
          description: What it asks for.
          type: str
          sample: "exactly 3 jobs; stopped: none"
        next:
          description: What to do; empty when it passed.
          type: str
          sample: ""
        value:
          description: What was counted or found, where it is of use later (a number of records, values without secrets).
          type: raw
          sample: 3
agent:
  description: Versions of Python and Frappe, and the seconds that the conversation took.
  returned: success
  type: dict
  sample: {python: 3.11.2, frappe: 15.105.0, seconds: 0.7}
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets, site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._checks import failure, summary
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module
from ansible_collections.erpops.frappe.plugins.module_utils._redact_args import masked_strings
from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_args import ready_checks

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _checks  # noqa: F401 -- sent to the bench


def act(module: AnsibleModule) -> dict[str, Any]:
    """Ask through the site agent."""
    params = module.params
    secrets = check_secrets(params["secrets"])
    ready_checks(params["checks"], params["secrets"])
    module.no_log_values.update(masked_strings([[c.get("values"), c.get("kwargs")] for c in params["checks"]]))
    agent = agent_for(module)
    args = {key: params[key] for key in ("checks", "secrets")}
    answer = summary(agent.one("check.site", params["site"], args, secrets=secrets))
    if answer["failed"] and params["fail"]:
        raise failure(params["site"], answer)
    return {"changed": False, "site_checks": answer, "agent": agent.about}


def main() -> None:
    spec = {
        **site_spec(),
        "checks": {"type": "list", "elements": "dict", "required": True},
        "secrets": {"type": "dict", "default": {}, "no_log": True},
        "fail": {"type": "bool", "default": True},
    }
    run_module(AnsibleModule(argument_spec=spec, supports_check_mode=True), act)


if __name__ == "__main__":
    main()
