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
        _app_install,
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
