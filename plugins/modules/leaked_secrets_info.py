#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: leaked_secrets_info
short_description: Credentials that are committed in repositories
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Brings a commit's files aside, shows all of them to a secret scanner, and tells file, kind and lines of what it finds.
    Nothing of the repository is run, and no value, nor a digest of one, is returned, logged or kept.
  - The whole repository counts, also where the app is a subdirectory of it. Its history does not, nor do submodules and what
    Git LFS keeps elsewhere.
  - A verdict is remembered, for each commit and set of rules, so that the same commit is neither fetched nor scanned again.
  - Nothing is sent anywhere. The scanner (Kingfisher) is told not to ask vendors whether a token is valid.
attributes:
  check_mode:
    support: full
    description: Changes nothing in either mode; in check mode no verdict is remembered.
  diff_mode:
    support: none
    description: There is nothing to compare.
  idempotent:
    support: full
    description: The same commit has the same findings.
options:
  sources:
    description: The repositories, each at a commit.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: By what name it is reported.
        type: str
        required: true
      repo:
        description: Address of its git repository, or a local work tree.
        type: str
        required: true
      version:
        description: A full commit, a tag or a branch; the default branch when omitted.
        type: str
        default: ""
      checkout:
        description: A clone on this host, from which the commit is taken if it has it.
        type: path
      token:
        description: Access token for a private repository over HTTPS.
        type: str
      ssh_key:
        description: Text of a private key for a private repository over SSH.
        type: str
  state_path:
    description: Directory of the verdicts. It is made when the first one is written, for its owner only.
    type: path
    default: ~/.erpops-secret-scan
  command:
    description: The scanner. By default the one that the role P(erpops.frappe.secret_scan#role) installs in O(state_path).
    type: path
  remembered_only:
    description: Scan nothing, and tell which commits have no verdict yet.
    type: bool
    default: false
  timeout:
    description: Seconds that the scan of one repository may take.
    type: int
    default: 600
seealso:
  - module: erpops.frappe.app_source_info
"""

EXAMPLES = r"""
- name: Look for credentials in an app's repository
  erpops.frappe.leaked_secrets_info:
    sources:
      - name: chat_bridge
        repo: https://github.com/example/erpnext-custom-apps
        version: a8accff0c0ffee0000000000000000000000beef
  register: leaks
"""

RETURN = r"""
leaked_secrets:
  description: One entry for each of O(sources), in their order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: As it was given.
      type: str
      sample: chat_bridge
    commit:
      description: The commit that was looked at.
      type: str
      sample: 01a6a58acadc4a974fce94cf089a4bb1bdbe2770
    known:
      description: Whether there is a verdict; always, without O(remembered_only).
      type: bool
      sample: true
    remembered:
      description: Whether the verdict is of an earlier run.
      type: bool
      sample: false
    scanner:
      description: Release of the scanner that made the verdict.
      type: str
      sample: 2.14.0
    findings:
      description: For each file and kind, C(file), C(kind), C(lines) (40 at most) and C(count).
      type: list
      elements: dict
      sample: [{file: sites/common_site_config.json, kind: site-config-secret, lines: [9], count: 1}]
    told:
      description: The same for people.
      type: list
      elements: str
      sample: ["sites/common_site_config.json: site-config-secret (line 9)"]
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module
from ansible_collections.erpops.frappe.plugins.module_utils._secret_findings import told
from ansible_collections.erpops.frappe.plugins.module_utils._secret_scan import inspect, scanner

SOURCE = {
    "name": {"type": "str", "required": True},
    "repo": {"type": "str", "required": True},
    "version": {"type": "str", "default": ""},
    "checkout": {"type": "path"},
    "token": {"type": "str", "no_log": True},
    "ssh_key": {"type": "str", "no_log": True},
}


def act(module: AnsibleModule) -> dict[str, Any]:
    """Look at each source in turn."""
    params = module.params
    state = params["state_path"]
    command = params["command"] or os.path.join(state, "venv", "bin", "kingfisher")
    found = []
    with scanner(command, state, float(params["timeout"]), check=module.check_mode) as scan:
        for source in params["sources"]:
            check_secrets({key: source[key] for key in ("token", "ssh_key")})
            seen = inspect(source, state, None if params["remembered_only"] else scan, check=module.check_mode)
            found.append({**seen, "told": told(seen["findings"])})
    return {"changed": False, "leaked_secrets": found}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "sources": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": SOURCE,
                "mutually_exclusive": [("token", "ssh_key")],
            },
            "state_path": {"type": "path", "default": "~/.erpops-secret-scan"},
            "command": {"type": "path"},
            "remembered_only": {"type": "bool", "default": False},
            "timeout": {"type": "int", "default": 600},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
