# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: runs of what is no Frappe site, told as the health of an integration.

The result has the form of ``modules/integration_health_info.py``.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils.agent._health_plan import (
    integration,
    worst,
)
from ansible_collections.erpops.frappe.plugins.module_utils.agent._log_summary import summary

_FIELDS = {
    "time": "time",
    "status": "status",
    "kind": "kind",
    "error": "error",
    "duration": "ms",
    "success": "Success",
    "failure": "Failed",
}


def runs_health(seen: Mapping[str, Any], site: str, name: str, hours: int, now: datetime.datetime) -> dict[str, Any]:
    """The health of one integration.

    :param seen: ``runs`` (``time`` in UTC, ``status``, ``error``, ``ms``), ``schedule`` (``enabled``, ``age`` in
        seconds) and ``queues`` (name -> ``jobs``, ``workers``).
    :param now: UTC, without a zone as the times of the runs.
    """
    source = {"source": "task results", **summary(seen["runs"], _FIELDS)}
    enabled = seen["schedule"]["enabled"]
    jobs = {"count": 1, "stopped": int(not enabled), "never_ran": [name] if seen["schedule"]["age"] is None else []}
    one = integration(name, [source], jobs, now)
    return {
        "site": site,
        "taken_at": int(now.replace(tzinfo=datetime.timezone.utc).timestamp()),
        "hours": hours,
        "status": worst([one["status"]]),
        "scheduler": {
            "status": "active" if enabled else "inactive",
            "inactive_because": [] if enabled else ["the schedule is off"],
            "age_seconds": seen["schedule"]["age"],
        },
        "queues": {"fault": "", "by_name": dict(sorted(seen["queues"].items()))},
        "integrations": [one],
    }
