# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_measured
short_description: A bench's figures together with what its sites answered from outside
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Adds to the figures of M(erpops.frappe.bench_gate_info) what M(erpops.frappe.http_probe) saw, summed up for each site.
positional: _input, probes
options:
  _input:
    description: RV(erpops.frappe.bench_gate_info#module:bench_gate).
    type: dict
    required: true
  probes:
    description: RV(erpops.frappe.http_probe#module:probes), whose names begin with the site's and a space.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Put both together
  ansible.builtin.set_fact:
    acme_figures: "{{ acme_gate.bench_gate | erpops.frappe.rollout_measured(acme_asked.probes) }}"
"""

RETURN = r"""
_value:
  description: The figures with C(http), by site C(requests), C(failed), C(p95_ms), and C(kinds) of what failed.
  type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils._rollout_gate import measured


def rollout_measured(reading: dict[str, Any], probes: list[dict[str, Any]]) -> dict[str, Any]:
    """See the documentation of the filter."""
    try:
        return measured(reading, probes)
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(f"erpops.frappe.rollout_measured: needed are figures and probes: {error!r}") from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"rollout_measured": rollout_measured}
