# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_gate
short_description: What is worse on a bench than before its update
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Compares the figures of a bench since its update with those from before, and with limits. What was as bad before is not
    told.
positional: _input, before, limits
options:
  _input:
    description: What P(erpops.frappe.rollout_measured#filter) returned now.
    type: dict
    required: true
  before:
    description: What it returned before the update.
    type: dict
    required: true
  limits:
    description:
      - C(http_errors) in per cent, C(p95_ms), C(p95_growth) (times what it was before), C(failed_jobs), C(queue_jobs),
        C(scheduler_seconds), C(error_rows), C(health) (the worst status of an integration). -1 or null switches one off.
    type: dict
    required: true
  bench:
    description: Name of the bench, for the sentences.
    type: str
    default: the bench
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.assert:
    that: faults | length == 0
    fail_msg: "{{ faults | join('\n') }}"
  vars:
    faults: "{{ acme_figures | erpops.frappe.rollout_gate(acme_before, {'error_rows': 5, 'http_errors': 0}) }}"
"""

RETURN = r"""
_value:
  description: One sentence for each thing that is worse; empty when the gate is passed.
  type: list
  elements: str
  sample: []
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils._rollout_gate import faults


def rollout_gate(
    now: dict[str, Any], before: dict[str, Any], limits: dict[str, Any], bench: str = "the bench"
) -> list[str]:
    """See the documentation of the filter."""
    try:
        return faults(before, now, limits, bench)
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"erpops.frappe.rollout_gate: {error}") from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"rollout_gate": rollout_gate}
