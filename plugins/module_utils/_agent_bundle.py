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
        _backup_copy,
        _backup_crypt,
        _backup_keep,
        _backup_plan,
        _backup_set,
        _backup_tool,
        _bench,
        _bootstrap,
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
        _cipher,
        _cipher_plan,
        _cli,
        _company,
        _company_plan,
        _config,
        _config_plan,
        _context,
        _document_plan,
        _documents,
        _drain,
        _drift,
        _drift_plan,
        _drill,
        _drill_rows,
        _drill_web,
        _dump_tables,
        _environment,
        _field_values,
        _files,
        _fingerprint,
        _gates,
        _git,
        _git_tree,
        _health,
        _health_plan,
        _held,
        _info,
        _integration_log,
        _keys,
        _log_summary,
        _memory,
        _migration,
        _migration_history,
        _migration_plan,
        _migration_source,
        _move,
        _move_facts,
        _move_plan,
        _move_set,
        _nested,
        _offsite,
        _offsite_plan,
        _overlay_packages,
        _overlay_plan,
        _overlay_source,
        _overlays,
        _phase_plan,
        _phases,
        _point_plan,
        _points,
        _protocol,
        _redact,
        _release,
        _release_adopt,
        _release_build,
        _release_env,
        _release_inner,
        _release_plan,
        _release_record,
        _release_tree,
        _restore,
        _restore_facts,
        _restore_files,
        _restore_place,
        _restore_plan,
        _restore_site,
        _rollout,
        _rollout_plan,
        _rotation,
        _rotation_database,
        _rotation_encryption,
        _rotation_encryption_plan,
        _rotation_keys,
        _rotation_login,
        _rotation_plan,
        _scratch,
        _seal,
        _site_apps,
        _site_plan,
        _site_state,
        _sites,
        _sizes,
        _state,
        _task_plan,
        _tasks,
        _update,
        _update_back,
        _update_bench,
        _update_facts,
        _update_journal,
        _update_open,
        _update_plan,
        _update_steps,
        _words,
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
