#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: http_probe
short_description: Many URLs at once, each answer explained
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Sends HTTP requests side by side, compares the answers with what is expected, and explains each failure by its cause
    (a wrong key, a host name without a site, maintenance, ...) with the next command to type.
  - Only failures that may pass by themselves are tried again, at once first and then with growing pauses, at most
    O(attempts) times within 30 seconds. A request that may change something is tried again only if it was surely not
    worked on.
  - Runs where C(httpx) is installed, which is the controller. Use C(delegate_to=localhost) in plays on sites.
extends_documentation_fragment:
  - erpops.frappe.http_client
attributes:
  check_mode:
    support: full
    description: In check mode only GET and HEAD are sent; the others are reported with the kind V(skipped).
  diff_mode:
    support: none
    description: Nothing is changed.
options:
  requests:
    description: The requests to send.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: How the result is called. Without it, the method and the URL.
        type: str
      url:
        description: The address. Names that end in C(.localhost) lead to this machine without DNS.
        type: str
        required: true
      method:
        description: The HTTP method.
        type: str
        choices: [GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS]
        default: GET
      headers:
        description: Further headers. Those whose names say that they are secret are never shown.
        type: dict
      host:
        description: The Host header, if it is not that of the URL; for HTTPS also the name in the certificate.
        type: str
      connect:
        description: >-
          The address to connect to instead of that of the URL, such as V(127.0.0.1:8400). The Host header and the name
          in the certificate stay those of the URL.
        type: str
      auth_key:
        description: An API key; with O(requests[].auth_secret) it makes the header C(Authorization).
        type: str
      auth_secret:
        description: The secret of the API key, of at least 8 characters.
        type: str
      body_json:
        description: What to send as JSON.
        type: dict
      expect_status:
        description: The right statuses.
        type: list
        elements: int
        default: [200]
      expect_json:
        description:
          - Values that the answer must contain. A key may be a dotted path such as V(message.user) or V(data.0.name).
          - A mapping must be contained in that of the answer; anything else must be equal.
        type: dict
      expect_text:
        description: Text that the answer must contain.
        type: str
      max_ms:
        description: How many milliseconds the answer may take.
        type: int
  timeout:
    description: Seconds after which one attempt is given up.
    type: float
    default: 10
  concurrency:
    description: How many requests are under way at once.
    type: int
    default: 10
  attempts:
    description: How often a request is sent at most; V(1) never tries again.
    type: int
    default: 6
  fail:
    description: Whether the module fails if a probe does.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Prove that the site answers under its own name
  erpops.frappe.http_probe:
    requests:
      - name: ping
        url: "http://{{ site_name }}/api/method/ping"
        connect: "127.0.0.1:8000"
        expect_json: {message: pong}
  delegate_to: localhost

- name: Prove that the key works, that a wrong one does not, and that both are quick
  erpops.frappe.http_probe:
    requests:
      - name: key
        url: "https://{{ site_name }}/api/method/frappe.auth.get_logged_user"
        auth_key: "{{ api_key }}"
        auth_secret: "{{ api_secret }}"
        expect_json: {message: Administrator}
        max_ms: 500
      - name: wrong key
        url: "https://{{ site_name }}/api/method/frappe.auth.get_logged_user"
        auth_key: "{{ api_key }}"
        auth_secret: not-the-secret
        expect_status: [401]
  delegate_to: localhost

- name: Measure a wave of sites without failing
  erpops.frappe.http_probe:
    requests:
      - {name: alpha, url: "http://alpha.localhost:8000/api/method/ping"}
      - {name: beta, url: "http://beta.localhost:8000/api/method/ping"}
    fail: false
  delegate_to: localhost
  register: wave
"""

RETURN = r"""
probes:
  description: What came of each request, in their order.
  returned: unless the arguments are wrong
  type: list
  elements: dict
  contains:
    name:
      description: The request's name.
      type: str
      sample: ping
    url:
      description: The URL, with stars for secret values in its query.
      type: str
      sample: http://alpha.localhost/api/method/ping
    status:
      description: The HTTP status of the last answer; null if there was none.
      type: int
      sample: 200
    ok:
      description: Whether the answer was as expected. Never true for a request that was not sent.
      type: bool
      sample: true
    kind:
      description: >-
        V(ok), V(wrong_secret), V(encryption_key_mismatch), V(permission), V(host_not_routed), V(maintenance),
        V(rate_limit), V(tls), V(timeout) (also later than O(requests[].max_ms)), V(connection_refused), V(dns),
        V(upstream_down), V(app_error), V(not_found), V(unexpected) or V(skipped).
      type: str
      sample: ok
    ms:
      description: Milliseconds of the last attempt.
      type: float
      sample: 12.4
    attempts:
      description: How often the request was sent.
      type: int
      sample: 1
    message:
      description: What was seen.
      type: str
      sample: HTTP 200
    remedy:
      description: What to do about a failure, with the next command to type.
      type: str
      sample: ''
    json:
      description: The values at the keys of O(requests[].expect_json), without mappings, lists and secrets.
      type: dict
      sample: {message: pong}
summary:
  description: Counts and latencies of all probes.
  returned: unless the arguments are wrong
  type: dict
  contains:
    total:
      description: How many probes there are.
      type: int
      sample: 10
    ok:
      description: How many succeeded.
      type: int
      sample: 10
    failed:
      description: How many failed.
      type: int
      sample: 0
    skipped:
      description: How many were not sent in check mode.
      type: int
      sample: 0
    p50_ms:
      description: The median latency in milliseconds.
      type: float
      sample: 11.8
    p95_ms:
      description: The latency that 95 per cent of the answers kept.
      type: float
      sample: 31.0
    max_ms:
      description: The longest latency.
      type: float
      sample: 34.2
    error_rate:
      description: The part of the probes sent that failed, from 0 to 1.
      type: float
      sample: 0.0
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._http_module import check_numbers, run_judged, sender
from ..module_utils._http_probe import failure_text, probes_of, run_all, secret_values, summary_of

REQUEST_SPEC: dict[str, Any] = {
    "name": {"type": "str"},
    "url": {"type": "str", "required": True},
    "method": {
        "type": "str",
        "choices": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        "default": "GET",
    },
    "headers": {"type": "dict"},
    "host": {"type": "str"},
    "connect": {"type": "str"},
    "auth_key": {"type": "str", "no_log": True},
    "auth_secret": {"type": "str", "no_log": True},
    "body_json": {"type": "dict"},
    "expect_status": {"type": "list", "elements": "int", "default": [200]},
    "expect_json": {"type": "dict"},
    "expect_text": {"type": "str"},
    "max_ms": {"type": "int"},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "requests": {"type": "list", "elements": "dict", "required": True, "options": REQUEST_SPEC},
    "timeout": {"type": "float", "default": 10},
    "concurrency": {"type": "int", "default": 10},
    "attempts": {"type": "int", "default": 6},
    "verify_tls": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "fail": {"type": "bool", "default": True},
}


def probe(module: AnsibleModule) -> dict[str, Any]:
    """Send everything and return the module's result.

    :raises ErpopsError: if the arguments are wrong.
    """
    params = module.params
    check_numbers(params)
    probes = probes_of(params["requests"])
    with sender(params) as send:
        results = run_all(
            probes,
            send,
            timeout=params["timeout"],
            attempts=params["attempts"],
            concurrency=params["concurrency"],
            check_mode=module.check_mode,
        )
    return {"changed": False, "probes": results, "summary": summary_of(results)}


def main() -> None:
    """Wiring: arguments, result, and the one place where errors end."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.no_log_values.update(secret_values(module.params["requests"]))
    run_judged(module, probe, lambda result: failure_text(result["probes"]))


if __name__ == "__main__":
    main()
