# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drill_metrics
short_description: A drill as a file for Prometheus
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Makes the text of a C(.prom) file, for node_exporter's textfile collector, of what M(erpops.frappe.site_drill) returned.
requirements:
  - prometheus-client 0.22 or newer, where Ansible runs
positional: _input
options:
  _input:
    description: RV(erpops.frappe.site_drill#module:drill).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Hand it to the node exporter
  ansible.builtin.copy:
    content: "{{ acme_drill.drill | erpops.frappe.drill_metrics }}"
    dest: /var/lib/prometheus/node-exporter/erpops_drill_acme.prom
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text, in Prometheus's exposition format.
  type: str
  sample: "erpops_drill_success{site=\"acme.example.com\"} 1.0"
"""

from typing import Any

from ansible_collections.erpops.frappe.plugins.plugin_utils._drill_metrics import families
from ansible_collections.erpops.frappe.plugins.plugin_utils._prometheus import filtered


def drill_metrics(drill: dict[str, Any]) -> str:
    """See the documentation of the filter."""
    return filtered("drill_metrics", families, drill, source="site_drill", switch="drill_textfile_dir")


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"drill_metrics": drill_metrics}
