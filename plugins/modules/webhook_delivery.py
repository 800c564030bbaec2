#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: webhook_delivery
short_description: Signed and deliberately mis-signed deliveries to a webhook endpoint
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Proves both verdicts of a webhook endpoint. A delivery signed as the vendor signs it must be let in; those without a
    signature, with a wrong one, or with one in another form must not.
  - Each delivery is sent once. No answer may hold the secret or the right signature of its body, whatever its status.
  - All failures are told in one message, each with its remedy.
extends_documentation_fragment:
  - erpops.frappe.http_client
attributes:
  check_mode:
    support: full
    description: Sends nothing, and returns what would be sent, with the kind V(skipped).
  diff_mode:
    support: none
    description: What an endpoint does with a delivery cannot be seen from here.
options:
  url:
    description: The endpoint's public address.
    type: str
    required: true
  connect:
    description: The address to connect to instead of that of the URL, such as V(127.0.0.1:8443). Host header and TLS name stay.
    type: str
  timeout:
    description: Seconds after which a delivery is given up.
    type: float
    default: 15
  secret:
    description: >-
      What deliveries are signed with (for V(chatwoot_token) the token), at least 8 characters. It must not be empty, since an
      endpoint without a secret lets everything in.
    type: str
    required: true
  scheme:
    description:
      - How deliveries are signed. Without it, as O(matrix) says.
      - V(woocommerce) is base64 of the body's HMAC-SHA256 in C(X-WC-Webhook-Signature).
      - V(diamondcasa) is hex in C(X-DiamondCasa-Signature), over C(data) as Python's C(json.dumps(data, sort_keys=True)).
      - V(chatwoot) is that of Chatwoot 4.11.2 and newer, V(sha256=) and hex over C(timestamp.body).
      - V(chatwoot_token) is C(?token=) in the URL's query.
      - V(hmac) is described by O(hmac).
    type: str
    choices: [woocommerce, diamondcasa, chatwoot, chatwoot_token, hmac]
  hmac:
    description: The signature of O(scheme=hmac).
    type: dict
    suboptions:
      header:
        description: The header that carries it.
        type: str
        required: true
      encoding:
        description: How it is written.
        type: str
        choices: [hex, base64]
        default: hex
      prefix:
        description: What stands before it, such as V(sha256=).
        type: str
        default: ""
      algorithm:
        description: The hash.
        type: str
        choices: [sha1, sha256, sha512]
        default: sha256
  matrix:
    description:
      - Deliveries that are known to be worth sending to such an endpoint, and what it must answer behind a front door that lets
        in POST only (and for V(chatwoot_token) the right token only).
      - V(woocommerce) includes the two requests that make the jarz app tell the right signature (C(d=1)).
      - An entry of O(deliveries) with the same name changes one of them.
    type: str
    choices: [woocommerce, diamondcasa, chatwoot, chatwoot_token, hmac]
  body:
    description: What is delivered, a mapping (sent as JSON) or text. Without it, one that fits O(matrix) or O(scheme).
    type: raw
  harmless_body:
    description:
      - Your promise that the endpoint changes nothing when it accepts O(body). Without it, every delivery that is let in
        counts as a change, since it may be queued and worked on. This is true of the bodies that are sent without O(body), too.
      - It changes nothing in what is sent.
    type: bool
    default: false
  content_type:
    description: The header Content-Type.
    type: str
    default: application/json
  headers:
    description: Further headers of all deliveries.
    type: dict
  topic:
    description: What the headers of V(woocommerce) name.
    type: str
    default: order.updated
  deliveries:
    description: Deliveries of your own, or changes to those of O(matrix).
    type: list
    elements: dict
    suboptions:
      name:
        description: How the result is called.
        type: str
        required: true
      signature:
        description:
          - V(valid), V(missing), V(wrong) (of another secret), V(hex) or V(base64) (in the other encoding), V(unprefixed),
            V(other_body) (of other content), V(raw_body) (over the body alone) or V(stale) (an hour old).
          - Without it, V(valid). Not every scheme has all of them.
        type: str
        choices: [valid, missing, wrong, hex, base64, unprefixed, other_body, raw_body, stale]
      method:
        description: The HTTP method; V(POST) without it. V(GET) carries no body.
        type: str
        choices: [POST, PUT, GET]
      query:
        description: Parameters added to the URL.
        type: dict
      headers:
        description: Headers of this delivery; they win over all others.
        type: dict
      content_type:
        description: Another Content-Type.
        type: str
      body:
        description: Another body.
        type: raw
      add:
        description: Keys added to the body.
        type: dict
      omit_id:
        description: Leave the key C(id) out of the body.
        type: bool
      expect_status:
        description: The right statuses; V([200]) for a valid signature and V([401, 403]) for all else, without it.
        type: list
        elements: int
      expect_json:
        description: Values that the answer must contain, by dotted paths, as in M(erpops.frappe.http_probe).
        type: dict
      forbid_json:
        description: Dotted paths at which the answer must hold nothing.
        type: list
        elements: str
      forbid_text:
        description: Texts that the answer must not contain.
        type: list
        elements: str
      refusal_text:
        description: What a refusal with a status other than 401, 403 and 405 must say. Frappe answers 417 for many reasons.
        type: str
  fail:
    description: Whether the module fails if an answer is wrong.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Prove that the order webhook lets in what WooCommerce signed, and nothing else
  erpops.frappe.webhook_delivery:
    url: "https://{{ site_name }}/api/method/jarz_woocommerce_integration.api.orders.woo_order_webhook"
    secret: "{{ woocommerce_webhook_secret }}"
    matrix: woocommerce
  delegate_to: localhost

- name: Prove the front door of chat_bridge, whose GET is answered by the app itself
  erpops.frappe.webhook_delivery:
    url: "https://{{ site_name }}/api/method/chat_bridge.webhook.handle"
    secret: "{{ chatwoot_webhook_token }}"
    matrix: chatwoot_token
    deliveries:
      - name: GET
        expect_status: [403]
  delegate_to: localhost

- name: Another vendor
  erpops.frappe.webhook_delivery:
    url: "https://{{ site_name }}/api/method/shop.hook"
    secret: "{{ shop_secret }}"
    scheme: hmac
    hmac: {header: X-Shop-Signature, prefix: sha256=}
    body: {event: ping}
    harmless_body: true
    deliveries:
      - {name: valid, signature: valid}
      - {name: unsigned, signature: missing}
  delegate_to: localhost
"""

RETURN = r"""
deliveries:
  description: What came of each delivery, in their order. The secret and right signatures are in none.
  returned: unless the arguments are wrong
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: unsigned
    url:
      description: The URL, with stars for the values of its query.
      type: str
      sample: https://acme.example.com/api/method/shop.hook
    method:
      description: The HTTP method.
      type: str
      sample: POST
    signature:
      description: How it was signed.
      type: str
      sample: missing
    status:
      description: The HTTP status; null if there was none.
      type: int
      sample: 403
    ok:
      description: Whether the answer was right.
      type: bool
      sample: true
    kind:
      description: >-
        V(ok), V(let_in) (it should not have been), V(refused) (it should not have been), V(leak) (the answer tells what nobody
        may know), V(wrong_answer), V(skipped), or what kept it from being sent, as in M(erpops.frappe.http_probe).
      type: str
      sample: ok
    entered:
      description: Whether the endpoint answered it with a status of 200 to 299.
      type: bool
      sample: false
    ms:
      description: Milliseconds to the answer.
      type: float
      sample: 9.4
    message:
      description: What was seen.
      type: str
      sample: HTTP 403
    remedy:
      description: What to do about a failure.
      type: str
      sample: ''
    json:
      description: The values at the paths of C(expect_json), without secrets.
      type: dict
      sample: {}
summary:
  description: How many deliveries there are, were right, were wrong, and were let in.
  returned: unless the arguments are wrong
  type: dict
  sample: {total: 9, ok: 9, failed: 0, entered: 1}
"""

import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._http_module import check_numbers, run_judged, sender
from ..module_utils._redact_args import masked_strings
from ..module_utils._vendor_http import query_values
from ..module_utils._webhook_delivery import deliver, failure_text, would
from ..module_utils._webhook_requests import deliveries_of

SCHEMES = ["woocommerce", "diamondcasa", "chatwoot", "chatwoot_token", "hmac"]
SIGNATURES = ["valid", "missing", "wrong", "hex", "base64", "unprefixed", "other_body", "raw_body", "stale"]
DELIVERY_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "signature": {"type": "str", "choices": SIGNATURES},
    "method": {"type": "str", "choices": ["POST", "PUT", "GET"]},
    "query": {"type": "dict"},
    "headers": {"type": "dict"},
    "content_type": {"type": "str"},
    "body": {"type": "raw"},
    "add": {"type": "dict"},
    "omit_id": {"type": "bool"},
    "expect_status": {"type": "list", "elements": "int"},
    "expect_json": {"type": "dict"},
    "forbid_json": {"type": "list", "elements": "str"},
    "forbid_text": {"type": "list", "elements": "str"},
    "refusal_text": {"type": "str"},
}
HMAC_SPEC: dict[str, Any] = {
    "header": {"type": "str", "required": True},
    "encoding": {"type": "str", "choices": ["hex", "base64"], "default": "hex"},
    "prefix": {"type": "str", "default": ""},
    "algorithm": {"type": "str", "choices": ["sha1", "sha256", "sha512"], "default": "sha256"},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "url": {"type": "str", "required": True},
    "connect": {"type": "str"},
    "verify_tls": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 15},
    "secret": {"type": "str", "required": True, "no_log": True},
    "scheme": {"type": "str", "choices": SCHEMES},
    "hmac": {"type": "dict", "options": HMAC_SPEC},
    "matrix": {"type": "str", "choices": SCHEMES},
    "body": {"type": "raw"},
    "harmless_body": {"type": "bool", "default": False},
    "content_type": {"type": "str", "default": "application/json"},
    "headers": {"type": "dict"},
    "topic": {"type": "str", "default": "order.updated"},
    "deliveries": {"type": "list", "elements": "dict", "options": DELIVERY_SPEC},
    "fail": {"type": "bool", "default": True},
}


def act(module: AnsibleModule) -> dict[str, Any]:
    """Send everything, or in check mode say what would be sent.

    :raises ErpopsError: if the arguments are wrong.
    """
    params = module.params
    module.no_log_values.update(query_values(params["url"]), masked_strings([params["headers"], params["deliveries"]]))
    check_numbers(params)
    made = deliveries_of(params, time.time())
    if module.check_mode:
        results = [would(delivery) for delivery in made]
        changed = any(delivery.shall_enter for delivery in made)
    else:
        with sender(params) as send:
            results = [deliver(delivery, send, params["timeout"]) for delivery in made]
        changed = any(one["entered"] and one["method"] != "GET" for one in results)
    summary = {
        "total": len(results),
        "ok": sum(one["ok"] for one in results),
        "failed": sum(not one["ok"] and one["kind"] != "skipped" for one in results),
        "entered": sum(one["entered"] for one in results),
    }
    return {"changed": changed and not params["harmless_body"], "deliveries": results, "summary": summary}


def main() -> None:
    """Wiring: arguments, result, and the one place where errors end."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run_judged(module, act, lambda result: failure_text(result["deliveries"]))


if __name__ == "__main__":
    main()
