# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: backup_metrics
short_description: The backups of a site as a file for Prometheus
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Makes the text of a C(.prom) file, for node_exporter's textfile collector, of what M(erpops.frappe.site_backup_info) returned.
requirements:
  - prometheus-client 0.22 or newer, where Ansible runs
positional: _input
options:
  _input:
    description: RV(erpops.frappe.site_backup_info#module:backups).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Hand it to the node exporter
  ansible.builtin.copy:
    content: "{{ acme_backups.backups | erpops.frappe.backup_metrics }}"
    dest: /var/lib/prometheus/node-exporter/erpops_backup_acme.prom
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text, in Prometheus's exposition format.
  type: str
  sample: "erpops_backup_last_success_timestamp_seconds{site=\"acme.example.com\"} 1.7952192005e+09"
"""

from typing import Any

from ansible_collections.erpops.frappe.plugins.plugin_utils._backup_metrics import families
from ansible_collections.erpops.frappe.plugins.plugin_utils._prometheus import filtered


def backup_metrics(backups: dict[str, Any]) -> str:
    """See the documentation of the filter."""
    return filtered("backup_metrics", families, backups, source="site_backup_info", switch="backup_textfile_dir")


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"backup_metrics": backup_metrics}
