# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: how a module ends.

Apart from ``_module``: what imports that is shipped with the whole site agent, which takes a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ._errors import ErpopsError


def run_module(module: AnsibleModule, act: Callable[[AnsibleModule], dict[str, Any]]) -> None:
    """Run ``act`` and exit with its result, or fail with its error: the one ``except`` of a module."""
    try:
        result = act(module)
    except ErpopsError as exc:
        module.fail_json(msg=str(exc), error=exc.as_dict())
    module.exit_json(**result)
