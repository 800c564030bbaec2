# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: runs_health
short_description: Runs of what is no Frappe site, as the health of an integration
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Sums up the runs of a task and gives them the form that M(erpops.frappe.integration_health_info) has for a site, so
    that both are told in the same way.
positional: _input
options:
  _input:
    description:
      - C(runs), each with C(time) (UTC), C(status) (V(Success), V(Failed) or another word), C(error) and C(ms).
      - C(schedule) with C(enabled) and C(age), the seconds since its last run; C(queues), by name with C(jobs) and
        C(workers).
    type: dict
    required: true
  site:
    description: What the result is called.
    type: str
    required: true
  name:
    description: Name of the integration.
    type: str
    required: true
  hours:
    description: How far back the runs go.
    type: int
    default: 24
"""

EXAMPLES = r"""
- name: Sum up
  ansible.builtin.set_fact:
    stack_health: "{{ seen | erpops.frappe.runs_health(site=inventory_hostname, name='hanna') }}"
"""

RETURN = r"""
_value:
  description: RV(erpops.frappe.integration_health_info#module:integration_health).
  type: dict
"""

from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils._runs_health import runs_health as compute


def runs_health(seen: dict[str, Any], site: str, name: str, hours: int = 24) -> dict[str, Any]:
    """See the documentation of the filter."""
    try:
        return compute(seen, site, name, int(hours), datetime.now(timezone.utc).replace(tzinfo=None))
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"erpops.frappe.runs_health: this does not tell of runs: {error!r}") from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"runs_health": runs_health}
