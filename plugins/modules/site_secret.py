#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_secret
short_description: A secret of a site is rotated, proven over HTTP, and undone on failure
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Replaces an API key, the site's database password, Administrator's password or the C(encryption_key) with what is in it.
  - The new secret must be let in and the old one refused, seen from outside. If not, the old one is put back and proven.
  - How far a rotation came is kept on the bench in C(.erpops/rotations/<site>.json) (0600). A run that was killed leaves a site
    that works, or one in maintenance, and the next run finishes it.
  - Use C(playbooks/rotate.yml), which looks for all faults first, rather than this module.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
  - erpops.frappe.root
  - erpops.frappe.rotation
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    description: A second run with the same O(request) changes nothing.
    support: partial
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  secret:
    description: What is rotated.
    type: str
    choices: [api_key, database_password, admin_password, encryption_key]
    required: true
  state:
    description:
      - V(rotated) does it all. V(begun) is its first half, after which the new secret is in force and proven, V(finished) its
        second, after which the old one is refused. In between, what consumes the secret is told the new one.
      - V(undone) puts the old secret back while the rotation is not finished.
    type: str
    choices: [rotated, begun, finished, undone]
    default: rotated
  new_password:
    description: Administrator's new password. Not with O(vault_file), where it is generated.
    type: str
  old_password:
    description: Administrator's present password, to prove that it is refused afterwards.
    type: str
  vault_file:
    description: >-
      A vault-encrypted YAML file on the controller, into which a new API key or Administrator's new password is written.
    type: str
  vault_key:
    description: Its key there; O(user) for an API key and C(admin_password) for Administrator's password when omitted.
    type: str
  return_secret:
    description: Return the new pair of an API key. The whole result is then hidden from all output.
    type: bool
    default: false
seealso:
  - module: erpops.frappe.site_secret_info
  - module: erpops.frappe.api_key
"""

EXAMPLES = r"""
- name: Rotate the database password
  erpops.frappe.site_secret:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    secret: database_password
    request: "2026-11"
    url: http://127.0.0.1:8000
    db_root_password: "{{ bench_db_root_password }}"
"""

RETURN = r"""
site_secret:
  description: The rotation after the run.
  returned: success
  type: dict
  contains:
    secret:
      description: What was rotated.
      type: str
      sample: database_password
    open:
      description: Whether the rotation is not finished.
      type: bool
      sample: false
    request:
      description: The request of the last rotation that was finished.
      type: str
      sample: 2026-11
    waits_until:
      description: Until when the old API key is let in, in seconds since 1970; 0 if nothing is waited for.
      type: float
      sample: 0.0
    gap:
      description: Whether the old secret was refused before its consumers could know the new one.
      type: bool
      sample: false
    user:
      description: Whose API key is the one to use now.
      returned: for an API key that is rotated or put back
      type: str
      sample: sync-standby@acme.example.com
    key:
      description: The public half of that API key.
      returned: for an API key that is rotated or put back
      type: str
      sample: 3f2c91d0a7b64e5
    secret_half:
      description: The secret half.
      returned: with O(return_secret=true)
      type: str
    rows:
      description: How many rows hold something that is encrypted, by table.
      returned: for C(encryption_key)
      type: dict
      sample: {__Auth: 12, tabDefaultValue: 0}
    stored:
      description: Where the new secret was stored.
      type: list
      elements: str
      sample: [vault_file]
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [rotated database_password]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module
from ansible_collections.erpops.frappe.plugins.module_utils._rotation_http import (
    prove_begun,
    prove_finished,
    prove_undone,
)
from ansible_collections.erpops.frappe.plugins.module_utils._rotation_spec import (
    ADMIN_PASSWORD,
    SECRETS,
    rotation_args,
    rotation_spec,
)

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _rotation,
    )


class Rotation:
    """The steps of one module run."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module, self.params = module, module.params
        self.agent: SiteAgent = agent_for(module)
        given = {key: module.params[key] for key in ("db_root_password", "new_password", "old_password")}
        self.secrets = check_secrets(given, "password")
        self.hide = module.no_log_values.add

    def step(self, verb: str) -> dict[str, Any]:
        secret = self.params["secret"]
        args = {"secret": secret, "request": self.params["request"], **rotation_args(self.params, secret)}
        value: dict[str, Any] = self.agent.one(f"rotation.{verb}", self.params["site"], args, secrets=self.secrets)
        if not self.params["return_secret"]:
            for pair in (value["told"][side] for side in ("old", "new") if side in value["told"]):
                self.hide(str(pair["api_secret"]))
        return value

    def begin(self) -> dict[str, Any]:
        """:raises ErpopsError: the new secret is not let in; the old one is in force again, and that is proven."""
        value = self.step("begin")
        if value["open"] and not self.module.check_mode:
            try:
                prove_begun(self.params, self.agent, value["told"], self.hide)
            except ErpopsError as error:
                raise self._undone_after(error) from error
        return value

    def _undone_after(self, error: ErpopsError) -> ErpopsError:
        """The failure, once the old secret is in force again; or what is wrong with that too."""
        try:
            self.undo()
        except ErpopsError as second:
            return ErpopsError(
                "the new secret is not let in, and the old one is not proven to be in force again",
                object=self.params["site"],
                seen=f"{error} / {second}",
                hint="see that the web server answers, then run again",
                status=502,
            )
        error.message += "; the rotation was undone, and the old secret works again"
        return error

    def finish(self) -> dict[str, Any]:
        value = self.step("finish")
        if not self.module.check_mode and not value["waits_until"]:
            prove_finished(self.params, value["told"])
        return value

    def undo(self) -> dict[str, Any]:
        value = self.step("undo")
        if value["changed"] and not self.module.check_mode:
            prove_undone(self.params, self.agent, value["told"], self.hide)
        return value


def act(module: AnsibleModule) -> dict[str, Any]:
    """Run the steps that ``state`` names."""
    state, secret, rotation = module.params["state"], module.params["secret"], Rotation(module)
    steps = {"rotated": [rotation.begin, rotation.finish], "begun": [rotation.begin]}
    steps.update(finished=[rotation.finish], undone=[rotation.undo])
    if secret == ADMIN_PASSWORD and state in ("rotated", "begun") and not module.params["new_password"]:
        raise ErpopsError("there is no new password", needed="new_password, or vault_file", status=400)
    values = [step() for step in steps[state]]
    told = {key: item for value in values for key, item in value["told"].items()}
    changed, last = any(value["changed"] for value in values), values[-1]
    result = {"secret": secret, **{key: last[key] for key in ("open", "request", "waits_until")}, "stored": []}
    result["gap"] = bool(told.get("gap"))
    pair = told.get("old" if state == "undone" else "new")
    if pair:
        result.update(user=pair["user"], key=pair["api_key"])
        if module.params["return_secret"]:
            result["secret_half"] = pair["api_secret"]
    if "rows" in told:
        result["rows"] = told["rows"]
    diff = {"before": values[0]["diff"]["before"], "after": last["diff"]["after"]}
    if module.check_mode:
        diff = values[0]["diff"]
    return {
        "changed": changed,
        "site_secret": result,
        "actions": [f"{'undid the rotation of' if state == 'undone' else state} {secret}"] if changed else [],
        "diff": diff,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **rotation_spec(),
            "secret": {"type": "str", "choices": list(SECRETS), "required": True, "no_log": False},
            "state": {"type": "str", "choices": ["rotated", "begun", "finished", "undone"], "default": "rotated"},
            "new_password": {"type": "str", "no_log": True},
            "old_password": {"type": "str", "no_log": True},
            "vault_file": {"type": "str"},
            "vault_key": {"type": "str", "no_log": False},
            "return_secret": {"type": "bool", "default": False, "no_log": False},
        },
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
