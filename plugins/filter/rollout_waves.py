# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_waves
short_description: Which bench is updated in which wave of a roll-out
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Puts benches into waves by the wave that is declared for them or that all of their sites have, and those of no named wave
    by numbers and percentages.
positional: _input, waves, known
options:
  _input:
    description: The benches, each with C(name), C(wave) (its own, or empty) and C(sites), each with C(name) and C(wave).
    type: list
    elements: dict
    required: true
  waves:
    description:
      - Names of waves in their order, then numbers or percentages of the benches that are left, rounded up.
    type: list
    elements: raw
    required: true
  known:
    description: Names of all waves of the inventory, so that a misspelt one is found.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: See the waves
  ansible.builtin.debug:
    msg: "{{ benches | erpops.frappe.rollout_waves(['canary', '50%', '100%'], known=['canary']) }}"
  vars:
    benches:
      - {name: bench1, wave: "", sites: [{name: acme.example.com, wave: canary}]}
      - {name: bench2, wave: "", sites: []}
"""

RETURN = r"""
_value:
  description: C(waves), each with C(name) and C(benches), and C(faults), sentences about what cannot be.
  type: dict
  sample: {waves: [{name: canary, benches: [bench1]}, {name: "50%", benches: [bench2]}], faults: []}
"""

from collections.abc import Iterable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils._rollout_waves import waves as compute


def rollout_waves(benches: list[dict[str, Any]], waves: Iterable[Any], known: Iterable[str] = ()) -> dict[str, Any]:
    """See the documentation of the filter."""
    try:
        return compute(benches, waves, known)
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError(f"erpops.frappe.rollout_waves: needed are benches and waves: {error!r}") from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"rollout_waves": rollout_waves}
