#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: woocommerce_webhook
short_description: A WooCommerce shop's webhooks as desired state
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Creates, changes, pauses and deletes webhooks over the REST API v3 of a shop, many in one call. Webhooks that are not named
    are left alone.
  - A webhook's secret cannot be read back. It is sent when a webhook is created, and later only with O(secret_update=always);
    that it differs is therefore never a reason for a change by itself.
  - Changes are read back, and what the shop did not keep is an error.
extends_documentation_fragment:
  - erpops.frappe.http_client
  - erpops.frappe.vendor
attributes:
  check_mode:
    support: full
    description: Reads the shop and says what would change, without changing it.
  diff_mode:
    support: full
    description: Shows the webhooks that change, without secrets.
  idempotent:
    support: partial
    description: A second run changes nothing, unless O(secret_update=always).
options:
  base_url:
    description: The shop's WordPress address (https).
    type: str
    required: true
  consumer_key:
    description: A REST API key with the permission Read/Write, of a user who may manage WooCommerce.
    type: str
    required: true
  consumer_secret:
    description: Its secret.
    type: str
    required: true
  webhooks:
    description: The webhooks.
    type: list
    elements: dict
    required: true
    suboptions:
      topic:
        description: Such as V(order.created), V(customer.updated) or V(action.woocommerce_add_to_cart).
        type: str
        required: true
      delivery_url:
        description: Where the shop delivers to.
        type: str
        required: true
      name:
        description: What it is called in the shop. Without it, a new one is called by its topic, and another name is let be.
        type: str
      status:
        description: V(paused) and V(disabled) deliver nothing. The shop itself disables one after five failed deliveries.
        type: str
        choices: [active, paused, disabled]
        default: active
      secret:
        description: What deliveries are signed with, at least 8 characters. Needed when the webhook is made.
        type: str
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  match_by:
    description:
      - V(url) finds a webhook by its topic and delivery URL.
      - V(name) finds it by its name, so that its topic and URL can change.
    type: str
    choices: [url, name]
    default: url
  secret_update:
    description: V(always) sends the secrets of existing webhooks as well, to rotate them; since nobody can tell whether that
      changed anything, it counts as a change.
    type: str
    choices: [on_create, always]
    default: on_create
  remove_duplicates:
    description: Delete further webhooks that match the same entry. Otherwise they are reported.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Ensure orders reach the site
  erpops.frappe.woocommerce_webhook:
    base_url: https://shop.example.com
    consumer_key: "{{ woocommerce_consumer_key }}"
    consumer_secret: "{{ woocommerce_consumer_secret }}"
    webhooks:
      - topic: order.created
        delivery_url: "https://{{ site_name }}/api/method/jarz_woocommerce_integration.api.orders.woo_order_webhook"
        secret: "{{ woocommerce_webhook_secret }}"
      - topic: order.updated
        delivery_url: "https://{{ site_name }}/api/method/jarz_woocommerce_integration.api.orders.woo_order_webhook"
        secret: "{{ woocommerce_webhook_secret }}"
  delegate_to: localhost

- name: Stop them at once
  erpops.frappe.woocommerce_webhook:
    base_url: https://shop.example.com
    consumer_key: "{{ woocommerce_consumer_key }}"
    consumer_secret: "{{ woocommerce_consumer_secret }}"
    webhooks:
      - topic: order.created
        delivery_url: "https://{{ site_name }}/api/method/jarz_woocommerce_integration.api.orders.woo_order_webhook"
        status: paused
        secret: "{{ woocommerce_webhook_secret }}"
  delegate_to: localhost
"""

RETURN = r"""
webhooks:
  description: The webhooks after the run, in the order of O(webhooks). URLs have stars for the values of their queries.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its number in the shop; null for one that does not exist (yet).
      type: int
      sample: 12
    name:
      description: Its name.
      type: str
      sample: erpops order.created
    topic:
      description: Its topic.
      type: str
      sample: order.created
    delivery_url:
      description: Where it delivers to.
      type: str
      sample: https://acme.example.com/api/method/shop.api.order
    status:
      description: V(active), V(paused), V(disabled) or V(absent).
      type: str
      sample: active
    action:
      description: V(create), V(update), V(delete) or empty.
      type: str
      sample: create
duplicates:
  description: Further webhooks that match one of O(webhooks), and were not removed.
  returned: success
  type: list
  elements: dict
  sample: []
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: ["create order.created -> https://acme.example.com/api/method/shop.api.order"]
"""

from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._http_module import run_with_client
from ..module_utils._http_probe import Send
from ..module_utils._vendor_args import reach, vendor_spec
from ..module_utils._vendor_http import VendorApi, query_values
from ..module_utils._vendor_webhooks import rows, settle
from ..module_utils._woocommerce_api import create, delete, read_webhooks, update, woocommerce
from ..module_utils._woocommerce_webhooks import Wanted, diff_of, plan, shown, wanted_of

WEBHOOK_SPEC: dict[str, Any] = {
    "topic": {"type": "str", "required": True},
    "delivery_url": {"type": "str", "required": True},
    "name": {"type": "str"},
    "status": {"type": "str", "choices": ["active", "paused", "disabled"], "default": "active"},
    "secret": {"type": "str", "no_log": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "base_url": {"type": "str", "required": True},
    "consumer_key": {"type": "str", "required": True, "no_log": True},
    "consumer_secret": {"type": "str", "required": True, "no_log": True},
    "webhooks": {"type": "list", "elements": "dict", "required": True, "options": WEBHOOK_SPEC},
    "match_by": {"type": "str", "choices": ["url", "name"], "default": "url"},
    "secret_update": {"type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False},
    "remove_duplicates": {"type": "bool", "default": False},
    **vendor_spec(),
}


def _gone(wanted: Wanted) -> dict[str, Any]:
    return shown({**vars(wanted), "status": "absent"})


def act(module: AnsibleModule, send: Send) -> dict[str, Any]:
    """Read, plan, change, read again.

    :raises ErpopsError: bad arguments, a request failed, or the shop did not keep a change.
    """
    params = module.params
    module.no_log_values.update(value for one in params["webhooks"] for value in query_values(one["delivery_url"]))
    wanted = wanted_of(params["webhooks"], params["match_by"])
    shop = woocommerce(params["base_url"], params["consumer_key"], params["consumer_secret"], **reach(params))
    api = VendorApi(shop, send)
    current = read_webhooks(api)
    compare = partial(
        plan,
        wanted,
        match_by=params["match_by"],
        rotate=params["secret_update"] == "always",  # noqa: S105 -- a choice
        remove_duplicates=params["remove_duplicates"],
    )
    planned = after = compare(current)
    if not module.check_mode:
        after = settle(
            planned,
            lambda: compare(read_webhooks(api)),
            create=partial(create, api),
            update=partial(update, api),
            delete=partial(delete, api),
            who="the shop",
            base=shop.base,
            hint="look for a plugin that changes webhooks, and run this again",
        )
    twice = [shown(one) for one in after.duplicates if not params["remove_duplicates"]]
    for one in twice:
        module.warn(f"webhook {one['id']} is there twice ({one['topic']}); remove_duplicates: true deletes it")
    return {
        "changed": bool(planned.steps),
        "webhooks": rows(planned, after, module.check_mode, shown, _gone),
        "duplicates": twice,
        "actions": planned.actions,
        "diff": diff_of(planned, current),
    }


def main() -> None:
    """Wiring: arguments, result, and the one place where errors end."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run_with_client(module, act)


if __name__ == "__main__":
    main()
