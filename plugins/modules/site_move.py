#!/usr/bin/python
# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_move
short_description: One step of moving a site between benches
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - The steps that the role P(erpops.frappe.move#role) is made of, each on the bench of one side. How far they came is kept on
    both benches in C(.erpops/moves/<site>.json), so that an ended run can be finished or undone.
  - Use C(playbooks/move.yml) rather than this module.
extends_documentation_fragment:
  - erpops.frappe.bench
  - erpops.frappe.site
  - erpops.frappe.root
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    description: A second run with the same options changes nothing, but for O(state=packed), which seals the set anew.
    support: partial
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  state:
    description:
      - V(read) returns what this bench knows of the site and of itself, and changes nothing.
      - V(planned), on the target, returns the same, and with O(peer) all that is in the way.
      - V(held), on the source, puts the site into maintenance, switches its scheduler off and waits for its jobs.
      - V(packed), on the source, seals the move's backup set into a file; V(received), on the target, opens it.
      - V(verified), on the target, asks the web server for the site, with the API key of O(user).
      - V(live), on the target, starts the scheduler; V(moved), on the source, notes that the site lives elsewhere.
      - V(dropped), on the target, removes the copy that an unfinished move made; V(released), on the source, puts maintenance
        mode and scheduler back. Together they undo a move.
      - V(finished), on both sides, ends a move.
    type: str
    choices: [read, planned, held, packed, received, verified, live, moved, dropped, released, finished]
    required: true
  name:
    description: Name of this bench in the inventory.
    type: str
  peer:
    description: For V(planned), what V(read) returned for the source.
    type: dict
  to:
    description: For V(held) and V(released), the name of the target bench.
    type: str
  from:
    description: For V(received) and V(dropped), the name of the source bench.
    type: str
  pending:
    description: For V(held), whether jobs of the site must come to an end, or are given up.
    type: str
    choices: [drained, abandoned]
    default: drained
  drain_timeout:
    description: For V(held), how many seconds its jobs are waited for.
    type: int
    default: 300
  staging:
    description: Directory for the sealed file, on both sides.
    type: path
    default: /var/tmp
  sealed:
    description: For V(received), what V(packed) returned under this key, with the path that the file has on this host.
    type: dict
  key:
    description: For V(received), the key that V(packed) returned.
    type: str
  scheduler:
    description: For V(live), the state of the scheduler.
    type: str
    choices: [enabled, disabled]
  forward:
    description: For V(moved), the base address that requests for the site are to be forwarded to.
    type: str
  url:
    description: Base address of the bench's web server, as seen from its own host.
    type: str
  user:
    description: For V(verified), a user whose API key is tried; none when omitted.
    type: str
  confirm:
    description: For V(dropped), the site's name, to drop a copy that is live already.
    type: str
seealso:
  - module: erpops.frappe.site_backup
  - module: erpops.frappe.site_restore
"""

EXAMPLES = r"""
- name: Read what the source knows
  erpops.frappe.site_move:
    site: acme.example.com
    bench_path: /home/frappe/frappe-bench
    state: read
    name: main
  register: move_source_facts
"""

RETURN = r"""
facts:
  description: Site, journal, apps, sizes and free space of this bench.
  returned: with O(state=read) and O(state=planned)
  type: dict
  sample: {name: main, journal: {state: held}, maintenance: "on", size: {database: 104857600, files: 3145728}}
faults:
  description: All that is in the way of the move, one sentence for each.
  returned: with O(state=planned)
  type: list
  elements: str
  sample: []
over:
  description: Whether the site was moved away from the source already.
  returned: with O(state=planned)
  type: bool
  sample: false
journal:
  description: This bench's side of the move after the step.
  returned: with the states that change something
  type: dict
  sample: {id: 5f0c1e6a9d7b4c3e8a2f6b1d0e9c8a7b, state: held, to: bench2, set: move-5f0c1e6a9d7b}
sealed:
  description: Path, SHA-256 and size of the sealed file, with id and set of the move and the id of the set in it.
  returned: with O(state=packed)
  type: dict
  sample: {path: /var/tmp/erpops-move-5f0c1e6a9d7b4c3e8a2f6b1d0e9c8a7b/set.sealed, bytes: 311296}
key:
  description: What opens the sealed file. Hide the task's result with C(no_log).
  returned: with O(state=packed)
  type: str
path:
  description: Directory of the backup set on this bench.
  returned: with O(state=received)
  type: str
  sample: /home/frappe/frappe-bench/.erpops/archive/acme.example.com/move-5f0c1e6a9d7b
verified:
  description: Whether the web server answered for the site, and whether it knew the user's API key.
  returned: with O(state=verified)
  type: dict
  sample: {ping: true, api_key: true}
backup:
  description: The backup that was taken before a live copy was dropped.
  returned: with O(state=dropped)
  type: dict
  sample: {}
actions:
  description: What was done.
  returned: success
  type: list
  elements: str
  sample: [held]
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.erpops.frappe.plugins.module_utils._args import check_secrets, root_args, root_spec, site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._key_http import KeyProbe, site_answers
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import (  # noqa: F401 -- sent to the bench
        _move,
        _move_set,
    )

# state -> operation, and the options that it takes
STEPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "read": ("move.read", ("name", "staging", "url")),
    "planned": ("move.plan", ("name", "staging", "url", "peer")),
    "held": ("move.hold", ("to", "pending", "drain_timeout")),
    "packed": ("move_set.pack", ("staging",)),
    "received": ("move_set.receive", ("from",)),
    "live": ("move.live", ("scheduler",)),
    "moved": ("move.moved", ("forward",)),
    "dropped": ("move.drop_copy", ("from", "confirm")),
    "released": ("move.release", ("to",)),
    "finished": ("move.finish", ()),
}
REQUIRED = [
    ("state", "planned", ("name", "peer")),
    ("state", "held", ("to",)),
    ("state", "received", ("from", "sealed", "key")),
    ("state", "verified", ("url",)),
    ("state", "live", ("scheduler",)),
    ("state", "dropped", ("from",)),
    ("state", "released", ("to",)),
]
_OF_SEALED = ("path", "sha256", "set_id", "id", "set")


def verify(module: AnsibleModule) -> dict[str, Any]:
    """The site answers over HTTP by its name, and to its integration user's key if there is one."""
    params = module.params
    site_answers(params["url"], params["site"])
    key = agent_for(module).one("move.key", params["site"], {"user": params["user"]})
    if key["api_secret"]:
        module.no_log_values.add(key["api_secret"])
        KeyProbe({"validate_certs": True, "ca_path": None, **params}, key["api_key"], key["api_secret"]).verify(
            params["user"]
        )
    return {"changed": False, "verified": {"ping": True, "api_key": bool(key["api_secret"])}, "actions": []}


def act(module: AnsibleModule) -> dict[str, Any]:
    """Run the step through the site agent."""
    params = module.params
    if params["state"] == "verified":
        return verify(module)
    operation, options = STEPS[params["state"]]
    args = {key: params[key] for key in options}
    args.update(root=root_args(params), timeout=params["timeout"] - 10, database=params["state"] == "planned")
    if params["state"] == "received":
        missing = [key for key in _OF_SEALED if not params["sealed"].get(key)]
        if missing:
            raise ErpopsError("sealed is incomplete", seen="without " + ", ".join(missing), status=400)
        args.update({key: params["sealed"][key] for key in _OF_SEALED}, key=params["key"])
    secrets = check_secrets({key: params[key] for key in ("db_root_password", "key")}, "password")
    value = agent_for(module).one(operation, params["site"], args, secrets=secrets)
    if params["state"] == "read":
        return {"changed": False, "facts": value, "actions": []}
    if params["state"] == "planned":
        return {"changed": False, **value, "actions": []}
    result = {key: value[key] for key in ("changed", "journal", "diff", "actions", "path", "backup") if key in value}
    if params["state"] == "packed":
        result["sealed"] = {key: value.get(key) for key in ("path", "sha256", "bytes", "set_id")}
        result["sealed"].update({key: value["journal"][key] for key in ("id", "set")})
        result["key"] = value["key"]
    return result


def main() -> None:
    text, path = {"type": "str"}, {"type": "path"}
    module = AnsibleModule(
        argument_spec={
            **site_spec(timeout=3600),
            **root_spec(),
            "state": {"type": "str", "choices": [*list(STEPS)[:5], "verified", *list(STEPS)[5:]], "required": True},
            **dict.fromkeys(("name", "to", "from", "forward", "url", "user", "confirm"), text),
            "peer": {"type": "dict"},
            "pending": {"type": "str", "choices": ["drained", "abandoned"], "default": "drained"},
            "drain_timeout": {"type": "int", "default": 300},
            "staging": {**path, "default": "/var/tmp"},  # noqa: S108 -- the sealed file may be read by all
            "sealed": {"type": "dict"},
            "key": {"type": "str", "no_log": True},
            "scheduler": {"type": "str", "choices": ["enabled", "disabled"]},
        },
        required_if=REQUIRED,
        supports_check_mode=True,
    )
    run_module(module, act)


if __name__ == "__main__":
    main()
