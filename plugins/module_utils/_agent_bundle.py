# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the site agent's source, as it is sent in front of a request."""

from __future__ import annotations

import importlib.util
import json
import pkgutil
from typing import TYPE_CHECKING, Any

from . import agent

# Ansible ships to the target what a file imports by name, wherever it stands in the file, and what that imports in turn. So each
# file that asks for an operation names the agent's file that has it, and these are what every conversation needs; all hundred
# in every module took it half a second to be built and read. Nothing is executed here for its source alone.
if TYPE_CHECKING:
    from . import _errors  # noqa: F401
    from .agent import _bootstrap, _protocol  # noqa: F401


def bundle() -> bytes:
    """The agent's source as one JSON object: module name -> [is a package, source]; of a module on a target, what it needs."""
    here, _dot, _agent = agent.__name__.rpartition(".")
    sources: dict[str, list[Any]] = {
        "erpops_frappe": [True, ""],
        "erpops_frappe._errors": [False, _source(f"{here}._errors")],
        "erpops_frappe.agent": [True, _source(agent.__name__)],
    }
    for part in pkgutil.iter_modules(agent.__path__):
        sources[f"erpops_frappe.agent.{part.name}"] = [False, _source(f"{agent.__name__}.{part.name}")]
    return json.dumps(sources).encode()


def _source(name: str) -> str:
    """A module's source through its loader: on a target it sits in Ansible's zip, not in a file.

    The collection loader of a controller (an action plugin, a test) answers bytes, others text.
    """
    loader: Any = getattr(importlib.util.find_spec(name), "loader", None)
    source = loader.get_source(name)
    return source.decode() if isinstance(source, bytes) else str(source)
