# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: integration_metrics
short_description: The health of integrations as a file for Prometheus
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Makes the text of a C(.prom) file, for node_exporter's textfile collector, of what M(erpops.frappe.integration_health_info)
    returned.
  - Of the errors of an integration the ten most frequent are named, the others are counted together.
requirements:
  - prometheus-client 0.22 or newer, where Ansible runs
positional: _input
options:
  _input:
    description: RV(erpops.frappe.integration_health_info#module:integration_health).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Hand it to the node exporter
  ansible.builtin.copy:
    content: "{{ shop_health.integration_health | erpops.frappe.integration_metrics }}"
    dest: /var/lib/prometheus/node-exporter/erpops_integrations_acme.prom
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text, in Prometheus's exposition format.
  type: str
  sample: "erpops_integration_failures{site=\"acme.example.com\",integration=\"shopsync\",kind=\"\",error=\"HTTP 503\"} 2.0"
"""

from typing import Any

from ansible_collections.erpops.frappe.plugins.plugin_utils._integration_metrics import families
from ansible_collections.erpops.frappe.plugins.plugin_utils._prometheus import filtered


def integration_metrics(health: dict[str, Any]) -> str:
    """See the documentation of the filter."""
    return filtered(
        "integration_metrics", families, health, source="integration_health_info", switch="health_textfile_dir"
    )


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"integration_metrics": integration_metrics}
