#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zoho_token
short_description: A Zoho refresh token that works, kept in a vault file
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Tries the refresh token that is held, first at Zoho's accounts server and then with one read-only request to Zoho Inventory.
    One that works is kept, and O(code) is not touched.
  - Otherwise exchanges O(code) for one. A code is for one use and ends within minutes, so that its refresh token is stored
    before anything else can fail.
  - The refresh token is stored, encrypted with the run's vault password, in a file on the controller (O(vault_file)). It is in
    no result unless O(return_secret=true). All secrets travel in bodies, none in a query or on a command line.
extends_documentation_fragment:
  - erpops.frappe.http_client
  - erpops.frappe.vendor
attributes:
  check_mode:
    support: full
    description: Tries a held refresh token for real, which changes nothing, and does not use up a code.
  diff_mode:
    support: full
    description: Shows whether there is a refresh token, never the token.
  idempotent:
    support: full
    description: While the held refresh token works, nothing changes.
options:
  region:
    description: The data centre, which is the end of the address at which you log in to Zoho. A client is known in its own only.
    type: str
    choices: [com, eu, in, com.au, jp, ca, sa, com.cn]
    default: com
  client_id:
    description: The client's id from the Zoho API console.
    type: str
    required: true
  client_secret:
    description: The client's secret.
    type: str
    required: true
  code:
    description: A grant code, fresh from the browser. Needed only while no working refresh token is held.
    type: str
  redirect_uri:
    description: The redirect URI, exactly as registered for the client. Belongs to O(code).
    type: str
  refresh_token:
    description: The refresh token that is held, if it is not in O(vault_file).
    type: str
  organization_id:
    description: The organization whose items are read to prove the token; without it, the list of organizations is.
    type: str
  vault_file:
    description:
      - A vault-encrypted YAML file on the controller, in which C(refresh_token) and C(api_domain) are held under O(vault_key). It
        is made when it is not there.
    type: str
  vault_key:
    description: Name of the mapping in O(vault_file).
    type: str
    default: zoho
  state:
    description: V(absent) revokes the refresh token at Zoho and takes it out of O(vault_file).
    type: str
    choices: [present, absent]
    default: present
  return_secret:
    description: Return the refresh token. The whole result is then hidden from all output.
    type: bool
    default: false
  accounts_url:
    description: Another accounts server than the region's.
    type: str
  api_url:
    description: Another API server than the region's.
    type: str
"""

EXAMPLES = r"""
- name: Ensure there is a refresh token that works
  erpops.frappe.zoho_token:
    region: eu
    client_id: "{{ zoho_client_id }}"
    client_secret: "{{ zoho_client_secret }}"
    code: "{{ zoho_code | default(omit) }}"
    redirect_uri: https://backend.example.com/oauth/callback
    organization_id: "60001234567"
    vault_file: "{{ inventory_dir }}/secrets/zoho.yml"
  delegate_to: localhost

- name: Revoke it
  erpops.frappe.zoho_token:
    region: eu
    client_id: "{{ zoho_client_id }}"
    client_secret: "{{ zoho_client_secret }}"
    vault_file: "{{ inventory_dir }}/secrets/zoho.yml"
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
zoho_token:
  description: The refresh token after the run.
  returned: success, and when the token was stored but could not be proven
  type: dict
  contains:
    action:
      description: V(exchanged), V(replaced) (the held one was dead), V(revoked), or empty.
      type: str
      sample: exchanged
    region:
      description: The data centre.
      type: str
      sample: eu
    verified:
      description: Whether Zoho Inventory answered a request with it.
      type: bool
      sample: true
    api_domain:
      description: Where Zoho says that its API is for this account.
      returned: when a token was had
      type: str
      sample: https://www.zohoapis.eu
    scope:
      description: What it is for, as Zoho said when it was exchanged.
      returned: when it was exchanged
      type: str
      sample: ZohoInventory.items.READ
    expires_in:
      description: Seconds for which the access token of the proof is good.
      returned: when a token was had
      type: int
      sample: 3600
    items:
      description: How many items of the first five were read.
      returned: with O(organization_id)
      type: int
      sample: 5
    organizations:
      description: The organizations' ids.
      returned: without O(organization_id)
      type: list
      elements: str
      sample: ["60001234567"]
    was_known:
      description: Whether Zoho knew the token that was revoked.
      returned: when O(state=absent)
      type: bool
      sample: true
    refresh_token:
      description: The refresh token.
      returned: when O(return_secret=true)
      type: str
    stored:
      description: Where it was stored.
      type: list
      elements: str
      sample: [vault_file]
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [exchanged refresh token]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._args import check_secrets
from ..module_utils._errors import ErpopsError
from ..module_utils._http_module import run_with_client
from ..module_utils._http_probe import Send
from ..module_utils._vendor_args import reach, vendor_spec
from ..module_utils._zoho_api import REGIONS, Client
from ..module_utils._zoho_token import Grant, Outcome, end, ensure

ARGUMENT_SPEC: dict[str, Any] = {
    "region": {"type": "str", "choices": [*REGIONS], "default": "com"},
    "client_id": {"type": "str", "required": True},
    "client_secret": {"type": "str", "required": True, "no_log": True},
    "code": {"type": "str", "no_log": True},
    "redirect_uri": {"type": "str"},
    "refresh_token": {"type": "str", "no_log": True},
    "organization_id": {"type": "str"},
    "vault_file": {"type": "str"},
    "vault_key": {"type": "str", "default": "zoho", "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "return_secret": {"type": "bool", "default": False, "no_log": False},
    "accounts_url": {"type": "str"},
    "api_url": {"type": "str"},
    **vendor_spec(),
}


def _result(params: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """The module's result; a new refresh token is in it only when it was asked for (Ansible masks the one given)."""
    token = {"action": outcome.action, "region": params["region"], "verified": False, "stored": [], **outcome.facts}
    if params["return_secret"] and outcome.action in ("exchanged", "replaced"):
        token["refresh_token"] = outcome.refresh_token
    words = {"exchanged": ("absent", "present"), "replaced": ("refused", "present"), "revoked": ("present", "absent")}
    same = "present" if params["state"] == "present" else "absent"
    before, after = words.get(outcome.action, (same, same))
    return {
        "changed": bool(outcome.action),
        "zoho_token": token,
        "actions": [f"{outcome.action} refresh token"] if outcome.action else [],
        "diff": {"before": {"refresh_token": before}, "after": {"refresh_token": after}},
    }


def act(module: AnsibleModule, send: Send) -> dict[str, Any]:
    """Keep, exchange or revoke.

    :raises ErpopsError: bad arguments, or no working token can be had.
    """
    params = module.params
    check_secrets({name: params[name] for name in ("client_secret", "code", "refresh_token")})
    if params["code"] and not params["redirect_uri"]:
        raise ErpopsError("code needs redirect_uri", needed="the one that is registered for the client", status=400)
    client = Client(
        params["region"],
        params["client_id"],
        params["client_secret"],
        params["accounts_url"] or "",
        params["api_url"] or "",
    )
    held = params["refresh_token"] or ""
    if params["state"] == "absent":
        return _result(params, end(client, send, reach(params), held, module.check_mode))
    grant = Grant(held, params["code"] or "", params["redirect_uri"] or "", params["organization_id"] or "")
    outcome = ensure(client, send, reach(params), grant, module.check_mode)
    if outcome.refresh_token and not params["return_secret"]:
        module.no_log_values.add(outcome.refresh_token)
    if outcome.error is not None:
        # A code was used up for this token: it is handed on for storing, although the module fails.
        module.fail_json(msg=str(outcome.error), error=outcome.error.as_dict(), **_result(params, outcome))
    return _result(params, outcome)


def main() -> None:
    """Wiring: arguments, result, and the one place where errors end."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run_with_client(module, act)


if __name__ == "__main__":
    main()
