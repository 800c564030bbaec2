#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: chatwoot_webhook
short_description: A Chatwoot account's webhooks as desired state
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Creates, changes and deletes webhooks of a Chatwoot account over its API.
  - A webhook is taken for ours only if its URL is exactly the one that is named, apart from the parameter C(token) of its query.
    All others are left alone, also those of the same host.
  - Changes are read back, and what Chatwoot did not keep is an error.
extends_documentation_fragment:
  - erpops.frappe.http_client
  - erpops.frappe.vendor
attributes:
  check_mode:
    support: full
    description: Reads the account and says what would change, without changing it.
  diff_mode:
    support: full
    description: Shows the webhooks that change, tokens as stars and a salted digest.
  idempotent:
    support: full
    description: A second run changes nothing.
options:
  base_url:
    description: Chatwoot's address (https).
    type: str
    required: true
  api_access_token:
    description: The access token of an administrator of the account.
    type: str
    required: true
  account_id:
    description: The account, the number in C(/app/accounts/N).
    type: int
    default: 1
  webhooks:
    description: The webhooks.
    type: list
    elements: dict
    required: true
    suboptions:
      url:
        description: Where Chatwoot delivers to, without a token.
        type: str
        required: true
      token:
        description: What the receiver's front door asks for, at least 8 characters; becomes C(?token=) of the URL.
        type: str
      name:
        description: What it is called in Chatwoot; another name is let be without it.
        type: str
      subscriptions:
        description: The events, such as V(conversation_created). Their order does not matter.
        type: list
        elements: str
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  remove_duplicates:
    description: Delete further webhooks whose URLs differ in the token only. Otherwise they are reported.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Ensure conversations reach the site
  erpops.frappe.chatwoot_webhook:
    base_url: https://chat.example.com
    api_access_token: "{{ chatwoot_api_access_token }}"
    account_id: 3
    webhooks:
      - url: "https://{{ site_name }}/api/method/chat_bridge.webhook.handle"
        token: "{{ chatwoot_webhook_token }}"
        subscriptions: [conversation_created, conversation_updated, conversation_status_changed]
  delegate_to: localhost

- name: Ensure nothing is delivered any more
  erpops.frappe.chatwoot_webhook:
    base_url: https://chat.example.com
    api_access_token: "{{ chatwoot_api_access_token }}"
    account_id: 3
    webhooks:
      - url: "https://{{ site_name }}/api/method/chat_bridge.webhook.handle"
        state: absent
  delegate_to: localhost
"""

RETURN = r"""
webhooks:
  description: The webhooks after the run, in the order of O(webhooks).
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its number in Chatwoot; null for one that does not exist (yet).
      type: int
      sample: 4
    name:
      description: Its name, if it has one.
      type: str
      sample: ''
    url:
      description: Where it delivers to, with stars for the token.
      type: str
      sample: https://acme.example.com/api/method/chat_bridge.webhook.handle?token=********
    subscriptions:
      description: The events, sorted.
      type: list
      elements: str
      sample: [conversation_created]
    state:
      description: V(present) or V(absent).
      type: str
      sample: present
    action:
      description: V(create), V(update), V(delete) or empty.
      type: str
      sample: create
duplicates:
  description: Further webhooks with the same URL but for the token, that were not removed.
  returned: success
  type: list
  elements: dict
  sample: []
server:
  description: The server's version (null if it does not tell) and whether it signs its deliveries (null if nothing tells).
  returned: success
  type: dict
  sample: {version: 4.11.2, signs_deliveries: true}
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: ["create https://acme.example.com/api/method/chat_bridge.webhook.handle"]
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._chatwoot_api import chatwoot, create, delete, read_server, read_webhooks, update
from ..module_utils._chatwoot_webhooks import Wanted, diff_of, plan, shown, token_of, wanted_of
from ..module_utils._http_module import run_with_client
from ..module_utils._http_probe import Send
from ..module_utils._vendor_args import reach, vendor_spec
from ..module_utils._vendor_http import VendorApi
from ..module_utils._vendor_webhooks import rows, settle

WEBHOOK_SPEC: dict[str, Any] = {
    "url": {"type": "str", "required": True},
    "token": {"type": "str", "no_log": True},
    "name": {"type": "str"},
    "subscriptions": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "base_url": {"type": "str", "required": True},
    "api_access_token": {"type": "str", "required": True, "no_log": True},
    "account_id": {"type": "int", "default": 1},
    "webhooks": {"type": "list", "elements": "dict", "required": True, "options": WEBHOOK_SPEC},
    "remove_duplicates": {"type": "bool", "default": False},
    **vendor_spec(),
}


def _row(webhook: Mapping[str, Any]) -> dict[str, Any]:
    return {**shown(webhook), "state": "present"}


def _gone(wanted: Wanted) -> dict[str, Any]:
    return {**shown({"url": wanted.url}), "state": wanted.state}


def act(module: AnsibleModule, send: Send) -> dict[str, Any]:
    """Read, plan, change, read again.

    :raises ErpopsError: bad arguments, a request failed, or Chatwoot did not keep a change.
    """
    params, account = module.params, module.params["account_id"]
    module.no_log_values.update(token_of(one["url"]) for one in params["webhooks"] if len(token_of(one["url"])) > 7)
    wanted = wanted_of(params["webhooks"])
    server = chatwoot(params["base_url"], params["api_access_token"], **reach(params))
    api = VendorApi(server, send)
    current = read_webhooks(api, account)
    compare = partial(plan, wanted, remove_duplicates=params["remove_duplicates"])
    planned = after = compare(current)
    if not module.check_mode:
        after = settle(
            planned,
            lambda: compare(read_webhooks(api, account)),
            create=partial(create, api, account),
            update=partial(update, api, account),
            delete=partial(delete, api, account),
            who="Chatwoot",
            base=server.base,
            hint="look who else changes them, and run this again",
        )
    twice = [shown(one) for one in after.duplicates if not params["remove_duplicates"]]
    for one in twice:
        module.warn(f"webhook {one['id']} is there twice ({one['url']}); remove_duplicates: true deletes it")
    return {
        "changed": bool(planned.steps),
        "webhooks": rows(planned, after, module.check_mode, _row, _gone),
        "duplicates": twice,
        "server": read_server(api, current),
        "actions": planned.actions,
        "diff": diff_of(planned, current),
    }


def main() -> None:
    """Wiring: arguments, result, and the one place where errors end."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run_with_client(module, act)


if __name__ == "__main__":
    main()
