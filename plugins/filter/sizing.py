# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: sizing
short_description: How many processes a machine of benches carries
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Computes workers, memory limits and the database's buffer pool from a machine's memory and processors.
  - The formula and its sources stand in docs/sizing.md.
positional: _input
options:
  _input:
    description: Memory of the machine in MiB.
    type: int
    required: true
  cpus:
    description: Processors of the machine.
    type: int
    required: true
  benches:
    description: Benches on it. 0 for a machine that is only a database server.
    type: int
    default: 1
  database:
    description: Whether the database server is on it.
    type: bool
    default: true
  sites:
    description: Sites of all these benches.
    type: int
    default: 1
"""

EXAMPLES = r"""
- name: Show what this machine carries
  ansible.builtin.debug:
    msg: "{{ ansible_facts['memtotal_mb'] | erpops.frappe.sizing(cpus=ansible_facts['processor_vcpus'], sites=20) }}"
"""

RETURN = r"""
_value:
  description:
    - Counts and MiB for each bench of the machine, and for its database server.
    - RV(_value.shortage_mb) is what is missing for the smallest set of processes.
  type: dict
  sample:
    web_workers: 5
    web_threads: 4
    short_workers: 2
    long_workers: 2
    web_memory_mb: 2200
    worker_memory_mb: 2048
    redis_cache_mb: 409
    redis_queue_mb: 204
    buffer_pool_mb: 2457
    max_connections: 100
    shortage_mb: 0
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils._sizing import SizingError, as_facts
from ansible_collections.erpops.frappe.plugins.plugin_utils._sizing import sizing as compute


def sizing(memory_mb: int, cpus: int, benches: int = 1, database: bool = True, sites: int = 1) -> dict[str, int]:
    """See the documentation of the filter."""
    try:
        return as_facts(compute(int(memory_mb), int(cpus), int(benches), bool(database), int(sites)))
    except (SizingError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"erpops.frappe.sizing: {error}") from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"sizing": sizing}
