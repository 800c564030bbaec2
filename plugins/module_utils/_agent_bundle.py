# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the site agent's source, as it is sent in front of a request."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

from . import _errors, agent

# Named one by one because Ansible ships to the target only what is imported by name; importing them makes
# them attributes of their package, which is how :func:`bundle` finds them.
from .agent import (  # noqa: F401
    _app_checks,
    _app_install,
    _apps,
    _backup,
    _bench,
    _config,
    _config_plan,
    _context,
    _document_plan,
    _documents,
    _files,
    _git,
    _info,
    _keys,
    _protocol,
    _redact,
    _site_apps,
    _site_plan,
    _site_state,
    _sites,
    _state,
    _task_plan,
    _tasks,
)


def bundle() -> bytes:
    """The agent's source as one JSON object: module name -> [is a package, source]."""
    sources: dict[str, list[Any]] = {
        "erpops_frappe": [True, ""],
        "erpops_frappe._errors": [False, _source(_errors)],
        "erpops_frappe.agent": [True, _source(agent)],
    }
    for name, part in vars(agent).items():
        if isinstance(part, ModuleType):
            sources[f"erpops_frappe.agent.{name}"] = [False, _source(part)]
    return json.dumps(sources).encode()


def _source(module: Any) -> str:
    """A module's source through its loader: on a target it sits in Ansible's zip, not in a file.

    The collection loader of a controller (an action plugin, a test) answers bytes, others text.
    """
    source = module.__loader__.get_source(module.__name__)
    return source.decode() if isinstance(source, bytes) else str(source)
