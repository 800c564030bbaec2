#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: api_key
short_description: A user's API key exists, is warmed up, and is verified over HTTP
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Issues an API key and secret for a user who has none, or replaces the secret with O(rotate=true). A key that is there is kept
    and its secret is never replaced by accident.
  - Warms the site up. A session of the user is opened as Frappe does it for a request and closed again, and authenticated
    requests are sent until every web worker has loaded the site.
  - Verifies the key with C(GET /api/method/frappe.auth.get_logged_user), first at once, then at most five times more within 30
    seconds. Only answers that may change by themselves are tried again; a final failure is classified and names its remedy.
  - The secret is stored, encrypted with the run's vault password, in a file on the controller (O(vault_file)) or in a Password
    field of another site (O(store_document)). It is in no result unless O(return_secret=true).
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
  user:
    description: Name of the user.
    type: str
    required: true
  rotate:
    description: Replace the secret. The old one stops working at that moment.
    type: bool
    default: false
  url:
    description: >-
      Base address of the site's web server as seen from this host, such as C(http://127.0.0.1:8000). The site's name is sent as
      C(Host). Without it the key is neither warmed up nor verified.
    type: str
  verify:
    description: Verify the key over HTTP.
    type: bool
    default: true
  warmup:
    description: Warm the site up when the key was issued or replaced.
    type: bool
    default: true
  web_workers:
    description: How many web workers there are; as many requests at once are sent in each round of the warm-up, and one more.
    type: int
    default: 2
  validate_certs:
    description: Whether the server's TLS certificate is checked.
    type: bool
    default: true
  ca_path:
    description: File of certificate authorities to check it with.
    type: path
  vault_file:
    description:
      - A vault-encrypted YAML file on the controller, into which C(api_key) and C(api_secret) are written under
        O(vault_key). It is made when it is not there.
    type: str
  vault_key:
    description: Name of the mapping in O(vault_file); the user when omitted.
    type: str
  store_document:
    description: A record of another site of the same bench that gets the key.
    type: dict
    suboptions:
      site:
        description: The other site.
        type: str
        required: true
      doctype:
        description: DocType of the record.
        type: str
        required: true
      name:
        description: Name of the record.
        type: str
      key_field:
        description: Field that gets the key.
        type: str
        required: true
      secret_field:
        description: Password field that gets the secret.
        type: str
        required: true
  return_secret:
    description: Return the secret. The whole result is then hidden from all output.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Ensure the integration user's key, kept in a vault file
  erpops.frappe.api_key:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    user: sync@acme.example.com
    url: http://127.0.0.1:8000
    vault_file: "{{ inventory_dir }}/secrets/acme.example.com.yml"

- name: Replace the secret
  erpops.frappe.api_key:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    user: sync@acme.example.com
    rotate: true
    url: http://127.0.0.1:8000
    vault_file: "{{ inventory_dir }}/secrets/acme.example.com.yml"
"""

RETURN = r"""
api_key:
  description: The key after the run.
  returned: success
  type: dict
  contains:
    user:
      description: Whose key it is.
      type: str
      sample: sync@acme.example.com
    action:
      description: V(issued), V(rotated) or empty.
      type: str
      sample: issued
    key:
      description: The public half.
      type: str
      sample: 3f2c91d0a7b64e5
    secret:
      description: The secret half.
      returned: when O(return_secret=true)
      type: str
    verified:
      description: Whether an authenticated request was answered for this user.
      returned: when it was verified
      type: bool
      sample: true
    attempts:
      description: Requests that the verification took.
      returned: when it was verified
      type: int
      sample: 1
    verify_ms:
      description: Milliseconds of the request that was answered.
      returned: when it was verified
      type: float
      sample: 5.4
    seconds_to_active:
      description: Seconds from the issue of the key to the first answer to it; 0 for a key that was there.
      returned: when it was verified
      type: float
      sample: 0.2
    stored:
      description: Where the secret was stored.
      type: list
      elements: str
      sample: [vault_file]
    warmup:
      description: >-
        Milliseconds of the first call before the warm-up and of the first one after it, requests and rounds sent, and
        milliseconds for opening the session.
      returned: when the site was warmed up
      type: dict
      sample: {first_ms: 186.2, after_ms: 6.1, requests: 6, rounds: 2, session_ms: 169.5}
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [issued key]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._key_http import KeyProbe
from ansible_collections.erpops.frappe.plugins.module_utils._key_spec import key_spec
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _documents,
        _keys,
    )


def _store(agent: SiteAgent, target: dict[str, Any], key: str, secret: str) -> bool:
    """Write the key into a record of another site; whether that changed anything."""
    record = {
        "doctype": target["doctype"],
        "name": target["name"],
        "values": {target["key_field"]: key},
        "secrets": {target["secret_field"]: secret},
    }
    value = agent.one("document.apply", target["site"], {"documents": [record]}, secrets=[secret])
    return bool(value["changed"])


def act(module: AnsibleModule) -> dict[str, Any]:
    """Issue, store, warm up, verify."""
    params = module.params
    agent = agent_for(module)
    value = agent.one("key.apply", params["site"], {"user": params["user"], "rotate": params["rotate"]})
    secret = value.pop("api_secret")
    if secret and not params["return_secret"]:
        module.no_log_values.add(secret)
    changed, stored = value["changed"], []
    if params["store_document"] and not (module.check_mode and value["changed"]):
        changed = _store(agent, params["store_document"], value["api_key"], secret) or changed
        stored.append("document")
    result: dict[str, Any] = {
        "user": params["user"],
        "action": value["action"],
        "key": value["api_key"],
        "stored": stored,
    }
    if params["return_secret"]:
        result["secret"] = secret
    live = bool(params["url"]) and not (module.check_mode and value["changed"])
    if live:
        probe = KeyProbe(params, value["api_key"], secret)
        if params["warmup"] and value["changed"]:
            session = agent.one("key.warm", params["site"], {"user": params["user"]})
            result["warmup"] = {**probe.warm_up(params["web_workers"]), "session_ms": session["opened_ms"]}
        if params["verify"]:
            result.update(probe.verify(params["user"]))
            result["seconds_to_active"] = round(probe.first_success - value["created"], 3) if value["created"] else 0.0
    actions = [f"{value['action']} key"] if value["action"] else []
    state = {True: "present", False: "absent"}
    return {
        "changed": changed,
        "api_key": result,
        "actions": actions,
        "diff": {
            "before": {"key": state[value["action"] != "issued"]},
            "after": {"key": "present" + (" (new secret)" if value["action"] == "rotated" else "")},
        },
    }


def main() -> None:
    module = AnsibleModule(argument_spec={**site_spec(), **key_spec()}, supports_check_mode=True)
    run_module(module, act)


if __name__ == "__main__":
    main()
