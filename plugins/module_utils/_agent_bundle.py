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

# Ansible ships to the target what a file imports by name, wherever it stands in the file. Nothing is executed here
# for its source alone: in every module that took 50 ms.
if TYPE_CHECKING:
    from . import _errors  # noqa: F401
    from .agent import (  # noqa: F401
        _app_checks,
        _app_faults,
        _app_install,
        _app_tree,
        _apps,
        _backup,
        _backup_set,
        _bench,
        _checks,
        _checks_apps,
        _checks_args,
        _checks_files,
        _checks_imports,
        _checks_jobs,
        _checks_kinds,
        _checks_links,
        _checks_outcome,
        _checks_records,
        _checks_schema,
        _checks_trial,
        _checks_types,
        _company,
        _company_plan,
        _config,
        _config_plan,
        _context,
        _document_plan,
        _documents,
        _field_values,
        _files,
        _fingerprint,
        _git,
        _held,
        _info,
        _integration_log,
        _keys,
        _log_summary,
        _memory,
        _move,
        _move_facts,
        _move_plan,
        _move_set,
        _overlay_packages,
        _overlay_plan,
        _overlay_source,
        _overlays,
        _phase_plan,
        _phases,
        _protocol,
        _redact,
        _restore,
        _restore_files,
        _restore_plan,
        _seal,
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
