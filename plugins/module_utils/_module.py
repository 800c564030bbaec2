# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the site agent that a module asks."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from ._agent_client import SiteAgent
from ._args import check_site_name
from ._runtime import runtime_from


def agent_for(module: AnsibleModule) -> SiteAgent:
    """The site agent that a module's parameters point at, in the module's own check mode.

    :raises ErpopsError: (400) the site's name is none.
    """
    params = module.params
    if params.get("site"):
        check_site_name(params["site"])
    return SiteAgent(
        runtime_from(params),
        check=module.check_mode,
        timeout=float(params["timeout"]),
        lock_timeout=float(params["lock_timeout"]),
    )
